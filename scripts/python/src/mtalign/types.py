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


class Candidate(TypedDict, total=False):
    """A pair that may become part of a data set: `zh` and `en`, and what else is known of it, as in a :class:`Pair`."""

    zh: str
    en: str
    confidence: Union[float, None]
    doc: str
    mt_flaw: Union[str, None]
    origin: str


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
class Judgement:
    """What a data set makes of a pair that is looked at alone. Numbers are 0..2^64."""

    doc: str
    """The document's name, on one line."""
    confidence: Union[float, None]
    filter: Union[str, None]
    """The filter that drops it; none where it is kept."""
    zh_key: int
    """The key of the Chinese: the same for texts that differ in punctuation, white space, capitals and script alone."""
    en_key: int
    doc_draw: int
    """The draw of its document: those with the lowest are held out first."""
    pair_draw: int
    """Its own draw, where its document is too large to be held out whole."""

    @classmethod
    def of(cls, line: dict[str, Any]) -> Judgement:
        """The judgement that a line of the program is."""
        keys, draws = ({name: int(it, 16) for name, it in line[of].items()} for of in ("keys", "draws"))
        return cls(
            line["doc"], line["confidence"], line["filter"], keys["zh"], keys["en"], draws["doc"], draws["pair"]
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
    mt_probability: float
    """The geometric mean of the probabilities that the model gives to its pieces, 0 to 1."""


@dataclass(frozen=True)
class Failure:
    """A document that could not be done, in its place."""

    id: str
    error: str
