"""Turns clean pairs into piece numbers that training maps into memory.

In:  `WORK/clean/NAME.tsv`; a folder with `source.spm` and `vocab.json` (`--vocabulary`).
Out: `WORK/ids/NAME.zh.npy`, `NAME.en.npy`: all numbers of one side in a row (uint16);
     `NAME.zh.ends.npy`, `NAME.en.ends.npy`: where each sentence ends in them.
"""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import numpy

from config import settings
from corpus.text import Tokenizer

BATCH = 20_000

tokenizer: Tokenizer


def start_worker(folder: Path) -> None:
    global tokenizer
    tokenizer = Tokenizer(folder)


def flatten(rows: list[list[int]]) -> tuple[numpy.ndarray, numpy.ndarray]:
    flat = numpy.array([number for row in rows for number in row], dtype=numpy.uint16)
    return flat, numpy.array([len(row) for row in rows], dtype=numpy.int64)


def encode_batch(lines: list[str]) -> tuple[numpy.ndarray, ...]:
    pairs = [line.rstrip("\n").split("\t") for line in lines]
    chinese = flatten(tokenizer.encode([pair[0] for pair in pairs]))
    english = flatten(tokenizer.encode([pair[1] for pair in pairs]))
    return *chinese, *english


def batches(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as file:
        while lines := [line for _, line in zip(range(BATCH), file)]:
            yield lines


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument("--vocabulary", type=Path, help="default: WORK/vocabulary")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()

    vocabulary = options.vocabulary or options.work / "vocabulary"
    folder = options.work / "ids"
    folder.mkdir(parents=True, exist_ok=True)
    with multiprocessing.Pool(options.processes, start_worker, [vocabulary]) as pool:
        for path in sorted((options.work / "clean").glob("*.tsv")):
            encoded = pool.imap(encode_batch, batches(path))
            zh, zh_lengths, en, en_lengths = map(numpy.concatenate, zip(*encoded))
            numpy.save(folder / f"{path.stem}.zh.npy", zh)
            numpy.save(folder / f"{path.stem}.en.npy", en)
            numpy.save(folder / f"{path.stem}.zh.ends.npy", zh_lengths.cumsum())
            numpy.save(folder / f"{path.stem}.en.ends.npy", en_lengths.cumsum())
            print(f"{path.stem}: {len(zh_lengths)} pairs, {len(zh)} + {len(en)} pieces", flush=True)


if __name__ == "__main__":
    main()
