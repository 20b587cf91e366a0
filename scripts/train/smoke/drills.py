"""Tests the generator of drills: what it says in Chinese and in English must be the same."""

import random
import re
import unittest

from pairs.drills import Drill
from pairs.numerals import ENGLISH_TEN, chinese_number, ordinal
from pairs.people import People
from pairs.quantities import Quantities
from pairs.variation import rough, with_other_figures, with_other_name

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
WORDS = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


def chinese_value(text: str) -> float:
    """What a Chinese number says, read from left to right."""
    if match := re.fullmatch(r"([\d,.]+)(万亿|[万亿])?", text):
        scale = 1
        for unit in match.group(2) or "":
            scale *= UNITS[unit]
        return float(match.group(1).replace(",", "")) * scale
    total = part = digit = 0
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
        elif UNITS[character] < 10**4:
            part += (digit or 1) * UNITS[character]
            digit = 0
        else:
            if UNITS[character] == 10**8:
                total = (total + part + digit) * UNITS[character]
            else:
                total += (part + digit) * UNITS[character]
            part = digit = 0
    return total + part + digit


def english_value(text: str) -> float:
    if text in ENGLISH_TEN:
        return ENGLISH_TEN.index(text)
    figure, _, word = text.partition(" ")
    return float(figure.replace(",", "")) * WORDS.get(word, 1)


class Numbers(unittest.TestCase):
    def test_numbers_in_characters_are_written_as_they_are_read(self):
        known = {0: "零", 2: "二", 10: "十", 12: "十二", 20: "二十", 105: "一百零五", 110: "一百一十",
                 1001: "一千零一", 2000: "两千", 20_000: "两万", 1_200_000: "一百二十万",
                 100_500_000: "一亿零五十万"}  # fmt: skip
        for value, text in known.items():
            self.assertEqual(chinese_number(value), text)
        for value in [*range(2000), *range(9_990, 10_020), 120_034, 5_060_000, 700_000_800]:
            self.assertEqual(chinese_value(chinese_number(value)), value, chinese_number(value))

    def test_both_sides_say_the_same_amount(self):
        quantities = Quantities(random.Random(1))
        for _ in range(3000):
            chinese, english = quantities.number()
            ratio = chinese_value(chinese) / english_value(english)
            self.assertAlmostEqual(ratio, 1, places=6, msg=f"{chinese} {english}")

    def test_ordinals(self):
        endings = [ordinal(value) for value in (1, 3, 10, 11, 12, 13, 21, 22, 23, 30)]
        self.assertEqual(endings, "first third tenth 11th 12th 13th 21st 22nd 23rd 30th".split())


class Sentences(unittest.TestCase):
    def test_the_same_seed_writes_the_same_and_every_pattern_can_be_filled(self):
        one, two = Drill(3), Drill(3)
        pairs = [one.pair() for _ in range(3000)]
        self.assertEqual(pairs, [two.pair() for _ in range(3000)])
        for chinese, english in pairs:
            self.assertFalse(set("{}") & set(chinese + english), chinese + english)
            self.assertTrue(re.search(r"[\u4e00-\u9fff]", chinese))
            self.assertFalse(re.search(r"[\u4e00-\u9fff]", english), english)

    def test_another_person_takes_the_place_of_one_that_follows_pinyin(self):
        pair = "领队聂振东说，天气很冷。", "Team leader Nie Zhendong said it was cold."
        for seed in range(20):
            chinese, english = with_other_name(*pair, People(random.Random(seed)))
            self.assertTrue(chinese.startswith("领队") and chinese.endswith("说，天气很冷。"))
            self.assertNotIn("Nie", english)
            self.assertRegex(english, r"^Team leader [A-Z][a-z]+ [A-Z][a-z]+ said it was cold\.$")
        people = People(random.Random(1))
        self.assertIsNone(with_other_name("他走了。", "John Smith left.", people))
        twice = "聂振东来了。", "Nie Zhendong came, and Nie sat down."
        self.assertIsNone(with_other_name(*twice, people), "the surname alone would stay")

    def test_other_figures_stand_on_both_sides(self):
        draw = Quantities(random.Random(1))
        chinese, english = with_other_figures("共有67辆车。", "There are 67 cars.", draw)
        figure = re.search(r"\d+", chinese).group()
        self.assertEqual((chinese, english), (f"共有{figure}辆车。", f"There are {figure} cars."))
        self.assertIsNone(with_other_figures("共有67辆车。", "There are 68 cars.", draw))
        self.assertIsNone(with_other_figures("5月31日", "May 31", draw), "there is no May 97")

    def test_rough_chinese_keeps_its_characters(self):
        clean = "他说：“明天，我们去北京！”"
        letters = re.sub(r"[^\u4e00-\u9fff]", "", clean)
        for seed in range(20):
            chinese, english = rough(clean, "He said so.", random.Random(seed))
            self.assertEqual(re.sub(r"[^\u4e00-\u9fff]", "", chinese), letters)
            self.assertEqual(english, "He said so.")


def main() -> None:
    unittest.main(__name__)


if __name__ == "__main__":
    main()
