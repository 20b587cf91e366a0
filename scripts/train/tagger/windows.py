"""Windows for the links of pieces: some neighbouring pairs, and which of them each piece is of.

A translator ends sentences elsewhere than the text before him, and puts clauses where they read
best. So sentences of a window end at a mark before or behind their own end, some clauses stand in
another sentence, some sentences and parts have no counterpart, and some pieces are lost.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy

from tagger.cuts import COVERED, NOT_COVERED, SHORTEST, UNKNOWN, Sentences
from tagger.passages import Passage, Sampler, both_sided

NOWHERE = 0
"""The number of what has no counterpart in the window; pairs count from 1."""

STOPS = "。", "."
"""What ends a sentence of either side where a clause becomes one."""

COMMA = ","
"""What ends a clause where a sentence becomes one, of either side."""

MOST = 8
"""Draws after which pairs are too long for a window."""


class Writing:
    """How sentences begin and end, in the pieces of a vocabulary."""

    def __init__(self, bundle: Path):
        vocabulary = json.loads((bundle / "vocab.json").read_text(encoding="utf-8"))
        self.stops = [vocabulary.get(stop) for stop in STOPS]
        self.comma = vocabulary.get(COMMA)
        self.large, self.small = (numpy.arange(len(vocabulary)) for _ in range(2))
        for piece, number in vocabulary.items():
            if piece[:1] == "▁" and piece[1:2].islower():
                other = vocabulary.get(f"▁{piece[1].upper()}{piece[2:]}")
                if other is not None:
                    self.large[number], self.small[other] = other, number

    def end(self, side: int, before: numpy.ndarray, after: numpy.ndarray) -> None:
        """Ends a sentence with `before`; what comes `after` begins one."""
        if before[-1] == self.comma and self.stops[side] is not None:
            before[-1] = self.stops[side]
        after[0] = self.large[after[0]]

    def go_on(self, side: int, before: numpy.ndarray, after: numpy.ndarray) -> None:
        """Lets a sentence go on `after` what ended one."""
        if before[-1] == self.stops[side] and self.comma is not None:
            before[-1] = self.comma
        after[0] = self.small[after[0]]


class Windows:
    """Draws windows of the pairs of a sampler of passages; `recipe` says what happens to them."""

    def __init__(self, sampler: Sampler, bundle: Path, recipe: dict):
        self.sampler, self.recipe, self.writing = sampler, recipe, Writing(bundle)

    def windows(self, seed: list[int], held_out: bool = False) -> Iterator[Passage]:
        return both_sided(self.window, seed, held_out)

    def window(self, generator: numpy.random.Generator, held_out: bool) -> Passage:
        """Pieces of both sides, and of each the number of its pair, `NOWHERE` or `UNKNOWN`."""
        sides = [[text.copy() for text in side] for side in self.pairs(generator, held_out)]
        known = self.leave_out(sides, generator)
        of = [
            [numpy.where(row == COVERED, place + 1, row) for place, row in enumerate(side)]
            for side in known
        ]
        for side in range(2):
            self.stray(sides[side], of[side], generator)
            self.end_elsewhere(side, sides[side], generator)
        noisy = [
            self.sampler.without_some(numpy.concatenate(text), numpy.concatenate(numbers), generator)
            for text, numbers in zip(sides, of)
        ]
        (source, source_of), (target, target_of) = noisy
        return Passage(source, target, source_of, target_of)

    def pairs(
        self, generator: numpy.random.Generator, held_out: bool
    ) -> tuple[list[numpy.ndarray], list[numpy.ndarray]]:
        """The sentences of some pairs, as many as fit."""
        sizes, longest = numpy.array(self.recipe["sizes"]), self.recipe["longest"]
        for _ in range(MOST):
            source, pair = self.sampler.draw(generator, held_out)
            size = 1 + int(generator.choice(len(sizes), p=sizes / sizes.sum()))
            near = source.neighbourhood(pair, generator)
            start = int(generator.integers(max(1, len(near) - size + 1)))
            near = near[start : start + size]
            sides = [
                [side.sentence(number)[:-1] for number in near]
                for side in (source.source, source.target)
            ]
            while sides[0] and any(sum(map(len, side)) > longest for side in sides):
                sides = [side[:-1] for side in sides]
            if sides[0]:
                break
        return sides

    def leave_out(
        self, sides: list[list[numpy.ndarray]], generator: numpy.random.Generator
    ) -> list[list[numpy.ndarray]]:
        """Leaves parts and sentences of one side out; what is known of each piece then."""
        texts = [Sentences.of(side, [True] * len(side)) for side in sides]
        for place in range(len(sides[0])):
            draw = generator.random()
            if draw < self.recipe["absent"]:
                poor = int(generator.integers(2))
                rich = texts[1 - poor]
                rich.covered[place] = numpy.full(len(rich.pieces[place]), NOT_COVERED, numpy.int8)
                texts[poor].pieces[place] = texts[poor].pieces[place][:0]
                texts[poor].covered[place] = texts[poor].covered[place][:0]
            elif draw < self.recipe["absent"] + self.recipe["cut"]:
                self.sampler.cuts.lose(texts, (place, place), generator)
        for side, text in zip(sides, texts):
            side[:] = text.pieces
        return [text.covered for text in texts]

    def stray(
        self,
        side: list[numpy.ndarray],
        of: list[numpy.ndarray],
        generator: numpy.random.Generator,
    ) -> None:
        """Puts a clause of a sentence to the beginning or the end of another."""
        if len(side) < 2 or generator.random() >= self.recipe["astray"]:
            return
        place, other = generator.choice(len(side), 2, replace=False)
        part = self.sampler.cuts.stretch(side[place], generator)
        if part is None:
            return
        for rows in (side, of):
            moved, rows[place] = rows[place][part], numpy.delete(rows[place], part)
            rows[other] = numpy.concatenate([moved, rows[other]] if place > other else [rows[other], moved])

    def end_elsewhere(
        self, number: int, side: list[numpy.ndarray], generator: numpy.random.Generator
    ) -> None:
        """Lets sentences end at a mark of theirs, or at one of the sentence after."""
        for place in range(len(side) - 1):
            before, after = side[place], side[place + 1]
            if not len(before) or not len(after) or generator.random() >= self.recipe["elsewhere"]:
                continue
            text = before if generator.random() < 0.5 else after
            borders = numpy.flatnonzero(self.sampler.cuts.marks[text]) + 1
            borders = borders[(borders >= SHORTEST) & (borders <= len(text) - SHORTEST)]
            if len(borders):
                border = generator.choice(borders)
                self.writing.go_on(number, before, after)
                self.writing.end(number, text[:border], text[border:])
