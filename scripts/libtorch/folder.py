"""The libtorch folder: puts it together, and says what one that is there already is like."""

import contextlib
import errno
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import zipfile
import zlib

from . import Failure, say
from .download import fetch, wanted
from .recipe import OWN_LIBTORCH, VERSION

CHUNK = 1 << 20
"""Bytes unpacked at a time."""


def ensure(folder, recipe):
    """Makes `folder` after `recipe` unless it is there. It appears complete or not at all; a second run waits."""
    if folder.exists():
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with alone(folder.with_name(folder.name + ".lock")):
            if not folder.exists():
                make(folder, recipe)
    except OSError as error:
        where = error.filename or folder
        hint = f"set MTALIGN_CACHE to a folder that can be written, or {OWN_LIBTORCH}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            hint = f"make room (1 GB), set MTALIGN_CACHE to a folder on another disk, or {OWN_LIBTORCH}"
        raise Failure(f"cannot write `{where}`: {error.strerror or error}", hint) from error


@contextlib.contextmanager
def alone(lock):
    """Holds the lock file; the system lets go of it even when this process is killed."""
    with open(lock, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run is at it; waiting for it to end")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make(folder, recipe):
    """Downloads first, so that an interruption loses nothing that came; unpacks and links last."""
    partial = folder.with_name(folder.name + ".partial")
    partial.mkdir(exist_ok=True)
    say(f"libtorch {VERSION} is not there yet; making it in `{folder}` (once)")
    for wheel in recipe.wheels:
        fetch(wheel, partial / wheel.filename)
    tree = partial / "libtorch"
    shutil.rmtree(tree, ignore_errors=True)
    for wheel in recipe.wheels:
        say(f"unpacking {wheel.filename}")
        unpack(wheel, partial / wheel.filename, tree)
    if recipe.stand_in:
        link_stand_in(tree / "lib")
    (tree / "build-version").write_text(VERSION + "\n")
    tree.rename(folder)
    shutil.rmtree(partial)


def unpack(wheel, path, tree):
    """Places the wanted members under `tree`. Fails, and deletes the file, when one is not what it must be."""
    digests = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                place = wanted(member.filename, wheel.members)
                if place is None or ".." in place.split("/"):
                    continue
                (tree / place).parent.mkdir(parents=True, exist_ok=True)
                digest = hashlib.sha256()
                with archive.open(member) as source, open(tree / place, "wb") as target:
                    for chunk in iter(lambda: source.read(CHUNK), b""):
                        digest.update(chunk)
                        target.write(chunk)
                digests[place] = digest.hexdigest()
        listing = "".join(f"{digests[place]}  {place}\n" for place in sorted(digests))
        contents = hashlib.sha256(listing.encode()).hexdigest()
        flaw = None if contents == wheel.contents else f"its digest is {contents}, not {wheel.contents}"
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        flaw = str(error)
    if flaw:
        path.unlink()
        raise Failure(f"{wheel.filename} is damaged or another file, and was deleted: {flaw}", "run this again")


def link_stand_in(lib):
    """A `libtorch.so` that does nothing but pull in the CPU libraries."""
    compiler = shlex.split(os.environ.get("CC") or os.environ.get("CXX") or "cc")
    command = [*compiler, "-shared", "-o", str(lib / "libtorch.so"), "-Wl,-soname,libtorch.so", f"-L{lib}"]
    command += ["-Wl,--no-as-needed", "-ltorch_cpu", "-lc10", "-Wl,-rpath,$ORIGIN"]
    try:
        linked = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError as error:
        raise Failure(
            f"cannot run the compiler `{compiler[0]}`: {error.strerror}",
            "install a C++ compiler (`apt install build-essential`, `dnf install gcc-c++`), or set CC to yours",
        ) from error
    if linked.returncode != 0:
        raise Failure(f"`{shlex.join(command)}` failed:\n{linked.stdout.strip()}", f"set CC, or {OWN_LIBTORCH}")


def check(folder):
    """Fails when a folder of the user's own choice is no libtorch; warns when it is of another version."""
    if library(folder, "libtorch") is None:
        raise Failure(
            f"LIBTORCH is `{folder}`, but there is no libtorch in its lib/",
            "set LIBTORCH to the folder that holds lib/ and include/, or unset it to have one made",
        )
    version = version_of(folder)
    if version.partition("+")[0] != VERSION:
        say(f"warning: `{folder}` is libtorch {version or 'of unknown version'}; mtalign is built for {VERSION}")


def version_of(folder):
    """As the folder states it: `build-version` in an unpacked libtorch, `version.py` in an installed PyTorch."""
    with contextlib.suppress(OSError):
        return (folder / "build-version").read_text().strip()
    with contextlib.suppress(OSError):
        for line in (folder / "version.py").read_text().splitlines():
            if line.startswith("__version__"):
                return line.partition("=")[2].strip(" '\"")
    return ""


def cxx11_abi(folder):
    """1 when the library's functions take the strings of C++11, 0 when they take GCC's older ones."""
    core = library(folder, "libc10")
    return 0 if core and OLD_STRING in core.read_bytes() else 1


OLD_STRING = b"_ZN3c105ErrorC1ENS_14SourceLocationESs"
"""`c10::Error::Error(c10::SourceLocation, std::string)`, mangled for the older string."""


def library(folder, name):
    """The library's file, whatever the platform calls it, or None."""
    paths = [folder / "lib" / f"{name}{ending}" for ending in (".so", ".dylib")]
    return next((path for path in paths if path.exists()), None)
