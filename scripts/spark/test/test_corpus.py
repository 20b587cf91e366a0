"""A corpus on a cluster of two executors, each a process of its own, against one process of the program."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import align_corpus
import corpus
import pyarrow
import pyarrow.parquet
import pytest
from pyspark.sql import SparkSession

HERE = Path(__file__).resolve().parent

# Two executors of one core; nothing of it is for the eyes, and little of it is worth a compiler's while.
CLUSTER = {
    "spark.master": "local-cluster[2,1,2048]",
    "spark.executor.memory": "1g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.codegen.wholeStage": "false",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.log.level": "ERROR",
}

DOCUMENTS, LONG = 2_000, 20_000

BATCH = 8 << 10
"""Small, so that there are many."""

LIMIT = 300.0
"""Seconds after which something is waited for in vain."""

PROGRAM = os.environ["MTALIGN_PROGRAM"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The corpus as Parquet, in no order and in several files."""
    folder = tmp_path_factory.mktemp("corpus")
    found = corpus.documents(DOCUMENTS, LONG)
    random.Random(1).shuffle(found)
    (folder / "in.parquet").mkdir()
    for number in range(4):
        table = pyarrow.Table.from_pylist(found[number::4])
        pyarrow.parquet.write_table(table, folder / "in.parquet" / f"{number}.parquet")
    return folder


@pytest.fixture(scope="module")
def single(folder):
    """What one process makes of the documents in the order of their names: its rows, and what made them."""
    source = folder / "single.jsonl"
    documents = [it for it in corpus.documents(DOCUMENTS, LONG) if it["id"] != corpus.POISONED]
    source.write_text("".join(json.dumps(it, ensure_ascii=False) + "\n" for it in documents), "utf-8")
    pairs = folder / "pairs.jsonl"
    command = [PROGRAM, "align", source, "-o", pairs, "-q", "--jobs", "2", "--no-cache"]
    assert subprocess.run(command).returncode == 2, "one document cannot be done"
    return pairs


@pytest.fixture(scope="module", autouse=True)
def poisonous():
    """All executors have the program that does not survive the poison."""
    os.environ.update(MTALIGN_REAL_PROGRAM=PROGRAM, MTALIGN_PROGRAM=str(HERE / "poisonous"))
    yield
    os.environ["MTALIGN_PROGRAM"] = PROGRAM


def arguments(folder, *more):
    given = [folder / "in.parquet", "--output", folder / "out", "--partitions", 8, "--batch-bytes", BATCH, *more]
    return [str(it) for it in given]


@pytest.fixture(scope="module")
def interrupted(folder):
    """A run whose driver is killed once some of it is done. Returns the files that are there then."""
    options = [it for name, value in CLUSTER.items() for it in ("--conf", f"{name}={value}")]
    submit = Path(sys.executable).with_name("spark-submit")
    command = [submit, *options, HERE.parent / "align_corpus.py", *arguments(folder)]
    run = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: len(committed(folder)) >= 5 or run.poll() is not None)
        assert run.poll() is None, run.stdout.read().decode()
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.stdout.close()
        run.wait()
    # As where executors are containers: what is in the midst of a long document would go on to its end.
    for name in ("poisonous", PROGRAM):
        for pid in processes(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    return {it: it.stat().st_mtime_ns for it in committed(folder)}


@pytest.fixture(scope="module")
def session(interrupted):
    builder = SparkSession.builder
    for name, value in CLUSTER.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    align_corpus.provide_modules(session)
    yield session
    session.stop()
    wait_for(lambda: not processes("poisonous"))


def run(session, folder, *more):
    return align_corpus.run(session, align_corpus.parsed(arguments(folder, *more)))


@pytest.fixture(scope="module")
def finished(session, folder, interrupted, capfd_of_module):
    """The run that goes on, in which an executor is killed. Returns what it said."""
    before = len(interrupted)
    killed = subprocess.Popen([sys.executable, HERE / "kill_executor.py", folder / "out" / "documents", str(before + 5)])
    assert run(session, folder) == 0
    assert killed.wait(LIMIT) == 0, "no executor was killed"
    return capfd_of_module()


@pytest.fixture(scope="module")
def capfd_of_module():
    """What this process said on standard error since it was asked last."""
    said = []
    tell, align_corpus.tell = align_corpus.tell, said.append

    def taken():
        found = list(said)
        said.clear()
        return found

    yield taken
    align_corpus.tell = tell


def committed(folder):
    return sorted((folder / "out" / "documents").glob("hash=*/*.parquet"))


def processes(name):
    """The numbers of the processes whose command has this in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if name in (entry / "cmdline").read_text("utf-8", "replace") and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def wait_for(is_so):
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < LIMIT, "waited in vain"
        time.sleep(0.1)


def rows_of(session, folder, table):
    return session.read.parquet(str(folder / "out" / table))


def test_what_was_done_stays_and_only_what_is_missing_is_done(interrupted, finished, folder):
    assert all(path.stat().st_mtime_ns == when for path, when in interrupted.items())
    done = sum(pyarrow.parquet.read_metadata(path).num_rows for path in interrupted)
    assert 0 < done < DOCUMENTS
    assert finished[0].startswith(f"{DOCUMENTS - done} documents to align, ")


def test_each_document_is_there_once_and_what_cannot_be_done_is_told(session, finished, folder):
    documents = rows_of(session, folder, "documents").select("id", "error", "hash").collect()
    assert sorted(row["id"] for row in documents) == [f"d{number:05}" for number in range(DOCUMENTS)]
    errors = {row["id"]: row["error"] for row in documents if row["error"]}
    assert sorted(errors) == [corpus.POISONED, corpus.SILENT]
    assert errors[corpus.POISONED].startswith("the program ended over it: ") and "signal 9" in errors[corpus.POISONED]
    assert "found no Chinese" in errors[corpus.SILENT]
    told = json.loads((folder / "out" / "summary.json").read_text("utf-8"))
    assert told["documents"] == {"total": DOCUMENTS, "done": DOCUMENTS - 2, "failed": 2}
    assert [it["documents"] for it in told["errors"]] == [1, 1]
    assert {row["hash"] for row in documents} == set(range(8))


def test_pairs_are_those_of_a_single_process_row_for_row(session, finished, folder, single):
    expected = [json.loads(line) for line in single.read_text("utf-8").splitlines()]
    names = ("doc", "number", "confidence", "kind", "zh_ids", "en_ids", "mt", "mt_flaw", "origin", "zh", "en")
    found = [row.asDict() for row in rows_of(session, folder, "pairs").select(*names).orderBy("doc", "number").collect()]
    assert len(found) == len(expected) > LONG
    for row, pair in zip(found, expected):
        pair |= pair.pop("translation")
        number = row.pop("number")
        assert row == pair, f"pair {number}"
    told = json.loads((folder / "out" / "summary.json").read_text("utf-8"))
    assert told["pairs"] == len(expected)


def test_a_run_that_has_nothing_to_do_changes_nothing(session, finished, folder, capfd_of_module):
    before = {path: path.stat().st_mtime_ns for path in (folder / "out").rglob("*") if path.is_file()}
    assert run(session, folder) == 0
    assert capfd_of_module() == ["0 documents to align, 0.0 MiB", "nothing is missing"]
    assert {path: path.stat().st_mtime_ns for path in (folder / "out").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--min-confidence", "0.9", "--validation", "0.1", "--test", "0.2", "--seed", "7", "--skip", "no_shared_texts"),
        ("--validation", "0.3", "--test", "0", "--skip", "no_duplicates,no_number_inconsistencies"),
    ],
)
def test_the_data_set_is_that_of_a_single_process(session, finished, folder, single, capfd_of_module, more):
    assert run(session, folder, *more) == 0
    assert capfd_of_module()[0].startswith("0 documents to align")
    name = f"set{len(more)}"
    subprocess.run([PROGRAM, "dataset", single, "-o", folder / name, "-q", *more], check=True)
    record = json.loads((folder / name / "dataset.json").read_text("utf-8"))
    told = json.loads((folder / "out" / "summary.json").read_text("utf-8"))
    table = rows_of(session, folder, "dataset")
    for split in ("train", "validation", "test"):
        source = folder / name / "jsonl" / f"{split}.jsonl"
        lines = map(json.loads, source.read_text("utf-8").splitlines()) if source.exists() else ()
        expected = Counter(tuple(it["translation"].values()) + (it["confidence"], it["doc"]) for it in lines)
        rows = table.where(table["split"] == split).select("zh", "en", "confidence", "doc").collect()
        assert Counter(map(tuple, rows)) == expected, split
        assert told["splits"][split] == sum(expected.values())
    assert told["dropped"] == {name: count for name, count in record["dropped"].items() if count}


def test_another_setting_is_refused(session, finished, folder):
    given = align_corpus.parsed([*arguments(folder), "--partitions", "9"])
    with pytest.raises(align_corpus.Refused, match="partitions 8; use that"):
        align_corpus.run(session, given)


def test_what_holds_no_documents_is_refused(session, tmp_path):
    pyarrow.parquet.write_table(pyarrow.table({"id": ["a"], "body": ["x"]}), tmp_path / "a.parquet")
    for name, words in (("a.parquet", "but id, body"), ("none.parquet", "none.parquet"), ("none.jsonl", "none.jsonl")):
        given = align_corpus.parsed([str(tmp_path / name), "--output", str(tmp_path / "out")])
        with pytest.raises(align_corpus.Refused, match=f"cannot read .*{words}"):
            align_corpus.run(session, given)


def test_a_corpus_without_a_pair_has_empty_tables_and_a_summary(session, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": "none", "zh": "Nothing here.", "en": "Nothing here."}\n', "utf-8")
    words = [str(tmp_path / "in.jsonl"), "--output", str(tmp_path / "out")]
    assert align_corpus.run(session, align_corpus.parsed(words)) == 0
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert (told["documents"]["failed"], told["pairs"], sum(told["splits"].values())) == (1, 0, 0)


def test_lines_of_json_are_read_and_those_that_are_none_told(session, tmp_path):
    twice = json.dumps({"id": 7, "zh": "猫睡了。", "en": "The cat slept.", "more": 1}, ensure_ascii=False)
    without_id = json.dumps({"text": "天黑了。\n\nNight fell."}, ensure_ascii=False)
    (tmp_path / "in.jsonl").write_text("\n".join([twice, "no JSON", twice, without_id, "", '{"id": "none"}']), "utf-8")
    words = [str(tmp_path / "in.jsonl"), "--output", str(tmp_path / "out"), "--skip", "no_duplicates,no_shared_texts"]
    assert align_corpus.run(session, align_corpus.parsed(words)) == 0
    documents = {row["key"]: row for row in session.read.parquet(str(tmp_path / "out" / "documents")).collect()}
    assert sorted(len(row["pairs"]) for row in documents.values()) == [0, 0, 1, 1, 1]
    assert Counter(row["id"] for row in documents.values())["7"] == 2, "twins are two documents"
    told = {row["error"].split(":")[0] for row in documents.values() if row["error"]}
    assert "no JSON of a document" in told and len(told) == 2
    assert all(row["id"] for row in documents.values())


def test_batches_are_of_one_hash_and_of_about_as_many_bytes(session, folder):
    from mtalign_spark import documents

    found = documents.named(documents.read(session, [str(folder / "in.parquet")], "parquet"), 8)
    batches, count = documents.one_batch_a_task(session, found, BATCH)

    def task(frames):
        import pandas

        rows = [(row.bytes, row.hash) for frame in frames for row in frame.itertuples()]
        if rows:
            sizes, hashes = zip(*rows)
            yield pandas.DataFrame([{"bytes": sum(sizes), "most": max(sizes), "n": len(rows), "hashes": len(set(hashes))}])

    tasks = batches.mapInPandas(task, "bytes long, most long, n long, hashes long").collect()
    assert len(tasks) == count and sum(row["n"] for row in tasks) == DOCUMENTS
    assert {row["hashes"] for row in tasks} == {1}
    assert all(row["n"] == 1 or row["bytes"] < BATCH + row["most"] for row in tasks)
    assert sum(row["n"] == 1 for row in tasks) >= 1 and max(row["bytes"] for row in tasks) > 50 * BATCH
