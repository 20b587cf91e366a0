"""What the package's linker is used for, and what tells one way of linking from another."""

import importlib
import sys
import unittest
from pathlib import Path
from unittest import mock

SCRIPTS = Path(__file__).resolve().parents[1]

with mock.patch.object(sys, "path", [str(SCRIPTS), *sys.path]):
    rustc = importlib.import_module("packaging_steps.rustc")


def command(name, kind, *more):
    return ["rustc", "--crate-name", name, "--edition=2024", "src/main.rs", "--crate-type", kind, "--emit=dep-info,link", *more]


class Linking(unittest.TestCase):
    def test_the_program_alone_is_linked_so(self):
        self.assertTrue(rustc.links_the_program(command("mtalign", "bin")))
        for other in (
            command("mtalign", "lib"),
            command("it", "bin", "--test"),
            command("mtalign", "bin", "--test"),
            command("train_scorer", "bin"),
            command("build_script_build", "bin"),
            ["rustc", "-vV"],
            ["rustc", "-", "--crate-name", "___", "--print=file-names", "--crate-type", "bin"],
        ):
            self.assertFalse(rustc.links_the_program(other), other)

    def test_the_linker_is_there_and_sources_are_named_from_the_root(self):
        _, linker, _, prefix = rustc.linking()
        self.assertTrue(Path(linker.partition("=")[2]).is_file())
        self.assertEqual(prefix, f"{SCRIPTS.parent}=mtalign")


if __name__ == "__main__":
    unittest.main()
