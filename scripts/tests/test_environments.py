"""Environments that are made once, told where they cannot be, and made again when what they are made of changes."""

import contextlib
import importlib
import io
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

with mock.patch.object(sys, "path", [str(Path(__file__).resolve().parents[1]), *sys.path]):
    environments = importlib.import_module("environments")


class Made(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name, "env")
        self.requirements = Path(folder.name, "requirements.txt")
        self.requirements.write_text("")

    def made(self, pip=None, oldest=(3, 0)):
        """The environment, where pip ends as told; and the number of commands that it took."""
        commands = []

        def run(command, **options):
            commands.append(command)
            if "pip" in command:
                return subprocess.CompletedProcess(command, *((0, "", "") if pip is None else (1, "", pip)))
            self.folder.mkdir()
            return subprocess.CompletedProcess(command, 0)

        with mock.patch.object(environments.subprocess, "run", run), contextlib.redirect_stderr(io.StringIO()):
            python = environments.made(self.folder, self.requirements, oldest, "no time")
        self.assertEqual(python, self.folder / "bin" / "python")
        return len(commands)

    def failure(self, **options):
        with self.assertRaises(environments.Missing) as raised:
            self.made(**options)
        return raised.exception

    def test_it_is_made_once_and_again_when_the_requirements_change(self):
        self.assertEqual([self.made(), self.made()], [2, 0])
        self.requirements.write_text("more==1")
        self.assertEqual([self.made(), self.made()], [2, 0])

    def test_what_fails_is_told_and_tried_again(self):
        unreachable = self.failure(pip="connection broken by 'NewConnectionError'")
        self.assertEqual(unreachable.status, 77)
        self.assertIn("SKIPPED: pip reaches no package index", str(unreachable))
        wrong = self.failure(pip="no matching distribution")
        self.assertEqual(wrong.status, 1)
        self.assertIn("error: cannot make", str(wrong))
        self.assertEqual(self.made(), 2)

    def test_a_python_that_is_too_old_is_told(self):
        old = self.failure(oldest=(99, 0))
        self.assertEqual(old.status, 77)
        self.assertIn("is too old", str(old))


if __name__ == "__main__":
    unittest.main()
