"""Turns a pair of sentences into direct speech: “…,” he said."""

import random

LONGEST = 90
"""Characters of the English that a person says in one go."""

QUOTES = '“”"「」『』‘'

SPEAKERS = (
    ("他说", "he said"),
    ("她说", "she said"),
    ("他问道", "he asked"),
    ("她答道", "she answered"),
    ("老人喊道", "the old man cried"),
    ("母亲低声说", "mother whispered"),
    ("我告诉他", "I told him"),
    ("他们叫起来", "they shouted"),
)  # fmt: skip

MARKS = (("“", "”"), ("“", "”"), ('"', '"'))
"""What the English is quoted with; the Chinese always has “”."""


def speakable(chinese: str, english: str) -> bool:
    """Whether the pair can be put into quotes: whole sentences, short, none of it quoted."""
    whole = chinese[-1] in "。！？" and english[-1] in ".!?"
    return whole and len(english) <= LONGEST and not set(QUOTES) & set(chinese + english)


def spoken(chinese: str, english: str, chance: random.Random) -> tuple[str, str]:
    """The pair, which must be `speakable`, quoted and mostly with a word on who says so."""
    opening, closing = chance.choice(MARKS)
    said, says = chance.choice(SPEAKERS)
    inner = chinese[:-1] + "，" if chinese[-1] == "。" else chinese
    told = english[:-1] + "," if english[-1] == "." else english
    quoted = f"{opening}{told}{closing} {says}."
    pausing = ", " in english
    broken_off = interrupted(english, opening, closing, says) if pausing else quoted
    return chance.choice(
        (
            (f"“{chinese}”", f"{opening}{english}{closing}"),
            (f"{said}：“{chinese}”", quoted),
            (f"“{inner}”{said}。", quoted),
            (f"{said}：“{chinese}”", f"{says[0].upper()}{says[1:]}, {opening}{english}{closing}"),
            (f"“{chinese}”{said}。", broken_off),
        )
    )


def interrupted(english: str, opening: str, closing: str, says: str) -> str:
    """The speaker named at the first comma, which makes two sentences."""
    first, _, second = english.partition(", ")
    second = second[0].upper() + second[1:]
    return f"{opening}{first},{closing} {says}. {opening}{second}{closing}"
