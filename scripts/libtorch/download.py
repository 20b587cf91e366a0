"""Fetches the wanted parts of a wheel, going on where an earlier attempt stopped.

A wheel is a zip file, and a zip file ends with a directory of its members. So its end is fetched first, then only the
stretches that hold wanted members, each at its own place in a file with holes between them: a fifth of the big wheel.
Stretches are written in order, so the file's length says how far an interrupted download had come. A server that
knows no ranges sends the whole wheel instead.
"""

import os
import tempfile
import zipfile

from . import Failure
from .index import address
from .network import BROKEN, INDEX_HINT, Patience, open_url
from .progress import Progress

DIRECTORY = 2 << 20
"""Bytes fetched from a wheel's end; torch's directory takes 1.3 million of them."""

GAP = 256 << 10
"""Bytes of unwanted members that are fetched along rather than with one more request."""

CHUNK = 256 << 10
"""Bytes read at a time."""


def wanted(name, members):
    """The place of a wheel's member in the libtorch folder, or None."""
    if name.endswith("/"):
        return None
    if name in members:
        return members[name]
    for folder, place in members.items():
        if folder.endswith("/") and name.startswith(folder):
            return place + name[len(folder) :]
    return None


def fetch(wheel, path):
    """Completes the file at `path` so that `zipfile` finds every wanted member of `wheel` in it."""
    done = os.path.getsize(path) if os.path.exists(path) else 0
    if done == wheel.size:
        return
    url = address(wheel)
    if wheel.size > DIRECTORY and takes_ranges(url):
        ending = b"".join(stream(url, max(0, wheel.size - DIRECTORY), wheel.size))
        stretches = wanted_stretches(wheel, ending)
    else:
        ending, stretches = b"", [(0, wheel.size)]
    left = [(max(start, done), end) for start, end in stretches if end > done]
    total = sum(end - start for start, end in stretches)
    with open(path, "r+b" if done else "wb") as file:
        progress = Progress(wheel.filename, total, total - sum(end - start for start, end in left))
        for start, end in left:
            file.seek(start)
            for chunk in stream(url, start, end):
                file.write(chunk)
                progress.advance(len(chunk))
        progress.finish()
        file.seek(wheel.size - len(ending))
        file.write(ending)


def takes_ranges(url):
    """Whether the server sends a part of the file when asked for a part."""
    patience = Patience(url)
    while True:
        try:
            with open_url(url, {"Range": "bytes=0-0"}) as response:
                return response.status == 206
        except BROKEN as error:
            patience.tried(error)


def stream(url, start, end):
    """Yields the bytes from `start` to `end` in order, connecting again from where a connection broke."""
    patience = Patience(url)
    while start < end:
        try:
            with open_url(url, {"Range": f"bytes={start}-{end - 1}"}) as response:
                position = start if response.status == 206 else 0
                while start < end:
                    chunk = response.read(CHUNK)
                    if not chunk:
                        raise ConnectionError("the connection was closed early")
                    fresh = chunk[max(0, start - position) :][: end - start]
                    position += len(chunk)
                    if fresh:
                        start += len(fresh)
                        patience.rewarded()
                        yield fresh
        except BROKEN as error:
            patience.tried(error)


def wanted_stretches(wheel, ending):
    """Where the wanted members lie in the wheel, as (start, end), given the bytes at its end."""
    with tempfile.TemporaryFile() as file:
        file.seek(wheel.size - len(ending))
        file.write(ending)
        try:
            with zipfile.ZipFile(file) as archive:
                members = sorted(archive.infolist(), key=lambda member: member.header_offset)
                ends = [member.header_offset for member in members[1:]] + [archive.start_dir]
        except zipfile.BadZipFile as error:
            raise Failure(f"what the package index sends is not {wheel.filename}: {error}", INDEX_HINT) from error
    stretches = []
    for member, end in zip(members, ends):
        if wanted(member.filename, wheel.members) is None:
            continue
        if stretches and member.header_offset - stretches[-1][1] <= GAP:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((member.header_offset, end))
    return stretches
