"""Writes pairs on what a small translator gets wrong: names with titles, amounts, negation, headings.

In:  clean pairs (`--clean`, `WORK/clean`), whose names and numbers are exchanged for others.
Out: `PAIRS/drills.tsv`: sentences made of patterns; `PAIRS/varied.tsv`: sentences of the corpora
     with other names and numbers; `PAIRS/rough.tsv`: Chinese without punctuation, or full of spaces.

A person's name is anyone's: surnames and given names are drawn, and read by pinyin. Amounts are
drawn evenly over their sizes and written as Chinese writes them (12万, 一百二十万, 四成, 三分之二).
The same seed writes the same bytes.
"""

import argparse
import itertools
import random
from collections.abc import Iterator
from pathlib import Path

from pairs.drawing import Drawing, Pair, capital
from pairs.numerals import chinese_number
from pairs.patterns import HEADINGS, PATTERNS, THINGS, VERBS
from pairs.people import People
from pairs.prepare import read_lines
from pairs.quantities import Quantities
from pairs.variation import rough, varied


class Drill(Drawing):
    """Draws sentences made of patterns."""

    def __init__(self, seed: int):
        super().__init__(random.Random(seed))
        self.people, self.quantities = People(self.random), Quantities(self.random)

    def slots(self) -> dict[str, Pair]:
        """What a sentence is filled with, by the names that the patterns have for it."""
        people, quantities = self.people, self.quantities
        year = str(quantities.year())
        decade = self.random.randint(2, 9)
        low = self.random.randint(2, 90)
        high = low + self.random.randint(1, 40)
        (verb, english), (other, english2) = self.random.sample(list(VERBS.items()), 2)
        return {
            "person": people.person(), "person2": people.person(), "name": people.name(),
            "name2": people.name(), "country": people.country(), "country2": people.country(),
            "money": quantities.money(), "money2": quantities.money(), "count": quantities.count(),
            "count2": quantities.count(), "share": quantities.share(), "share2": quantities.share(),
            "growth": quantities.growth(), "date": quantities.date(), "clock": quantities.clock(),
            "turn": quantities.turn(), "year": (year, year), "low": (str(low), str(low)),
            "high": (str(high), str(high)), "decade": (f"{decade}0", f"{decade}0s"),
            "verb": (verb, english), "verb2": (other, english2), "thing": self.one(THINGS),
            "heading": self.one(HEADINGS), "heading2": self.one(HEADINGS),
            "number": (chinese_number(n := self.random.randint(1, 20)), str(n)),
        }  # fmt: skip

    def pair(self) -> Pair:
        group = self.random.choices(list(PATTERNS), [weight for weight, _ in PATTERNS.values()])[0]
        chinese, english = self.random.choice(PATTERNS[group][1])
        slots = self.slots()
        chinese = chinese.format(**{name: slot[0] for name, slot in slots.items()})
        english = english.format(**{name: slot[1] for name, slot in slots.items()})
        if group == "headings":
            return chinese, english
        return chinese, capital(english).replace("m..", "m.")


def pairs_of(path: Path) -> Iterator[Pair]:
    for line in read_lines(path):
        chinese, _, english = line.partition("\t")
        yield chinese, english


def write(path: Path, pairs: Iterator[Pair]) -> None:
    lines = dict.fromkeys(f"{chinese}\t{english}\n" for chinese, english in pairs)
    path.write_text("".join(lines), encoding="utf-8")
    print(f"`{path}`: {len(lines)} pairs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--clean", type=Path, help="folder of clean pairs; without it, patterns only"
    )
    parser.add_argument("--output", type=Path, required=True, help="the folder `PAIRS`")
    parser.add_argument("--count", type=int, default=80_000, help="of the sentences from patterns")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    drill = Drill(options.seed)
    write(options.output / "drills.tsv", (drill.pair() for _ in range(options.count)))
    if options.clean:
        written = sorted(options.clean.glob("written_*.tsv"))
        news = [path for path in written if not path.stem.startswith("written_precision")]
        changed = itertools.chain.from_iterable(
            varied(pairs_of(path), drill.people, drill.quantities, 3) for path in news
        )
        write(options.output / "varied.tsv", changed)
        everyday = [options.clean / "tatoeba_manythings.tsv", *written]
        chosen = (
            rough(*pair, drill.random)
            for path in everyday
            if path.exists()
            for pair in pairs_of(path)
            if drill.random.random() < 0.5
        )
        write(options.output / "rough.tsv", chosen)


if __name__ == "__main__":
    main()
