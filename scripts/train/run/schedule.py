"""Learning rate schedules, and the end of a run: by the clock, or after so many steps."""

import argparse
import dataclasses
import datetime
import time
from collections.abc import Callable
from typing import Protocol


class Schedule(Protocol):
    """The learning rate as a share of its peak, at each step from 0 on."""

    def share(self, step: int) -> float:
        """0 to 1."""

    def falling(self, step: int) -> bool:
        """Whether the step belongs to a fall that is done over if it is interrupted."""

    def over(self, step: int) -> bool:
        """Whether the run ends before this step."""


@dataclasses.dataclass(frozen=True)
class WarmupStableDecay:
    """Rises over `warmup_steps`, stays at the peak, falls to 0 over the last `decay`, if any."""

    warmup_steps: int
    decay: float
    left: Callable[[int], float]
    """What is left of the run at a step, in the unit of `decay`."""

    @classmethod
    def of(cls, options: argparse.Namespace, warmup_steps: int) -> "WarmupStableDecay":
        """As the arguments of `add_arguments` say."""
        return cls(warmup_steps, options.decay, left(options))

    def share(self, step: int) -> float:
        risen = min(1.0, (step + 1) / self.warmup_steps)
        return max(0.0, min(risen, self.left(step) / self.decay)) if self.decay else risen

    def falling(self, step: int) -> bool:
        return self.left(step) < self.decay

    def over(self, step: int) -> bool:
        return self.left(step) <= 0


@dataclasses.dataclass(frozen=True)
class LinearDecay:
    """Falls from the first step to the last; goes on wherever it was interrupted."""

    steps: int

    def share(self, step: int) -> float:
        return 1 - step / self.steps

    def falling(self, step: int) -> bool:
        return False

    def over(self, step: int) -> bool:
        return step >= self.steps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what says how long a run is, and how long its rate falls."""
    end = parser.add_mutually_exclusive_group(required=True)
    end.add_argument("--until", help="end of the run, HH:MM; of tomorrow where that is over today")
    end.add_argument("--minutes", type=float, help="end of the run, in minutes from its start")
    end.add_argument("--steps", type=int, help="end of the run, in steps")
    parser.add_argument(
        "--decay", type=float, required=True, help="minutes, or steps, of the fall; 0: none"
    )
    parser.set_defaults(started=time.time())


def left(options: argparse.Namespace) -> Callable[[int], float]:
    """What is left of the run at a step: minutes, or steps where `--steps` ends it."""
    if options.until:
        return until(options.until)
    if options.minutes:
        return minutes(options.minutes, options.started)
    return lambda step: options.steps - step


def until(clock: str) -> Callable[[int], float]:
    """Minutes left until it is HH:MM the next time."""
    hour, minute = map(int, clock.split(":"))
    now = datetime.datetime.now()
    end = now.replace(hour=hour, minute=minute, second=0)
    if end <= now:
        end += datetime.timedelta(days=1)
    return lambda step: (end.timestamp() - time.time()) / 60


def minutes(number: float, started: float) -> Callable[[int], float]:
    """Minutes left of so many from `started`, a time of `time.time()`."""
    return lambda step: number - (time.time() - started) / 60
