"""The front door: texts in, pairs and reports out."""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Callable, Literal, TypeVar, Union, overload

from .errors import DocumentError, MtalignError
from .process import Process
from .types import Alignment, Candidate, Document, Failure, Judgement, Report, Translation

Answer = TypeVar("Answer")

DocumentLike = Union[Document, "tuple[str, str]"]
"""A document, or its Chinese and its English."""

AHEAD = 4
"""Documents for each job that are read ahead, as the program does."""

PACKAGED = Path(__file__).with_name("package") / "bin" / "mtalign"
"""The program that comes with the module."""


def program() -> str:
    """The program: what `MTALIGN_PROGRAM` names, the one that comes with the module, or the one on the path."""
    named = os.environ.get("MTALIGN_PROGRAM")
    if named:
        return named
    if PACKAGED.exists():
        return str(PACKAGED)
    found = shutil.which("mtalign")
    if found is None:
        raise MtalignError("the program is not there: install the wheel, or name it by MTALIGN_PROGRAM")
    return found


class Aligner:
    """Aligns texts, says what is covered, translates and scores.

    A process of the program begins with the first question of its kind, stays, and ends with :meth:`close` or the aligner.
    One thread asks at a time; what is forked begins processes of its own.
    """

    def __init__(
        self,
        *,
        model: str | None = None,
        jobs: int = 1,
        threads: int | None = None,
        cache: bool = True,
        beam: int | None = None,
        checks: str | None = None,
        min_confidence: float | None = None,
        skip: Sequence[str] = (),
        seed: int | None = None,
        memory: int | None = None,
    ) -> None:
        """:param model: a model's name or folder; the bundled one by default
        :param jobs: documents at a time; each has its share of the cores
        :param threads: cores to use; all by default
        :param cache: whether what the model answered is kept on disk for the next time
        :param beam: the width of the search for translations that people read
        :param checks: what `coverage` looks for inside the pairs, such as `number,url`; `all`, `none`
        :param min_confidence: pairs below it, 0 to 1, are given up, and do not count as covered; `judge` drops them
            (below 0.5 by default)
        :param skip: filters that `judge` leaves out, by their names
        :param seed: another number draws other splits in `judge`
        :param memory: bytes that a process of the program may fill (Linux); a document for which that is not enough is a
            :class:`Crash`
        """
        self._arguments = {
            "model": model,
            "jobs": jobs,
            "threads": threads,
            "cache": cache,
            "beam": beam,
            "checks": checks,
            "min_confidence": min_confidence,
            "skip": tuple(skip),
            "seed": seed,
            "memory": memory,
        }
        shared = ["-q", *_option("--model", model), *_option("--threads", threads), *([] if cache else ["--no-cache"])]
        lines = ["-", "--errors", "inline"]
        many = ["--jobs", str(jobs)]
        judged = _option("--min-confidence", min_confidence)
        drafted = _option("--beam", beam)
        start = program()
        window = AHEAD * jobs + 1
        align = ["align", *lines, "-f", "jsonl", "--by-document", *many, *judged]
        coverage = ["coverage", *lines, "-f", "jsonl", *many, *judged, *drafted, *_option("--checks", checks)]
        translate = ["translate", *lines, "-f", "jsonl", *drafted]
        score = ["dataset", *lines, "--score-only", "-o", "-", *many]
        drawn = [*_option("--skip", ",".join(skip) or None), *_option("--seed", seed)]
        judge = ["dataset", *lines, "--judge-only", "-o", "-", *many, *judged, *drawn]
        self._align = Process([start, *align, *shared], window, memory)
        self._coverage = Process([start, *coverage, *shared], window, memory)
        self._translate = Process([start, *translate, *shared], window, memory)
        # Pairs are scored by the hundreds.
        self._score = Process([start, *score, *shared], 256 * window, memory)
        self._judge = Process([start, *judge, *shared], 256 * window, memory)
        processes = (self._align, self._coverage, self._translate, self._score, self._judge)
        self._processes = processes
        self._finalizer = weakref.finalize(self, _close, processes)

    def align(self, zh: str, en: str, *, id: str | None = None) -> Alignment:
        """The pairs of a Chinese text and its English translation. Raises :class:`DocumentError` where a side holds no text
        of its language."""
        return self._one(self._align, {"id": id or "text", "zh": zh, "en": en}, Alignment.of)

    def align_text(self, text: str, *, id: str | None = None) -> Alignment:
        """The pairs of one text that holds both languages."""
        return self._one(self._align, {"id": id or "text", "text": text}, Alignment.of)

    @overload
    def align_documents(
        self, documents: Iterable[DocumentLike], *, on_error: Literal["raise"] = ...
    ) -> Iterator[Alignment]: ...

    @overload
    def align_documents(
        self, documents: Iterable[DocumentLike], *, on_error: Literal["yield"]
    ) -> Iterator[Union[Alignment, Failure]]: ...

    def align_documents(
        self, documents: Iterable[DocumentLike], *, on_error: Literal["raise", "yield"] = "raise"
    ) -> Iterator[Union[Alignment, Failure]]:
        """The alignment of each document, in order, each as soon as it is done. Documents are asked for as alignments are
        taken. One that cannot be done raises :class:`DocumentError`, or is a :class:`Failure` in its place."""
        return self._many(self._align, documents, Alignment.of, on_error)

    def coverage(self, zh: str, en: str, *, id: str | None = None) -> Report:
        """What of a Chinese text and its English translation has no counterpart. The English may be empty."""
        return self._one(self._coverage, {"id": id or "text", "zh": zh, "en": en}, Report.of)

    def coverage_documents(
        self, documents: Iterable[DocumentLike], *, on_error: Literal["raise", "yield"] = "raise"
    ) -> Iterator[Union[Report, Failure]]:
        """The report of each document, as :meth:`align_documents` gives alignments."""
        return self._many(self._coverage, documents, Report.of, on_error)

    def translate(self, text: str) -> list[Translation]:
        """The model's draft of each Chinese sentence of a text."""

        def drafts(line: dict[str, Any]) -> list[Translation]:
            return [Translation(**sentence) for sentence in line["sentences"]]

        return self._one(self._translate, {"id": "text", "zh": text}, drafts)

    def score(self, pairs: Iterable[tuple[str, str]]) -> Iterator[float]:
        """For each pair of a Chinese and an English sentence the probability that they translate each other, 0 to 1, where
        right pairs and wrong ones are as frequent. Pairs are asked for as scores are taken."""
        for answer in _of_pairs(self._score, ({"zh": zh, "en": en} for zh, en in pairs)):
            yield answer["confidence"]

    def judge(self, pairs: Iterable[Candidate]) -> Iterator[Judgement]:
        """For each pair what a data set makes of it: the filter that drops it, and the keys and draws from which near-duplicates
        and splits follow. Pairs without a confidence are scored, as `mtalign dataset` does. Pairs are asked for as
        judgements are taken."""
        for answer in _of_pairs(self._judge, (dict(pair) for pair in pairs)):
            yield Judgement.of(answer)

    def close(self) -> None:
        """Ends the program; the next question begins it anew."""
        _close(self._processes)

    def __reduce__(self) -> tuple[Callable[..., Aligner], tuple[dict[str, Any]]]:
        # What is sent to another process begins its own there.
        return _made, (self._arguments,)

    def __enter__(self) -> Aligner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _one(self, process: Process, document: dict[str, Any], make: Callable[[dict[str, Any]], Answer]) -> Answer:
        (answer,) = process.exchange([(document["id"], document)])
        return make(_or_raise(answer))

    def _many(
        self,
        process: Process,
        documents: Iterable[DocumentLike],
        make: Callable[[dict[str, Any]], Answer],
        on_error: str,
    ) -> Iterator[Union[Answer, Failure]]:
        named = (_named(number, document) for number, document in enumerate(documents))
        for answer in process.exchange(named):
            if on_error == "yield" and "error" in answer:
                yield Failure(answer["id"], answer["error"])
            else:
                yield make(_or_raise(answer))


def _made(arguments: dict[str, Any]) -> Aligner:
    return Aligner(**arguments)


def _close(processes: tuple[Process, ...]) -> None:
    for process in processes:
        process.close()


def _of_pairs(process: Process, pairs: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    named = ((f"pair {number}", pair) for number, pair in enumerate(pairs))
    for number, answer in enumerate(process.exchange(named)):
        if "error" in answer:
            raise DocumentError(f"pair {number}", answer["error"])
        yield answer


def _option(name: str, value: object) -> list[str]:
    return [] if value is None else [name, str(value)]


def _or_raise(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise DocumentError(answer["id"], answer["error"])
    return answer


def _named(number: int, document: DocumentLike) -> tuple[str, dict[str, Any]]:
    """A document as it is given to the program, and what it is called: its number where it has no name."""
    if isinstance(document, tuple):
        zh, en = document
        document = {"zh": zh, "en": en}
    given: dict[str, Any] = {"id": str(number), **{key: value for key, value in document.items() if value is not None}}
    return str(given["id"]), given
