"""Aligns Chinese text with its English translation, and says what is not covered.

An :class:`Aligner` keeps one process of the program for each kind of question alive and speaks lines of JSON with it, so
that its libtorch and a PyTorch of yours never meet in one process. Texts are looked at on this machine alone.

    >>> from mtalign import Aligner
    >>> with Aligner() as aligner:
    ...     for pair in aligner.align("猫睡了。狗也睡了。", "The cat slept. The dog slept too."):
    ...         print(pair.zh, pair.en, pair.confidence)
"""

from .aligner import Aligner
from .errors import Crash, DocumentError, MtalignError
from .types import (
    Alignment,
    Candidate,
    Coverage,
    Document,
    Failure,
    Finding,
    Judgement,
    Pair,
    Report,
    Share,
    Side,
    SideReport,
    Translation,
    Uncovered,
)

__all__ = [
    "Aligner",
    "Alignment",
    "Candidate",
    "Coverage",
    "Crash",
    "Document",
    "DocumentError",
    "Failure",
    "Finding",
    "Judgement",
    "MtalignError",
    "Pair",
    "Report",
    "Share",
    "Side",
    "SideReport",
    "Translation",
    "Uncovered",
]
