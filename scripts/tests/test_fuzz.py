"""Tests of `scripts/fuzz`: what it says where something is missing, and what it is asked to do that cannot be done. Nothing
is built."""

import os
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments, programs=()):
    """The exit status and the messages of a run that finds only these programs, none of which does anything."""
    with tempfile.TemporaryDirectory() as scratch:
        for program in programs:
            path = Path(scratch) / program
            path.write_text("#!/bin/sh\nexit 1\n")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        environment = {"PATH": scratch, "CARGO_HOME": scratch, "HOME": scratch}
        command = [sys.executable, ROOT / "scripts" / "fuzz", *arguments]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stderr


class Fuzz(unittest.TestCase):
    def test_what_is_missing_is_named_with_how_to_install_it(self):
        status, messages = run()
        self.assertEqual(status, 2)
        self.assertIn("rustup.rs", messages)
        self.assertIn("C++ compiler", messages)
        status, messages = run(programs=["cargo", "c++"])
        self.assertEqual(status, 2)
        self.assertIn("`cargo install cargo-fuzz --locked`", messages)
        self.assertNotIn("C++", messages)

    def test_an_unknown_target_is_told_from_those_there_are(self):
        status, messages = run("sgement")
        self.assertEqual(status, 2)
        self.assertIn("segment", messages)
        self.assertEqual(run("--minutes", "0")[0], 2)
        self.assertEqual(run("--input", os.devnull)[0], 2)

    def test_every_target_has_a_source_seeds_a_dictionary_and_a_place_in_the_package(self):
        fuzz = ROOT / "tests" / "fuzz"
        package = (fuzz / "Cargo.toml").read_text()
        help_text = subprocess.run([ROOT / "scripts" / "fuzz", "--help"], stdout=subprocess.PIPE, text=True).stdout
        targets = sorted(path.stem for path in (fuzz / "targets").glob("*.rs"))
        self.assertGreater(len(targets), 5)
        for target in targets:
            self.assertIn(f'name = "{target}"', package)
            self.assertIn(f"\n    {target} ", help_text)
            self.assertTrue((fuzz / "dictionaries" / f"{target}.dict").is_file(), target)
            self.assertTrue(any((fuzz / "seeds" / target).iterdir()), target)


if __name__ == "__main__":
    unittest.main()
