"""The program, built as ever and linked for an older C library."""

import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from environments import Missing, made

from . import Failure, NotHere, rustc, say

STEPS = Path(__file__).resolve().parent

OLDEST = (3, 9)
"""The Python that these scripts are written in."""


class Built(NamedTuple):
    """What was built."""

    program: Path
    libtorch: Path
    """The folder that it was linked to."""
    tools: Path
    """The environment with the tools of packaging."""
    version: str


def program(root, built=None):
    """Builds the program; one that was `built` by way of the `wrapper` is taken as it is."""
    settings = exports(root)
    tools = environment(root)
    version = re.search(r'^version = "(.*)"', (root / "Cargo.toml").read_text("utf-8"), re.MULTILINE)
    if built is not None:
        return Built(built, Path(settings["LIBTORCH"]), tools, version[1])
    say("building the program")
    # Only the last step differs from other builds: what it is built of is used as it is there.
    command = ["cargo", "rustc", "--release", "--locked", "--bin", "mtalign", "--", *rustc.linking()]
    # So that cargo links anew where that is done otherwise.
    command += ["--cfg", f'linked_by="{linked_by()}"']
    surroundings = {**os.environ, **settings, "MTALIGN_PACKAGING": str(tools)}
    if subprocess.run(command, cwd=root, env=surroundings, stdout=sys.stderr).returncode != 0:
        raise Failure("the program cannot be built")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or root / "target")
    kept = root / "target" / "package" / "mtalign"
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(target / "release" / "mtalign", kept)
    return Built(kept, Path(settings["LIBTORCH"]), tools, version[1])


def linked_by():
    """What tells one way of linking from others."""
    return hashlib.sha256((STEPS / "linker.py").read_bytes() + (STEPS / "rustc.py").read_bytes()).hexdigest()[:16]


def wrapper(root):
    """What cargo is to run rustc by, so that the program is linked as the package has it. Its name tells how, so that cargo
    links anew where that is done otherwise."""
    tools = environment(root)
    path = tools / f"rustc-{linked_by()}"
    exported = f"MTALIGN_PACKAGING={shlex.quote(str(tools))} MTALIGN_LINKED_AS_EVER=1"
    path.write_text(f'#!/bin/sh\n{exported} exec {shlex.quote(str(STEPS / "rustc.py"))} "$@"\n')
    path.chmod(0o755)
    return path


def exports(root):
    """What `scripts/setup --env` says."""
    ran = subprocess.run([root / "scripts" / "setup", "--env"], stdout=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        raise Failure("there is no libtorch")
    pairs = (shlex.split(line)[1].split("=", 1) for line in ran.stdout.splitlines())
    return dict(pairs)


def environment(root):
    """A virtual environment with the tools, made where it is not there."""
    if platform.system() != "Linux":
        raise NotHere("the package is for Linux, and is made there")
    folder = root / "target" / "packaging"
    try:
        made(folder, STEPS / "requirements.txt", OLDEST, "a minute")
    except Missing as missing:
        raise NotHere("the tools of packaging cannot be fetched") from missing
    return folder
