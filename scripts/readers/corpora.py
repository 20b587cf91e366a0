"""Writes pairs with the programs that people have them from, and sees what `mtalign dataset` reads of them.

    scripts/readers/corpora.py FOLDER PROGRAM…

In:  a folder to work in, and the command that runs mtalign.
Out: the unit tests' report. Each file holds the same pairs: openpyxl's `.xlsx`, polib's and
     translate-toolkit's `.po`, translate-toolkit's `.xlf` and `.tmx`, `.csv` and `.tsv` of Python's own
     module in the dialects of Excel, and lines in an encoding of China.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import openpyxl
import polib
from lxml import etree
from translate.storage import po, tmx, xliff

FOLDER = Path(sys.argv[1]).resolve()
PROGRAM = sys.argv[2:]
del sys.argv[1:]

ANIMALS = {"猫": "The cat", "老马": "The old horse", "小鸟": "The little bird", "山羊": "The goat"}
DEEDS = {
    "在花园里睡觉，没有醒": "sleeps in the garden, and does not wake",
    "说：“不。”": 'said: "No."',
    "比 5 只狗小; 真的": "is smaller than 5 dogs; it really is",
    "正在等研发（R&D）部的主人": "is waiting for its master from the R&D office",
}
PAIRS = [
    (f"{animal}{deed}。", f"{the} {does}." if does[-1].isalpha() else f"{the} {does}")
    for animal, the in ANIMALS.items()
    for deed, does in DEEDS.items()
]
"""Chinese and English, with what has to be quoted or escaped in one format or another."""


class Corpora(unittest.TestCase):
    """What a program writes is read, every pair of it and nothing else."""

    maxDiff = None

    def file(self, name: str) -> Path:
        """Where this test writes."""
        folder = FOLDER / self.id().rsplit(".", 1)[1]
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder / name

    def read(self, path: Path, pairs: list[tuple[str, str]] | None = None, expected: str = "") -> None:
        """Fails unless exactly the pairs are read, and `expected` is said meanwhile."""
        made = path.parent / "set"
        options = ["--validation", "0", "--test", "0", "--no-cache"]
        ran = subprocess.run([*PROGRAM, "dataset", path, "-o", made, *options], capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn(expected, ran.stderr)
        lines = (made / "jsonl" / "train.jsonl").read_text(encoding="utf-8").splitlines()
        found = [json.loads(line)["translation"] for line in lines]
        self.assertEqual([(pair["zh"], pair["en"]) for pair in found], PAIRS if pairs is None else pairs)

    def test_a_workbook_of_openpyxl(self):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["No.", "English", "Checked", "Chinese (Simplified)", "Status"])
        for number, (zh, en) in enumerate(PAIRS):
            sheet.append([number + 1, en, number % 2 == 0, zh, "Confirmed"])
        notes = book.create_sheet("notes")
        notes.append(["Words to keep", 7])
        path = self.file("pairs.xlsx")
        book.save(path)
        self.read(path, expected="`notes` has no columns of Chinese and of English")

    def test_sheets_without_a_header(self):
        book = openpyxl.Workbook()
        for half in (PAIRS[:8], PAIRS[8:]):
            sheet = book.create_sheet()
            for zh, en in half:
                sheet.append([None, zh, None, en, 0.75])
        path = self.file("pairs.xlsx")
        book.save(path)
        self.read(path, expected="column 2 is the Chinese and column 4 the English, column 5 the confidence")

    def test_a_table_in_the_dialects_of_excel(self):
        for delimiter, encoding in ((",", "utf-8-sig"), (";", "utf-8"), (",", "gb18030"), ("\t", "utf-16")):
            with self.subTest(delimiter=delimiter, encoding=encoding):
                path = self.file("pairs.csv")
                with path.open("w", encoding=encoding, newline="") as file:
                    writer = csv.writer(file, dialect="excel", delimiter=delimiter)
                    writer.writerow(["id", "source", "target"])
                    writer.writerows((number, en, zh) for number, (zh, en) in enumerate(PAIRS))
                    writer.writerow((99, "First line\nsecond line", "第一行\n第二行"))
                self.read(path, [*PAIRS, ("第一行 第二行", "First line second line")])

    def test_a_table_of_lines(self):
        path = self.file("pairs.tsv")
        lines = [f"{1 + number / 100}\t{en}\t{zh}\n" for number, (zh, en) in enumerate(PAIRS)]
        path.write_text("".join(lines), encoding="utf-8")
        self.read(path, expected="the numbers of column 1 are no probabilities")

    def test_messages_of_polib(self):
        messages = polib.POFile(wrapwidth=30)
        messages.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": "zh_CN"}
        for zh, en in PAIRS:
            messages.append(polib.POEntry(msgid=en, msgstr=zh, occurrences=[("a.c", "1")], comment="a note"))
        messages.append(polib.POEntry(msgid="A guess, no more than that.", msgstr="不过是猜测罢了。", flags=["fuzzy"]))
        messages.append(polib.POEntry(msgid="It is gone for good.", msgstr="再也没有了。", obsolete=True))
        messages.append(
            polib.POEntry(msgid="One file.", msgid_plural="There are many files.", msgstr_plural={0: "有很多文件。"})
        )
        path = self.file("ui.po")
        messages.save(str(path))
        self.read(path, [*PAIRS, ("有很多文件。", "There are many files.")], "the entry is fuzzy")

    def test_messages_of_the_toolkit(self):
        messages = po.pofile()
        for zh, en in PAIRS:
            unit = messages.addsourceunit(zh)
            unit.target = en
        path = self.file("ui.po")
        path.write_bytes(bytes(messages))
        self.read(path)

    def test_a_job_of_the_toolkit(self):
        job = xliff.xlifffile(sourcelanguage="en-US", targetlanguage="zh_Hans")
        for zh, en in PAIRS:
            unit = job.addsourceunit(en)
            unit.target = zh
            unit.addalttrans("别的译文", lang="zh_Hans")
        job.addsourceunit("It has no translation yet.")
        path = self.file("job.xlf")
        path.write_bytes(bytes(job))
        self.read(path, expected="1 no_empty")

    def test_a_memory_of_the_toolkit(self):
        memory = tmx.tmxfile()
        for zh, en in PAIRS:
            memory.addtranslation(en, "EN_US", zh, "zh-Hans-CN")
        path = self.file("memory.tmx")
        path.write_bytes(bytes(memory))
        self.read(path)

    def test_a_memory_in_utf_16(self):
        memory = tmx.tmxfile()
        for zh, en in PAIRS:
            memory.addtranslation(en, "en", zh, "zh")
        for name, mark in (("marked.tmx", b"\xff\xfe"), ("bare.tmx", b"")):
            path = self.file(name)
            tree = etree.fromstring(bytes(memory))
            text = '<?xml version="1.0" encoding="utf-16"?>\n' + etree.tostring(tree, encoding="unicode")
            path.write_bytes(mark + text.encode("utf-16-le"))
            self.read(path)

    def test_lines_in_an_encoding_of_china(self):
        path = self.file("c.en-zh_CN.zh_CN")
        path.write_text("".join(f"{zh}\n" for zh, _ in PAIRS), encoding="gb18030")
        path.with_suffix(".en").write_text("".join(f"{en}\n" for _, en in PAIRS), encoding="utf-8")
        self.read(path)


if __name__ == "__main__":
    unittest.main()
