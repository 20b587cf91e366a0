"""The documents of a corpus: read from where they are, named, and put into batches of about as many bytes.

Columns: `id`, and `zh` and `en` or `text`. What they are called else is passed over. A document without an `id` is called
by the beginning of its key.
"""

from __future__ import annotations

from pyspark.sql import Window
from pyspark.sql import functions as F

COLUMNS = ("id", "zh", "en", "text")

UNREADABLE = "unreadable"
"""The column with a line that is no JSON."""

BATCHES_A_CORE = 8
"""So many batches each core is to have, so that none waits long for the last one."""

LEAST_BYTES, MOST_BYTES = 64 << 10, 2 << 20
"""A batch of the larger size takes a core about two minutes, which is what a lost executor costs; below the smaller one, tasks
cost more than what they do."""


class NoDocuments(Exception):
    """What was given holds no documents."""


def read(spark, paths, form):
    """The documents under `paths`, which are `parquet` or `jsonl`; unreadable lines of JSON are in a column of their own."""
    if form == "jsonl":
        schema = ", ".join(f"{name} string" for name in (*COLUMNS, UNREADABLE))
        return spark.read.schema(schema).option("columnNameOfCorruptRecord", UNREADABLE).json(paths)
    table = spark.read.parquet(*paths)
    if not {"zh", "text"} & set(table.columns):
        raise NoDocuments(f"the tables have neither `zh` and `en` nor `text`, but {', '.join(table.columns)}")
    of = {name: F.col(name) if name in table.columns else F.lit(None) for name in COLUMNS}
    return table.select(*(of[name].cast("string").alias(name) for name in COLUMNS), F.lit(None).cast("string").alias(UNREADABLE))


def named(documents, parts):
    """Documents with `key`, what tells them apart: 128 bits of SHA-256 over all that they are, and a number for those that are
    there several times; with `hash`, 0..`parts`, of the key, the folder that they go to; and with their `bytes`."""
    present = (*COLUMNS, UNREADABLE)
    sha = F.substring(F.sha2(F.to_json(F.struct(*present)), 256), 1, 32)
    size = sum(F.coalesce(F.octet_length(name), F.lit(0)) for name in present)
    found = documents.withColumns({"sha": sha, "bytes": size.cast("long")})
    # All that follows is by this hash: texts are moved once for it.
    found = found.withColumn("hash", F.pmod(F.xxhash64("sha"), F.lit(parts)).cast("int")).repartition("hash")
    copy = F.row_number().over(Window.partitionBy("hash", "sha").orderBy("bytes"))
    found = found.withColumn("copy", copy)
    key = F.when(F.col("copy") == 1, F.col("sha")).otherwise(F.concat_ws("-", "sha", "copy"))
    found = found.withColumn("key", key).withColumn("id", F.coalesce("id", F.substring("sha", 1, 12)))
    return found.drop("sha", "copy")


def batched(documents, batch_bytes):
    """Documents with `batch`: those of a hash, the largest first, in batches of `batch_bytes`, give or take a document."""
    before = Window.partitionBy("hash").orderBy(F.desc("bytes"), "key").rowsBetween(Window.unboundedPreceding, -1)
    batch = F.floor(F.coalesce(F.sum("bytes").over(before), F.lit(0)) / F.lit(batch_bytes))
    return documents.withColumn("batch", batch.cast("long"))


def batch_bytes(total, cores):
    """How large batches are, of so many bytes in all, where nobody says."""
    return max(LEAST_BYTES, min(MOST_BYTES, total // (BATCHES_A_CORE * cores)))


def one_batch_a_task(spark, documents, size):
    """The documents, partitioned so that each task has one batch of `size` bytes, the largest first; and the number of
    batches. A batch is of one hash, so a task writes one file."""
    documents = batched(documents, size)
    rows = documents.groupBy("hash", "batch").agg(F.sum("bytes").alias("size")).collect()
    rows.sort(key=lambda row: (-row["size"], row["hash"], row["batch"]))
    places = [(row["hash"], row["batch"], seed) for row, seed in zip(rows, seeds(spark, len(rows)))]
    if not places:
        return documents, 0
    placed = F.broadcast(spark.createDataFrame(places, "hash int, batch long, seed long"))
    found = documents.join(placed, ["hash", "batch"]).repartition(len(places), "seed")
    return found.drop("batch", "seed"), len(places)


def seeds(spark, count):
    """For each number below `count` one that Spark's hash puts into the partition of that number."""
    tries = 32
    while count:
        place = F.pmod(F.hash("id"), F.lit(count))
        found = spark.range(count * tries).groupBy(place.alias("place")).agg(F.min("id").alias("seed")).collect()
        if len(found) == count:
            return [row["seed"] for row in sorted(found, key=lambda row: row["place"])]
        tries *= 2
    return []
