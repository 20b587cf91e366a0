"""What goes in and what comes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypedDict, Union


class Document(TypedDict, total=False):
    """A document to be looked at: `zh` and `en`, or `text` with both languages in it."""

    id: Union[str, int]
    zh: str
    en: str
    text: str


@dataclass(frozen=True)
class Pair:
    """Chinese and the English that translates it."""

    zh: str
    en: str
    confidence: float
    """The probability that the pair is right, 0 to 1."""
    kind: str
    """The numbers of sentences, `1:2`; `mt` for a draft, `moved` for what stands elsewhere."""
    zh_ids: list[int]
    """The numbers of the Chinese sentences in the document, from 0."""
    en_ids: list[int]
    mt: str | None
    """The model's translation by which the pair was aligned."""
    mt_flaw: str | None
    """What looks wrong with that translation."""
    origin: str
    """`human`, or `mt` for a draft."""

    @classmethod
    def of(cls, row: dict[str, Any]) -> Pair:
        """The pair that a row of the program is."""
        texts = row["translation"]
        return cls(
            zh=texts["zh"],
            en=texts["en"],
            confidence=row["confidence"],
            kind=row["kind"],
            zh_ids=row["zh_ids"],
            en_ids=row["en_ids"],
            mt=row["mt"],
            mt_flaw=row["mt_flaw"],
            origin=row["origin"],
        )


@dataclass(frozen=True)
class Share:
    """A count out of a total."""

    covered: int
    total: int
    ratio: float
    """0 to 1; 0 of nothing."""


@dataclass(frozen=True)
class Side:
    """How much of a side has a counterpart."""

    sentences: Share
    characters: Share

    @classmethod
    def of(cls, side: dict[str, Any]) -> Side:
        """The side that the program tells of."""
        return cls(Share(**side["sentences"]), Share(**side["characters"]))


@dataclass(frozen=True)
class Coverage:
    """How much of each side has a counterpart."""

    zh: Side
    en: Side


@dataclass(frozen=True)
class Alignment:
    """The pairs of a document, and how much they cover."""

    id: str
    pairs: list[Pair]
    coverage: Coverage

    @classmethod
    def of(cls, line: dict[str, Any]) -> Alignment:
        """The alignment that a line of the program is."""
        coverage = Coverage(*(Side.of(line["coverage"][lang]) for lang in ("zh", "en")))
        return cls(line["id"], [Pair.of(row) for row in line["pairs"]], coverage)

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)


@dataclass(frozen=True)
class Uncovered:
    """A sentence without a counterpart."""

    id: int
    """The number of the sentence in the document, from 0."""
    line: int
    text: str
    translation: str | None
    """The model's draft, of a Chinese sentence."""
    flaw: str | None
    """What looks wrong with the draft."""
    untranslated: bool
    """Whether it was left in the other language."""


@dataclass(frozen=True)
class SideReport(Side):
    """How much of a side has a counterpart, and what has none."""

    uncovered: list[Uncovered]
    hints: list[dict[str, Any]]
    """Clauses inside covered sentences that seem to have no counterpart, as the program tells of them."""

    @classmethod
    def of(cls, side: dict[str, Any]) -> SideReport:
        """The side that the program tells of."""
        uncovered = [
            Uncovered(
                id=it["id"],
                line=it["line"],
                text=it["text"],
                translation=it.get("translation"),
                flaw=it.get("flaw"),
                untranslated=it.get("untranslated", False),
            )
            for it in side["uncovered"]
        ]
        return cls(Share(**side["sentences"]), Share(**side["characters"]), uncovered, side["hints"])


@dataclass(frozen=True)
class Finding:
    """What a check found inside a pair."""

    check: str
    """`number`, `untranslated`, `punctuation`, `url`, `negation` or `consistency`."""
    zh_ids: list[int]
    en_ids: list[int]
    zh: list[str]
    """The stretches of the Chinese that it is about."""
    en: list[str]


@dataclass(frozen=True)
class Report:
    """What of a document is covered, in both directions."""

    id: str
    zh: SideReport
    en: SideReport
    findings: list[Finding]
    line: dict[str, Any]
    """Everything that the program tells, as `mtalign coverage --json` documents it."""

    @classmethod
    def of(cls, line: dict[str, Any]) -> Report:
        """The report that a line of the program is."""
        findings = [
            Finding(it["check"], it["zh_ids"], it["en_ids"], *([part["text"] for part in it[lang]] for lang in ("zh", "en")))
            for it in line["checks"]
        ]
        sides = line["sides"]
        return cls(line["id"], SideReport.of(sides["zh"]), SideReport.of(sides["en"]), findings, line)


@dataclass(frozen=True)
class Translation:
    """The model's draft of a sentence."""

    zh: str
    mt: str
    mt_flaw: str | None
    """What looks wrong with it."""


@dataclass(frozen=True)
class Failure:
    """A document that could not be done, in its place."""

    id: str
    error: str
