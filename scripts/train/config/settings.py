"""Reads a TOML file of settings; `config/cpu.toml` shows every key with its meaning.

A file with `base = "cpu.toml"` says only what differs from the file of that name beside it.
"""

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
        own = tomllib.load(file)
    if base := own.pop("base", None):
        return merged(load(path.with_name(base)), own)
    return own


def merged(base: dict, own: dict) -> dict:
    """`base`, but for the keys of `own`; a table is merged key by key."""
    result = base | own
    for key in base.keys() & own.keys():
        if isinstance(base[key], dict) and isinstance(own[key], dict):
            result[key] = merged(base[key], own[key])
    return result
