"""Makes a document with a known alignment out of sentence pairs in their order.

In:  pairs of Chinese and English, the rates of a regime and a shape (`config/documents.toml`).
Out: beads that, laid end to end, are the document: so they always tile both sides.
"""

import random
from collections.abc import Callable, Iterator

from aligner.bead import SIDES, Bead, bead, other
from aligner.speech import speakable, spoken
from aligner.wording import LANGUAGES

DIVIDED_DRIFT = 0.12
"""By how much of the text the ends of sentences may differ that still begin and end together."""

THIRD = 0.15
"""Of the joins, those that take in a third sentence."""

SHARED = (0, 0, 1, 2, 4)
"""Pairs that both sides have where one goes on and the other ends."""

HOLE = (2, 15)
"""Pairs in a stretch that one side lacks."""

CHAPTER = (0.15, 0.4)
"""Share of a document that is a chapter one side lacks."""

USUAL_SIDE = 0.8
"""Of the holes, those on the side that has most of them."""

COPY_DISTANCE = (2, 6)
"""Beads from a sentence to its copy."""

STRENGTH = {"zh": (0.2, 0.8), "en": (0.5, 1.5)}
"""How much of a document's noise a sentence gets; Chinese less, for it is what gets translated."""

MOST_NOISE = 0.9
"""Share of the words of a sentence that may change."""

Pair = tuple[str, str]


class Maker:
    """Makes one document: `pairs` and, for what does not belong there, pairs from `elsewhere`."""

    def __init__(
        self, pairs: list[Pair], elsewhere: list[Pair], rates: dict, chance: random.Random
    ):
        self.pairs, self.elsewhere, self.rates, self.chance = pairs, elsewhere, rates, chance
        self.pools = {
            side: [word for pair in pairs for word in LANGUAGES[side].words(pair[place])]
            for place, side in enumerate(SIDES)
        }
        self.known = frozenset(word for word in self.pools["en"] if word.islower())

    def document(self, shape: str) -> list[Bead]:
        """The beads of a document of one of the `SHAPES`."""
        beads = SHAPES[shape](self, list(self.whole(self.pairs)))
        beads = self.shortened(beads)
        beads = self.regrouped(beads)
        beads = [self.with_loss(each) for each in beads]
        beads = list(self.with_guests(beads))
        return self.torn(self.reworded(beads))

    def happens(self, rate: float) -> bool:
        return self.chance.random() < rate

    def side(self) -> str:
        return self.chance.choice(SIDES)

    def whole(self, pairs: list[Pair]) -> Iterator[Bead]:
        """A bead of each pair; of two where both sides have two sentences that match."""
        for pair in pairs:
            for chinese, english in divided(*finished(*pair)):
                if speakable(chinese, english) and self.happens(self.rates["spoken"]):
                    chinese, english = spoken(chinese, english, self.chance)
                yield Bead([chinese], [english])

    def continued(self, beads: list[Bead]) -> list[Bead]:
        """One side ends in the middle, about where the other begins."""
        first, shared = self.side(), self.chance.choice(SHARED)
        start = max(0, (len(beads) - shared) // 2)
        end = start + shared
        before = [each.only(first) for each in beads[:start]]
        return before + beads[start:end] + [each.only(other(first)) for each in beads[end:]]

    def unrelated(self, beads: list[Bead]) -> list[Bead]:
        """The English of another text."""
        strangers = self.whole(self.elsewhere)
        return [each.only("zh") for each in beads] + [each.only("en") for each in strangers]

    def without_chapters(self, beads: list[Bead]) -> list[Bead]:
        """One or two long stretches that one side lacks."""
        for _ in range(self.chance.choice((1, 1, 2))):
            length = round(self.chance.uniform(*CHAPTER) * len(beads))
            beads = self.with_hole(beads, length, self.side())
        return beads

    def with_hole(self, beads: list[Bead], length: int, side: str) -> list[Bead]:
        """Only `side` has what stands in a stretch of so many beads, wherever both had it."""
        start = self.chance.randint(0, len(beads) - length)
        hole = range(start, start + length)
        return [
            each.only(side) if place in hole and each.is_pair() else each
            for place, each in enumerate(beads)
        ]

    def shortened(self, beads: list[Bead]) -> list[Bead]:
        """Leaves out single sentences and, up to the share `cut`, stretches."""
        kept = []
        for each in beads:
            drawn, omit = self.chance.random(), self.rates["omit"]
            if each.is_pair() and drawn < omit["zh"] + omit["en"]:
                each = each.only("en" if drawn < omit["zh"] else "zh")
            kept.append(each)
        holes = self.chance.uniform(*self.rates["cut"]) * len(kept)
        # Editors cut; translators seldom add as much.
        usual = self.chance.choice(("zh", "zh", "en"))
        while holes >= HOLE[0]:
            length = self.chance.randint(HOLE[0], min(HOLE[1], int(holes)))
            side = usual if self.happens(USUAL_SIDE) else other(usual)
            kept = self.with_hole(kept, length, side)
            holes -= length
        return kept

    def regrouped(self, beads: list[Bead]) -> list[Bead]:
        """Splits, joins and crossings, at the rates of the regime."""
        changes: list[tuple[float, Callable, str]] = []
        for side in SIDES:
            changes.append((self.rates["split"][side], self.split, side))
            changes.append((self.rates["join"][side], self.join, side))
            changes.append((self.rates["cross"] / len(SIDES), self.cross, side))
        weights = [rate for rate, _, _ in changes]
        unchanged = 1 - sum(weights)
        if unchanged < 0:
            raise ValueError("the rates of splits, joins and crossings exceed 1")
        weights.append(unchanged)
        waiting, done = beads[::-1], []
        while waiting:
            drawn = self.chance.choices([*changes, None], weights)[0]
            if drawn is None:
                done.append(waiting.pop())
            else:
                _, change, side = drawn
                done += change(waiting, side)
        return done

    def split(self, waiting: list[Bead], side: str) -> list[Bead]:
        each = waiting.pop()
        if len(each[side]) != 1:
            return [each]
        pieces = LANGUAGES[side].pieces(each[side][0], self.chance)
        if each.is_pair():
            return [bead(side, pieces, each[other(side)])]
        return [bead(side, [piece], []) for piece in pieces]

    def join(self, waiting: list[Bead], side: str) -> list[Bead]:
        each = waiting.pop()
        for _ in range(2 if self.happens(THIRD) else 1):
            if not waiting or not len(each[side]) == len(waiting[-1][side]) == 1:
                break
            if not LANGUAGES[side].is_finished(each[side][0]):
                break
            following = waiting.pop()
            text = self.joined(side, each[side][0], following[side][0])
            each = bead(side, [text], each[other(side)] + following[other(side)])
        return [each]

    def cross(self, waiting: list[Bead], side: str) -> list[Bead]:
        """One side ends its sentences in the middle of the other's."""
        if len(waiting) < 2 or not (waiting[-1].is_pair() and waiting[-2].is_pair()):
            return [waiting.pop()]
        first, second = waiting.pop(), waiting.pop()
        language = LANGUAGES[side]
        cut_first, cut_second = self.chance.choice(((True, False), (False, True), (True, True)))
        *head, end = language.cut(first[side][0], self.chance) if cut_first else first[side]
        start, *tail = language.cut(second[side][0], self.chance) if cut_second else second[side]
        if not (head or tail) or not language.is_finished(end):
            return [first, second]
        here = [*head, self.joined(side, end, start), *tail]
        return [bead(side, here, first[other(side)] + second[other(side)])]

    def joined(self, side: str, first: str, second: str) -> str:
        return LANGUAGES[side].joined(first, second, self.known, self.chance)

    def with_loss(self, each: Bead) -> Bead:
        """A bead of both sides may lose a clause of one."""
        if not each.zh or not each.en or not self.happens(self.rates["lost"]):
            return each
        side = self.side()
        place = self.chance.randrange(len(each[side]))
        texts = list(each[side])
        texts[place] = LANGUAGES[side].without_clause(texts[place], self.chance)
        return bead(side, texts, each[other(side)])

    def with_guests(self, beads: list[Bead]) -> Iterator[Bead]:
        """Strays and copies between the beads, each of one side."""
        copies: dict[int, list[Bead]] = {}
        for place, each in enumerate(beads):
            yield from copies.get(place, ())
            if self.happens(self.rates["stray"]):
                chinese, english = self.chance.choice(self.elsewhere)
                yield Bead([chinese], [english]).only(self.side())
            yield each
            side = self.side()
            if each[side] and self.happens(self.rates["copy"]):
                target = place + self.chance.randint(*COPY_DISTANCE)
                copies.setdefault(target, []).append(bead(side, each[side][:1], []))

    def reworded(self, beads: list[Bead]) -> list[Bead]:
        """Free wording: every sentence loses part of its own words."""
        share = max(0.0, self.chance.uniform(*self.rates["noise"]))

        def text(side: str, sentence: str) -> str:
            strength = min(MOST_NOISE, share * self.chance.uniform(*STRENGTH[side]))
            return LANGUAGES[side].reworded(sentence, strength, self.pools[side], self.chance)

        if not share:
            return beads
        return [Bead(*([text(side, s) for s in each[side]] for side in SIDES)) for each in beads]

    def torn(self, beads: list[Bead]) -> list[Bead]:
        """Of two neighbouring pairs, one side keeps the first and the other the second."""
        kept = list(beads)
        for place in range(len(kept) - 1):
            first, second = kept[place : place + 2]
            if first.is_pair() and second.is_pair() and self.happens(self.rates["torn"]):
                side = self.side()
                kept[place : place + 2] = first.only(side), second.only(other(side))
        return kept


SHAPES = {
    "whole": lambda _, beads: beads,
    "continuation": Maker.continued,
    "unrelated": Maker.unrelated,
    "chapters": Maker.without_chapters,
}


def finished(chinese: str, english: str) -> Pair:
    """Some sources leave the English full stop out."""
    if chinese[-1] in "。！？" and english[-1].isalnum():
        english += "."
    return chinese, english


def divided(chinese: str, english: str) -> list[Pair]:
    """Pairs of sentences, where both sides have as many and they end at about the same places."""
    languages = [LANGUAGES[side] for side in SIDES]
    texts = (chinese, english)
    ends = [language.sentence_ends(text) for language, text in zip(languages, texts)]
    if len(ends[0]) != len(ends[1]):
        return [texts]
    drift = [abs(a / len(chinese) - b / len(english)) for a, b in zip(*ends)]
    if max(drift, default=0) > DIVIDED_DRIFT:
        return [texts]
    return list(zip(*(language.sentences(text) for language, text in zip(languages, texts))))
