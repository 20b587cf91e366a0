"""A bead, and a document's alignment as a file has it.

A bead is sentences of both sides that translate each other, or sentences of one side that the other
lacks. A document is its beads laid end to end.
"""

import re
from dataclasses import dataclass

SIDES = ("zh", "en")


@dataclass
class Bead:
    """The sentences of both sides; one of the sides may have none."""

    zh: list[str]
    en: list[str]

    def __getitem__(self, side: str) -> list[str]:
        return self.zh if side == "zh" else self.en

    def is_pair(self) -> bool:
        return len(self.zh) == len(self.en) == 1

    def only(self, side: str) -> "Bead":
        """What is left when the other side lacks it."""
        return Bead(self.zh if side == "zh" else [], self.en if side == "en" else [])


def other(side: str) -> str:
    return "en" if side == "zh" else "zh"


def bead(side: str, here: list[str], there: list[str]) -> Bead:
    """A bead of the sentences of a side and of those of the other."""
    return Bead(here, there) if side == "zh" else Bead(there, here)


def alignment(beads: list[Bead]) -> list[str]:
    """`[zh]:[en]`, the numbers of each bead's sentences, counted from 0."""
    written, reached = [], dict.fromkeys(SIDES, 0)
    for each in beads:
        ends = {side: reached[side] + len(each[side]) for side in SIDES}
        written.append(":".join(str(list(range(reached[side], ends[side]))) for side in SIDES))
        reached = ends
    return written


def covered(lines: list[str]) -> tuple[int, int]:
    """How many sentences of each side the lines cover; ValueError unless each once and in order."""
    reached = [0, 0]
    for line in lines:
        groups = [[int(number) for number in re.findall(r"\d+", part)] for part in line.split(":")]
        if len(groups) != 2 or not any(groups):
            raise ValueError(f"no bead: `{line}`")
        for place, numbers in enumerate(groups):
            if numbers != list(range(reached[place], reached[place] + len(numbers))):
                raise ValueError(f"`{line}` does not begin with `{SIDES[place]}` {reached[place]}")
            reached[place] += len(numbers)
    return reached[0], reached[1]
