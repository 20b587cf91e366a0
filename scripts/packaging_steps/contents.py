"""What is in the package: the program, the libraries that it loads, the model, the licences of all of it."""

import hashlib
import platform
import re
import shutil
import subprocess

from . import Failure, NotHere, licences, say

PROVIDED = re.compile(r"^(ld-linux.*|libc|libm|libdl|librt|libpthread|libutil|libgcc_s|libstdc\+\+)\.so\.\d+$")
"""What every system with glibc has, and may have only once: the C library, and that of C++."""

NEWEST = {"GLIBC": (2, 28), "GLIBCXX": (3, 4, 25), "CXXABI": (1, 3, 11)}
"""What systems of the oldest glibc that the program is for have: Debian 10, RHEL 8."""

MODEL = "models/zh-en"

TEXTS = ("README.md", "LICENSE-MIT", "LICENSE-APACHE")


def gathered(root, built, output):
    """The folder of the package, made anew in `output`."""
    system = f"{platform.machine()}-linux-gnu"
    tree = output / f"mtalign-{built.version}-{system}"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "bin").mkdir(parents=True)
    (tree / "lib").mkdir()
    patchelf = str(built.tools / "bin" / "patchelf")
    program = tree / "bin" / "mtalign"
    shutil.copy2(built.program, program)
    libraries = needed(patchelf, program, built.libtorch / "lib")
    for name, path in sorted(libraries.items()):
        shutil.copy2(path, tree / "lib" / name)
        run([patchelf, "--set-rpath", "$ORIGIN", tree / "lib" / name])
        say(f"{name}: {(tree / 'lib' / name).stat().st_size / 1e6:.1f} MB")
    unused = sorted(path.name for path in (built.libtorch / "lib").iterdir() if path.name not in libraries)
    say(f"left out, for the program never loads them: {', '.join(unused) or 'none'}")
    run([patchelf, "--set-rpath", "$ORIGIN/../lib", program])
    shutil.copytree(root / MODEL, tree / MODEL)
    for name in TEXTS:
        shutil.copy2(root / name, tree / name)
    licences.written(root, tree / "licences")
    licences.of_libraries(built.tools, tree / "licences")
    oldest = asked([program, *sorted((tree / "lib").iterdir())])
    for family, version in oldest.items():
        if version > NEWEST[family]:
            raise NotHere(f"the program asks for {family} {dotted(version)}, and may for {dotted(NEWEST[family])} at most")
    (tree / "platform").write_text("manylinux_{}_{}_{}\n".format(*oldest["GLIBC"], platform.machine()))
    say(", ".join(f"{family} {dotted(version)}" for family, version in oldest.items()) + " or newer is needed")
    sums(tree)
    return tree


def run(command):
    """What the command prints."""
    ran = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ran.returncode != 0:
        raise Failure(f"`{' '.join(map(str, command))}` failed:\n{ran.stdout.strip()}")
    return ran.stdout


def needed(patchelf, program, folder):
    """The libraries in `folder` that the program loads, and what they load in turn, by their names."""
    found = {}
    open_ = [program]
    while open_:
        for name in run([patchelf, "--print-needed", open_.pop()]).split():
            if PROVIDED.match(name) or name in found:
                continue
            path = folder / name
            if not path.exists():
                raise Failure(f"the program loads {name}, which is not in `{folder}`")
            found[name] = path.resolve()
            open_.append(found[name])
    return found


def asked(files):
    """The newest version of each family of symbols that the files ask of the system."""
    symbols = "".join(run(["objdump", "-T", path]) for path in files)
    found = re.findall(r"\b(GLIBC|GLIBCXX|CXXABI)_([\d.]+)", symbols)
    return {family: max(numbers(version) for name, version in found if name == family) for family in NEWEST}


def numbers(version):
    """`3.4.25` as numbers, which compare as versions do."""
    return tuple(map(int, version.strip(".").split(".")))


def dotted(version):
    """Numbers as a version."""
    return ".".join(map(str, version))


def sums(tree):
    """Writes the digest of each file, as `sha256sum --check` reads them."""
    files = sorted(path for path in tree.rglob("*") if path.is_file())
    lines = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(tree)}\n" for path in files)
    (tree / "SHA256SUMS").write_text("".join(lines))
