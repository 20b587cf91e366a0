"""Tests the cleaning of pairs."""

import tempfile
import unittest
from multiprocessing.pool import ThreadPool
from pathlib import Path

from pairs.prepare import Cleaner


class Dictionaries(unittest.TestCase):
    LINES = ("引言\tforeword; to speak", "引言者\tspeaker", "引言；序\tforeword; preface")

    def cleaned(self, dictionaries: list[str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "words.tsv"
            path.write_text("".join(f"{line}\n" for line in self.LINES), encoding="utf-8")
            (Path(folder) / "clean").mkdir()
            with ThreadPool(1) as pool:
                Cleaner(Path(folder) / "clean", frozenset(), 1, dictionaries).clean(path, pool)
            lines = (Path(folder) / "clean" / "words.tsv").read_text(encoding="utf-8").splitlines()
        return [line.partition("\t")[2] for line in lines]

    def test_an_entry_keeps_its_first_sense(self):
        self.assertEqual(self.cleaned(["others", "words"]), ["foreword", "speaker", "foreword"])

    def test_what_is_no_dictionary_keeps_its_semicolons(self):
        expected = ["foreword; to speak", "speaker", "foreword; preface"]
        self.assertEqual(self.cleaned(["others"]), expected)


def main() -> None:
    unittest.main(__name__)


if __name__ == "__main__":
    main()
