"""Reads what mtalign writes with the programs that it is written for.

    scripts/readers/check.py FOLDER

In:  what `tests/it/formats.rs` leaves in FOLDER: the same documents in every format, as `pairs`, as `all`
     (with sentences that have no counterpart) and as `filled` (with the model's drafts for them).
Out: the unit tests' report. What Python's own JSON reader finds in the `.jsonl` is what all others
     must find in theirs: Hugging Face's `datasets`, pyarrow, translate-toolkit, openpyxl, lxml and,
     where it is installed, xmllint.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(sys.argv.pop(1)).resolve()
CACHE = tempfile.TemporaryDirectory()
os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HOME": CACHE.name, "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}

import datasets  # noqa: E402  (reads the environment when it is imported)
import openpyxl  # noqa: E402
import pyarrow.parquet  # noqa: E402
from lxml import etree  # noqa: E402
from translate.storage import tmx  # noqa: E402

DTD = Path(__file__).resolve().parent / "tmx14.dtd"
XMLLINT = shutil.which("xmllint")
VARIANTS = ("pairs", "all", "filled")
COLUMNS = ["zh", "en", "confidence", "kind", "zh_ids", "en_ids", "mt", "mt_flaw", "doc", "origin"]

SPREADSHEET = ["zh", "en", "confidence", "doc"]
"""The columns that a spreadsheet of several documents has by default."""

LANGUAGES = {"wild & <strange>.txt": "zh-CN", "戲院.txt": "zh-TW", "=1+1; -2.txt": "zh-CN"}
"""The documents, and the language of the Chinese in each."""

NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 cannot hold."""


GUARDS = re.compile(
    r"""^'(?='*[\t\r\n]|['\s]*[=+\-@＝＋－＠])|(?<=[;\t\r\n])'(?=['"\s]*[=+\-@＝＋－＠])"""
)
"""The apostrophes of `.csv` that keep spreadsheets from running a formula, as src/write/csv/guard.rs gives them."""

FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
"""What a spreadsheet may take for the beginning of a formula."""


def expected(variant: str) -> list[dict]:
    """The rows, flat."""
    lines = (FOLDER / f"{variant}.jsonl").read_bytes().decode().removesuffix("\n").split("\n")
    rows = [json.loads(line) for line in lines]
    return [row.pop("translation") | row for row in rows]


def variants() -> Iterator[tuple[str, list[dict]]]:
    return ((variant, expected(variant)) for variant in VARIANTS)


def in_xml(text: str) -> str:
    """What a memory holds of a text."""
    return NOT_XML.sub(lambda found: " " if found[0] in "\x0b\x0c" else "\ufffd", text)


def in_line(text: str) -> str:
    """What a text of lines holds of a text."""
    return re.sub(r"\s*[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]\s*", " ", text)


def in_spreadsheet(text: str) -> str:
    """What a cell of a spreadsheet holds of a text."""
    return re.sub(rf"\s*{NOT_XML.pattern}[\s{NOT_XML.pattern[1:]}*", " ", text)


class Reading(unittest.TestCase):
    """Every reader finds every row, and every text in it."""

    maxDiff = None

    def test_the_rows_are_there(self):
        for variant, rows in variants():
            self.assertEqual({row["doc"] for row in rows}, set(LANGUAGES))
            drafts = [row for row in rows if row["origin"] == "mt"]
            self.assertEqual(len(drafts), 2 if variant == "filled" else 0)
            self.assertEqual([row["en"] for row in drafts], [row["mt"] for row in drafts])
            alone = [row for row in rows if not (row["zh"] and row["en"])]
            self.assertEqual(len(alone), {"pairs": 0, "all": 3, "filled": 2}[variant])

    def test_datasets_reads_json_lines(self):
        for variant, rows in variants():
            found = self.load("json", f"{variant}.jsonl")
            self.assertEqual(list(found.features)[0], "translation")
            self.assertEqual([row.pop("translation") | row for row in found.to_list()], rows)

    def test_datasets_reads_parquet(self):
        for variant, rows in variants():
            found = self.load("parquet", f"{variant}.parquet")
            self.assertEqual(found.column_names, COLUMNS)
            self.assertEqual(found.to_list(), [{name: row[name] for name in COLUMNS} for row in rows])

    def load(self, kind: str, name: str) -> datasets.Dataset:
        return datasets.load_dataset(kind, data_files=str(FOLDER / name), split="train")

    def test_arrow_reads_parquet_with_its_types(self):
        string, ids = pyarrow.string(), "list<element: int64 not null>"
        types = [string, string, pyarrow.float64(), string, ids, ids, string, string, string, string]
        for variant, rows in variants():
            table = pyarrow.parquet.read_table(FOLDER / f"{variant}.parquet")
            self.assertEqual([str(column.type) for column in table.schema], [str(kind) for kind in types])
            self.assertEqual([column.name for column in table.schema if column.nullable], ["mt", "mt_flaw"])
            self.assertEqual(table.to_pylist(), [{name: row[name] for name in COLUMNS} for row in rows])

    def test_csv_reads_tsv(self):
        for variant, rows in variants():
            with (FOLDER / f"{variant}.tsv").open(encoding="utf-8", newline="") as file:
                found = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
            columns = ["zh", "en", "confidence"] + ["origin"] * (variant == "filled")
            self.assertEqual(list(found[0]), columns)
            self.assertEqual(len(found), len(rows))
            for row, cells in zip(rows, found):
                self.assertAlmostEqual(float(cells["confidence"]), row["confidence"], places=4)
                self.assertEqual(cells.get("origin", "human"), row["origin"])

    def test_csv_reads_csv(self):
        for variant, rows in variants():
            written = (FOLDER / f"{variant}.csv").read_bytes()
            self.assertTrue(written.startswith("\ufeff".encode()))
            found = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
            columns = SPREADSHEET + ["origin"] * (variant == "filled")
            self.assertEqual(found.pop(0), columns)
            self.assertEqual(len(found), len(rows))
            for row, cells in zip(rows, found):
                texts = {name: GUARDS.sub("", cell) for name, cell in zip(columns, cells)}
                self.assertAlmostEqual(float(texts.pop("confidence")), row["confidence"], places=4)
                self.assertEqual(texts, {name: in_spreadsheet(row[name]) for name in texts})

    def test_wherever_a_spreadsheet_divides_csv_no_cell_is_a_formula(self):
        for variant, rows in variants():
            written = (FOLDER / f"{variant}.csv").read_bytes().decode("utf-8-sig")
            for divider in ",;\t":
                for cells in csv.reader(io.StringIO(written, newline=""), delimiter=divider):
                    for cell in cells:
                        self.assertIsNone(FORMULA.match(cell), (divider, cell))
            dangerous = [row for row in rows if FORMULA.match(row["en"])]
            self.assertGreater(len(dangerous), 3)

    def test_openpyxl_reads_workbooks(self):
        for variant, rows in variants():
            book = openpyxl.load_workbook(FOLDER / f"{variant}.xlsx")
            self.assertEqual(book.sheetnames, ["pairs"])
            (header, *found) = book["pairs"].iter_rows()
            columns = SPREADSHEET + ["origin"] * (variant == "filled")
            self.assertEqual([cell.value for cell in header], columns)
            self.assertEqual(len(found), len(rows))
            for row, cells in zip(rows, found):
                self.assert_is_row(dict(zip(columns, cells)), row)

    def assert_is_row(self, cells: dict, row: dict):
        confidence = cells.pop("confidence")
        self.assertEqual((confidence.data_type, confidence.number_format), ("n", "0.00##"))
        self.assertAlmostEqual(confidence.value, row["confidence"], places=4)
        for name, cell in cells.items():
            # openpyxl leaves it to others to read Excel's references to characters.
            text = (cell.value or "").replace("_x005F_", "_")
            lines = in_spreadsheet(row[name]).replace("\r\n", "\n").replace("\r", "\n")
            self.assertEqual(text, lines)
            self.assertEqual((cell.data_type, cell.hyperlink), ("s" if text else "n", None))
            self.assertEqual((cell.number_format, cell.alignment.wrap_text), ("@", True))
            is_draft, is_alone = row["origin"] == "mt", not (row["zh"] and row["en"])
            colour = "FFDDEBF7" if is_draft else "FFFCE4D6" if is_alone else "00000000"
            self.assertEqual((cell.fill.fgColor.rgb, cell.font.italic), (colour, is_draft))

    def test_the_header_of_a_workbook_stays_and_filters(self):
        for variant, rows in variants():
            sheet = openpyxl.load_workbook(FOLDER / f"{variant}.xlsx").active
            self.assertEqual(sheet.freeze_panes, "A2")
            self.assertTrue(all(cell.font.bold for cell in sheet[1]))
            self.assertEqual(sheet.auto_filter.ref, sheet.dimensions)
            self.assertEqual(sheet.max_row, 1 + len(rows))
            self.assertGreater(sheet.column_dimensions["A"].width, 40)

    def test_both_moses_texts_have_a_line_for_every_row(self):
        for variant in ("pairs", "all"):
            for language in ("zh", "en"):
                text = (FOLDER / f"{variant}.moses.en-zh.{language}").read_bytes().decode()
                lines = [in_line(row[language]) for row in expected(variant)]
                self.assertEqual(text.split("\n"), [*lines, ""])
                self.assertEqual(text.splitlines(), lines)

    def test_paste_joins_both_moses_texts(self):
        texts = [FOLDER / f"pairs.moses.en-zh.{language}" for language in ("zh", "en")]
        pasted = subprocess.run(["paste", *texts], check=True, capture_output=True).stdout.decode()
        rows = [in_line(row["zh"]) + "\t" + in_line(row["en"]) for row in expected("pairs")]
        self.assertEqual(pasted.removesuffix("\n").split("\n"), rows)

    def test_memories_are_valid(self):
        dtd = etree.DTD(str(DTD))
        for variant, _ in variants():
            path = FOLDER / f"{variant}.tmx"
            self.assertTrue(dtd.validate(etree.parse(str(path))), dtd.error_log)

    @unittest.skipUnless(XMLLINT, "SKIPPED: xmllint is not installed")
    def test_xmllint_finds_no_fault(self):
        for variant, _ in variants():
            command = [XMLLINT, "--noout", "--dtdvalid", DTD, FOLDER / f"{variant}.tmx"]
            ran = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual((ran.returncode, ran.stderr), (0, ""))

    def test_what_the_specification_forbids_is_not_valid(self):
        dtd = etree.DTD(str(DTD))
        memory = (FOLDER / "pairs.tmx").read_text(encoding="utf-8")
        changes = {
            ' version="1.4"': ' version="1.4."',
            ' srclang="zh-CN"': "",
            ' segtype="sentence"': ' segtype="bead"',
            ' type="x-doc"': "",
            ' xml:lang="en"': "",
            "<body>": "<body><tu/>",
            "</tu>": "<note>too late</note></tu>",
        }
        for what, instead in changes.items():
            with self.subTest(what):
                self.assertIn(what, memory)
                changed = etree.fromstring(memory.replace(what, instead, 1).encode())
                self.assertFalse(dtd.validate(changed))

    def test_the_translate_toolkit_reads_memories(self):
        for variant, rows in variants():
            for document, language in LANGUAGES.items():
                with (FOLDER / f"{variant}.tmx").open("rb") as file:
                    memory = tmx.tmxfile(file, sourcelanguage=language, targetlanguage="en")
                units = [unit for unit in memory.units if self.properties(unit)["x-doc"] == document]
                of_document = [row for row in rows if row["doc"] == document]
                self.assertEqual(len(units), len(of_document))
                for unit, row in zip(units, of_document):
                    self.assert_is_unit(unit, row, language)

    def properties(self, unit) -> dict[str, str]:
        return {prop.get("type"): prop.text for prop in unit.xmlelement.iter("prop")}

    def assert_is_unit(self, unit, row: dict, language: str):
        segments = {}
        for variant in unit.xmlelement.iter("tuv"):
            segments[variant.get("{http://www.w3.org/XML/1998/namespace}lang")] = variant.findtext("seg")
        texts = {language: in_xml(row["zh"]), "en": in_xml(row["en"])}
        self.assertEqual(segments, {language: text for language, text in texts.items() if text})
        if row["zh"] and row["en"]:
            self.assertEqual((unit.source, unit.target), (texts[language], texts["en"]))
        properties = self.properties(unit)
        self.assertAlmostEqual(float(properties["x-confidence"]), row["confidence"], places=4)
        self.assertEqual(properties.get("x-origin", "human"), row["origin"])


if __name__ == "__main__":
    unittest.main()
