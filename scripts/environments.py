"""Virtual environments that scripts run in, made where they are not there, and what a Debian machine of CI lacks for them."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

NOT_HERE = 77
"""The exit status by which test drivers know a test that could not be run."""

UNREACHABLE = "connection broken by"
"""What pip says of each try that reaches nothing."""


class Missing(Exception):
    """An environment that cannot be made: why, for the user, and the status to exit with."""

    def __init__(self, why: str, status: int = NOT_HERE) -> None:
        super().__init__(f"SKIPPED: {why}" if status == NOT_HERE else f"error: {why}")
        self.status = status


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def made(folder: Path, requirements: Path, oldest: tuple[int, int], takes: str) -> Path:
    """The Python of the environment `folder` with what `requirements` asks for; made again when that changes. Raises
    `Missing` where this Python is older than `oldest`, or where pip fails."""
    stamp = folder / "made-of"
    python = folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        if sys.version_info < oldest:
            raise Missing(f"Python {platform.python_version()} is too old for what `{folder.name}` needs")
        say(f"making `{folder}` ({takes}, once)")
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        command = [python, "-m", "pip", "install", "--quiet", "--requirement", requirements]
        pip = subprocess.run(command, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
        if pip.returncode != 0:
            say(pip.stderr)
            if UNREACHABLE in pip.stderr:
                raise Missing(f"pip reaches no package index, so there is no `{folder.name}`")
            raise Missing(f"cannot make `{folder}`", 1)
        stamp.write_text(requirements.read_text())
    return python


def see_to(command: str, *packages: str) -> bool:
    """Whether there is such a command; on a Debian machine of CI, the first of `packages` that there is gets installed."""
    is_ours = os.environ.get("CI") and shutil.which("apt-get") and os.geteuid() == 0
    if is_ours and not shutil.which(command):
        subprocess.run(["apt-get", "update", "-qq"], check=False, stdout=sys.stderr)
        for package in packages:
            install = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", package]
            if subprocess.run(install, check=False, stdout=sys.stderr).returncode == 0:
                break
    return shutil.which(command) is not None
