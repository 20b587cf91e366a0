"""Writes documents with the programs that others write them with, and sees what mtalign reads of them.

    scripts/readers/documents.py PROGRAM…

In:  the program to call, such as `scripts/mtalign`.
Out: the unit tests' report. A bilingual book and a book of each language (ebooklib), a Word document with a table
     (python-docx) and subtitles of three formats (pysubs2) must give all of their sentences, in order, and nothing of
     covers, contents, numbers, states, timings and styles.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import docx
import pysubs2
from ebooklib import epub

PROGRAM = sys.argv[1:]
del sys.argv[1:]

CHAPTERS = [
    [("第一章", "Chapter One"), ("茶馆今天没有开门。", "The teahouse did not open today."), ("门上贴着一张纸条。", "There was a note on the door.")],
    [("第二章", "Chapter Two"), ("老板去山里采茶了。", "The owner went to the hills to pick tea."), ("他明天才回来。", "He will be back tomorrow.")],
]
BOTH, CHINESE, ENGLISH = slice(0, 2), slice(0, 1), slice(1, 2)


def write(path: Path, sides: slice) -> None:
    book = epub.EpubBook()
    book.set_identifier(path.stem)
    book.set_title("茶馆")
    book.set_language("zh")
    chapters = []
    for number, (heading, *texts) in enumerate(CHAPTERS):
        chapter = epub.EpubHtml(title=heading[0], file_name=f"text/chapter {number}.xhtml", lang="zh")
        titles = "".join(f"<h1>{title}</h1>" for title in heading[sides])
        chapter.content = titles + "".join(f"<p>{text}</p>" for pair in texts for text in pair[sides])
        chapters.append(chapter)
    # The order of reading is that of the spine, whatever was added first.
    for chapter in reversed(chapters):
        book.add_item(chapter)
    book.set_cover("cover.png", b"\x89PNG")
    book.toc = chapters
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    book.spine = ["cover", "nav", *chapters]
    epub.write_epub(path, book)


class Documents(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def rows(self, *inputs: str) -> list[dict]:
        command = [*PROGRAM, "align", *inputs, "-f", "jsonl", "--keep-unaligned", "--quiet", "--no-cache"]
        run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        self.assertEqual(run.returncode, 0, run.stderr)
        return [json.loads(line)["translation"] for line in run.stdout.splitlines()]



class Books(Documents):
    def path(self, name: str, sides: slice) -> str:
        write(self.folder / name, sides)
        return str(self.folder / name)

    def assert_is_the_book(self, rows: list[dict]):
        pairs = [pair for chapter in CHAPTERS for pair in chapter]
        for side, place in (("zh", 0), ("en", 1)):
            self.assertEqual([row[side] for row in rows if row[side]], [pair[place] for pair in pairs])

    def test_a_bilingual_book_gives_its_chapters_in_order(self):
        self.assert_is_the_book(self.rows(self.path("both.epub", BOTH)))

    def test_a_book_of_each_language_gives_the_same(self):
        self.assert_is_the_book(self.rows("--zh", self.path("zh.epub", CHINESE), "--en", self.path("en.epub", ENGLISH)))


PAIRS = [pair for chapter in CHAPTERS for pair in chapter]


class Word(Documents):
    def test_the_rows_of_a_table_stay_together_without_numbers_and_states(self):
        document = docx.Document()
        document.add_heading("茶馆", level=1)
        document.add_heading("The Teahouse", level=1)
        table = document.add_table(rows=0, cols=4)
        for number, (zh, en) in enumerate(PAIRS, 1):
            cells = table.add_row().cells
            for cell, text in zip(cells, (str(number), zh, "" if number == 3 else en, "Draft"), strict=True):
                cell.text = text
        document.save(self.folder / "table.docx")
        rows = self.rows(str(self.folder / "table.docx"))
        expected = [(zh, "" if number == 3 else en) for number, (zh, en) in enumerate(PAIRS, 1)]
        self.assertEqual([(row["zh"], row["en"]) for row in rows], [("茶馆", "The Teahouse"), *expected])

    def test_runs_styles_heads_and_breaks_are_one_text(self):
        document = docx.Document()
        document.sections[0].header.paragraphs[0].text = "茶馆"
        for zh, en in PAIRS:
            for text in (zh, en):
                paragraph = document.add_paragraph()
                paragraph.add_run(text[:3]).bold = True
                paragraph.add_run(text[3:]).italic = True
        document.save(self.folder / "runs.docx")
        rows = [(row["zh"], row["en"]) for row in self.rows(str(self.folder / "runs.docx"))]
        self.assertEqual([row for row in rows if row[1]], PAIRS)


class Subtitles(Documents):
    def test_each_format_gives_the_lines_of_its_cues(self):
        subtitles = pysubs2.SSAFile()
        sentences = [pair for chapter in CHAPTERS for pair in chapter[1:]]
        for number, (zh, en) in enumerate(sentences):
            text = f"{{\\i1}}{zh}{{\\i0}}\\N{en}"
            subtitles.append(pysubs2.SSAEvent(start=number * 2000, end=number * 2000 + 1500, text=text))
        for ending in ("srt", "vtt", "ass"):
            with self.subTest(ending):
                path = self.folder / f"film.{ending}"
                subtitles.save(str(path))
                rows = [(row["zh"], row["en"]) for row in self.rows(str(path))]
                self.assertEqual(rows, sentences)


if __name__ == "__main__":
    unittest.main()
