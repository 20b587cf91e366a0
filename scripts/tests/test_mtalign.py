"""`scripts/mtalign` in a copy of the project, with a `cargo` that builds at once and writes down its calls."""

import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent

CARGO = """#!/bin/sh
echo "$PWD $LIBTORCH $*" >>"$CALLS"
echo 'cargo says something'
[ -z "$BREAK_BUILD" ] || exit 101
while [ "$1" != --target-dir ]; do shift; done
cat >"$2/release/mtalign" <<'PROGRAM'
#!/bin/sh
for line in "$PWD" "$@"; do echo "$line"; done
PROGRAM
chmod +x "$2/release/mtalign"
"""
"""What it builds prints its folder and its arguments."""


class Mtalign(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(suffix=" with space")).resolve()
        self.addCleanup(shutil.rmtree, self.root)
        self.project, self.tools, self.calls = self.root / "project", self.root / "tools", self.root / "calls"
        (self.project / "src").mkdir(parents=True)
        (self.project / "src/main.rs").touch()
        (self.project / "Cargo.toml").write_text('rust-version = "1.88"\n')
        shutil.copytree(str(SCRIPTS), str(self.project / "scripts"))
        self.script = self.project / "scripts/mtalign"
        self.tools.mkdir()
        for name, text in (("cargo", CARGO), ("rustc", "#!/bin/sh\necho rustc 1.0\n"), ("c++", "#!/bin/sh\n")):
            (self.tools / name).write_text(text)
            (self.tools / name).chmod(0o755)
        self.libtorch = self.root / "libtorch"
        (self.libtorch / "lib").mkdir(parents=True)
        (self.libtorch / "lib/libtorch.so").touch()
        (self.libtorch / "build-version").write_text("2.4.0\n")

    def run_script(self, *arguments, **environment):
        environment = {
            "PATH": f"{self.tools}:{os.environ['PATH']}",
            "HOME": str(self.root),
            "CALLS": str(self.calls),
            "LIBTORCH": str(self.libtorch),
            **environment,
        }
        command = [environment.pop("script", str(self.script)), *arguments]
        return subprocess.run(
            command, cwd=self.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def builds(self):
        return len(self.calls.read_text().splitlines()) if self.calls.exists() else 0

    def test_the_program_gets_the_arguments_and_the_folder_of_the_user(self):
        ran = self.run_script("align", "my notes.txt", "-o", "*")
        self.assertEqual((ran.returncode, ran.stdout), (0, f"{self.root}\nalign\nmy notes.txt\n-o\n*\n"))
        self.assertEqual(
            self.calls.read_text(),
            f"{self.project} {self.libtorch} build --release --locked --target-dir {self.project}/target\n",
        )

    def test_a_second_call_builds_nothing_and_says_nothing(self):
        self.assertIn("cargo says something", self.run_script().stderr)
        ran = self.run_script()
        self.assertEqual((ran.stdout, ran.stderr, self.builds()), (f"{self.root}\n", "", 1))

    def test_what_was_changed_added_or_removed_is_built_again_once(self):
        changes = (
            lambda: (self.project / "src/main.rs").touch(),
            lambda: (self.project / "src/new.rs").touch(),
            lambda: (self.project / "src/new.rs").unlink(),
            lambda: (self.project / "Cargo.toml").touch(),
            lambda: (self.project / "scripts/build.rs").touch(),
        )
        self.run_script()
        for n_changes, change in enumerate(changes, start=1):
            # File times may be as coarse as the kernel's clock, some hundredths of a second.
            time.sleep(0.05)
            change()
            time.sleep(0.05)
            self.run_script()
            self.run_script()
            self.assertEqual(self.builds(), 1 + n_changes)

    def test_another_libtorch_is_linked_anew(self):
        self.run_script()
        other = self.root / "other"
        shutil.copytree(str(self.libtorch), str(other))
        self.run_script(LIBTORCH=str(other))
        shutil.rmtree(str(other))
        self.assertIn("there is no libtorch", self.run_script(LIBTORCH=str(other)).stderr)
        self.assertEqual(self.builds(), 2)

    def test_works_through_links(self):
        (self.root / "bin").mkdir()
        (self.root / "bin/mtalign").symlink_to("../link")
        (self.root / "link").symlink_to(self.script)
        self.assertEqual(self.run_script("x", script=str(self.root / "bin/mtalign")).stdout, f"{self.root}\nx\n")

    def test_a_target_folder_of_the_users_counts_from_where_the_user_is(self):
        self.assertEqual(self.run_script(CARGO_TARGET_DIR="built here").returncode, 0)
        self.assertTrue((self.root / "built here/release/mtalign").exists())

    def test_a_build_that_fails_runs_nothing_and_is_tried_again(self):
        self.run_script()
        time.sleep(0.05)
        (self.project / "src/main.rs").touch()
        ran = self.run_script(BREAK_BUILD="1")
        self.assertEqual((ran.returncode, ran.stdout), (2, ""))
        self.assertIn("hint: mtalign needs Rust 1.88 or newer; this is rustc 1.0", ran.stderr)
        self.assertEqual(self.run_script().returncode, 0)
        self.assertEqual(self.builds(), 3)

    def test_what_is_missing_is_named_with_the_way_to_get_it(self):
        hints = {"cargo": "https://rustup.rs", "python3": "Python 3.8", "c++": "build-essential"}
        for missing, hint in hints.items():
            # Just these and what the script itself calls.
            only = self.root / f"without {missing}"
            only.mkdir()
            for name in {"bash", "dirname", "cc", *hints} - {missing}:
                (only / name).symlink_to(shutil.which(name) or "/bin/true")
            ran = self.run_script(PATH=str(only))
            self.assertEqual((ran.returncode, ran.stdout), (2, ""), ran.stderr)
            self.assertIn("is missing", ran.stderr)
            self.assertIn(hint, ran.stderr)


if __name__ == "__main__":
    unittest.main()
