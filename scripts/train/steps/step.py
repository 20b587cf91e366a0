"""A step: a command, the files that it reads and writes, and whether it has to be run."""

import dataclasses
import glob
import os
import shlex
import subprocess
from collections.abc import Iterable
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Step:
    """Paths may hold wildcards. A step that writes nothing is a check, and always to be run."""

    name: str
    command: tuple[str | int | float | Path, ...]
    """Paths with wildcards stand for the files that match when it is run."""
    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    checkpoint: Path | None = None
    """What it goes on from after a stop."""
    trained_with: tuple[Path, ...] = ()
    """What the checkpoint means nothing without."""

    def __str__(self) -> str:
        """As it is typed in a shell."""
        setting = [f"{name}={shlex.quote(value)}" for name, value in self.environment.items()]
        parts = [str(part) if is_pattern(part) else shlex.quote(str(part)) for part in self.command]
        return " ".join([*setting, *parts])

    def is_done(self) -> bool:
        """Whether all that it writes is there, and nothing of it is older than what it reads."""
        if not self.writes or not all(map(matches, self.writes)):
            return False
        return min(times(self.writes)) >= max(times(self.reads), default=0)

    def void_checkpoint(self) -> Path | None:
        """What is newer than the checkpoint, although the checkpoint was trained with it."""
        if self.checkpoint is None or not self.checkpoint.exists():
            return None
        age = self.checkpoint.stat().st_mtime_ns
        newer = (path for path in self.trained_with if max(times([path]), default=0) > age)
        return next(newer, None)

    def put_checkpoint_aside(self) -> None:
        """Renames it, so that the step begins anew."""
        if self.checkpoint and self.checkpoint.exists():
            self.checkpoint.replace(self.checkpoint.with_suffix(".old.pt"))

    def run(self) -> int:
        """Runs the command; returns its exit status."""
        for path in self.writes:
            path.parent.mkdir(parents=True, exist_ok=True)
        parts = [matches(part) if is_pattern(part) else [str(part)] for part in self.command]
        command = [part for some in parts for part in some]
        return subprocess.run(command, env=os.environ | self.environment).returncode


def is_pattern(part: object) -> bool:
    return isinstance(part, Path) and glob.has_magic(str(part))


def matches(path: Path) -> list[str]:
    return sorted(glob.glob(str(path)))


def times(paths: Iterable[Path]) -> list[int]:
    """When the files that match were written, in nanoseconds."""
    return [os.stat(file).st_mtime_ns for path in paths for file in matches(path)]
