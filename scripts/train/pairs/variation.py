"""Changes sentences of the corpora: other names and figures on both sides, rough Chinese."""

import random
import re
from collections.abc import Iterator

import pypinyin

from pairs.drawing import Pair
from pairs.people import READ_OTHERWISE, SURNAMES, People, reading
from pairs.quantities import Quantities

LATIN_NAME = re.compile(r"\b([A-Z][a-z]+) ([A-Z][a-z]+)\b")
FIGURE = re.compile(r"(?<![\d.,])\d{1,4}(?![\d.,]\d|\d)")


def with_other_name(chinese: str, english: str, people: People) -> Pair | None:
    """The pair with another person, where a name stands on both sides and follows pinyin."""
    for match in LATIN_NAME.finditer(english):
        family, given = match.group(1).lower(), match.group(2).lower()
        for start, surname in enumerate(chinese):
            if surname not in SURNAMES:
                continue
            if (READ_OTHERWISE.get(surname) or reading(surname)) != family:
                continue
            for length in (2, 1):
                rest = chinese[start + 1 : start + 1 + length]
                if len(rest) == length and "".join(pypinyin.lazy_pinyin(rest)) == given:
                    name, other = people.chinese_name()
                    old = surname + rest
                    rest_of_english = english.replace(match.group(0), "")
                    if re.search(rf"\b{match.group(1)}\b", rest_of_english):  # the surname alone
                        return None
                    return chinese.replace(old, name), english.replace(match.group(0), other)
    return None


def with_other_figures(chinese: str, english: str, quantities: Quantities) -> Pair | None:
    """The pair with other numbers of as many digits, where each stands once on both sides."""
    figures = FIGURE.findall(chinese)
    if not figures or sorted(figures) != sorted(FIGURE.findall(english)):
        return None
    if len(set(figures)) != len(figures) or any(len(figure) < 2 for figure in figures):
        return None
    others = {}
    for figure in figures:
        if len(figure) == 4 and figure[:2] in ("18", "19", "20"):
            other = str(quantities.year())
        else:
            low = 10 ** (len(figure) - 1)
            other = str(quantities.random.randint(low, 10 * low - 1))
        others[figure] = other
    # A day of a month has to stay one.
    if re.search(r"[月日号时点分]", chinese) and any(len(figure) < 3 for figure in figures):
        return None
    exchange = lambda match: others[match.group()]  # noqa: E731
    return FIGURE.sub(exchange, chinese), FIGURE.sub(exchange, english)


def varied(
    pairs: Iterator[Pair], people: People, quantities: Quantities, times: int
) -> Iterator[Pair]:
    """Each pair up to so many `times` with another name, and as often with other figures."""
    for pair in pairs:
        for change, drawing in ((with_other_name, people), (with_other_figures, quantities)):
            for _ in range(times):
                if found := change(*pair, drawing):
                    yield found


PUNCTUATION = re.compile(r"[，。、；：！？“”‘’（）《》「」,.;:!?\"()]")


def rough(chinese: str, english: str, chance: random.Random) -> Pair:
    """The Chinese as it comes out of scans, chats and bad exports."""
    kind = chance.randrange(4)
    if kind == 0:
        chinese = PUNCTUATION.sub("", chinese)
    elif kind == 1:
        chinese = PUNCTUATION.sub(" ", chinese).strip()
    elif kind == 2:
        chinese = re.sub(r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", " ", chinese)
    else:
        spaced = lambda m: m.group() + " " * (chance.random() < 0.25)  # noqa: E731
        chinese = re.sub(r"[\u4e00-\u9fff]", spaced, chinese).rstrip()
    return chinese, english
