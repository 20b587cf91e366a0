"""How `scripts/train` makes documents with known alignments, without the sources and with nothing but Python."""

import importlib
import random
import re
import sys
import unittest
from pathlib import Path
from unittest import mock

TRAIN = Path(__file__).resolve().parent.parent / "train"

with mock.patch.object(sys, "path", [str(TRAIN), *sys.path]):
    bead = importlib.import_module("aligner.bead")
    maker = importlib.import_module("aligner.maker")
    wording = importlib.import_module("aligner.wording")
    speech = importlib.import_module("aligner.speech")

FAITHFUL = {
    "split": {"zh": 0.15, "en": 0.3},
    "join": {"zh": 0.1, "en": 0.1},
    "cross": 0.15,
    "omit": {"zh": 0.0, "en": 0.0},
    "stray": 0.0,
    "copy": 0.0,
    "lost": 0.0,
    "cut": [0.0, 0.0],
    "noise": [0.0, 0.0],
    "spoken": 0.3,
    "torn": 0.0,
}
ROUGH = {
    **FAITHFUL,
    "omit": {"zh": 0.1, "en": 0.1},
    "stray": 0.1,
    "copy": 0.1,
    "lost": 0.5,
    "cut": [0.1, 0.3],
    "noise": [-0.2, 0.9],
    "torn": 0.1,
}


def pairs(first, count):
    """Pairs whose every clause says by its number which pair it is of."""
    shapes = (
        ("{n}号船靠岸了，{n}号码头上挤满了人，大家都在等。", "Ship {n} came in, and pier {n} was full of people waiting."),
        ("第{n}封信丢了，谁也没有找到第{n}封信！", "Letter {n} was lost. Nobody ever found letter {n}!"),
        ("你见过{n}号吗？", "Have you seen number {n}?"),
        ("{n}路车晚点，所以我在{n}号站台等着；雨下个不停。", "Bus {n} was late. I waited at platform {n}, but it rained."),
    )
    return [tuple(text.format(n=number) for text in shapes[number % 4]) for number in range(first, first + count)]


def made(rates, shape="whole", seed=1, count=30):
    return maker.Maker(pairs(1000, count), pairs(5000, count), rates, random.Random(seed)).document(shape)


def numbers(texts):
    return [number for text in texts for number in re.findall(r"\d{4}", text)]


class Documents(unittest.TestCase):
    def test_the_beads_of_every_document_tile_both_sides(self):
        for shape in maker.SHAPES:
            for rates in (FAITHFUL, ROUGH):
                for count in (3, 8, 40):
                    for seed in range(10):
                        with self.subTest(shape=shape, count=count, seed=seed):
                            beads = made(rates, shape, seed, count)
                            found = bead.covered(bead.alignment(beads))
                            self.assertEqual(found, tuple(sum(len(each[side]) for each in beads) for side in bead.SIDES))
                            self.assertTrue(all(text.strip() for each in beads for text in each.zh + each.en))

    def test_an_alignment_that_does_not_tile_is_refused(self):
        for lines in (["[0]:[0]", "[2]:[1]"], ["[1]:[0]"], ["[0]:[0]", "[0]:[1]"], ["[]:[]"], ["[0, 2]:[0]"]):
            with self.subTest(lines), self.assertRaises(ValueError):
                bead.covered(lines)

    def test_both_sides_of_a_bead_speak_of_the_same_pairs(self):
        kinds = set()
        for seed in range(30):
            for each in made(FAITHFUL, seed=seed):
                self.assertEqual(set(numbers(each.zh)), set(numbers(each.en)), each)
                kinds.add((len(each.zh), len(each.en)))
        self.assertGreaterEqual(kinds, {(1, 1), (1, 2), (2, 1), (1, 3), (2, 2), (2, 3)})

    def test_regrouping_keeps_all_text_in_order(self):
        for seed in range(10):
            beads = made(FAITHFUL, seed=seed)
            for place, side in enumerate(bead.SIDES):
                expected = numbers(pair[place] for pair in pairs(1000, 30))
                self.assertEqual(numbers(text for each in beads for text in each[side]), expected)

    def test_what_one_side_lacks_stands_nowhere_on_it(self):
        rates = {**FAITHFUL, "omit": {"zh": 0.1, "en": 0.1}, "cut": [0.1, 0.3], "join": {"zh": 0, "en": 0}}
        for seed in range(10):
            beads = made(rates, seed=seed)
            self.assertTrue(any(not each.zh or not each.en for each in beads))
            for side in bead.SIDES:
                other = set(numbers(text for each in beads for text in each[bead.other(side)]))
                lacking = numbers(text for each in beads if not each[bead.other(side)] for text in each[side])
                self.assertTrue(other.isdisjoint(lacking))

    def test_of_torn_neighbours_one_side_has_the_first_and_the_other_the_second(self):
        nothing = {"zh": 0.0, "en": 0.0}
        rates = {**FAITHFUL, "split": nothing, "join": nothing, "cross": 0.0, "torn": 0.3}
        sides = set()
        for seed in range(10):
            beads = made(rates, seed=seed)
            said = [(set(numbers(each.zh)), set(numbers(each.en))) for each in beads]
            alone = [place for place, each in enumerate(beads) if not each.zh or not each.en]
            self.assertGreater(len(alone), 0)
            for first, second in zip(alone[::2], alone[1::2], strict=True):
                self.assertEqual(second, first + 1)
                sides.add(bool(beads[first].zh))
                self.assertNotEqual(bool(beads[first].zh), bool(beads[second].zh))
            self.assertEqual([zh | en for zh, en in said], [{str(number)} for number in range(1000, 1030)])
        self.assertEqual(sides, {False, True})

    def test_a_pair_of_texts_is_divided_where_its_sentences_match(self):
        for chinese, english, count in (
            ("船来了。我们上去了。", "The ship came. We went aboard.", 2),
            ("船来了。我们上去了。", "The ship came in the early morning at last. We boarded.", 1),
            ("船来了，我们上去了。", "The ship came. We went aboard.", 1),
        ):
            self.assertEqual(len(maker.divided(chinese, english)), count, english)

    def test_of_unrelated_texts_nothing_belongs_together_and_of_a_continuation_a_little(self):
        for seed in range(10):
            self.assertFalse(any(each.zh and each.en for each in made(ROUGH, "unrelated", seed)))
            beads = made(FAITHFUL, "continuation", seed, 40)
            self.assertLessEqual(sum(bool(each.zh and each.en) for each in beads), 2 * max(maker.SHARED))
            ends = [beads[0], beads[-1]]
            self.assertEqual(sorted(bool(each.zh) for each in ends), [False, True])
            self.assertEqual(sorted(bool(each.en) for each in ends), [False, True])

    def test_the_same_seed_makes_the_same_document_and_another_another(self):
        self.assertEqual(made(ROUGH, seed=3), made(ROUGH, seed=3))
        self.assertNotEqual(made(ROUGH, seed=3), made(ROUGH, seed=4))


class Wording(unittest.TestCase):
    """Single texts; where chance decides, any of several outcomes is right."""

    def outcomes(self, method, *arguments):
        return {str(method(*arguments, random.Random(seed))) for seed in range(40)}

    def test_a_text_is_cut_at_a_sentence_or_else_a_clause_which_is_made_a_sentence(self):
        for language, text, parts in (
            ("en", "Rain fell all night, and the road was gone.", ["Rain fell all night.", "And the road was gone."]),
            ("en", "“We are late,” said the driver.", ["“We are late.”", "Said the driver."]),
            ("en", "Mr. Wood has 3.5 acres.", ["Mr. Wood has 3.5 acres."]),
            ("en", "“Who is it?” she asked. Nobody.", ["“Who is it?” she asked.", "Nobody."]),
            ("zh", "雨下了一夜，路不见了。", ["雨下了一夜。", "路不见了。"]),
            ("zh", "“要晚了，”司机说。", ["“要晚了。”", "司机说。"]),
            ("zh", "没人说话。“走吧。”", ["没人说话。", "“走吧。”"]),
            ("zh", "没人说话", ["没人说话"]),
        ):
            with self.subTest(text):
                self.assertEqual(self.outcomes(wording.LANGUAGES[language].cut, text), {str(parts)})

    def test_joining_makes_small_what_is_no_name(self):
        english, chinese = wording.LANGUAGES["en"], wording.LANGUAGES["zh"]
        known = frozenset({"the", "i"})
        for second, begins in (("The road ends.", "the road"), ("Anna left.", "Anna"), ("I left.", "I left"), ("THE END", "THE")):
            joined = self.outcomes(english.joined, "It is late.", second, known)
            self.assertIn(f"It is late. {second}", joined)
            joined.remove(f"It is late. {second}")
            self.assertTrue(joined)
            for text in joined:
                self.assertRegex(text, rf"^It is late(,|;| –| and).* ?{begins}")
        self.assertEqual(self.outcomes(english.joined, "Is it late?", "No.", known), {"Is it late? No."})
        self.assertEqual(
            self.outcomes(chinese.joined, "天黑了。", "路远。", known),
            {"天黑了。路远。", "天黑了，路远。", "天黑了；路远。", "天黑了，而路远。"},
        )

    def test_a_lost_clause_leaves_a_sentence(self):
        self.assertEqual(
            self.outcomes(wording.LANGUAGES["zh"].without_clause, "天黑了，雨停了，我们走。"),
            {"雨停了，我们走。", "天黑了，我们走。", "天黑了，雨停了。"},
        )

    def test_rewording_changes_words_and_keeps_marks(self):
        english = wording.LANGUAGES["en"]
        text = "One, two; three: four!"
        chance = random.Random(1)
        self.assertEqual(english.reworded(text, 0.0, ["x"], chance), text)
        reworded = english.reworded("One, two; three: four!", 1.0, ["x"], chance)
        self.assertEqual(re.sub("[Xx ]", "", reworded), ",;:!")

    def test_direct_speech_says_the_same_on_both_sides(self):
        for seed in range(20):
            chinese, english = speech.spoken("天黑了，快走。", "It is late, go now.", random.Random(seed))
            self.assertRegex(chinese, "“天黑了，快走[。，]”")
            self.assertRegex(english, "[“\"]It is late,.*[Gg]o now[.,][”\"]")
        self.assertFalse(speech.speakable("“走。”", "“Go.”"))
        self.assertFalse(speech.speakable("第三章", "Chapter Three"))


if __name__ == "__main__":
    unittest.main()
