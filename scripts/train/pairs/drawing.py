"""What all that draws Chinese and English text together has in common."""

import random

Pair = tuple[str, str]
"""A Chinese text and what it is in English."""


class Drawing:
    """Draws from tables by a source of chance, which several may share."""

    def __init__(self, chance: random.Random):
        self.random = chance

    def one(self, table: dict[str, str]) -> Pair:
        return self.random.choice(list(table.items()))


def capital(text: str) -> str:
    """The text with a capital letter in front."""
    return text[:1].upper() + text[1:]
