"""Builds the wheel with the program inside: setuptools, after the package was put where it is taken from.

The package is the one that MTALIGN_PACKAGE names, or `scripts/package` makes it. Since the program is for one kind of
processor, the wheel is too; since it is no extension of Python, any Python will do.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403  # the other hooks are setuptools' own

HERE = Path(__file__).resolve().parent
PLACE = HERE / "src" / "mtalign" / "package"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """The wheel's name in `wheel_directory`."""
    with tempfile.TemporaryDirectory() as folder:
        archive = package(Path(folder))
        platform = unpacked(archive)
        try:
            settings = {**(config_settings or {}), "--build-option": ["--plat-name", platform]}
            return build_meta.build_wheel(wheel_directory, settings, metadata_directory)
        finally:
            shutil.rmtree(PLACE)


def package(folder):
    """The package, which is made in `folder` where there is none."""
    named = os.environ.get("MTALIGN_PACKAGE")
    if named:
        return Path(named)
    made = subprocess.run(
        [sys.executable, HERE.parent / "package", "--output", folder], check=True, stdout=subprocess.PIPE, text=True
    )
    return Path(made.stdout.strip())


def unpacked(archive):
    """Puts the package in its place. Returns the platform that it is for, as wheels call it."""
    if PLACE.exists():
        shutil.rmtree(PLACE)
    with tempfile.TemporaryDirectory(dir=HERE) as folder, tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
        (inside,) = Path(folder).iterdir()
        PLACE.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(inside, PLACE)
    return (PLACE / "platform").read_text().strip()
