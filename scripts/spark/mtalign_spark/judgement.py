"""Alignments → a row a pair, with what a data set makes of it when it looks at nothing else."""

from __future__ import annotations

from mtalign import Crash
from pyspark.sql import functions as F

from . import workers
from .alignment import PAIR

TABLE = "pairs"

FAULT = "fault"
"""The filter of a pair over which the program ended."""

KEYS = "filter string, zh_key long, en_key long, doc_draw long, place double"
"""Keys and draws are 64 bits, whose order is that of unsigned numbers for draws alone; `place` is 0..1, of a pair's draw."""

SCHEMA = f"doc string, key string, number int, {PAIR}, {KEYS}, hash int"

GIVEN = ("zh", "en", "confidence", "doc", "mt_flaw", "origin")
"""What of a pair is judged."""


def rows(documents):
    """A row a pair: `doc`, the `key` of the document, the pair's `number` in it, and all that the program tells."""
    pair = F.posexplode("pairs").alias("number", "pair")
    return documents.select(F.col("id").alias("doc"), "key", "hash", pair).select("doc", "key", "number", "pair.*", "hash")


def judge(store, documents, options):
    """Makes the table of pairs, and returns it."""

    def judged(frames):
        for frame in frames:
            yield _judged(frame, options)

    (
        # One task a hash, and so one file; larger ones are divided by Spark.
        rows(documents)
        .repartition("hash")
        .mapInPandas(judged, SCHEMA)
        .write.mode("overwrite")
        .partitionBy("hash")
        .parquet(store.path(TABLE))
    )
    return store.table(TABLE, SCHEMA)


def _judged(frame, options):
    aligner = workers.aligner(options)
    pairs = workers.records(frame[list(GIVEN)])

    def is_well():
        list(aligner.judge([{"zh": workers.GOOD[0], "en": workers.GOOD[1], "confidence": 1.0}]))

    answers = [answer for _, answer in workers.outliving(aligner.judge, is_well, pairs)]
    found = [_keys(answer) for answer in answers]
    names = [it.split()[0] for it in KEYS.split(", ")]
    return frame.assign(**{name: [it[name] for it in found] for name in names})


def _keys(judgement):
    if isinstance(judgement, Crash):
        return {"filter": FAULT, "zh_key": 0, "en_key": 0, "doc_draw": 0, "place": 0.0}
    return {
        "filter": judgement.filter,
        "zh_key": _signed(judgement.zh_key),
        "en_key": _signed(judgement.en_key),
        # So that the order is that of the unsigned numbers.
        "doc_draw": judgement.doc_draw - (1 << 63),
        "place": judgement.pair_draw / 2**64,
    }


def _signed(number):
    return number - (1 << 64) if number >> 63 else number
