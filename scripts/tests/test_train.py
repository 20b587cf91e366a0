"""The parts of `scripts/train` that need nothing but Python."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

TRAIN = Path(__file__).resolve().parent.parent / "train"


def load(name):
    """A script as a module, whatever it is called."""
    loader = importlib.machinery.SourceFileLoader(name, str(TRAIN / name))
    spec = importlib.util.spec_from_loader(name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


class SameCurve(unittest.TestCase):
    """`same_curve.py` on logs that differ from the saved one."""

    def setUp(self):
        self.script = load("measure/same_curve.py")
        self.log = [json.loads(line) for line in self.script.SAVED.read_text().splitlines()]

    def verdict(self):
        """What the script ends with; None when it is content."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "log.jsonl"
            path.write_text("".join(json.dumps(record) + "\n" for record in self.log))
            arguments = mock.patch.object(sys, "argv", ["same_curve.py", str(path)])
            with arguments, contextlib.redirect_stdout(io.StringIO()):
                try:
                    self.script.main()
                except SystemExit as end:
                    return end.code
        return None

    def test_the_saved_log_is_like_itself(self):
        self.assertIsNone(self.verdict())

    def test_noise_and_probes_do_not_matter(self):
        self.log[0]["loss"] += 0.11
        self.log[3]["loss"] -= 0.06
        self.log.insert(2, {"step": 100, "development_cross_entropy": 7.5})
        self.assertIsNone(self.verdict())

    def test_losses_beyond_the_noise_missing_steps_and_other_data_are_told(self):
        changes = {
            "loss": lambda log: log[4].update(loss=log[4]["loss"] - 0.08),
            "missing": lambda log: log.pop(),
            "data": lambda log: log[1].update(target_pieces=2 * log[1]["target_pieces"]),
            "no number": lambda log: log[1].update(loss=float("nan")),
        }
        for name, change in changes.items():
            with self.subTest(name):
                self.setUp()
                change(self.log)
                self.assertEqual(self.verdict(), "not the same training: it differs at 1 of 6 steps")


class Environment(unittest.TestCase):
    """`environment` on machines with other Pythons."""

    def setUp(self):
        self.script = load("environment")
        self.messages = io.StringIO()

    def status(self, version, others):
        """The exit status with a Python of `version`, and `others` on the path, in an empty folder."""
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            stack.enter_context(mock.patch.object(self.script, "ENVIRONMENT", folder / "training"))
            stack.enter_context(mock.patch.object(self.script.sys, "version_info", version))
            stack.enter_context(mock.patch.object(self.script.shutil, "which", others.get))
            self.run = stack.enter_context(mock.patch.object(self.script.subprocess, "run"))
            stack.enter_context(mock.patch.object(self.script, "install"))
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            stack.enter_context(contextlib.redirect_stderr(self.messages))
            self.run.side_effect = lambda *_, **__: (folder / "training").mkdir()
            return self.script.main()

    def test_a_python_that_pytorch_knows_is_taken(self):
        for version, others, expected in (
            ((3, 11, 7), {}, sys.executable),
            ((3, 14, 0), {"python3.12": "/opt/python3.12", "python3.10": "/opt/python3.10"}, "/opt/python3.12"),
            ((3, 9, 2), {"python3.10": "/opt/python3.10"}, "/opt/python3.10"),
        ):
            self.assertEqual(self.status(version, others), 0)
            self.assertEqual(self.run.call_args.args[0][0], expected)

    def test_without_one_the_step_is_skipped_and_says_so(self):
        self.assertEqual(self.status((3, 14, 0), {"python3.9": "/opt/python3.9"}), 77)
        self.assertIn("SKIPPED", self.messages.getvalue())


class Clock(unittest.TestCase):
    def test_a_time_that_is_over_today_is_that_of_tomorrow(self):
        sys.path.insert(0, str(TRAIN))
        self.addCleanup(sys.path.remove, str(TRAIN))
        from run import schedule

        now = schedule.datetime.datetime.now()
        for minutes in (-90, -2, 2, 90):
            then = now + schedule.datetime.timedelta(minutes=minutes)
            left = schedule.until(f"{then.hour}:{then.minute}")(0)
            self.assertAlmostEqual(left, minutes % (24 * 60), delta=1.1)


if __name__ == "__main__":
    unittest.main()
