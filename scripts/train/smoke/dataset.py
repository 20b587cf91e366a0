"""Loads what `mtalign dataset` makes as its users do, and trains a tiny Marian model on it.

    python scripts/train smoke.dataset FOLDER PROGRAM…

In:  an empty folder to work in, and the command that runs mtalign.
Fails unless `datasets` finds the splits, the columns and every pair through the card, and the loss
of the model falls within a few steps.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

work = Path(sys.argv[1])
os.environ["HF_HOME"] = str(work / "hub")
os.environ["HF_HUB_OFFLINE"] = "1"

import torch  # noqa: E402
from datasets import Translation, Value, load_dataset  # noqa: E402
from transformers import MarianConfig, MarianMTModel  # noqa: E402

from smoke.write_pairs import sentences  # noqa: E402

SPLITS = ("train", "validation", "test")
STEPS, BATCH = 30, 32
PADDING, END, BEGIN = range(3)


def make() -> Path:
    """A data set of our own phrases, with a duplicate, a pair in the wrong order, and no text."""
    corpus, made = work / "corpus.jsonl", work / "set"
    pairs = [{"zh": zh, "en": en} for zh, en in sentences()]
    pairs += [pairs[0], {"zh": pairs[1]["en"], "en": pairs[1]["zh"]}]
    lines = [
        json.dumps({"translation": pair, "confidence": 0.9 if number % 2 else None})
        for number, pair in enumerate(pairs)
    ]
    corpus.write_text("\n".join([*lines, "no JSON"]) + "\n")
    options = ["--validation", "0.1", "--test", "0.1", "--overwrite", "--skip", "confidence"]
    subprocess.run([*sys.argv[2:], "dataset", corpus, "-o", made, *options], check=True)
    return made


def check(made: Path, dataset) -> None:
    """Every pair is there, in the split and under the names that the files say."""
    assert set(dataset) == set(SPLITS), dataset
    record = json.loads((made / "dataset.json").read_text())
    assert record["dropped"] == {"no_duplicates": 1, "no_wrong_language": 1}, record["dropped"]
    assert list(record["bad_lines"].values()) == [1], record["bad_lines"]
    expected = {
        "translation": Translation(languages=["en", "zh"]),
        "confidence": Value("float64"),
        "doc": Value("string"),
    }
    texts = {}
    for split, rows in dataset.items():
        assert dict(rows.features) == expected, rows.features
        lines = (made / "jsonl" / f"{split}.jsonl").read_text().splitlines()
        assert [dict(row) for row in rows] == [json.loads(line) for line in lines], split
        texts[split] = {text for row in rows for text in row["translation"].values()}
    assert {row["confidence"] for row in dataset["train"]} == {0.9, None}
    assert not texts["train"] & texts["test"] | texts["train"] & texts["validation"]
    assert not texts["validation"] & texts["test"]
    json_files = {split: str(made / "jsonl" / f"{split}.jsonl") for split in SPLITS}
    from_json = load_dataset("json", data_files=json_files)
    assert {split: len(rows) for split, rows in from_json.items()} == {
        split: len(rows) for split, rows in dataset.items()
    }


def batch(rows: list[dict], side: str, ids: dict[str, int]) -> torch.Tensor:
    """A character is a piece: nothing has to be learnt or fetched for that."""
    lines = [[ids[c] for c in row["translation"][side]] + [END] for row in rows]
    longest = max(map(len, lines))
    return torch.tensor([line + [PADDING] * (longest - len(line)) for line in lines])


def train(rows: list[dict]) -> None:
    """A randomly initialised model learns something from the pairs."""
    torch.manual_seed(0)
    characters = sorted({c for row in rows for text in row["translation"].values() for c in text})
    ids = {c: number for number, c in enumerate(characters, BEGIN + 1)}
    sizes = {"encoder": 1, "decoder": 1}
    config = MarianConfig(
        vocab_size=len(ids) + BEGIN + 1,
        d_model=32,
        **{f"{side}_layers": layers for side, layers in sizes.items()},
        **{f"{side}_attention_heads": 2 for side in sizes},
        **{f"{side}_ffn_dim": 64 for side in sizes},
        max_position_embeddings=128,
        pad_token_id=PADDING,
        eos_token_id=END,
        decoder_start_token_id=BEGIN,
        forced_eos_token_id=END,
    )
    model = MarianMTModel(config)
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3)
    losses = []
    for step in range(STEPS):
        taken = [rows[(step * BATCH + place) % len(rows)] for place in range(BATCH)]
        source, target = batch(taken, "zh", ids), batch(taken, "en", ids)
        labels = target.masked_fill(target == PADDING, -100)
        loss = model(source, attention_mask=source != PADDING, labels=labels).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    print(f"the loss went from {losses[0]:.2f} to {losses[-1]:.2f} in {STEPS} steps")
    assert losses[-1] < 0.8 * losses[0], losses


def main() -> None:
    made = make()
    dataset = load_dataset(str(made))
    check(made, dataset)
    train(list(dataset["train"]))


if __name__ == "__main__":
    main()
