"""What became of a corpus, in one place: coverage, discards by reason, what could not be done, how fast it went."""

from __future__ import annotations

from pyspark.sql import functions as F

from .alignment import COUNTS, SHARES

FILE = "summary.json"

EXAMPLES = 5
"""So many documents are named for each reason why some could not be done."""


def of_documents(documents):
    """The documents that were looked at: how many, what is covered, and what it took."""
    is_done = F.col("error").isNull()
    of = documents.agg(
        F.count("*").alias("documents"),
        F.count(F.when(is_done, 1)).alias("done"),
        F.sum("bytes").alias("bytes"),
        F.sum("seconds").alias("seconds"),
        F.sum(F.size("pairs")).alias("pairs"),
        *(F.sum(name).alias(name) for name in COUNTS),
    ).first()
    coverage = {}
    for lang, what in SHARES:
        total, covered = (of[f"{lang}_{what}{end}"] or 0 for end in ("", "_covered"))
        share = {"covered": covered, "total": total, "ratio": round(covered / total, 4) if total else 0.0}
        coverage.setdefault(lang, {})[what] = share
    seconds = of["seconds"] or 0.0
    return {
        "documents": {"total": of["documents"], "done": of["done"], "failed": of["documents"] - of["done"]},
        "errors": _errors(documents),
        "pairs": of["pairs"] or 0,
        "coverage": coverage,
        "throughput": {
            "core_seconds": round(seconds, 1),
            "documents_a_core_second": _rate(of["done"], seconds),
            "pairs_a_core_second": _rate(of["pairs"] or 0, seconds),
            "bytes_a_core_second": _rate(of["bytes"] or 0, seconds),
        },
    }


def of_pairs(pairs, kept, written, shared):
    """The pairs: how many each filter dropped, those of near-duplicates and of texts that are held out with them."""
    dropped = {row["filter"]: row["count"] for row in pairs.groupBy("filter").count().collect()}
    passed = dropped.pop(None, 0)
    dropped |= {"no_duplicates": passed - kept, "no_shared_texts": shared}
    dropped = {name: count for name, count in sorted(dropped.items(), key=lambda it: (-it[1], it[0])) if count}
    return {"dropped": dropped, "splits": written}


def _errors(documents):
    """Why documents could not be done: without what is theirs alone (names in backquotes), with examples."""
    reason = F.regexp_replace("error", "`[^`]*`", "`…`")
    failed = documents.where(F.col("error").isNotNull()).select(reason.alias("reason"), "id", "error")
    rows = (
        failed.groupBy("reason")
        .agg(F.count("*").alias("count"), F.slice(F.sort_array(F.collect_set("id")), 1, EXAMPLES).alias("examples"))
        .orderBy(F.desc("count"), "reason")
        .limit(100)
    )
    return [{"reason": row["reason"], "documents": row["count"], "examples": row["examples"]} for row in rows.collect()]


def _rate(count, seconds):
    return round(count / seconds, 2) if seconds else 0.0
