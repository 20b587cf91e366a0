"""Batches of similar length from memory-mapped piece numbers, the same for the same seed.

A pass over the data takes each source as often as the mix says, sorts by length within large pools,
cuts batches of similar size, shuffles them, and takes groups of them for one update. Position in
the data is thus (pass, group), and a resumed run goes on with the very next group.
"""

import concurrent.futures
import dataclasses
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy
import torch
from torch import Tensor

POOL = 200_000


@dataclasses.dataclass(frozen=True)
class Side:
    """One language of one source."""

    pieces: numpy.ndarray
    ends: numpy.ndarray

    @classmethod
    def open(cls, folder: Path, name: str) -> "Side":
        return cls(
            numpy.load(folder / f"{name}.npy", mmap_mode="r"),
            numpy.load(folder / f"{name}.ends.npy"),
        )

    def lengths(self) -> numpy.ndarray:
        return numpy.diff(self.ends, prepend=0)

    def sentence(self, number: int) -> numpy.ndarray:
        start = self.ends[number - 1] if number else 0
        return self.pieces[start : self.ends[number]]


def pad(rows: list[numpy.ndarray], padding: int) -> Tensor:
    """Rows of numbers as one matrix, the short ones filled up at the end."""
    matrix = numpy.full((len(rows), max(map(len, rows))), padding, dtype=numpy.int64)
    for line, row in zip(matrix, rows):
        line[: len(row)] = row
    return torch.from_numpy(matrix)


class Corpus:
    """All sources of a mix, but for the `worst_share` of each by the losses of `translator.score`.

    `blank_share` of all pairs lose their Chinese but for its end: from them a translator learns
    what English is like whatever it translates, and can tell log P(en) beside log P(en | zh).
    """

    def __init__(
        self,
        folder: Path,
        mix: dict[str, float],
        longest: int,
        seed: int,
        worst_share: float = 0.0,
        blank_share: float = 0.0,
    ):
        self.folder, self.worst_share, self.blank_share = folder, worst_share, blank_share
        self.names = sorted(name for name in mix if (folder / f"{name}.zh.npy").exists())
        self.mix = mix
        self.seed = seed
        self.source = [Side.open(folder, f"{name}.zh") for name in self.names]
        self.target = [Side.open(folder, f"{name}.en") for name in self.names]
        self.usable = [self.usable_pairs(number, longest) for number in range(len(self.names))]

    def usable_pairs(self, number: int, longest: int) -> numpy.ndarray:
        """Numbers of the pairs short enough to train on, in an order of their own for good."""
        source, target = self.source[number].lengths(), self.target[number].lengths()
        usable = (source <= longest) & (target <= longest)
        losses = self.folder / f"{self.names[number]}.loss.npy"
        if self.worst_share and losses.exists():
            scores = numpy.load(losses).astype(numpy.float32)
            usable &= scores <= numpy.quantile(scores[numpy.isfinite(scores)], 1 - self.worst_share)
        pairs = numpy.flatnonzero(usable)
        return numpy.random.default_rng([self.seed, number]).permutation(pairs)

    def target_counts(self, vocabulary: int) -> Tensor:
        """How often each piece occurs on the English side of the mix."""
        counts = numpy.zeros(vocabulary)
        for name, side in zip(self.names, self.target):
            counts += self.mix[name] * numpy.bincount(side.pieces, minlength=vocabulary)
        return torch.from_numpy(counts)

    def pairs_of_pass(self, number: int) -> numpy.ndarray:
        """Rows (source, pair, source length, target length) of one pass, shuffled."""
        parts = []
        for index, (name, usable) in enumerate(zip(self.names, self.usable)):
            start = round(number * self.mix[name] * len(usable))
            end = round((number + 1) * self.mix[name] * len(usable))
            pairs = usable[numpy.arange(start, end) % len(usable)]
            lengths = self.source[index].lengths()[pairs], self.target[index].lengths()[pairs]
            parts.append(numpy.stack([numpy.full(len(pairs), index), pairs, *lengths], axis=1))
        rows = numpy.concatenate(parts)
        return numpy.random.default_rng([self.seed, 1000 + number]).permutation(rows)

    def groups(self, number: int, tokens: int, size: int) -> list[list[numpy.ndarray]]:
        """The batches of one pass, `size` of them in each group, of any lengths."""
        rows, batches = self.pairs_of_pass(number), []
        for low in range(0, len(rows), POOL):
            pool = rows[low : low + POOL]
            pool = pool[numpy.lexsort([pool[:, 2], pool[:, 3]])]
            batches.extend(cut(pool, tokens))
        order = numpy.random.default_rng([self.seed, 2000 + number]).permutation(len(batches))
        whole = len(batches) - len(batches) % size
        return [
            [batches[place] for place in order[low : low + size]] for low in range(0, whole, size)
        ]

    def sentences(self, batch: numpy.ndarray) -> tuple[list[numpy.ndarray], list[numpy.ndarray]]:
        """The pieces of a batch's pairs, Chinese and English."""
        source = [self.source[index].sentence(pair) for index, pair, *_ in batch]
        target = [self.target[index].sentence(pair) for index, pair, *_ in batch]
        if self.blank_share:
            chance = numpy.random.default_rng([self.seed, 3000, *batch[0]]).random(len(batch))
            blank = chance < self.blank_share
            source = [row[-1:] if bare else row for row, bare in zip(source, blank)]
        return source, target

    def tensors(self, batch: numpy.ndarray, padding: int) -> tuple[Tensor, Tensor]:
        source, target = self.sentences(batch)
        return pad(source, padding), pad(target, padding)


def cut(rows: numpy.ndarray, tokens: int) -> Iterator[numpy.ndarray]:
    """Runs of rows whose longer side, padded, holds at most `tokens` pieces."""
    low, longest = 0, 0
    for place, (_, _, source, target) in enumerate(rows):
        longest = max(longest, source, target)
        if longest * (place + 1 - low) > tokens and place > low:
            yield rows[low:place]
            low, longest = place, max(source, target)
    yield rows[low:]


def one_ahead(function: Callable, items: Iterable) -> Iterator:
    """The results in order; a thread works on the next while the caller uses the last."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as thread:
        pending = None
        for item in items:
            following = thread.submit(function, item)
            if pending:
                yield pending.result()
            pending = following
        if pending:
            yield pending.result()


def ahead(items: Iterable, depth: int) -> Iterator:
    """The items in order; a thread makes up to `depth` of them before they are asked for."""
    ready: queue.Queue = queue.Queue(depth)

    def make() -> None:
        try:
            for item in items:
                ready.put((item, None))
        except BaseException as error:  # raised again where the items are used
            ready.put((None, error))

    threading.Thread(target=make, daemon=True).start()
    while True:
        item, error = ready.get()
        if error:
            raise error
        yield item
