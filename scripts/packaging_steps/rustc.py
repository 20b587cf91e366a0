#!/usr/bin/env python3
"""Runs rustc as cargo asks (`RUSTC_WORKSPACE_WRAPPER`), and has the program linked as the package has it."""

import os
import sys
from pathlib import Path

STEPS = Path(__file__).resolve().parent


def links_the_program(arguments):
    """Whether rustc makes the program, and not its tests or its library."""
    options = list(zip(arguments, arguments[1:]))
    is_program = ("--crate-name", "mtalign") in options and ("--crate-type", "bin") in options
    return is_program and "--test" not in arguments


def linking():
    """What rustc is told to link the program so, wherever its sources lie."""
    return ["-C", f"linker={STEPS / 'linker.py'}", "--remap-path-prefix", f"{STEPS.parent.parent}=mtalign"]


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if links_the_program(arguments):
        arguments += linking()
    os.execvp(arguments[0], arguments)
