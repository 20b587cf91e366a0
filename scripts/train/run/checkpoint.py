"""Checkpoints: tensors and numbers in dictionaries, as `torch.save` writes them."""

import os
from pathlib import Path
from typing import Any

import torch


def save(path: Path, state: Any) -> None:
    """Writes beside the file and renames, so that a crash leaves the old one whole."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def load(path: Path) -> dict:
    """What was saved, its tensors on the CPU and mapped from the file."""
    return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
