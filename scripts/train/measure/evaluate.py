"""Measures a bundle on development sets.

In:  a bundle; any of `--flores PREFIX` (`PREFIX.zh`, `PREFIX.en`) and `--ntrex FILE` (columns doc,
     zh_CN, zh_TW, en_source under a header).
Out: on stdout one JSON object a set: BLEU and chrF2 with sacreBLEU's signatures, and how many
     outputs are empty, loop, or copy the source; the translations in `--output`, one file a set.

Greedy decoding in full precision. Retrieval says how often the static embeddings find a line's own
translation among all others of the set.
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import sacrebleu.metrics
import torch
from torch.nn import functional

from bundle.files import read_embeddings, read_translator
from corpus.batches import pad
from corpus.text import Tokenizer, read_parallel
from translator.model import Marian, translate

BATCH = 32
LOOP = 4
"""So many equal neighbours, of one to six words, are a loop."""


def translate_lines(
    model: Marian, tokenizer: Tokenizer, lines: list[str], each: int = 2
) -> list[str]:
    """Lines in batches of similar length; the order is theirs again at the end.

    A translation ends at `each` pieces for a source piece, and ten more, or where positions do.
    """
    longest = model.shape.positions - 1
    encoded = [row[:longest] for row in tokenizer.encode_chinese(lines)]
    order = sorted(range(len(lines)), key=lambda number: len(encoded[number]))
    output = [""] * len(lines)
    for low in range(0, len(order), BATCH):
        numbers = order[low : low + BATCH]
        source = pad([encoded[number] for number in numbers], tokenizer.padding)
        limit = min(longest, each * source.shape[1] + 10)
        for number, row in zip(numbers, translate(model, source, limit)):
            output[number] = tokenizer.decode(row)
    return output


def loops(text: str) -> bool:
    words = text.split()
    for size in range(1, 7):
        for start in range(len(words) - LOOP * size + 1):
            stretch = words[start : start + LOOP * size]
            if stretch == stretch[:size] * LOOP:
                return True
    return False


def copies(source: str, output: str) -> bool:
    """More than half of the output's characters are Chinese."""
    chinese = sum("\u3400" <= character <= "\u9fff" for character in output)
    return 2 * chinese > len(output)


def scores(outputs: list[str], references: list[str]) -> dict:
    record = {}
    for metric in (sacrebleu.metrics.BLEU(), sacrebleu.metrics.CHRF()):
        score = metric.corpus_score(outputs, [references])
        record[score.name] = round(score.score, 2)
        record[f"{score.name} signature"] = str(metric.get_signature())
    return record


def faults(sources: list[str], outputs: list[str]) -> dict:
    return {
        "empty": sum(not output.strip() for output in outputs),
        "looping": sum(map(loops, outputs)),
        "copied": sum(map(copies, sources, outputs)),
    }


def retrieval(
    folder: Path, tokenizer: Tokenizer, sources: list[str], references: list[str]
) -> float:
    table = read_embeddings(folder)
    sides = []
    for rows in (tokenizer.encode_chinese(sources), tokenizer.encode_english(references)):
        sides.append(
            functional.normalize(torch.stack([table[row[:-1]].sum(dim=0) for row in rows]))
        )
    nearest = (sides[0] @ sides[1].T).argmax(dim=1)
    return (nearest == torch.arange(len(nearest))).float().mean().item()


def sets(options: argparse.Namespace) -> Iterator[tuple[str, list[str], list[str]]]:
    """Name, Chinese lines and English lines of each set asked for."""
    if options.flores:
        yield options.flores.name, *read_parallel(options.flores)
    if options.ntrex:
        with options.ntrex.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        for column in ("zh_CN", "zh_TW"):
            yield (
                f"ntrex.{column}",
                [row[column] for row in rows],
                [row["en_source"] for row in rows],
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--flores", type=Path, help="prefix of .zh and .en")
    parser.add_argument("--ntrex", type=Path, help="table with zh_CN, zh_TW, en_source")
    parser.add_argument("--lines", type=int, help="only so many lines of each set")
    parser.add_argument("--output", type=Path, help="folder for the translations")
    parser.add_argument("--at-least", type=float, default=0.0, help="fail when a BLEU is lower")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    tokenizer = Tokenizer(options.bundle)
    model = read_translator(options.bundle)
    for name, sources, references in sets(options):
        sources, references = sources[: options.lines], references[: options.lines]
        started = time.monotonic()
        outputs = translate_lines(model, tokenizer, sources)
        record = {"set": name, "lines": len(outputs), **scores(outputs, references)}
        record |= faults(sources, outputs)
        record["embedding retrieval"] = round(
            retrieval(options.bundle, tokenizer, sources, references), 4
        )
        record["seconds"] = round(time.monotonic() - started, 1)
        print(json.dumps(record, ensure_ascii=False, indent=1), flush=True)
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            (options.output / f"{name}.en").write_text("\n".join(outputs) + "\n", encoding="utf-8")
        if record["BLEU"] < options.at_least:
            sys.exit(f"BLEU of {name} is below {options.at_least:g}")


if __name__ == "__main__":
    main()
