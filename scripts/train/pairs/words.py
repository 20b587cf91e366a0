"""Writes headings, lists of names and lines about people, made from dictionary entries.

In:  a dictionary (`--dictionary`, `cedict.tsv.zst`): one `zh<TAB>gloss; gloss` a line.
Out: `--output`, usually `PAIRS/words.tsv`: one `zh<TAB>en` a line.

Running text has few lines without a verb, and a model that never saw one invents it. Names in Latin
letters are made up of syllables, so that the only way to get them right is to copy them.
"""

import argparse
import random
import re
from pathlib import Path

from pairs.prepare import read_lines

LONGEST_GLOSS = 4
"""Words; longer glosses explain rather than translate."""

SHORTEST, LONGEST_WORD = 2, 6
"""Characters of a headword."""

UNFIT = re.compile(r"\b(sb|sth|etc|esp|abbr|lit|fig|variant|old|one's)\b|[().:/\"0-9]")

CHINESE_NUMBERS = "一二三四五六七八九十"
ROMAN_NUMBERS = "I II III IV V VI VII VIII IX X".split()
SYLLABLES = (
    "al an ba be bra car da del dor el er fer gar ha han in jo ka ko la len li lo ma mar mi mon na "
    "nel no or pa per ra ri ro sa sen so ta ter ti to va ver vi wil yu za"
).split()

HEADINGS = [
    ("第{number}章　{thing}", "Chapter {figure}: {Thing}"),
    ("第{number}节：{thing}", "Section {figure}: {Thing}"),
    ("{number}、{thing}", "{roman}. {Thing}"),
    ("（{number}）{thing}", "({figure}) {Thing}"),
    ("附录：{thing}", "Appendix: {Thing}"),
    ("{thing}简介", "An introduction to {thing}"),
    ("关于{thing}", "About {thing}"),
    ("什么是{thing}？", "What is {thing}?"),
    ("{thing}与{thing2}", "{Thing} and {thing2}"),
    ("{place}的{thing}", "The {thing} of {place}"),
    ("{thing}", "{thing}"),
    ("{place}", "{place}"),
]
PEOPLE = [
    ("作者：{person}", "By {person}"),
    ("译者：{person}", "Translator: {person}"),
    ("{person}，{place}", "{person}, {place}"),
    ("{person}和{person2}", "{person} and {person2}"),
    ("{person}说。", "{person} said."),
    ("{person}是{place}人。", "{person} is from {place}."),
    ("{person}在{place}写道：", "{person} wrote in {place}:"),
    ("来源：《{person}》", "Source: {person}"),
]


def entries(path: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Words for things and names of places or people, each with its first gloss."""
    things, names = [], []
    for line in read_lines(path):
        chinese, _, glosses = line.partition("\t")
        gloss = re.split("[;,]| in ", glosses)[0].strip()
        fits = SHORTEST <= len(chinese) <= LONGEST_WORD and not UNFIT.search(gloss)
        if not fits or not gloss.isascii() or len(gloss.split()) > LONGEST_GLOSS:
            continue
        if gloss[:1].isupper():
            names.append((chinese, gloss))
        elif not gloss.startswith(("to ", "a ", "an ", "the ")):
            things.append((chinese, gloss))
    return things, names


class Writer:
    def __init__(self, things: list[tuple[str, str]], names: list[tuple[str, str]], seed: int):
        self.things, self.names = things, names
        self.random = random.Random(seed)

    def person(self) -> str:
        words = ["".join(self.random.choices(SYLLABLES, k=self.random.randint(1, 3)))]
        words.append("".join(self.random.choices(SYLLABLES, k=self.random.randint(2, 3))))
        return " ".join(word.capitalize() for word in words)

    def listed(self) -> tuple[str, str]:
        """Two to five entries: 甲、乙和丙."""
        words = self.random.sample(
            self.random.choice([self.things, self.names]), self.random.randint(2, 5)
        )
        last = self.random.choice(["、", "和", "以及"])
        chinese = "、".join(word for word, _ in words[:-1]) + last + words[-1][0]
        english = ", ".join(gloss for _, gloss in words[:-1])
        return chinese, english + (", " if last == "、" else " and ") + words[-1][1]

    def filled(self, patterns: list[tuple[str, str]]) -> tuple[str, str]:
        chinese, english = self.random.choice(patterns)
        thing, thing2 = self.random.sample(self.things, 2)
        place = self.random.choice(self.names)
        person, person2 = self.person(), self.person()
        number = self.random.randrange(10)
        shared = {"person": person, "person2": person2}
        chinese = chinese.format(
            number=CHINESE_NUMBERS[number],
            thing=thing[0],
            thing2=thing2[0],
            place=place[0],
            **shared,
        )
        english = english.format(
            figure=number + 1,
            roman=ROMAN_NUMBERS[number],
            thing=thing[1],
            Thing=thing[1][:1].upper() + thing[1][1:],
            thing2=thing2[1],
            place=place[1],
            **shared,
        )
        return chinese, english

    def pair(self) -> tuple[str, str]:
        kind = self.random.random()
        if kind < 0.4:
            return self.listed()
        return self.filled(HEADINGS if kind < 0.75 else PEOPLE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dictionary", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--count", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    writer = Writer(*entries(options.dictionary), options.seed)
    lines = ["\t".join(writer.pair()) + "\n" for _ in range(options.count)]
    options.output.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
