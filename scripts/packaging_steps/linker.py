#!/usr/bin/env python3
"""Links as rustc asks, for a C library that is older than this machine's.

zig brings the symbols of every glibc. What C++ code of this machine's compiler takes from a libstdc++ that is newer than the
oldest one that goes with that glibc is linked in; the rest stays with the system's own, which libtorch uses too.
"""

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

GLIBC = "2.28"
"""The oldest C library that the program is for: that of Debian 10, RHEL 8 and Ubuntu 20.04."""

OBJECTS = ("sstream-inst.o", "cow-sstream-inst.o", "functexcept.o", "snprintf_lite.o")
"""Those of libstdc++ that hold what is newer than GLIBCXX_3.4.25: streams without a text, for both kinds of strings, and what
is thrown for arrays that are too long."""

SINGLE_THREADED = "char __libc_single_threaded = 0;\n"
"""What glibc 2.32 says of a process with one thread; that there are several is always right."""


FALLBACK = "MTALIGN_LINKED_AS_EVER"
"""Where this is set, what cannot be linked so is linked for this machine alone."""


def found(name):
    """Where this machine's compiler has a library."""
    path = subprocess.run(["c++", f"-print-file-name={name}"], check=True, stdout=subprocess.PIPE, text=True)
    return Path(path.stdout.strip()).resolve()


def main():
    try:
        status = link()
    except (OSError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        status = 1
    if status != 0 and os.environ.get(FALLBACK):
        print("linked as ever, for it cannot be linked for an older C library here", file=sys.stderr)
        return subprocess.run(["cc", *sys.argv[1:]]).returncode
    return status


def link():
    """Links; the exit status."""
    tools = Path(os.environ["MTALIGN_PACKAGING"])
    zig = [str(tools / "bin" / "python"), "-m", "ziglang"]
    target = f"{platform.machine()}-linux-gnu.{GLIBC}"
    with tempfile.TemporaryDirectory() as folder:
        archive = found("libstdc++.a")
        subprocess.run(["ar", "x", archive, *OBJECTS], cwd=folder, check=True)
        source = Path(folder, "single_threaded.c")
        source.write_text(SINGLE_THREADED)
        # By their files: for their names zig has libraries of its own.
        files = {f"-l{name}": str(found(f"lib{name}.so")) for name in ("stdc++", "gomp")}
        files["-lgcc_s"] = str(found("libgcc_s.so.1"))
        arguments = [files.get(argument, argument) for argument in sys.argv[1:]]
        added = [str(Path(folder, name)) for name in OBJECTS] + [str(source)]
        # The libraries of this machine ask for its newer C library, the user's will not.
        lenient = ["-Wl,--allow-shlib-undefined"]
        command = [*zig, "cc", "-target", target, *arguments, *added, *lenient]
        return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
