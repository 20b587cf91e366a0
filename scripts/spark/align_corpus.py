#!/usr/bin/env python3
"""Aligns a corpus of documents on Spark, and makes a data set of it.

    spark-submit --archives mtalign-VERSION-TARGET.tar.gz#mtalign scripts/spark/align_corpus.py INPUT… --output FOLDER

INPUT is Parquet or JSON Lines (`.jsonl`, `.jsonl.gz`, …) on any path that Hadoop reads, with `id`, and `zh` and `en` or `text`. In FOLDER
come to be `documents/`, a row a document with its alignment and its coverage; `pairs/`, a row a pair with what a filter says
of it; `dataset/`, what is left of them, divided; and `summary.json`. Run again, it does what is missing.
"""

from __future__ import annotations

import argparse
import atexit
import importlib.util
import shutil
import sys
import tempfile
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = (HERE / "mtalign_spark", HERE.parent / "python" / "src" / "mtalign")
"""What executors import."""

SETTINGS = "settings.json"
"""What the alignments in a folder were made with."""

PARTS = 64
"""The folders of a table, where nobody says otherwise."""


class Refused(Exception):
    """What was asked for cannot be done."""


def main():
    arguments = parsed()
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("mtalign").getOrCreate()
    try:
        provide_modules(spark)
        return run(spark, arguments)
    finally:
        spark.stop()


def parsed(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", nargs="+", metavar="INPUT")
    parser.add_argument("--output", required=True, metavar="FOLDER")
    parser.add_argument("--format", choices=("parquet", "jsonl"), help="of the input; its ending decides where it has one")
    parser.add_argument("--model", metavar="MODEL", help="another model, by its folder on the executors")
    parser.add_argument("--partitions", type=int, default=PARTS, metavar="N", help=f"folders of a table ({PARTS})")
    parser.add_argument("--batch-bytes", type=int, metavar="N", help="text that a task takes at a time")
    parser.add_argument("--memory", type=int, metavar="MIB", help="that each process of the program may fill")
    parser.add_argument("--retry", action="store_true", help="try again what could not be done before")
    group = parser.add_argument_group("the data set, as `mtalign dataset` makes it")
    group.add_argument("--min-confidence", type=float, default=0.5, metavar="X")
    group.add_argument("--skip", type=lambda names: tuple(names.split(",")), default=(), metavar="FILTERS")
    group.add_argument("--validation", type=float, default=0.02, metavar="X")
    group.add_argument("--test", type=float, default=0.02, metavar="X")
    group.add_argument("--seed", type=int, default=0, metavar="N")
    arguments = parser.parse_args(words)
    if arguments.validation + arguments.test >= 1:
        parser.error("--validation and --test leave nothing to train on")
    if arguments.format is None:
        forms = {form_of(path) for path in arguments.input}
        if None in forms or len(forms) > 1:
            parser.error("the format of the input is not clear from its endings; say --format parquet or jsonl")
        (arguments.format,) = forms
    return arguments


def form_of(path):
    """The format that a path's ending tells."""
    name = path.rstrip("/*")
    for ending in (".gz", ".bz2", ".zst"):
        name = name.removesuffix(ending)
    return {"parquet": "parquet", "jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl"}.get(name.rpartition(".")[2])


def provide_modules(spark):
    """Sees to it that this process and the executors have what they import: from the checkout, or by `--py-files`."""
    if not all(module.is_dir() for module in MODULES):
        if not all(importlib.util.find_spec(module.name) for module in MODULES):
            raise Refused("there is no checkout beside this script; bring its modules by --py-files")
        return
    sys.path[:0] = [str(module.parent) for module in MODULES]
    # Executors fetch it from here whenever one begins.
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder, "mtalign_modules.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for module in MODULES:
            for file in sorted(module.glob("*.*")):
                archive.write(file, f"{module.name}/{file.name}")
    spark.sparkContext.addPyFile(str(path))


def run(spark, arguments):
    """Runs all stages that have something to do."""
    from mtalign_spark import alignment, dataset, documents, judgement, summary
    from mtalign_spark.storage import Store

    store = Store(spark, arguments.output)
    begun = time.monotonic()
    agree(spark, store, arguments)
    given = documents.named(readable(spark, arguments), arguments.partitions)
    todo = alignment.missing(given, alignment.done(store), arguments.retry)
    count, size = todo.selectExpr("count(*)", "coalesce(sum(bytes), 0)").first()
    tell(f"{count} documents to align, {size / 2**20:.1f} MiB")
    data_set = {name: getattr(arguments, name) for name in ("min_confidence", "validation", "test", "seed")}
    data_set["skip"] = list(arguments.skip)
    if count:
        store.remove(summary.FILE)
        cores = spark.sparkContext.defaultParallelism
        each = arguments.batch_bytes or documents.batch_bytes(size, cores)
        batches, n_batches = documents.one_batch_a_task(spark, todo, each)
        tell(f"{n_batches} batches of about {each} bytes on {cores} cores")
        alignment.align(store, batches, options(arguments, ("model", "memory")))
    former = store.read(summary.FILE)
    if former and former["settings"]["data_set"] == data_set:
        tell("nothing is missing")
        return 0
    store.remove(summary.FILE)

    done = alignment.done(store)
    pairs = judgement.judge(store, done, options(arguments, ("memory", "min_confidence", "skip", "seed")))
    kept = dataset.keep(store, pairs, arguments.skip)
    written, shared = dataset.divide(store, kept, arguments.validation, arguments.test, arguments.skip)
    told = {
        **summary.of_documents(done),
        **summary.of_pairs(pairs, kept.count(), written, shared),
        "settings": {**store.read(SETTINGS), "data_set": data_set},
        "wall_seconds": round(time.monotonic() - begun, 1),
    }
    store.remove(dataset.KEPT)
    store.write(summary.FILE, told)
    report(store, told)
    return 0


def readable(spark, arguments):
    """The documents of the input."""
    from mtalign_spark import documents
    from pyspark.errors import AnalysisException

    try:
        return documents.read(spark, arguments.input, arguments.format)
    except (documents.NoDocuments, AnalysisException) as error:
        raise Refused(f"cannot read {', '.join(arguments.input)}: {str(error).splitlines()[0]}") from error


def agree(spark, store, arguments):
    """Sees to it that the program runs in the executors, and that what stands in the folder was made with the same one."""
    from mtalign_spark import workers

    given = options(arguments, ("model", "memory"))

    def look(_):
        yield workers.version(given)

    versions = spark.sparkContext.parallelize([0], 1).mapPartitions(look).collect()
    settings = {"program": versions[0], "model": arguments.model, "partitions": arguments.partitions}
    former = store.read(SETTINGS)
    if former is None:
        store.write(SETTINGS, settings)
    elif former != settings:
        told = ", ".join(f"{name} {former.get(name)}" for name in settings if former.get(name) != settings[name])
        raise Refused(f"{store.folder} was made with another setting: {told}; use that, or another --output")


def options(arguments, names):
    """Those options of an aligner that were given."""
    given = {name: getattr(arguments, name) for name in names}
    if given.get("memory"):
        given["memory"] <<= 20
    return {name: value for name, value in given.items() if value not in (None, ())}


def report(store, told):
    """Says the most important of the summary."""
    documents, shares = told["documents"], told["coverage"]
    tell(f"{documents['done']} of {documents['total']} documents done, {told['pairs']} pairs")
    for error in told["errors"]:
        tell(f"{error['documents']} not done: {error['reason']} ({', '.join(error['examples'])})")
    covered = ", ".join(f"{lang} {shares[lang]['characters']['ratio']:.1%}" for lang in shares)
    tell(f"characters covered: {covered}")
    for name, count in told["dropped"].items():
        tell(f"dropped {count}: {name}")
    tell(", ".join(f"{split} {count}" for split, count in told["splits"].items()) + f"; all in {store.folder}")


def tell(text):
    print(f"mtalign: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Refused as refused:
        print(f"error: {refused}", file=sys.stderr)
        sys.exit(2)
