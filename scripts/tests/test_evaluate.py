"""`scripts/evaluate` on gold of a few lines, with a program that aligns line by line and writes down its calls."""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "evaluate"

PROGRAM = """#!/usr/bin/env python3
import json, sys
from pathlib import Path

command, *arguments = sys.argv[1:]
if arguments == ["--help"]:
    sys.exit(print("  --no-cache"))
value = lambda option: arguments[arguments.index(option) + 1]
texts = [Path(value(option)).read_text() for option in ("--zh", "--en")] if command == "align" else []
with open(Path(__file__).with_name("calls"), "a") as calls:
    print(json.dumps([command, arguments, texts]), file=calls)
if command == "align":
    zh, en = (text.splitlines() for text in texts)
    if "断了" in zh[0]:
        sys.exit("error: this text is broken")
    beads = [f"[{at}]:[{at}]:{0.9 if zh[at][0] == '一' else 0.2}" for at in range(min(len(zh), len(en)))]
    beads += [f"[]:[{at}]:0.9" for at in range(len(zh), len(en))]
    Path(value("-o")).write_text("".join(bead + "\\n" for bead in beads))
else:
    names = sorted(path.name for path in Path(value("--test")).iterdir())
    tally = lambda f1: {"f1": f1}
    total = {"aligner_eval_strict": tally(0.5), "vecalign_lax": tally(len(names) / 4), "omissions": tally(None)}
    print(json.dumps({"total": {**total, "additions": tally(1.0)}, "calibration": {"expected_error": 0.0213}}))
"""
"""Of each pair it is sure if the Chinese begins with 一; its lax F1 is a quarter of the documents that it is shown."""


class Evaluate(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(suffix=" with space")).resolve()
        self.addCleanup(shutil.rmtree, self.root)
        self.program = self.root / "program"
        self.program.write_text(PROGRAM)
        self.program.chmod(0o755)
        self.add("tales", "1", "一只猫。\n两只狗。\n", "A cat.\nTwo dogs.\n")
        self.add("news/short", "a.com.1", "一天。\n", "A day.\nA night.\n")
        self.add("news/short", "a.com.2", "两天。\n", "Two days.\n")
        self.add("news/long", "a.com", "一天。\n两天。\n", "A day.\nA night.\nTwo days.\n")

    def add(self, name, document, zh, en):
        for side, text in (("zh", zh), ("en", en), ("gold", "[0]:[0]\n")):
            path = self.root / "gold" / name / side / document
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run_script(self, *arguments, gold="gold"):
        command = [sys.executable, SCRIPT, "--gold", self.root / gold, "--program", self.program, *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    def calls(self):
        """Each call of the program: the command, the arguments, and the texts that are aligned."""
        return [json.loads(line) for line in (self.root / "calls").read_text().splitlines()]

    def rows(self, *arguments):
        """The cells of each row but the last, which are seconds."""
        ran = self.run_script(*arguments)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        title, *rows, start = ran.stdout.splitlines()
        self.assertEqual(title.split()[-2:], ["paired", "s/1,000"])
        self.assertIn("start of the program", start)
        return [row.replace(" %", "%").split()[:-1] for row in rows]

    def test_every_set_and_unrelated_texts_have_a_row(self):
        rows = self.rows()
        self.assertEqual(
            rows,
            [
                # Five sentences in all, of which the first two are a pair that the program is sure of; and so on.
                ["news/long", "2", "0.500", "0.250", "-", "1.000", "0.021", "40.0%"],
                ["news/short", "2", "0.500", "0.500", "-", "1.000", "0.021", "40.0%"],
                ["tales", "2", "0.500", "0.250", "-", "1.000", "0.021", "50.0%"],
                # The two lines of `news/long` against `tales` and the other way round; not `news/short` too.
                ["unrelated", "4", "-", "-", "-", "-", "-", "50.0%"],
            ],
        )

    def test_a_set_is_chosen_with_its_model_and_its_alignments_are_kept(self):
        kept = self.root / "kept"
        rows = self.rows("--only", "news/short", "--keep", kept, "--model", "my model")
        self.assertEqual([row[0] for row in rows], ["news/short"])
        self.assertEqual((kept / "news/short/a.com.2.index").read_text(), "[0]:[0]:0.2\n")
        for command, arguments, _ in self.calls():
            self.assertEqual("my model" in arguments, command == "align")
            self.assertEqual("--no-cache" in arguments, command == "align")
            self.assertEqual("--calibration" in arguments, command == "evaluate")

    def test_unrelated_english_has_as_many_lines_and_is_never_the_translation(self):
        self.add("tales", "0", "三只鸟。\n", "Three birds.\n")
        self.rows("--only", "unrelated")
        self.assertEqual(
            [texts for _, _, texts in self.calls()][-3:],
            [
                ["一天。\n两天。\n", "Three birds.\nA cat.\n"],
                ["三只鸟。\n", "A day.\n"],
                ["一只猫。\n两只狗。\n", "A night.\nTwo days.\n"],
            ],
        )

    def test_without_gold_it_says_that_nothing_was_measured(self):
        ran = self.run_script(gold="nowhere")
        self.assertEqual((ran.returncode, ran.stdout), (77, ""))
        self.assertIn(f"SKIPPED: there is no {self.root / 'nowhere'}", ran.stderr)

    def test_what_goes_wrong_is_said_and_no_table_is_printed(self):
        (self.root / "empty").mkdir()
        for arguments, gold, expected in (
            (["--only", "tails"], "gold", "there is no set `tails`"),
            ([], "empty", "no folder in"),
            (["--program", "/no/program"], "gold", "cannot run `/no/program`"),
        ):
            ran = self.run_script(*arguments, gold=gold)
            self.assertEqual((ran.returncode, ran.stdout), (2, ""), ran.stderr)
            self.assertIn(expected, ran.stderr)
        self.add("tales", "1", "断了。\n", "Broken.\n")
        ran = self.run_script("--only", "tales")
        self.assertEqual((ran.returncode, ran.stdout), (2, ""))
        self.assertIn("caused by: error: this text is broken", ran.stderr)


if __name__ == "__main__":
    unittest.main()
