"""Passages of which one side lacks a part: which pieces of the other have no counterpart then.

A stretch of a sentence is cut out, from mark to mark where it has such, so that what is left reads
like a translation that passed something over. Of the other side's sentence a piece is covered where
the lexicon explains it by what was kept, not covered where by what was cut out, and unknown where
it cannot tell. A part of a sentence that the two sides do not share may also stray into one of
them, as where a sentence ends elsewhere in the translation; it is known not to be covered.
"""

import dataclasses
import json
from pathlib import Path

import numpy
import safetensors.numpy

from lexicon.train import COSTS_PER_NAT

MARKS = frozenset(",;:—–―()、")
"""A piece of these and of no letter is a border of clauses."""

SHORTEST = 3
"""Pieces that are cut out, and pieces that are kept, at least."""

LARGEST = 0.7
"""Share of a sentence that is cut out, at most."""

LEAST_LINK = 0.02
"""The geometric mean of both directions' probabilities from which two pieces are linked."""

CLEAR = 3.0
"""Times that one explanation must be better than the other."""

STRAIGHT = 3.0
"""How fast links lose with the distance from the straight line, in nats a sentence's length."""

AGREEING = 0.8
"""Share of a clause's known pieces that speak for its unknown ones."""

UNKNOWN, NOT_COVERED, COVERED = -1, 0, 1


@dataclasses.dataclass
class Sentences:
    """Some sentences of one side: their pieces, and what is known of each piece."""

    pieces: list[numpy.ndarray]
    covered: list[numpy.ndarray]

    @classmethod
    def of(cls, sentences: list[numpy.ndarray], are_covered: list[bool]) -> "Sentences":
        known = [COVERED if is_covered else NOT_COVERED for is_covered in are_covered]
        whole = [numpy.full(len(row), value, numpy.int8) for row, value in zip(sentences, known)]
        return cls(sentences, whole)

    def joined(self, longest: int) -> tuple[numpy.ndarray, numpy.ndarray]:
        """The first pieces, and what is known of them."""
        return numpy.concatenate(self.pieces)[:longest], numpy.concatenate(self.covered)[:longest]


class Direction:
    """P(b | a) for pieces a of one language and b of the other."""

    def __init__(self, tensors: dict[str, numpy.ndarray], name: str):
        self.ends, self.pieces = tensors[f"{name}.ends"], tensors[f"{name}.pieces"]
        costs = tensors[f"{name}.costs"].astype(numpy.float32)
        self.probabilities = numpy.exp(-costs / COSTS_PER_NAT)

    def of(self, given: numpy.ndarray, told: numpy.ndarray) -> numpy.ndarray:
        """given × told."""
        found = numpy.zeros((len(given), len(told)), dtype=numpy.float32)
        for row, piece in zip(found, given):
            start, end = (self.ends[piece - 1] if piece else 0), self.ends[piece]
            pieces = self.pieces[start:end]
            places = numpy.minimum(numpy.searchsorted(pieces, told), max(len(pieces) - 1, 0))
            if len(pieces):
                there = pieces[places] == told
                row[there] = self.probabilities[start:end][places[there]]
        return found


class Cuts:
    """Cuts stretches out, by the lexicon and the vocabulary of a bundle."""

    def __init__(self, bundle: Path):
        tensors = safetensors.numpy.load_file(bundle / "lexicon.safetensors")
        self.forward, self.backward = Direction(tensors, "forward"), Direction(tensors, "backward")
        vocabulary = json.loads((bundle / "vocab.json").read_text(encoding="utf-8"))
        self.marks = numpy.zeros(len(vocabulary), dtype=bool)
        for piece, number in vocabulary.items():
            self.marks[number] = is_mark(piece)

    def lose(
        self, sides: list[Sentences], places: tuple[int, int], generator: numpy.random.Generator
    ) -> int | None:
        """Cuts a stretch out of one side of the pair in these places, Chinese and English.

        Returns the number of that side; none where it is too short.
        """
        poor = int(generator.integers(2))
        pair = [side.pieces[place] for side, place in zip(sides, places)]
        cut = self.stretch(pair[poor], generator)
        if cut is None:
            return None
        links = self.links(*pair)
        rich = 1 - poor
        known = self.covered(links.T if rich else links, pair[rich], cut)
        sides[rich].covered[places[rich]] = known
        lost = numpy.arange(cut.start, cut.stop)
        sides[poor].pieces[places[poor]] = numpy.delete(pair[poor], lost)
        covered = sides[poor].covered[places[poor]]
        sides[poor].covered[places[poor]] = numpy.delete(covered, lost)
        return poor

    def stray(
        self,
        side: Sentences,
        foreign: numpy.ndarray,
        first: bool,
        generator: numpy.random.Generator,
    ) -> bool:
        """Puts a part of a sentence that neither side has before the `first`, or behind the last.

        False where it is too short.
        """
        part = self.stretch(foreign, generator)
        if part is None:
            return False
        length = part.stop - part.start
        pieces = foreign[len(foreign) - length :] if first else foreign[:length]
        at = 0 if first else len(side.pieces)
        side.pieces.insert(at, pieces)
        side.covered.insert(at, numpy.full(length, NOT_COVERED, numpy.int8))
        return True

    def links(self, chinese: numpy.ndarray, english: numpy.ndarray) -> numpy.ndarray:
        """How well the pieces of a pair go together, 0 to 1: chinese × english."""
        both = self.forward.of(chinese, english) * self.backward.of(english, chinese).T
        places = [(numpy.arange(len(side)) + 0.5) / len(side) for side in (chinese, english)]
        away = numpy.abs(places[0][:, None] - places[1][None, :])
        return numpy.sqrt(both) * numpy.exp(-STRAIGHT * away)

    def stretch(self, pieces: numpy.ndarray, generator: numpy.random.Generator) -> slice | None:
        """What to cut out of a sentence; nothing of one that is too short."""
        most = min(int(LARGEST * len(pieces)), len(pieces) - SHORTEST)
        if most < SHORTEST:
            return None
        borders = [0, *(numpy.flatnonzero(self.marks[pieces]) + 1).tolist(), len(pieces)]
        ends = [(start, end) for start in borders for end in borders]
        fitting = [(start, end) for start, end in ends if SHORTEST <= end - start <= most]
        if fitting:
            return slice(*fitting[int(generator.integers(len(fitting)))])
        length = int(generator.integers(SHORTEST, most + 1))
        start = int(generator.integers(len(pieces) - length + 1))
        # One end of the sentence, more often than not.
        start = [0, len(pieces) - length, start][int(generator.integers(3))]
        return slice(start, start + length)

    def covered(self, links: numpy.ndarray, pieces: numpy.ndarray, cut: slice) -> numpy.ndarray:
        """What is known of the `pieces` of a sentence whose counterpart lost a stretch.

        `links` has a row for each of them.
        """
        is_cut = numpy.zeros(links.shape[1], dtype=bool)
        is_cut[cut] = True
        lost, kept = (links[:, which].max(axis=1, initial=0.0) for which in (is_cut, ~is_cut))
        known = numpy.full(len(pieces), UNKNOWN, dtype=numpy.int8)
        known[(kept >= LEAST_LINK) & (kept >= CLEAR * lost)] = COVERED
        known[(lost >= LEAST_LINK) & (lost >= CLEAR * kept)] = NOT_COVERED
        borders = numpy.flatnonzero(self.marks[pieces]) + 1
        for clause in numpy.split(numpy.arange(len(pieces)), borders):
            told = known[clause][known[clause] != UNKNOWN]
            share = (told == NOT_COVERED).mean() if len(told) > 1 else 0.5
            unknown = clause[known[clause] == UNKNOWN]
            if share >= AGREEING:
                known[unknown] = NOT_COVERED
            elif share <= 1 - AGREEING:
                known[unknown] = COVERED
        return known


def is_mark(piece: str) -> bool:
    characters = piece.strip("▁")
    return not MARKS.isdisjoint(characters) and not any(map(str.isalnum, characters))
