"""Tests a run of any product: its schedules, its log, and that it goes on where it was stopped."""

import argparse
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch

from config import settings
from embeddings.train import EmbeddingsTraining
from run import checkpoint
from run.schedule import LinearDecay, WarmupStableDecay
from run.training import Progress, Training
from smoke.device_passes import write_corpus

EVERY = {"log_steps": 2, "probe_steps": 4, "checkpoint_seconds": 1000}


class Stopped(Exception):
    """What a run is interrupted by."""


class Counting(Training):
    """Adds the numbers 0, 1, 2 … up, each times the rate."""

    unit = "numbers"

    def __init__(self, folder: Path, steps: int, stop: int | None = None, decay: int = 4):
        schedule = WarmupStableDecay(2, decay=decay, left=lambda step: steps - step)
        super().__init__(folder, schedule, {"peak_rate": 1.0, "every": EVERY}, Progress())
        self.total, self.stop = torch.zeros(()), stop
        self.resume()

    def updates(self):
        number = self.progress.step
        while True:
            yield number
            number += 1

    def step(self, number, rate):
        if number == self.stop:
            raise Stopped
        self.total += number * rate
        self.progress.step += 1
        return float(number), 1, 1

    def state(self):
        return {"total": self.total}

    def restore(self, state):
        self.total = state["total"].clone()

    def write_product(self, fallen):
        (self.folder / "product").write_text(f"{self.total} {fallen}")

    def measure(self, thorough):
        return {"total": self.total.item(), "thorough": thorough}


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        quiet = mock.patch("builtins.print")
        self.addCleanup(quiet.stop)
        quiet.start()

    def log(self, folder: Path | None = None) -> list[dict]:
        lines = ((folder or self.folder) / "log.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]


class Course(Runs):
    def test_the_fall_leaves_the_checkpoint_alone_and_ends_in_the_product(self):
        run = Counting(self.folder, 10)
        self.assertEqual(run.train(), {"total": run.total.item(), "thorough": True})
        saved = checkpoint.load(self.folder / "latest.pt")
        # The fall begins at step 7, with fewer than four steps left.
        self.assertEqual(saved["progress"], {"step": 7})
        self.assertEqual(saved["total"].item(), sum(range(7)))
        self.assertEqual(run.total.item(), 21 + 7 * 0.75 + 8 * 0.5 + 9 * 0.25)
        self.assertEqual((self.folder / "product").read_text(), f"{run.total} True")

    def test_a_run_may_end_without_a_fall(self):
        run = Counting(self.folder, 10, decay=0)
        run.train()
        self.assertEqual(run.total.item(), sum(range(10)))
        self.assertEqual(checkpoint.load(self.folder / "latest.pt")["progress"], {"step": 10})

    def test_a_fall_that_was_interrupted_is_done_over_and_a_longer_run_goes_on_before_it(self):
        with self.assertRaises(Stopped):
            Counting(self.folder, 10, stop=9).train()
        again = Counting(self.folder, 10)
        self.assertEqual(again.progress.step, 7)
        again.train()
        (self.folder / "whole").mkdir()
        whole = Counting(self.folder / "whole", 10)
        whole.train()
        self.assertEqual(again.total, whole.total)
        longer = Counting(self.folder, 20)
        longer.train()
        self.assertEqual(checkpoint.load(self.folder / "latest.pt")["progress"], {"step": 17})

    def test_the_log_has_means_and_measurements(self):
        Counting(self.folder, 8).train()
        records = self.log()
        means = [record for record in records if "loss" in record]
        self.assertEqual([record["step"] for record in means], [2, 4, 6, 8])
        self.assertEqual([record["loss"] for record in means], [0.5, 2.5, 4.5, 6.5])
        self.assertEqual([record["rate"] for record in means], [1.0, 1.0, 0.75, 0.25])
        self.assertTrue(all("numbers_per_second" in record for record in means))
        measured = [(record["step"], record["thorough"]) for record in records if "total" in record]
        self.assertEqual(measured, [(0, True), (4, False), (8, False), (8, True)])

    def test_who_does_not_lead_writes_nothing(self):
        run = Counting(self.folder, 10)
        run.leads = False
        run.train()
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_straight_fall_has_no_checkpoint_to_be_spared(self):
        fall = LinearDecay(4)
        self.assertEqual([fall.share(step) for step in range(4)], [1, 0.75, 0.5, 0.25])
        self.assertFalse(any(fall.falling(step) for step in range(4)))
        self.assertEqual([fall.over(step) for step in (3, 4)], [False, True])


class Embeddings(Runs):
    """Their run goes on in its fall, with the draws that would have come next."""

    def options(self, name: str) -> argparse.Namespace:
        work = self.folder / name
        (work / "embeddings").mkdir(parents=True)
        write_corpus(work / "ids", vocabulary=40)
        numbers = {f"piece{number}": number for number in range(38)} | {"<unk>": 38, "<pad>": 39}
        (work / "vocabulary").mkdir()
        (work / "vocabulary" / "vocab.json").write_text(json.dumps(numbers))
        return argparse.Namespace(config=Path(), work=work, vocabulary=None, device="cpu")

    def test_an_interrupted_run_ends_as_one_that_was_not(self):
        recipe = {
            "width": 8, "steps": 12, "batch": 16, "neighbour_share": 0.5, "run": 4, "scale": 20.0,
            "peak_rate": 0.02, "longest": 64, "every": EVERY | {"checkpoint_seconds": 0},
        }  # fmt: skip
        config = {"seed": 7, "mix": {"first": 1.0, "second": 0.5}, "embeddings": recipe}
        tables = []
        with mock.patch.object(settings, "load", lambda path: config):
            for name, stop in (("whole", None), ("interrupted", 5)):
                options = self.options(name)
                if stop:
                    run = EmbeddingsTraining(options)
                    step = run.step

                    def stopping(pairs, rate, run=run, step=step):
                        if run.progress.step == stop:
                            raise Stopped
                        return step(pairs, rate)

                    with mock.patch.object(run, "step", stopping), self.assertRaises(Stopped):
                        run.train()
                EmbeddingsTraining(options).train()
                folder = options.work / "embeddings"
                self.assertFalse((folder / "latest.pt").exists())
                tables.append(torch.load(folder / "embeddings.pt", weights_only=True))
                self.assertEqual(self.log(folder)[-1]["step"], 12)
        self.assertTrue(torch.equal(*tables))


def main() -> None:
    unittest.main(__name__)


if __name__ == "__main__":
    main()
