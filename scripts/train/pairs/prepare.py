"""Cleans the training pairs.

In:  folders of `NAME.tsv` or `NAME.tsv.zst`, one `zh<TAB>en` a line.
Out: `WORK/clean/NAME.tsv`, the same pairs in the same order, normalised, without those that fail a
     filter; `WORK/clean/report.json`, how many each filter dropped.

Sentences of the evaluation sets (`--exclude`) never get through, whatever source they hide in. Of
the glosses of dictionaries (`[clean]`), `a; b; c`, the first is kept: a translation has one sense.
"""

import collections
import itertools
import json
import multiprocessing
import multiprocessing.pool
import re
from collections.abc import Iterator
from pathlib import Path

import zstandard

from config import settings
from corpus.text import normalise_chinese, normalise_english

SENTENCE_KEY_LENGTH = 16
"""Shorter sentences ("Why?") are anyone's, and no leak."""

BATCH = 20_000

CHINESE = re.compile(r"[\u3400-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")
NOT_A_LETTER = re.compile(r"[\W_]+")


def read_lines(path: Path) -> Iterator[str]:
    if path.suffix == ".zst":
        with zstandard.open(path, "rt", encoding="utf-8") as file:
            yield from (line.rstrip("\n") for line in file)
    else:
        with path.open(encoding="utf-8") as file:
            yield from (line.rstrip("\n") for line in file)


def key(sentence: str) -> str:
    """What stays of a sentence when case, punctuation and spacing are put aside."""
    return NOT_A_LETTER.sub("", sentence).lower()


def evaluation_keys(paths: list[Path]) -> frozenset[str]:
    """Keys of every sentence in the given files; columns count as sentences of their own."""
    keys = set()
    for path in paths:
        for line in read_lines(path):
            for column in line.split("\t"):
                found = key(normalise_chinese(column))
                if len(found) >= SENTENCE_KEY_LENGTH:
                    keys.add(found)
    return frozenset(keys)


def first_sense(entry: str) -> str:
    """An entry of a dictionary, `zh<TAB>gloss; gloss`, with its first gloss alone."""
    chinese, tab, glosses = entry.partition("\t")
    return chinese + tab + glosses.partition(";")[0]


def fault(chinese: str, english: str, excluded: frozenset[str]) -> str | None:
    """The name of the first filter that a normalised pair fails."""
    if not CHINESE.search(chinese) or not LATIN.search(english):
        return "wrong script"
    if CHINESE.search(english):
        return "chinese in english"
    if key(chinese) in excluded or key(english) in excluded:
        return "evaluation text"
    if len(english) > 600 or len(chinese) > 250:
        return "too long"
    words = len(english.split())
    if words >= 4 and len(set(english.lower().split())) * 3 < words:
        return "repetition"
    return None


def clean_batch(job: tuple[list[str], frozenset[str]]) -> tuple[list[str], collections.Counter]:
    lines, excluded = job
    kept, dropped = [], collections.Counter()
    for line in lines:
        chinese, _, english = line.partition("\t")
        chinese, english = normalise_chinese(chinese), normalise_english(english)
        if reason := fault(chinese, english, excluded):
            dropped[reason] += 1
        else:
            kept.append(f"{chinese}\t{english}\n")
    return kept, dropped


def batches(path: Path, every: int) -> Iterator[list[str]]:
    batch: list[str] = []
    for line in itertools.islice(read_lines(path), 0, None, every):
        batch.append(line)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def source_name(path: Path) -> str:
    return path.name.removesuffix(".zst").removesuffix(".tsv")


def sources(folders: list[Path]) -> list[tuple[str, Path]]:
    """Name and file of each source, in the order of the file names; no name may occur twice."""
    files = sorted(
        (path for folder in folders for path in folder.glob("*.tsv*")), key=lambda path: path.name
    )
    found = [(source_name(path), path) for path in files]
    for (name, path), (other, twin) in itertools.pairwise(found):
        if name == other:
            raise SystemExit(f"error: `{path}` and `{twin}` are the same source")
    return found


class Cleaner:
    """Cleans source after source; a pair already kept from one is dropped from the others."""

    def __init__(self, folder: Path, excluded: frozenset[str], every: int, dictionaries: list[str]):
        self.folder, self.excluded, self.every = folder, excluded, every
        self.dictionaries = frozenset(dictionaries)
        self.seen: set[int] = set()

    def is_new(self, line: str) -> bool:
        identity = hash(line)
        new = identity not in self.seen
        self.seen.add(identity)
        return new

    def clean(self, path: Path, pool: multiprocessing.pool.Pool) -> collections.Counter:
        """Writes what is left of a source; returns how many pairs each filter dropped."""
        counts = collections.Counter()
        found = batches(path, self.every)
        if source_name(path) in self.dictionaries:
            found = ([first_sense(entry) for entry in entries] for entries in found)
        jobs = ((lines, self.excluded) for lines in found)
        output = self.folder / f"{source_name(path)}.tsv"
        with output.open("w", encoding="utf-8") as file:
            for kept, dropped in pool.imap(clean_batch, jobs):
                new = [line for line in kept if self.is_new(line)]
                file.writelines(new)
                counts.update(dropped)
                counts.update(kept=len(new), duplicate=len(kept) - len(new))
        return counts


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument(
        "--pairs", type=Path, nargs="+", required=True, help="folders of NAME.tsv[.zst]"
    )
    parser.add_argument("--exclude", type=Path, nargs="*", default=[], help="evaluation texts")
    parser.add_argument("--every", type=int, default=1, help="100 takes every hundredth pair")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()

    config = settings.load(options.config)
    folder = options.work / "clean"
    folder.mkdir(parents=True, exist_ok=True)
    dictionaries = config.get("clean", {}).get("dictionaries", [])
    cleaner = Cleaner(folder, evaluation_keys(options.exclude), options.every, dictionaries)
    report = {}
    with multiprocessing.Pool(options.processes) as pool:
        for name, path in sources(options.pairs):
            if name in config["mix"]:
                report[name] = cleaner.clean(path, pool)
                print(name, dict(report[name]), flush=True)
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
