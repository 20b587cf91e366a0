"""Finds a browser and makes the environment that drives it; prints the Python of that and the browser, a line each.

Out: `target/browser/environment/`, a virtual environment with what `requirements.txt` asks for; made again when that
     changes. The browser is `MTALIGN_BROWSER`, or a Chromium or Chrome of this machine. On a machine of CI that has none,
     Debian's is installed.

Exits with 77, and says why, where there is no browser or no package index.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
ENVIRONMENT = HERE.parents[1] / "target" / "browser" / "environment"

OLDEST = (3, 9)
"""The Python that Playwright asks for."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""Names under which systems have it."""

INSTALLS = (
    ("apt-get", "update", "-qq"),
    ("apt-get", "install", "-qq", "--yes", "--no-install-recommends", "chromium", "fonts-noto-cjk"),
)
"""How a Debian machine gets it, with letters for the Chinese."""

SKIPPED = 77
"""The exit status by which test drivers know a test that could not be run."""


class NotHere(Exception):
    """What cannot be had on this machine."""


def browser():
    """The path of a browser."""
    asked = os.environ.get("MTALIGN_BROWSER")
    if asked:
        return asked
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and os.environ.get("CI") and shutil.which("apt-get") and os.geteuid() == 0:
        for command in INSTALLS:
            subprocess.run(command, check=False, stdout=sys.stderr)
        found = shutil.which(BROWSERS[0])
    if found is None:
        raise NotHere("there is no Chromium or Chrome; install one, or set MTALIGN_BROWSER to its path")
    return found


def python():
    """The path of a Python that has what `requirements.txt` asks for."""
    if sys.version_info[:2] < OLDEST:
        raise NotHere(f"Python {'.'.join(map(str, OLDEST))} or newer is needed")
    wanted = REQUIREMENTS.read_text()
    stamp = ENVIRONMENT / "made-of"
    path = ENVIRONMENT / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making `{ENVIRONMENT}`", file=sys.stderr, flush=True)
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        pip = (path, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS)
        try:
            subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True, stdout=sys.stderr)
            subprocess.run(pip, check=True, stdout=sys.stderr)
        except subprocess.CalledProcessError as error:
            raise NotHere(f"cannot make `{ENVIRONMENT}`: {error}") from error
        stamp.write_text(wanted)
    return path


def main():
    try:
        found = browser()
        print(python(), found, sep="\n")
    except NotHere as reason:
        print(f"SKIPPED: {reason}", file=sys.stderr)
        return SKIPPED
    return 0


if __name__ == "__main__":
    sys.exit(main())
