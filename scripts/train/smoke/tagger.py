"""Tests what the tagger learns from, and how it is stored.

Of passages that lack a part, what is known of the other side must be so.
"""

import json
import tempfile
import unittest
from pathlib import Path

import numpy
import torch
from safetensors.numpy import save_file

from tagger.cuts import COVERED, NOT_COVERED, SHORTEST, UNKNOWN, Cuts, Sentences, is_mark
from tagger.model import Tagger, read_tagger, write_tagger
from translator.model import Shape

WORDS = 20
"""Pieces of a language; that of number n means that of number n + WORDS."""

COMMA = 2 * WORDS
NOBODY_KNOWS = COMMA + 1


def bundle(folder: Path) -> Path:
    numbers = {f"piece{number}": number for number in range(2 * WORDS)}
    numbers |= {",": COMMA, "▁...": NOBODY_KNOWS}
    (folder / "vocab.json").write_text(json.dumps(numbers), encoding="utf-8")
    means = {number: (number + WORDS) % (2 * WORDS) for number in range(2 * WORDS)}
    tensors = {}
    for name, given in (("forward", range(WORDS)), ("backward", range(WORDS, 2 * WORDS))):
        has = numpy.array([number in given for number in range(len(numbers))])
        tensors[f"{name}.ends"] = has.cumsum().astype(numpy.uint32)
        tensors[f"{name}.pieces"] = numpy.array([means[number] for number in given], numpy.uint16)
        tensors[f"{name}.costs"] = numpy.zeros(len(given), numpy.uint8)
    save_file(tensors, folder / "lexicon.safetensors")
    return folder


class Passages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.cuts = Cuts(bundle(Path(folder.name)))

    def pair(self) -> list[Sentences]:
        words = numpy.arange(10)
        commas = numpy.array([COMMA])
        chinese = numpy.concatenate([words[:5], commas, words[5:], [NOBODY_KNOWS]])
        english = numpy.concatenate([words[:5], commas, words[5:]]) + WORDS
        english[5] = COMMA
        return [Sentences.of([text.astype(numpy.uint16)], [True]) for text in (chinese, english)]

    def test_what_lost_its_counterpart_is_not_covered_and_the_rest_is(self):
        poor_sides = set()
        for seed in range(40):
            sides = self.pair()
            whole = [set(side.pieces[0].tolist()) for side in sides]
            poor = self.cuts.lose(sides, (0, 0), numpy.random.default_rng(seed))
            poor_sides.add(poor)
            kept = set(sides[poor].pieces[0].tolist())
            self.assertGreaterEqual(len(whole[poor] - kept), SHORTEST)
            self.assertTrue((sides[poor].covered[0] == COVERED).all())
            rich = sides[1 - poor]
            self.assertEqual(set(rich.pieces[0].tolist()), whole[1 - poor])
            for piece, known in zip(rich.pieces[0].tolist(), rich.covered[0].tolist()):
                if piece < COMMA:
                    is_kept = (piece + WORDS) % (2 * WORDS) in kept
                    self.assertEqual(known, COVERED if is_kept else NOT_COVERED)
        self.assertEqual(poor_sides, {0, 1})

    def test_what_the_lexicon_does_not_know_is_as_its_clause_or_unknown(self):
        links = numpy.zeros((5, 4))
        links[0, 0] = links[1, 1] = 1.0
        pieces = numpy.array([1, 2, NOBODY_KNOWS, COMMA, NOBODY_KNOWS])
        known = self.cuts.covered(links, pieces, slice(0, 2))
        self.assertEqual(known.tolist(), [NOT_COVERED] * 4 + [UNKNOWN])
        known = self.cuts.covered(links, pieces, slice(0, 1))
        self.assertEqual(known.tolist(), [NOT_COVERED, COVERED, *[UNKNOWN] * 3])

    def test_a_part_of_a_foreign_sentence_is_known_not_to_be_covered(self):
        foreign = numpy.arange(12, dtype=numpy.uint16)
        for first in (True, False):
            side = self.pair()[0]
            own = side.pieces[0].tolist()
            self.assertTrue(self.cuts.stray(side, foreign, first, numpy.random.default_rng(1)))
            pieces, covered = side.joined(100)
            length = len(pieces) - len(own)
            self.assertGreaterEqual(length, SHORTEST)
            if first:
                self.assertEqual(pieces.tolist(), foreign[-length:].tolist() + own)
                self.assertFalse(covered[:length].any())
            else:
                self.assertEqual(pieces.tolist(), own + foreign[:length].tolist())
                self.assertFalse(covered[-length:].any())
            self.assertEqual(covered.sum(), len(own))

    def test_what_is_too_short_stays_whole(self):
        short = numpy.arange(2 * SHORTEST - 1, dtype=numpy.uint16)
        sides = [Sentences.of([short], [True]), Sentences.of([short + WORDS], [True])]
        self.assertIsNone(self.cuts.lose(sides, (0, 0), numpy.random.default_rng(1)))
        self.assertFalse(self.cuts.stray(sides[0], short, True, numpy.random.default_rng(1)))

    def test_clauses_end_at_marks_not_at_letters(self):
        for piece in (",", "▁(", "——", "),", ",”"):
            self.assertTrue(is_mark(piece), piece)
        for piece in ("。", "▁", "a,", "1:"):
            self.assertFalse(is_mark(piece), piece)


class Storage(unittest.TestCase):
    def test_a_tagger_comes_back_as_near_as_eight_bits_are(self):
        torch.manual_seed(1)
        shape = Shape(30, 64, 1, 128, 2, 1, 40)
        tagger = Tagger(shape, 2)
        with tempfile.TemporaryDirectory() as folder:
            write_tagger(tagger, Path(folder) / "tagger.safetensors")
            found = read_tagger(Path(folder) / "tagger.safetensors", shape)
            self.assertEqual([path.name for path in Path(folder).iterdir()], ["tagger.safetensors"])
        weights = tagger.state_dict()
        self.assertEqual(len(found.source.layers), 2)
        self.assertEqual(found.state_dict().keys(), weights.keys())
        for name, weight in found.state_dict().items():
            step = weights[name].abs().max().item() / 127
            self.assertLessEqual((weight - weights[name]).abs().max().item(), step, name)


def main() -> None:
    unittest.main(__name__)


if __name__ == "__main__":
    main()
