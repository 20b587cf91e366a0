"""The folder as an archive: the same files make the same bytes, whenever and by whomever they are packed."""

import gzip
import hashlib
import tarfile
from pathlib import Path

from . import say


def packed(tree, output):
    """The path of the archive in `output`, and beside it the archive's digest."""
    path = output / f"{tree.name}.tar.gz"
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for member in [tree, *sorted(tree.rglob("*"))]:
                tar.add(member, str(Path(tree.name, member.relative_to(tree))), recursive=False, filter=plain)
    partial.rename(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n")
    say(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, SHA-256 {digest}")
    return path


def plain(member):
    """A member without what differs from machine to machine."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member
