"""Reads a TOML file of settings; `config/*.toml` show every key with its meaning."""

import argparse
import tomllib
from pathlib import Path


def arguments(description: str) -> argparse.ArgumentParser:
    """A parser with what every step takes: the settings and the folder it works in."""
    parser = argparse.ArgumentParser(description=description.strip().splitlines()[0])
    parser.add_argument("--config", type=Path, required=True, help="settings, e.g. config/cpu.toml")
    parser.add_argument("--work", type=Path, required=True, help="folder the steps share")
    return parser


def load(path: Path) -> dict:
    with path.open("rb") as file:
        return tomllib.load(file)
