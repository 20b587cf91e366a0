"""`scripts/setup` against a package index that misbehaves, and with a libtorch of the user's own."""

import contextlib
import errno
import io
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

SCRIPTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCRIPTS))

from libtorch import Failure, download, folder, network, recipe  # noqa: E402
from server import HEADER, LIBRARY, Index, wheel_bytes, wheel_of  # noqa: E402

CONTENT = wheel_bytes()


class WithIndex(unittest.TestCase):
    """A test with an index, a cache of its own, and no waiting."""

    def setUp(self):
        self.wheel = wheel_of(CONTENT)
        self.recipe = recipe.Recipe(wheels=(self.wheel,))
        self.index = Index(self.wheel, CONTENT)
        self.addCleanup(self.index.close)
        self.settings = {"index-url": f"http://{self.index.host}/simple"}
        cache = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, cache)
        self.folder = Path(cache) / "mtalign" / "libtorch"
        self.partial = self.folder.with_name("libtorch.partial")
        self.messages = io.StringIO()
        for patch in (
            mock.patch.object(network, "PAUSES", (0, 0, 0)),
            mock.patch.object(network, "pip_settings", lambda: self.settings),
            # Small beside the wheel, as the real one is beside the real wheel.
            mock.patch.object(download, "DIRECTORY", 50_000),
            mock.patch.object(download, "CHUNK", 20_000),
            contextlib.redirect_stderr(self.messages),
        ):
            patch.__enter__()
            self.addCleanup(patch.__exit__, None, None, None)

    def ensure(self):
        folder.ensure(self.folder, self.recipe)

    def failure(self):
        with self.assertRaises(Failure) as raised:
            self.ensure()
        self.assertFalse(self.folder.exists())
        return raised.exception

    def assert_made(self):
        found = {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}
        self.assertEqual(found, {"build-version", "lib/libc10.so", "include/torch/torch.h"})
        self.assertEqual((self.folder / "lib/libc10.so").read_bytes(), LIBRARY[1])
        self.assertEqual((self.folder / "include/torch/torch.h").read_bytes(), HEADER[1])
        self.assertEqual((self.folder / "build-version").read_text(), recipe.VERSION + "\n")
        self.assertFalse(self.partial.exists())


class Download(WithIndex):
    def test_fetches_the_wanted_members_and_little_else(self):
        self.ensure()
        self.assert_made()
        self.assertLess(self.index.served, len(LIBRARY[1]) + 60_000)

    def test_fetches_nothing_when_the_folder_is_there(self):
        self.ensure()
        self.index.requests.clear()
        self.ensure()
        self.assertEqual(self.index.requests, [])

    def test_reads_a_page_in_html_as_well(self):
        self.index.json = False
        self.ensure()
        self.assert_made()

    def test_takes_the_whole_wheel_from_a_server_without_ranges(self):
        self.index.ranges = False
        self.ensure()
        self.assert_made()

    def test_connects_again_where_a_connection_broke_and_fetches_nothing_twice(self):
        self.index.cut_after = 100_000
        self.ensure()
        self.assert_made()
        self.assertLess(self.index.served, len(LIBRARY[1]) + 60_000)

    def test_starts_again_after_a_break_when_the_server_knows_no_ranges(self):
        self.index.ranges = False
        self.index.cut_after = 3_000_000
        threading.Timer(0.3, setattr, (self.index, "cut_after", None)).start()
        with mock.patch.object(network, "PAUSES", (0.1,) * 9):
            self.ensure()
        self.assert_made()

    def test_the_next_run_goes_on_where_an_interrupted_one_stopped(self):
        self.index.down_after = 400_000
        self.assertIn("when the network is back", self.failure().hint)
        self.index.down_after, self.index.served = None, 0
        self.ensure()
        self.assert_made()
        self.assertLess(self.index.served, 350_000)

    def test_a_run_interrupted_with_ranges_ends_well_without(self):
        self.index.down_after = 400_000
        self.failure()
        self.index.down_after, self.index.ranges = None, False
        self.ensure()
        self.assert_made()

    def test_follows_redirects(self):
        self.index.redirects = True
        self.ensure()
        self.assert_made()

    def test_sends_the_password_of_the_index_but_not_along_a_redirect(self):
        self.settings["index-url"] = f"http://me:se%40cret@{self.index.host}/simple"
        self.index.redirects = True
        self.ensure()
        sent = {path.startswith("/moved"): headers.get("Authorization") for path, headers in self.index.requests}
        self.assertEqual(sent, {False: "Basic bWU6c2VAY3JldA==", True: None})

    def test_waits_out_a_server_that_is_busy(self):
        self.index.refusals = [503, 429, 502]
        self.ensure()
        self.assert_made()
        self.assertIn("status 503 Service Unavailable; trying again", self.messages.getvalue())

    def test_two_runs_at_once_fetch_once(self):
        runs = [threading.Thread(target=self.ensure) for _ in range(2)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        self.assert_made()
        self.assertLess(self.index.served, len(LIBRARY[1]) + 60_000)


class Trouble(WithIndex):
    def test_a_refusal_is_final(self):
        self.index.refusals = [404]
        failure = self.failure()
        self.assertIn("status 404", str(failure))
        self.assertIn("PIP_INDEX_URL", failure.hint)
        self.assertEqual(len(self.index.requests), 1)

    def test_no_network_is_said_and_what_to_do_instead(self):
        self.index.close()
        failure = self.failure()
        self.assertIn("cannot reach 127.0.0.1", str(failure))
        self.assertIn("LIBTORCH", failure.hint)

    def test_an_index_without_the_file(self):
        self.recipe = recipe.Recipe(wheels=(self.wheel._replace(filename="torch-2-py3-none-any.whl"),))
        self.assertIn("the package index has no torch-2-py3-none-any.whl", str(self.failure()))

    def test_an_index_with_another_file_under_the_name(self):
        self.index.page_hash = "0" * 64
        self.assertIn("has another torch-1-py3-none-any.whl", str(self.failure()))
        self.assertEqual(self.index.served, 0)

    def test_contents_that_are_not_those_expected_are_deleted(self):
        self.recipe = recipe.Recipe(wheels=(self.wheel._replace(contents="0" * 64),))
        self.assertIn("was deleted: its digest is " + self.wheel.contents, str(self.failure()))
        self.assertEqual(list(self.partial.glob("*.whl")), [])

    def test_a_file_that_is_no_wheel_is_noticed(self):
        for self.index.ranges in (True, False):
            self.index.content = bytes(len(CONTENT))
            self.assertIn(self.wheel.filename, str(self.failure()))
            self.index.content = CONTENT
        self.ensure()
        self.assert_made()

    def test_a_small_wheel_is_fetched_in_one_piece(self):
        with mock.patch.object(download, "DIRECTORY", len(CONTENT)):
            self.ensure()
        self.assert_made()
        self.assertEqual(self.index.served, len(CONTENT))

    def test_a_damaged_member_is_noticed(self):
        at = CONTENT.index(LIBRARY[1][:50]) + 1_000
        self.index.content = CONTENT[:at] + b"damage" + CONTENT[at + 6 :]
        self.assertIn("is damaged", str(self.failure()))
        self.index.content = CONTENT
        self.ensure()
        self.assert_made()

    def test_no_compiler_is_said_and_nothing_is_fetched_again(self):
        self.recipe = recipe.Recipe(wheels=(self.wheel,), stand_in=True)
        with mock.patch.dict(os.environ, CC="/nowhere/cc"):
            failure = self.failure()
        self.assertIn("cannot run the compiler `/nowhere/cc`", str(failure))
        self.assertIn("build-essential", failure.hint)
        self.recipe = recipe.Recipe(wheels=(self.wheel,))
        self.index.requests.clear()
        self.ensure()
        self.assert_made()
        self.assertEqual(self.index.requests, [])

    def test_a_full_disk_is_said_with_a_way_out(self):
        full = OSError(errno.ENOSPC, "No space left on device")
        with mock.patch.object(folder, "fetch", side_effect=full):
            failure = self.failure()
        self.assertIn("No space left on device", str(failure))
        self.assertIn("MTALIGN_CACHE", failure.hint)

    def test_a_cache_that_cannot_be_written_is_named(self):
        self.folder = Path(os.devnull) / "mtalign" / "libtorch"
        self.assertIn(f"cannot write `{os.devnull}", str(self.failure()))

    def test_an_unknown_platform_is_told_what_to_do(self):
        with mock.patch("platform.machine", return_value="riscv64"), self.assertRaises(Failure) as raised:
            recipe.for_this_machine()
        self.assertIn("riscv64", str(raised.exception))
        self.assertIn("set LIBTORCH", raised.exception.hint)


class Members(unittest.TestCase):
    def test_members_and_folders_of_members_are_placed(self):
        members = {"torch/include/": "include/", "torch/lib/libc10.so": "lib/libc10.so"}
        for name, place in (
            ("torch/include/c10/core.h", "include/c10/core.h"),
            ("torch/lib/libc10.so", "lib/libc10.so"),
            ("torch/lib/libc10.so.1", None),
            ("torch/include/c10/", None),
            ("other/torch/include/c10.h", None),
        ):
            self.assertEqual(download.wanted(name, members), place, name)


class PipSettings(unittest.TestCase):
    def test_the_environment_wins_over_the_file(self):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write("[global]\nindex-url = http://file.invalid/simple\ncert = /file.pem\n")
            file.flush()
            environment = {"PIP_CONFIG_FILE": file.name, "PIP_INDEX_URL": "http://environment.invalid/simple"}
            network.pip_settings.cache_clear()
            self.addCleanup(network.pip_settings.cache_clear)
            with mock.patch.dict(os.environ, environment):
                os.environ.pop("PIP_CERT", None)
                settings = network.pip_settings()
        self.assertEqual(settings["index-url"], "http://environment.invalid/simple")
        self.assertEqual(settings["cert"], "/file.pem")


class OwnLibtorch(unittest.TestCase):
    """The script itself, with LIBTORCH set: no network, no pip."""

    def setUp(self):
        self.root = Path(tempfile.mkdtemp(suffix=" with space"))
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "lib").mkdir()
        (self.root / "lib/libtorch.so").touch()
        (self.root / "build-version").write_text("2.4.0+cpu\n")

    def setup_script(self, *arguments, **environment):
        environment = {**os.environ, "LIBTORCH": str(self.root), "LIBTORCH_CXX11_ABI": "", **environment}
        command = [sys.executable, str(SCRIPTS / "setup"), *arguments]
        return subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_its_path_is_all_there_is_on_stdout(self):
        ran = self.setup_script()
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr), (0, f"{self.root}\n", ""))

    def test_a_shell_can_read_the_exports(self):
        for symbol, abi in ((folder.OLD_STRING, "0"), (b"_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112", "1")):
            (self.root / "lib/libc10.so").write_bytes(b"\x7fELF" + symbol + b"\0")
            script = self.setup_script("--env").stdout + 'printf %s "$LIBTORCH|$LIBTORCH_CXX11_ABI"'
            read = subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, text=True).stdout
            self.assertEqual(read, f"{self.root}|{abi}")

    def test_the_abi_that_the_user_chose_stays(self):
        self.assertIn("LIBTORCH_CXX11_ABI=7", self.setup_script("--env", LIBTORCH_CXX11_ABI="7").stdout)

    def test_another_version_is_warned_of(self):
        (self.root / "build-version").write_text("2.3.1\n")
        ran = self.setup_script()
        self.assertEqual(ran.returncode, 0)
        self.assertIn("is libtorch 2.3.1; mtalign is built for 2.4.0", ran.stderr)

    def test_an_installed_pytorch_states_its_version_elsewhere(self):
        (self.root / "build-version").unlink()
        (self.root / "version.py").write_text("from typing import Optional\n__version__ = '2.4.0+cu121'\n")
        self.assertEqual(self.setup_script().stderr, "")

    def test_a_folder_without_the_library_is_refused(self):
        (self.root / "lib/libtorch.so").unlink()
        ran = self.setup_script()
        self.assertEqual((ran.returncode, ran.stdout), (2, ""))
        self.assertIn("there is no libtorch in its lib/", ran.stderr)
        self.assertIn("hint: set LIBTORCH", ran.stderr)


if __name__ == "__main__":
    unittest.main()
