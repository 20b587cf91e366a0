"""A training run: updates at the rate of a schedule, its log, its checkpoints, its resumption.

Out: `RUN/latest.pt`   all that the run goes on from. The fall of the learning rate leaves it alone:
                       a fall that was interrupted is done over, and another day goes on before it
     `RUN/log.jsonl`   one JSON object a line: time, step, units seen, and mean loss, speed and rate
                       since the line before, or measurements

What is trained, how, and what is written for others, each product says in a `Training` of its own.
"""

import abc
import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch import Tensor

from run import checkpoint
from run.log import Log, Meter
from run.schedule import Schedule


@dataclasses.dataclass
class Progress:
    """Where a run stands; part of every checkpoint."""

    step: int = 0

    def seen(self) -> dict:
        """What each line of the log says of it."""
        return dataclasses.asdict(self)


class Training(abc.ABC):
    """One run; where several processes share it, one process's part of it."""

    unit: str
    """The plural of what the log's speed counts."""

    def __init__(
        self, folder: Path, schedule: Schedule, recipe: dict, progress: Progress, leads: bool = True
    ):
        """`recipe` are the product's settings; who `leads` writes log and checkpoints."""
        self.folder, self.schedule, self.progress, self.leads = folder, schedule, progress, leads
        self.peak_rate, self.every = recipe["peak_rate"], recipe["every"]
        self.log = Log(folder / "log.jsonl")

    @abc.abstractmethod
    def updates(self) -> Iterator[Any]:
        """What each update is made with, without end, from where the run stands."""

    @abc.abstractmethod
    def step(self, batches: Any, rate: float) -> tuple[float | Tensor, int, int]:
        """Makes an update and moves `progress` on.

        Returns the loss summed over its terms, how many those are, and how many units were seen.
        """

    @abc.abstractmethod
    def state(self) -> dict:
        """What `latest.pt` holds beside the progress."""

    @abc.abstractmethod
    def restore(self, state: dict) -> None:
        """Takes back what `state` gave."""

    @abc.abstractmethod
    def write_product(self, fallen: bool) -> None:
        """Writes what others use; `fallen` once the rate has begun to fall."""

    def measure(self, thorough: bool) -> dict:
        """Measurements for the log, if any; `thorough` at the start and at the end of a run."""
        return {}

    def remarks(self) -> dict:
        """What else the log says of a stretch of updates."""
        return {}

    def agree(self) -> tuple[float, bool, bool]:
        """Of this step: the share of the peak rate, whether it falls, whether the run is over."""
        schedule, step = self.schedule, self.progress.step
        return schedule.share(step), schedule.falling(step), schedule.over(step)

    def resume(self) -> bool:
        """Goes on from the last checkpoint; false where there is none."""
        path = self.folder / "latest.pt"
        if not path.exists():
            return False
        state = checkpoint.load(path)
        self.restore(state)
        self.progress = type(self.progress)(**state["progress"])
        return True

    def save(self, name: str, state: dict) -> None:
        progress = dataclasses.asdict(self.progress)
        checkpoint.save(self.folder / name, state | {"progress": progress})

    def write_checkpoint(self, fallen: bool) -> None:
        if not self.leads:
            return
        if not fallen:
            self.save("latest.pt", self.state())
        self.write_product(fallen)

    def record(self, found: dict) -> None:
        """A line of the log, if there is anything to say."""
        if self.leads and found:
            self.log.write(self.progress.seen() | found)

    def train(self) -> dict:
        """Makes updates until the run is over; returns what is measured then."""
        every, meter = self.every, Meter(self.unit)
        saved, fell = time.monotonic(), False
        self.record(self.measure(thorough=True))
        for batches in self.updates():
            share, falling, over = self.agree()
            if over:
                break
            if falling and not fell:
                self.write_checkpoint(fallen=False)
                fell = True
            rate = share * self.peak_rate
            meter.add(*self.step(batches, rate))
            if self.progress.step % every["log_steps"] == 0:
                self.record(meter.lap() | {"rate": round(rate, 7)} | self.remarks())
            if self.progress.step % every["probe_steps"] == 0:
                self.record(self.measure(thorough=False))
            if time.monotonic() - saved > every["checkpoint_seconds"]:
                self.write_checkpoint(falling)
                saved = time.monotonic()
        if not fell:
            self.write_checkpoint(fallen=False)
        self.write_checkpoint(fallen=True)
        measured = self.measure(thorough=True)
        self.record(measured)
        return measured
