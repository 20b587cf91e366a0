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
from tagger.link import own_mass
from tagger.model import Links, Tagger, read_tagger, write_tagger
from tagger.passages import Sampler
from tagger.windows import NOWHERE, Windows, Writing
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


class Text:
    """One side of pairs of ten words and a comma; of two kinds, whose words are their own."""

    pairs = 400

    def __init__(self, shift: int):
        self.shift = shift

    def sentence(self, number: int) -> numpy.ndarray:
        words = numpy.arange(10) + 10 * number + self.shift
        return numpy.concatenate([words[:5], [COMMA], words[5:], [0]])

    def neighbourhood(self, pair: int, generator: numpy.random.Generator) -> list[int]:
        return [0, 1]


class Neighbourhoods(unittest.TestCase):
    recipe = {
        "sizes": [1, 9], "longest": 30, "absent": 0.2, "cut": 0.3, "astray": 0.5, "elsewhere": 0.5
    }  # fmt: skip

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bundle = bundle(Path(folder.name))
        sampler = Sampler.__new__(Sampler)
        sampler.cuts, sampler.shares, sampler.recipe = Cuts(self.bundle), [1.0], {"noisy": 0}
        texts = Text(0)
        texts.source, texts.target = Text(0), Text(WORDS)
        sampler.sources = [texts]
        self.windows = Windows(sampler, self.bundle, self.recipe)

    def test_each_piece_is_of_its_pair_wherever_it_stands_and_what_lost_its_counterpart_is_nowhere(self):
        drawn = self.windows.windows([1])
        numbers, elsewhere = set(), 0
        for window in (next(drawn) for _ in range(300)):
            sides = (window.source, window.source_covered), (window.target, window.target_covered)
            self.assertLessEqual(max(len(window.source), len(window.target)), 30)
            places = {}
            for (own, of), (other, _) in (sides, sides[::-1]):
                there = {piece % WORDS for piece in other.tolist() if piece < COMMA}
                for piece, number in zip(own.tolist(), of.tolist()):
                    if piece >= COMMA:
                        continue
                    numbers.add(number)
                    if number == NOWHERE:
                        self.assertNotIn(piece % WORDS, there)
                    elif number != UNKNOWN:
                        self.assertEqual(places.setdefault(number, piece % WORDS // 10), piece % WORDS // 10)
                words = [number for piece, number in zip(own, of) if piece < COMMA and number > 0]
                elsewhere += sorted(words) != words
        self.assertLessEqual({NOWHERE, 1, 2}, numbers)
        self.assertGreater(elsewhere, 30, "clauses stand in other sentences")

    def test_sentences_end_at_other_marks_and_are_written_so(self):
        names = {"▁the": 0, "▁The": 1, "▁he": 2, "▁He": 3, ".": 4, ",": 5, "。": 6, "▁Ann": 7}
        (self.bundle / "vocab.json").write_text(json.dumps(names), encoding="utf-8")
        writing = Writing(self.bundle)
        text = numpy.array([1, 2, 5, 0, 4, 3, 5, 2, 4])  # The he, the. He, he.
        writing.go_on(1, text[:5], text[5:])
        writing.end(1, text[:3], text[3:])
        self.assertEqual(text.tolist(), [1, 2, 4, 1, 5, 2, 5, 2, 4])  # The he. The, he, he.
        text = numpy.array([7, 4, 7, 5])
        writing.go_on(0, text[:2], text[2:])
        self.assertEqual(text.tolist(), [7, 4, 7, 5], "what has no other case, and what ends no Chinese sentence")

    def test_links_to_a_pair_are_told_from_those_to_others_and_to_none(self):
        links = torch.log(torch.tensor([[[2.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]]))
        of, others_of = torch.tensor([[1, NOWHERE, 2]]), torch.tensor([[1, 1, 3]])
        mass = own_mass(links, torch.zeros(1, 3), of, others_of).exp()[0]
        self.assertAlmostEqual(mass[0].item(), 3 / 5, places=5)
        self.assertAlmostEqual(mass[1].item(), 1 / 4, places=5)
        self.assertEqual(mass[2].item(), 0.0, "its pair has nothing on the other side")


class Storage(unittest.TestCase):
    def test_a_tagger_comes_back_as_near_as_eight_bits_are(self):
        torch.manual_seed(1)
        shape = Shape(30, 64, 1, 128, 2, 1, 40)
        tagger = Tagger(shape, 2)
        tagger.links = Links(tagger, 16, 5)
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
