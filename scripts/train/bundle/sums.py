"""Writes the checksums of a bundle, and compares its files with them.

    write BUNDLE    writes `BUNDLE/SHA256SUMS`, as `sha256sum` would, for all files that are loaded
    check BUNDLE    fails unless each file is there and as `SHA256SUMS` says

`mtalign` compares the files with `SHA256SUMS` whenever it loads a bundle.
"""

import argparse
import hashlib
import re
import sys
from pathlib import Path

SUMS = "SHA256SUMS"

NOT_LOADED = ("*.md", SUMS)
"""What people read, and the sums themselves."""

LINE = re.compile(r"([0-9a-f]{64})  ([^/]+)")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def loaded(folder: Path) -> list[Path]:
    """The files that have a sum, by name."""
    files = (path for path in folder.iterdir() if path.is_file())
    return sorted(path for path in files if not any(map(path.match, NOT_LOADED)))


def write(folder: Path) -> None:
    lines = [f"{sha256(path)}  {path.name}\n" for path in loaded(folder)]
    (folder / SUMS).write_text("".join(lines))
    print(f"`{folder / SUMS}`: {len(lines)} files")


def check(folder: Path) -> None:
    wrong = faults(folder)
    if wrong:
        sys.exit("\n".join(f"error: {fault}" for fault in wrong))
    print(f"`{folder}`: every file is as `{SUMS}` says")


def faults(folder: Path) -> list[str]:
    """What is wrong with the files, or with what is said of them."""
    found, listed = [], set()
    for line in (folder / SUMS).read_text().splitlines():
        match = LINE.fullmatch(line)
        if not match:
            found.append(f"`{SUMS}` has the line `{line}`")
            continue
        expected, name = match.groups()
        listed.add(name)
        if not (folder / name).is_file():
            found.append(f"`{folder / name}` is missing")
        elif sha256(folder / name) != expected:
            found.append(f"`{folder / name}` is not as `{SUMS}` says")
    others = [path for path in loaded(folder) if path.name not in listed]
    return found + [f"`{path}` is not in `{SUMS}`" for path in others]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for command in (write, check):
        added = commands.add_parser(command.__name__)
        added.set_defaults(command=command)
        added.add_argument("bundle", type=Path)
    options = parser.parse_args()
    options.command(options.bundle)


if __name__ == "__main__":
    main()
