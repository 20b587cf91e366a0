"""The whole recipe of `scripts/train`: its order, what of it is run, and the sums of a bundle."""

import argparse
import contextlib
import hashlib
import importlib
import io
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

if sys.version_info < (3, 11):
    raise unittest.SkipTest("the training needs Python 3.11")

ROOT = Path(__file__).resolve().parents[2]
TRAIN = ROOT / "scripts" / "train"

with mock.patch.object(sys, "path", [str(TRAIN), *sys.path]):
    every_step = importlib.import_module("all")
    order = importlib.import_module("steps.order")
    settings = importlib.import_module("config.settings")
    sums = importlib.import_module("bundle.sums")
    Step = importlib.import_module("steps.step").Step


class InAFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, age):
        """A file written so many seconds ago."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        now = path.stat().st_mtime
        os.utime(path, (now - age, now - age))
        return path


class Steps(InAFolder):
    def test_what_is_written_must_be_there_and_no_older_than_what_is_read(self):
        step = Step("step", (), (self.folder / "in*",), (self.folder / "out*", self.folder / "last"))
        self.assertFalse(step.is_done())
        self.write("in1", 20)
        self.write("out1", 10)
        self.assertFalse(step.is_done(), "the last is missing")
        self.write("last", 10)
        self.assertTrue(step.is_done())
        self.write("in2", 5)
        self.assertFalse(step.is_done(), "one input is newer")
        self.write("out1", 0)
        self.assertFalse(step.is_done(), "one output is older")
        self.write("last", 0)
        self.assertTrue(step.is_done())

    def test_what_writes_nothing_is_always_to_be_done(self):
        self.assertFalse(Step("check", (), (self.write("in", 10),)).is_done())

    def test_a_command_is_shown_as_it_is_typed_and_its_wildcards_match_when_it_is_run(self):
        step = Step("step", ("cat", "a b", Path("x/*.tsv"), 7), environment={"A": "1 2"})
        self.assertEqual(str(step), "A='1 2' cat 'a b' x/*.tsv 7")
        self.write("one.tsv", 0)
        self.write("two.tsv", 0)
        found = self.folder / "new" / "found"
        script = "import os, sys; open(sys.argv[1], 'w').write(os.environ['A'] + ' '.join(sys.argv[2:]))"
        command = sys.executable, "-c", script, found, self.folder / "*.tsv"
        self.assertEqual(Step("step", command, (), (found,), {"A": "set "}).run(), 0)
        self.assertEqual(found.read_text(), f"set {self.folder / 'one.tsv'} {self.folder / 'two.tsv'}")

    def test_a_checkpoint_older_than_what_it_was_trained_with_is_void(self):
        numbers, saved = self.folder / "vocab.json", self.folder / "latest.pt"
        step = Step("train", (), checkpoint=saved, trained_with=(numbers,))
        self.write("vocab.json", 10)
        self.assertIsNone(step.void_checkpoint())
        self.write("latest.pt", 5)
        self.assertIsNone(step.void_checkpoint())
        self.write("vocab.json", 0)
        self.assertEqual(step.void_checkpoint(), numbers)
        step.put_checkpoint_aside()
        self.assertIsNone(step.void_checkpoint())
        self.assertTrue((self.folder / "latest.old.pt").exists())


class Runs(InAFolder):
    """`all` on three steps, each of which appends its name to a file."""

    def setUp(self):
        super().setUp()
        self.write("pairs", 10)
        self.failing = None

    def steps(self):
        files = [self.folder / name for name in ("pairs", "a", "b", "c")]
        for name, read, written in zip("abc", files, files[1:]):
            script = f"open({str(self.folder / 'ran')!r}, 'a').write({name!r}); open({str(written)!r}, 'w')"
            script += f"; raise SystemExit({int(name == self.failing)})"
            saved = self.folder / "latest.pt" if name == "b" else None
            command = sys.executable, "-c", script
            yield Step(name, command, (read,), (written,), checkpoint=saved, trained_with=(files[1],))

    def ran(self, *arguments):
        """The steps that were run, and what `all` ended with or printed."""
        (self.folder / "ran").write_text("")
        (self.folder / "config.toml").write_text("")
        required = ["--pairs", "pairs", "--development", "dev", "--work", str(self.folder)]
        argv = ["all", "--config", str(self.folder / "config.toml"), *required, *arguments]
        made = mock.patch.object(every_step.Order, "steps", lambda _: list(self.steps()))
        output = io.StringIO()
        with made, mock.patch.object(sys, "argv", argv), contextlib.redirect_stdout(output):
            try:
                every_step.main()
                said = output.getvalue()
            except SystemExit as end:
                said = end.code
        return (self.folder / "ran").read_text(), said

    def test_what_is_done_is_skipped_until_its_input_changes(self):
        self.assertEqual(self.ran()[0], "abc")
        self.assertEqual(self.ran()[0], "")
        self.write("b", -5)
        self.assertEqual(self.ran()[0], "c")
        self.assertEqual(self.ran("--again", "b")[0], "bc")

    def test_some_of_them_can_be_chosen(self):
        self.assertEqual(self.ran("--to", "b")[0], "ab")
        self.assertEqual(self.ran("--again", "a", "--from", "b")[0], "c")
        self.assertEqual(self.ran("--again", "a", "b", "c", "--without", "b")[0], "ac")
        said = self.ran("--from", "d")[1]
        self.assertIn("there is no step `d`; there are a, b, c", said)

    def test_a_dry_run_shows_what_would_be_run_and_runs_nothing(self):
        self.ran()
        self.write("a", -5)
        ran, said = self.ran("--dry-run")
        self.assertEqual(ran, "")
        self.assertEqual([line.endswith("nothing to do") for line in said.splitlines()], [True, False, False])

    def test_a_step_that_failed_ends_the_run_and_is_not_taken_for_done(self):
        self.failing = "b"
        self.assertEqual(self.ran(), ("ab", "error: `b` ended with status 1"))
        self.failing = None
        self.assertEqual(self.ran()[0], "bc")

    def test_training_does_not_go_on_with_what_it_did_not_begin_with(self):
        self.write("latest.pt", 5)
        ran, said = self.ran()
        self.assertEqual(ran, "a")
        self.assertIn("--again b", said)
        self.assertEqual(self.ran("--again", "b")[0], "bc")
        self.assertFalse((self.folder / "latest.pt").exists())


class TheOrder(unittest.TestCase):
    def steps(self, config, **given):
        work = Path("/w")
        options = {
            "config": TRAIN / config, "work": work, "pairs": Path("/pairs"), "development": Path("/dev"),
            "dictionary": Path("/words"), "exclude": [], "gold": [Path("/gold")], "ntrex": None,
            "vocabulary": None, "run": work / "run", "bundle": work / "bundle",
            "processes": 2,
        }  # fmt: skip
        options = argparse.Namespace(**options | given)
        return order.Order(options, settings.load(options.config)).steps()

    def test_every_step_reads_what_an_earlier_one_has_written(self):
        for config in ("config/cpu.toml", "smoke/config.toml"):
            written = set()
            for step in self.steps(config):
                for path in step.reads:
                    if path.is_relative_to("/w") and path not in written:
                        self.assertIn(path.name, ("*.loss.npy", "*.tsv"), f"{step.name} reads {path}")
                written.update(step.writes)
            self.assertIn(Path("/w/bundle/SHA256SUMS"), written)
            files = {Path("/w/bundle") / name for name in (*order.EXPORTED, *order.ADDED)}
            self.assertLessEqual(files, written)

    def test_every_command_is_there_and_every_name_is_one_step_s(self):
        for config in ("config/cpu.toml", "smoke/config.toml"):
            steps = self.steps(config)
            names = [step.name for step in steps]
            self.assertEqual(len(names), len(set(names)))
            for step in steps:
                if step.command[0] == sys.executable:
                    module = TRAIN.joinpath(*step.command[2].split(".")).with_suffix(".py")
                    self.assertIn("def main()", module.read_text(), step.name)

    def test_pairs_are_scored_only_where_the_settings_say_how_long_it_first_trains(self):
        names = [[step.name for step in self.steps(f)] for f in ("config/cpu.toml", "smoke/config.toml")]
        self.assertEqual(["score" in some for some in names], [False, True])
        self.assertEqual(["drills" in some for some in names], [True, False])

    def test_the_texts_that_are_measured_on_are_excluded(self):
        for step in self.steps("config/cpu.toml", exclude=[Path("/more")], ntrex=Path("/ntrex")):
            if step.name.startswith("prepare"):
                end = [Path(f"/{name}") for name in ("dev.zh", "dev.en", "ntrex", "more")]
                self.assertEqual(list(step.command[-4:]), end)


class Sums(InAFolder):
    def test_those_of_the_bundle_that_is_there_are_right_and_written_so(self):
        bundle = ROOT / "models" / "zh-en"
        self.assertEqual(sums.faults(bundle), [])
        for path in bundle.iterdir():
            (self.folder / path.name).symlink_to(path)
        (self.folder / sums.SUMS).unlink()
        with contextlib.redirect_stdout(io.StringIO()):
            sums.write(self.folder)
        self.assertEqual((self.folder / sums.SUMS).read_bytes(), (bundle / sums.SUMS).read_bytes())

    def test_every_fault_is_told(self):
        self.write("a.json", 0)
        self.write("b.json", 0)
        self.write("README.md", 0)
        with contextlib.redirect_stdout(io.StringIO()):
            sums.write(self.folder)
            sums.check(self.folder)
        digest = hashlib.sha256(b"a.json").hexdigest()
        self.assertIn(f"{digest}  a.json\n", (self.folder / sums.SUMS).read_text())
        (self.folder / "a.json").write_text("other")
        (self.folder / "b.json").rename(self.folder / "c.json")
        with (self.folder / sums.SUMS).open("a") as file:
            file.write("junk\n")
        with self.assertRaises(SystemExit) as end:
            sums.check(self.folder)
        for what in ("a.json` is not as", "b.json` is missing", "c.json` is not in", "line `junk`"):
            self.assertIn(what, end.exception.code)


if __name__ == "__main__":
    unittest.main()
