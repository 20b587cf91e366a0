"""Learns one SentencePiece vocabulary for both languages.

In:  `WORK/clean/NAME.tsv`.
Out: `WORK/vocabulary/source.spm`, `target.spm` (the same file twice, as Marian expects two) and
     `vocab.json`, piece -> number, with the padding piece last.

NFKC is part of the model, so full-width forms need no care elsewhere; every digit is a piece.
"""

import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

import sentencepiece

from config import settings


def sampled_sentences(folder: Path, mix: dict[str, float], most: int, seed: int) -> Iterator[str]:
    """Both sides of up to `most` pairs, each source in proportion to its share of the mix."""
    files = {name: path for name in mix if (path := folder / f"{name}.tsv").exists()}
    lines = {name: path.read_text(encoding="utf-8").splitlines() for name, path in files.items()}
    wanted = {name: min(1.0, mix[name]) * len(lines[name]) for name in lines}
    share = min(1.0, most / sum(wanted.values()))
    generator = random.Random(seed)
    for name in sorted(lines):
        for line in generator.sample(lines[name], int(share * wanted[name])):
            yield from line.split("\t")


def train(sentences: Iterator[str], recipe: dict) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sentences,
        model_writer=model,
        model_type="unigram",
        vocab_size=recipe["pieces"],
        character_coverage=recipe["character_coverage"],
        normalization_rule_name="nmt_nfkc",
        split_digits=True,
        eos_id=0,
        unk_id=1,
        bos_id=-1,
        pad_id=-1,
        max_sentence_length=2000,
        num_threads=recipe["threads"],
        hard_vocab_limit=False,
        minloglevel=1,
    )
    return model.getvalue()


def numbering(model: bytes) -> dict[str, int]:
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    numbers = {pieces.id_to_piece(number): number for number in range(len(pieces))}
    return numbers | {"<pad>": len(numbers)}


def main() -> None:
    options = settings.arguments(__doc__).parse_args()
    config = settings.load(options.config)
    recipe = config["vocabulary"]
    sentences = sampled_sentences(
        options.work / "clean", config["mix"], recipe["pairs"], config["seed"]
    )
    model = train(sentences, recipe)

    folder = options.work / "vocabulary"
    folder.mkdir(exist_ok=True)
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(model)
    numbers = numbering(model)
    (folder / "vocab.json").write_text(
        json.dumps(numbers, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    print(f"{len(numbers)} pieces in `{folder}`")


if __name__ == "__main__":
    main()
