"""Judged pairs → a data set: near-duplicates left out over the whole corpus, documents divided, nothing shared.

The result is that of `mtalign dataset` over the same documents in the order of their names; `src/dataset/split.rs` has the
rules. What it keeps in memory is counted here by Spark: of documents only those come to the driver that are larger than a
tenth of all, and those whose draw is next to a border between two splits.
"""

from __future__ import annotations

from functools import reduce

from pyspark.sql import functions as F

TABLE = "dataset"

SCHEMA = "zh string, en string, confidence double, doc string, split string"

KEPT = "kept"

DUPLICATES, SHARED = "no_duplicates", "no_shared_texts"

SPLITS = ("train", "validation", "test")

LARGEST_WHOLE = 0.1
"""The share of the pairs, those of larger documents not counted, above which a document is divided."""

LARGE = 1_000
"""Of the largest documents so many are looked at: after each one that is too large, less than nine tenths are left."""

BUCKETS = 16
"""Bits of the draws by which the borders are found at first."""


def keep(store, pairs, skip):
    """Makes the table of the pairs that no filter drops, of near-duplicates the first by name of the document and place in
    it. It is for this stage alone."""
    passed = pairs.where(F.col("filter").isNull())
    _first(passed, skip).write.mode("overwrite").parquet(store.path(KEPT))
    return store.spark.read.parquet(store.path(KEPT))


def _first(passed, skip):
    order = F.struct("doc", "key", "number", "zh", "en", "confidence", "doc_draw", "place")
    if DUPLICATES in skip:
        return passed.select("zh_key", "en_key", order.alias("first")).select("zh_key", "en_key", "first.*")
    # Compared in each task first, so a text that stands everywhere is no trouble.
    first = passed.groupBy("zh_key", "en_key").agg(F.min(order).alias("first"))
    return first.select("zh_key", "en_key", "first.*")


class Plan:
    """Which documents go where."""

    def __init__(self, pairs, validation, test):
        documents = pairs.groupBy("doc").agg(F.count("*").alias("pairs"), F.first("doc_draw").alias("draw"))
        total = documents.agg(F.sum("pairs")).first()[0] or 0
        self.shares = {"validation": validation, "test": test}
        self.divided = []
        """The documents that are divided pair by pair."""
        for row in documents.orderBy(F.desc("pairs")).limit(LARGE).collect():
            if row["pairs"] <= LARGEST_WHOLE * total:
                break
            self.divided.append(row["doc"])
            total -= row["pairs"]
        whole = documents.where(~F.col("doc").isin(self.divided)) if self.divided else documents
        self.whole = Draws(whole)
        # The last document that is held out for each.
        self.last_test = self.whole.last_below(None, test * total)
        self.last_validation = self.whole.last_below(self.last_test, validation * total) or self.last_test

    def split(self):
        """The split of a pair."""
        place = F.col("place")
        test, validation = self.shares["test"], self.shares["validation"]
        by_pair = F.when(place < test, "test").when(place < test + validation, "validation").otherwise("train")
        draw = F.struct(F.col("doc_draw").alias("draw"), F.col("doc").alias("doc"))
        whole = F.lit("train")
        for split, last in (("validation", self.last_validation), ("test", self.last_test)):
            if last is not None:
                border = F.struct(F.lit(last[0]).cast("long").alias("draw"), F.lit(last[1]).alias("doc"))
                whole = F.when(draw <= border, split).otherwise(whole)
        return F.when(F.col("doc").isin(self.divided), by_pair).otherwise(whole) if self.divided else whole


class Draws:
    """Documents in the order of their draws, then of their names."""

    def __init__(self, documents):
        self._documents = documents.withColumn("bucket", F.shiftright("draw", 64 - BUCKETS))
        rows = self._documents.groupBy("bucket").agg(F.sum("pairs").alias("pairs")).collect()
        self._sizes = sorted((row["bucket"], row["pairs"]) for row in rows)
        self._inside = {}

    def last_below(self, after, most):
        """The last document before which, of those `after` one, less than `most` pairs are; as its draw and its name."""
        before, last = 0, None
        for bucket, size in self._sizes:
            if before >= most:
                break
            if after is not None and bucket < after[0] >> (64 - BUCKETS):
                continue
            is_border = after is not None and bucket == after[0] >> (64 - BUCKETS)
            if not is_border and before + size < most:
                # All of it, and what comes after it.
                before, last = before + size, (bucket, None)
                continue
            for draw, doc, pairs in self._of(bucket):
                if after is not None and (draw, doc) <= after:
                    continue
                if before >= most:
                    break
                before, last = before + pairs, (draw, doc)
        if last is not None and last[1] is None:
            last = max((draw, doc) for draw, doc, _ in self._of(last[0]))
        return last

    def _of(self, bucket):
        if bucket not in self._inside:
            rows = self._documents.where(F.col("bucket") == bucket).collect()
            self._inside[bucket] = sorted((row["draw"], row["doc"], row["pairs"]) for row in rows)
        return self._inside[bucket]


def divide(store, pairs, validation, test, skip):
    """Makes the data set from the pairs that are kept. Returns the number of pairs of each split, and of those that had to
    go because a text of theirs is held out."""
    planned = pairs.withColumn("split", Plan(pairs, validation, test).split())
    left = planned if SHARED in skip else _unshared(planned)
    table = left.select("zh", "en", "confidence", "doc", "split")
    table.write.mode("overwrite").partitionBy("split").parquet(store.path(TABLE))
    counts = {row["split"]: row["count"] for row in store.table(TABLE, SCHEMA).groupBy("split").count().collect()}
    return {split: counts.get(split, 0) for split in SPLITS}, pairs.count() - sum(counts.values())


def _unshared(planned):
    """The pairs without those that have a text of a split that is held out from theirs."""

    def texts(splits, key):
        return planned.where(F.col("split").isin(*splits)).select(key).distinct()

    def without(split, splits):
        rows = planned.where(F.col("split") == split)
        return reduce(lambda rows, key: rows.join(texts(splits, key), key, "left_anti"), ("zh_key", "en_key"), rows)

    test = planned.where(F.col("split") == "test")
    others = (without("train", ("validation", "test")), without("validation", ("test",)))
    return reduce(lambda one, other: one.unionByName(other), others, test)
