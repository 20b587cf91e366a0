"""Writes EPUB books with ebooklib, and sees what mtalign reads of them.

    scripts/readers/books.py PROGRAM…

In:  the program to call, such as `scripts/mtalign`.
Out: the unit tests' report. A bilingual book and a book of each language must give all of their sentences,
     in order, and nothing of cover and contents.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

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


class Books(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def path(self, name: str, sides: slice) -> str:
        write(self.folder / name, sides)
        return str(self.folder / name)

    def rows(self, *inputs: str) -> list[dict]:
        command = [*PROGRAM, "align", *inputs, "-f", "jsonl", "--keep-unaligned", "--quiet"]
        run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        self.assertEqual(run.returncode, 0, run.stderr)
        return [json.loads(line)["translation"] for line in run.stdout.splitlines()]

    def assert_is_the_book(self, rows: list[dict]):
        pairs = [pair for chapter in CHAPTERS for pair in chapter]
        for side, place in (("zh", 0), ("en", 1)):
            self.assertEqual([row[side] for row in rows if row[side]], [pair[place] for pair in pairs])

    def test_a_bilingual_book_gives_its_chapters_in_order(self):
        self.assert_is_the_book(self.rows(self.path("both.epub", BOTH)))

    def test_a_book_of_each_language_gives_the_same(self):
        self.assert_is_the_book(self.rows("--zh", self.path("zh.epub", CHINESE), "--en", self.path("en.epub", ENGLISH)))


if __name__ == "__main__":
    unittest.main()
