"""Numbers as Chinese and English write them: 一百二十万, 12万, first, 21st."""

import re
from decimal import Decimal

from pairs.figures import plain

DIGITS = "零一二三四五六七八九"
PLACES_OF_TEN = ("", "十", "百", "千")


def below_ten_thousand(value: int, first: bool) -> str:
    """A part of a number; `first` where nothing stands before it."""
    text, gap = "", False
    for power in range(3, -1, -1):
        digit = value // 10**power % 10
        if digit == 0:
            gap = gap or bool(text)
            continue
        if gap or (not text and not first and power < 3):
            text += "零"
        gap = False
        ten = power == 1 and digit == 1 and not text and first
        text += ("" if ten else DIGITS[digit]) + PLACES_OF_TEN[power]
    return text


def chinese_number(value: int) -> str:
    """A number in Chinese characters: 一百二十万, 两千零五, 三亿."""
    if value == 0:
        return DIGITS[0]
    text = chinese_number(value // 10**8) + "亿" if value >= 10**8 else ""
    for scale, unit in ((10**4, "万"), (1, "")):
        part = value // scale % 10**4
        if part:
            text += below_ten_thousand(part, not text) + unit
    for thousand in ("千", "万", "亿"):
        text = re.sub(f"^二{thousand}", f"两{thousand}", text)
    return text


def scaled(value: int, decimals: int) -> str:
    """A number in digits with 万 or 亿 behind it, as papers write it."""
    for scale, unit in ((10**8, "亿"), (10**4, "万")):
        if value >= scale:
            return plain(round(Decimal(value) / scale, decimals)).replace(",", "") + unit
    return str(value)


ENGLISH_TEN = "zero one two three four five six seven eight nine ten".split()
ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth".split()


def ordinal(value: int) -> str:
    if value <= 10:
        return ORDINALS[value]
    ending = "th" if 10 < value % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"
