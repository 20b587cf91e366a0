"""Passages for the tagger: some sentences of each side, and which of them the other side has.

A passage comes from a neighbourhood: sentences that a reader could mistake for each other's
translation. In texts kept in order those are neighbours; where neighbours have nothing to do with
each other, they are the pairs whose embeddings are closest. Some passages lack a part of a sentence
on one side, and some have a part too much (`cuts.py`); of the others some lose pieces here and
there.
"""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
import torch
from torch import Tensor
from torch.nn import functional

from bundle.files import read_embeddings
from corpus.batches import Side, pad
from tagger.cuts import UNKNOWN, Cuts, Sentences

HELD_OUT = 50
"""One pair in so many is kept for measuring: the last ones of each source."""

BLOCK = 4096
"""Pairs among which the closest are looked for."""

CLOSEST = 5
"""Pairs in a neighbourhood beside the one that it is drawn for."""

SAME = 0.85
"""Pairs of this cosine or more on one side may say the same, and are no neighbours."""


@dataclasses.dataclass(frozen=True)
class Passage:
    """Pieces of both sides, without end marks, and of each whether the other side has it.

    That is 1, 0, or -1 where it is not known.
    """

    source: numpy.ndarray
    target: numpy.ndarray
    source_covered: numpy.ndarray
    target_covered: numpy.ndarray


def closest(source: Tensor, target: Tensor) -> numpy.ndarray:
    """For each pair of a block, those that come closest to it and do not say the same."""
    source, target = source.bfloat16(), target.bfloat16()
    across = source @ target.T
    likeness = across + across.T
    likeness[(source @ source.T >= SAME) | (target @ target.T >= SAME)] = -torch.inf
    return likeness.topk(CLOSEST, dim=1).indices.numpy()


def vectors(table: Tensor, side: Side, low: int, high: int) -> Tensor:
    """The normalised sums of the pieces of each sentence."""
    ends = side.ends[low:high]
    first = side.ends[low - 1] if low else 0
    pieces = torch.from_numpy(side.pieces[first : ends[-1]].astype(numpy.int64))
    starts = torch.from_numpy(numpy.concatenate([[first], ends[:-1]]) - first)
    table = torch.cat([torch.zeros(1, table.shape[1]), table[1:]])  # the end mark says nothing
    return functional.normalize(functional.embedding_bag(pieces, table, starts, mode="sum"))


class Source:
    """The pairs of one file, and the neighbourhood of each."""

    def __init__(self, ids: Path, name: str, table: Tensor | None):
        self.source, self.target = Side.open(ids, f"{name}.zh"), Side.open(ids, f"{name}.en")
        self.pairs = len(self.source.ends)
        self.neighbours = self.look_for_neighbours(table) if table is not None else None

    def look_for_neighbours(self, table: Tensor) -> numpy.ndarray:
        found = []
        for low in range(0, self.pairs, BLOCK):
            high = min(low + BLOCK, self.pairs)
            sides = [vectors(table, side, low, high) for side in (self.source, self.target)]
            found.append(low + closest(*sides))
        return numpy.concatenate(found)

    def neighbourhood(self, pair: int, generator: numpy.random.Generator) -> list[int]:
        """The pair and those it could be mistaken for, side by side."""
        if self.neighbours is None:
            low = max(0, min(pair - CLOSEST // 2, self.pairs - CLOSEST - 1))
            return list(range(low, min(low + CLOSEST + 1, self.pairs)))
        return generator.permutation([pair, *self.neighbours[pair]]).tolist()


class Sampler:
    """Draws passages; `mix` says how often from each source."""

    def __init__(self, work: Path, folder: Path, recipe: dict):
        self.recipe, self.cuts = recipe, Cuts(folder)
        ids = work / "ids"
        names = [name for name in recipe["mix"] if (ids / f"{name}.zh.npy").exists()]
        table = read_embeddings(folder)
        loose = set(recipe["loose"])
        self.sources = [Source(ids, name, table if name in loose else None) for name in names]
        shares = numpy.array([recipe["mix"][name] for name in names])
        self.shares = shares / shares.sum()

    def draw(self, generator: numpy.random.Generator, held_out: bool) -> tuple[Source, int]:
        """A pair, held out or not, and the source that it is of."""
        source = self.sources[generator.choice(len(self.sources), p=self.shares)]
        kept = source.pairs // HELD_OUT
        pair = generator.integers(kept) if held_out else generator.integers(kept, source.pairs)
        return source, int(pair)

    def runs(self, length: int, generator: numpy.random.Generator) -> tuple[range, range]:
        """Sentences of a neighbourhood of `length`, of both sides: the same, or others."""
        sizes = numpy.array(self.recipe["sizes"])

        def run() -> range:
            size = min(1 + int(generator.choice(len(sizes), p=sizes / sizes.sum())), length)
            start = int(generator.integers(length - size + 1))
            return range(start, start + size)

        source = run()
        if generator.random() < self.recipe["same"]:
            return source, source
        while (target := run()) == source and length > 1:
            pass
        return source, target

    def passage(self, generator: numpy.random.Generator, held_out: bool) -> Passage:
        """Of those held out all is there."""
        source, pair = self.draw(generator, held_out)
        pairs = source.neighbourhood(pair, generator)
        runs = self.runs(len(pairs), generator)

        def sentence(side: int, place: int) -> numpy.ndarray:
            return (source.source, source.target)[side].sentence(pairs[place])[:-1]

        def sentences(side: int) -> Sentences:
            own, other = runs[side], runs[1 - side]
            found = [sentence(side, place) for place in own]
            return Sentences.of(found, [place in other for place in own])

        sides = [sentences(0), sentences(1)]
        draw = 1.0 if held_out else generator.random()
        is_changed = False
        if draw < self.recipe["cut"]:
            is_changed = self.cut(sides, runs, generator)
        elif draw < self.recipe["cut"] + self.recipe["stray"]:
            side, first = int(generator.integers(2)), bool(generator.integers(2))
            place = runs[side].start - 1 if first else runs[side].stop
            if 0 <= place < len(pairs) and place not in runs[1 - side]:
                foreign = sentence(side, place)
                is_changed = self.cuts.stray(sides[side], foreign, first, generator)
        zh, en = (side.joined(self.recipe["longest"]) for side in sides)
        if not (held_out or is_changed):
            zh, en = self.without_some(*zh, generator), self.without_some(*en, generator)
        return Passage(zh[0], en[0], zh[1], en[1])

    def cut(
        self, sides: list[Sentences], runs: tuple[range, range], generator: numpy.random.Generator
    ) -> bool:
        """Cuts something out of a sentence that both sides have; false where there is none."""
        shared = [place for place in runs[0] if place in runs[1]]
        if not shared:
            return False
        place = shared[int(generator.integers(len(shared)))]
        places = runs[0].index(place), runs[1].index(place)
        return self.cuts.lose(sides, places, generator) is not None

    def cut_pairs(self, seed: list[int]) -> Iterator[Passage]:
        """Held-out sentences and their translations, of which one lacks something.

        What is known of the side that lacks it is left out.
        """
        generator = numpy.random.default_rng(seed)
        while True:
            source = self.sources[generator.choice(len(self.sources), p=self.shares)]
            pair = int(generator.integers(source.pairs // HELD_OUT))
            texts = source.source.sentence(pair)[:-1], source.target.sentence(pair)[:-1]
            sides = [Sentences.of([text], [True]) for text in texts]
            poor = self.cuts.lose(sides, (0, 0), generator)
            if poor is not None:
                sides[poor].covered[0][:] = UNKNOWN
                zh, en = (side.joined(self.recipe["longest"]) for side in sides)
                yield Passage(zh[0], en[0], zh[1], en[1])

    def without_some(
        self, pieces: numpy.ndarray, covered: numpy.ndarray, generator: numpy.random.Generator
    ) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Often some pieces less: translations are freer than those of the corpora."""
        if generator.random() >= self.recipe["noisy"]:
            return pieces, covered
        kept = generator.random(len(pieces)) >= generator.uniform(0, self.recipe["noise"])
        return pieces[kept], covered[kept]

    def passages(self, seed: list[int], held_out: bool = False) -> Iterator[Passage]:
        return both_sided(self.passage, seed, held_out)


def both_sided(
    draw: Callable[[numpy.random.Generator, bool], Passage], seed: list[int], held_out: bool
) -> Iterator[Passage]:
    """What is drawn time and again, without that of which one side is empty."""
    generator = numpy.random.default_rng(seed)
    while True:
        passage = draw(generator, held_out)
        if len(passage.source) and len(passage.target):
            yield passage


@dataclasses.dataclass(frozen=True)
class Batch:
    """Passages, one a row: the pieces of each side, and what is known of each piece.

    That is 1 where it is covered, 0 where it is not, -1 where there is no piece of a sentence.
    """

    source: Tensor
    target: Tensor
    source_covered: Tensor
    target_covered: Tensor

    def to(self, device: torch.device) -> "Batch":
        return Batch(*(getattr(self, field.name).to(device) for field in dataclasses.fields(self)))


def batch(passages: list[Passage], end: int, padding: int) -> Batch:
    """As a translator reads: the source with its end mark, the target after the starting mark."""
    source = pad([numpy.append(passage.source, end) for passage in passages], padding)
    target = pad([numpy.append(padding, passage.target) for passage in passages], padding)
    source_covered = [numpy.append(passage.source_covered, UNKNOWN) for passage in passages]
    target_covered = [numpy.append(UNKNOWN, passage.target_covered) for passage in passages]
    return Batch(source, target, pad(source_covered, UNKNOWN), pad(target_covered, UNKNOWN))


def batches(
    passages: Iterator[Passage], pieces: int, pool: int, end: int, padding: int
) -> Iterator[Batch]:
    """Batches of passages of like size, `pool` of which are sorted at a time.

    A batch holds at most so many `pieces` of either side, padding counted.
    """
    shuffle = numpy.random.default_rng(pool)
    while True:
        taken = sorted(
            (next(passages) for _ in range(pool)), key=lambda it: (len(it.target), len(it.source))
        )
        groups, group, longest = [], [], 0
        for passage in taken:
            longest = max(longest, len(passage.source) + 1, len(passage.target) + 1)
            if group and longest * (len(group) + 1) > pieces:
                groups.append(group)
                group, longest = [], max(len(passage.source), len(passage.target)) + 1
            group.append(passage)
        groups.append(group)
        for place in shuffle.permutation(len(groups)):
            yield batch(groups[place], end, padding)
