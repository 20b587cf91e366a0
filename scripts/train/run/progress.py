"""Where a training run stands, how fast it goes, and how its learning rate rises and falls."""

import dataclasses
import datetime
import time
from collections.abc import Callable

from torch import Tensor


@dataclasses.dataclass
class Progress:
    """Where a run stands; part of every checkpoint."""

    step: int = 0
    target_pieces: int = 0
    data_pass: int = 0
    group: int = 0

    def advance(self, data_pass: int, group: int, target_pieces: int) -> None:
        """One more update, made with the given group of batches."""
        self.step += 1
        self.target_pieces += target_pieces
        self.data_pass, self.group = data_pass, group + 1


class Meter:
    """Mean loss and speed since the last line of the log.

    The loss may be a tensor on a device: it is waited for where the line is written, not before.
    """

    def __init__(self):
        self.loss, self.pieces, self.last_pieces = 0.0, 0, 0
        self.started = time.monotonic()

    def add(self, loss: float | Tensor, pieces: int) -> None:
        self.loss, self.pieces, self.last_pieces = self.loss + loss, self.pieces + pieces, pieces

    def lap(self) -> dict:
        seconds = time.monotonic() - self.started
        record = {
            "loss": round(float(self.loss) / self.pieces, 4),
            "pieces_per_second": round(self.pieces / seconds),
        }
        self.__init__()
        return record


@dataclasses.dataclass(frozen=True)
class Schedule:
    """The learning rate as a share of its peak."""

    warmup_steps: int
    decay: float
    left: Callable[[int], float]
    """What is left of the run at a step, in the unit of `decay`."""

    def share(self, step: int) -> float:
        return max(0.0, min(1.0, (step + 1) / self.warmup_steps, self.left(step) / self.decay))

    def falling(self, step: int) -> bool:
        return self.left(step) < self.decay

    def over(self, step: int) -> bool:
        return self.left(step) <= 0


def until(clock: str) -> Callable[[int], float]:
    """Minutes left until a time of this day, HH:MM."""
    hour, minute = map(int, clock.split(":"))
    end = datetime.datetime.now().replace(hour=hour, minute=minute, second=0).timestamp()
    return lambda step: (end - time.time()) / 60


def minutes(number: float, started: float) -> Callable[[int], float]:
    """Minutes left of so many from `started`, a time of `time.time()`."""
    return lambda step: number - (time.time() - started) / 60
