"""Documents → their alignments, one process of the program for each core.

`documents/` has a row for each document, whether it could be done or not; it is also what is known to be done. A task writes
one file, which takes its place in one step, so a run that was cut off leaves whole batches.
"""

from __future__ import annotations

import time

from mtalign import Crash, Failure
from pyspark.sql import functions as F

from . import workers
from .documents import COLUMNS, UNREADABLE

TABLE = "documents"

PAIR = (
    "zh string, en string, confidence double, kind string, zh_ids array<int>, en_ids array<int>, mt string, mt_flaw string,"
    " origin string"
)

SHARES = tuple((lang, what) for lang in ("zh", "en") for what in ("sentences", "characters"))
"""What coverage is counted in."""

COUNTS = tuple(f"{lang}_{what}{end}" for lang, what in SHARES for end in ("", "_covered"))

SCHEMA = (
    "key string, id string, bytes long, error string, seconds double, "
    + "".join(f"{name} long, " for name in COUNTS)
    + f"pairs array<struct<{PAIR}>>, hash int"
)

FRAME = 64
"""Documents that go through Arrow together."""


def missing(documents, done, retry):
    """The documents that are not done; with `retry` those that could not be done are not either."""
    if retry:
        done = done.where(F.col("error").isNull())
    return documents.join(done.select("key"), "key", "left_anti")


def align(store, documents, options):
    """Aligns documents and adds them to the table; each row goes to the folder of its hash."""

    def aligned(frames):
        import pandas

        rows = (row for frame in frames for row in workers.records(frame))
        for chunk in workers.in_frames(_aligned(rows, options), FRAME):
            yield pandas.DataFrame(chunk)

    (
        documents.mapInPandas(aligned, SCHEMA)
        .write.mode("append")
        .partitionBy("hash")
        # Each task's file takes its place when the task ends; it has one, so that is one step.
        .option("mapreduce.fileoutputcommitter.algorithm.version", "2")
        .parquet(store.path(TABLE))
    )


def done(store):
    """All documents that were looked at, each once: what could be done goes before what could not."""
    table = store.table(TABLE, SCHEMA)
    good = table.where(F.col("error").isNull())
    bad = table.where(F.col("error").isNotNull()).join(good.select("key"), "key", "left_anti").dropDuplicates(["key"])
    return good.unionByName(bad)


def _aligned(rows, options):
    """The row of each document."""
    aligner = workers.aligner(options)
    unreadable = []

    def readable():
        for row in rows:
            if row[UNREADABLE] is None:
                yield row
            else:
                what = f"no JSON of a document: {row[UNREADABLE][:80]}"
                unreadable.append(_row(row, Failure(row["id"], what), 0.0))

    def ask(rows):
        return aligner.align_documents(({name: row[name] for name in COLUMNS} for row in rows), on_error="yield")

    def is_well():
        aligner.align(*workers.GOOD)

    begun = time.monotonic()
    for row, answer in workers.outliving(ask, is_well, readable()):
        now = time.monotonic()
        yield _row(row, answer, now - begun)
        begun = now
    yield from unreadable


def _row(document, answer, seconds):
    row = {name: document[name] for name in ("key", "id", "bytes", "hash")}
    row |= {"seconds": seconds, "error": None, "pairs": [], **dict.fromkeys(COUNTS)}
    if isinstance(answer, Crash):
        return row | {"error": f"the program ended over it: {' '.join(str(answer).split())[:200]}"}
    if isinstance(answer, Failure):
        return row | {"error": answer.error}
    for lang, what in SHARES:
        share = getattr(getattr(answer.coverage, lang), what)
        row |= {f"{lang}_{what}": share.total, f"{lang}_{what}_covered": share.covered}
    return row | {"pairs": [vars(pair) for pair in answer.pairs]}
