"""Measures static embeddings alone by aligning gold documents with a plain score, no translation.

In:  a bundle, for its tokenizer and its int8 table; gold sets, folders with `zh/NAME`, `en/NAME`
     (a sentence a line) and `gold/NAME` or `gold/NAME.align` (`[zh]:[en]`, 0-based);
     `--table` measures an `embeddings.pt` in place of the bundle's table, as it is and in 8 bits.
Out: on stdout strict F1 of each set and their mean; `--output`: `TABLE/SET/NAME`, the alignments.

A bead joins n >= 1 Chinese and m >= 1 English sentences, n + m <= LONGEST. With `u` the sum of its
Chinese pieces' vectors and `v` the sum of its English ones, its score is

    (cos(u, v) - NEIGHBOURS * b) * log2(1 + shorter / longer)

where `b` is the mean cosine of u with the English sentence before the bead and the one after it,
and of v with the Chinese sentence before and after (those that exist), and `shorter / longer`
compares the two sides' lengths in characters, the Chinese times the document's ratio. A sentence
left alone scores SKIP. The alignment of the highest sum is found exactly, over the whole rectangle;
time and memory grow with its area. Strict F1 counts as aligner-eval does: every bead, also those
with an empty side.
"""

import argparse
import dataclasses
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy
import torch

from bundle.files import quantise, read_embeddings
from corpus.text import Tokenizer

LONGEST = 6
"""Sentences of a bead, both sides together; 8 moved the mean of four sets by .0001."""

NEIGHBOURS = 0.5
SKIP = -0.1
"""From the first experiment of this kind, fitted to no set: tables are compared, not constants."""

SHAPES = [(1, 0), (0, 1)] + [
    (n, total - n) for total in range(2, LONGEST + 1) for n in range(1, total)
]

Bead = tuple[tuple[int, ...], tuple[int, ...]]
Encode = Callable[[list[str]], list[list[int]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--gold", type=Path, nargs="+", required=True, help="folders of gold sets")
    parser.add_argument("--table", type=Path, help="an `embeddings.pt` to measure instead")
    parser.add_argument("--output", type=Path, help="folder for the alignments")
    parser.add_argument("--at-least", type=float, default=0.0, help="fail when a mean is lower")
    options = parser.parse_args()

    tokenizer = Tokenizer(options.bundle)
    for name, table in tables(options):
        scores = []
        for folder in options.gold:
            output = options.output and options.output / name / set_name(folder)
            scores.append(measure(folder, tokenizer, table.numpy(), output))
            print(f"{name}\t{set_name(folder)}\t{scores[-1]:.4f}", flush=True)
        mean = sum(scores) / len(scores)
        print(f"{name}\tmean\t{mean:.4f}")
        if mean < options.at_least:
            sys.exit(f"the mean of {name} is below {options.at_least:g}")


def tables(options: argparse.Namespace) -> list[tuple[str, torch.Tensor]]:
    """What to measure, each with a name for its rows of output."""
    if not options.table:
        return [("int8", read_embeddings(options.bundle))]
    table = torch.load(options.table, weights_only=True)
    rows, scale = quantise(table)
    return [("fp32", table), ("int8", rows * scale[:, None])]


def set_name(folder: Path) -> str:
    return folder.parent.name if folder.name == "docs" else folder.name


def measure(folder: Path, tokenizer: Tokenizer, table: numpy.ndarray, output: Path | None) -> float:
    """Strict F1 over all documents of a set."""
    right = n_test = n_gold = 0
    for path in sorted((folder / "gold").iterdir()):
        document = path.name.removesuffix(".align")
        test = align(
            Text.read(folder / "zh" / document, table, tokenizer.encode_chinese),
            Text.read(folder / "en" / document, table, tokenizer.encode_english),
        )
        gold = read_beads(path)
        right += sum(bead in gold for bead in test)
        n_test, n_gold = n_test + len(test), n_gold + len(gold)
        if output:
            output.mkdir(parents=True, exist_ok=True)
            lines = (f"{list(source)}:{list(target)}\n" for source, target in test)
            (output / path.name).write_text("".join(lines))
    return 2 * right / (n_test + n_gold)


def read_beads(path: Path) -> list[Bead]:
    """The beads of a gold file, those empty on both sides left out."""
    beads = []
    for line in path.read_text().splitlines():
        source, target = (tuple(map(int, re.findall(r"\d+", side))) for side in line.split(":")[:2])
        if source or target:
            beads.append((source, target))
    return beads


@dataclasses.dataclass(frozen=True)
class Text:
    """One side of a document, a row for each sentence."""

    vectors: numpy.ndarray
    lengths: numpy.ndarray
    """In characters."""

    @classmethod
    def read(cls, path: Path, table: numpy.ndarray, encode: Encode) -> "Text":
        """A sentence's vector is the sum of its pieces, those that the table lacks left out."""
        lines = path.read_text(encoding="utf-8").splitlines()
        bodies = [[piece for piece in row[:-1] if piece < len(table)] for row in encode(lines)]
        vectors = numpy.stack([table[body].sum(axis=0) for body in bodies])
        return cls(vectors, numpy.array([len(line) for line in lines]))

    def __len__(self) -> int:
        return len(self.vectors)


def align(source: Text, target: Text) -> list[Bead]:
    """The beads of the highest total score, in order."""
    shape_of = best_shapes(bead_scores(source, target), len(source), len(target))
    beads, i, j = [], len(source), len(target)
    while (i, j) != (0, 0):
        n, m = SHAPES[shape_of[i, j]]
        beads.append((tuple(range(i - n, i)), tuple(range(j - m, j))))
        i, j = i - n, j - m
    return beads[::-1]


def runs(values: numpy.ndarray, length: int) -> numpy.ndarray:
    """Sums of `length` neighbours; the run that starts at row i stands in row i."""
    sums = numpy.cumsum(numpy.concatenate([numpy.zeros_like(values[:1]), values]), axis=0)
    return sums[length:] - sums[:-length]


def unit(vectors: numpy.ndarray) -> numpy.ndarray:
    norms = numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / numpy.maximum(norms, 1e-9)


def bead_scores(source: Text, target: Text) -> dict[tuple[int, int], numpy.ndarray]:
    """For each shape with two sides, the score of the bead that starts at (i, j)."""
    sizes = range(1, LONGEST)
    chinese = {n: unit(runs(source.vectors, n)) for n in sizes if n <= len(source)}
    english = {m: unit(runs(target.vectors, m)) for m in sizes if m <= len(target)}
    cosine = {
        (n, m): chinese[n] @ english[m].T for n in chinese for m in english if n + m <= LONGEST
    }
    source_lengths = source.lengths * (target.lengths.sum() / source.lengths.sum())
    scores = {}
    for (n, m), own in cosine.items():
        beside_target, count_target = outside(cosine[n, 1], m)
        beside_source, count_source = outside(cosine[1, m].T, n)
        count = numpy.maximum(count_target + count_source[:, None], 1)
        margin = own - NEIGHBOURS * (beside_target + beside_source.T) / count
        lengths = runs(source_lengths, n)[:, None], runs(target.lengths, m)[None, :]
        ratio = numpy.minimum(*lengths) / numpy.maximum(numpy.maximum(*lengths), 1)
        scores[n, m] = margin * numpy.log2(1 + ratio)
    return scores


def outside(singles: numpy.ndarray, length: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """For each run of `length` columns, the sum of the columns just before and after it, and how
    many there are."""
    n_runs = singles.shape[1] - length + 1
    padded = numpy.pad(singles, ((0, 0), (1, 1)))
    exists = numpy.pad(numpy.ones(singles.shape[1]), 1)
    return (
        padded[:, :n_runs] + padded[:, length + 1 :],
        exists[:n_runs] + exists[length + 1 :],
    )


def best_shapes(
    scores: dict[tuple[int, int], numpy.ndarray], n_source: int, n_target: int
) -> numpy.ndarray:
    """For each (i, j), the last bead's shape on the best way there.

    Cells with equal i + j depend on none of each other, so a diagonal is filled at once.
    """
    best = numpy.full((n_source + 1, n_target + 1), -numpy.inf)
    shape_of = numpy.zeros(best.shape, dtype=numpy.int8)
    best[0, 0] = 0
    for diagonal in range(1, n_source + n_target + 1):
        for number, (n, m) in enumerate(SHAPES):
            low, high = max(n, diagonal - n_target), min(n_source, diagonal - m)
            if low > high:
                continue
            i = numpy.arange(low, high + 1)
            j = diagonal - i
            own = scores[n, m][i - n, j - m] if n and m else SKIP
            total = best[i - n, j - m] + own
            better = total > best[i, j]
            best[i[better], j[better]] = total[better]
            shape_of[i[better], j[better]] = number
    return shape_of


if __name__ == "__main__":
    main()
