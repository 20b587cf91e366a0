"""The licences of everything in the package."""

import json
import subprocess
from pathlib import Path

from libtorch import download, folder, recipe

from . import Failure

LIBRARIES = {
    "torch": (
        {"torch-2.4.0.dist-info/LICENSE": "torch.txt", "torch-2.4.0.dist-info/NOTICE": "torch-notice.txt"},
        "3eb0e87d7652738a445eb9ed500b2affa9a0a0087d5e57c0e18865f39a57b2db",
    ),
    "nvidia-cuda-runtime-cu12": (
        {"nvidia_cuda_runtime_cu12-12.1.105.dist-info/License.txt": "cuda-runtime.txt"},
        "0ecc2e5baefc1838b36298602ada4cece907ba926d3c6ec9ec023ee41adf7f9b",
    ),
    "nvidia-cuda-cupti-cu12": (
        {"nvidia_cuda_cupti_cu12-12.1.105.dist-info/License.txt": "cupti.txt"},
        "ce91964ac000d9aaa338a477542036a25fddbd2371946e48a9fc648b2a0015d0",
    ),
}
"""Where the wheels of libtorch have their licences, what each is called here, and the digest of them all, as in a recipe."""

GOMP = """libgomp is part of GCC, under the GNU General Public License, version 3 or later, with the GCC Runtime Library Exception,
version 3.1, by which programs that load it are free of its conditions. Its sources are those of GCC: https://gcc.gnu.org
"""

NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE", "COPYRIGHT")
"""How files begin that hold a licence."""


def written(root, output):
    """Writes them: the crates' in one file, in the order of their names, and what else there is beside it."""
    output.mkdir()
    parts = []
    for package in crates(root):
        texts = licence_texts(Path(package["manifest_path"]).parent)
        stated = package["license"] or "see below"
        head = f"{package['name']} {package['version']}\n{stated}\n{package['repository'] or ''}".strip()
        parts.append("\n\n".join([f"{'=' * 80}\n{head}\n{'=' * 80}", *texts]))
    (output / "crates.txt").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def of_libraries(tools, output):
    """Writes those of libtorch's libraries, which are fetched and kept in `tools`."""
    for wheel in recipe.for_this_machine().wheels:
        members, contents = LIBRARIES[wheel.package]
        texts = wheel._replace(members=members, contents=contents)
        kept = tools / f"{wheel.filename}.licences"
        download.fetch(texts, kept)
        folder.unpack(texts, kept, output)
    (output / "gomp.txt").write_text(GOMP)


def crates(root):
    """The crates of the program, by name and version."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", host()]
    ran = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        raise Failure("cargo does not say what the program is built of")
    metadata = json.loads(ran.stdout)
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    own = metadata["resolve"]["root"]
    reached, open_ = {own}, [own]
    while open_:
        for dependency in nodes[open_.pop()]["deps"]:
            kinds = {kind["kind"] for kind in dependency["dep_kinds"]}
            # What only builds or tests is not in the program.
            if None in kinds and dependency["pkg"] not in reached:
                reached.add(dependency["pkg"])
                open_.append(dependency["pkg"])
    packages = (package for package in metadata["packages"] if package["id"] in reached - {own})
    return sorted(packages, key=lambda package: (package["name"], package["version"]))


def host():
    """The target that cargo builds for."""
    ran = subprocess.run(["rustc", "-vV"], check=True, stdout=subprocess.PIPE, text=True)
    return next(line.split()[1] for line in ran.stdout.splitlines() if line.startswith("host:"))


def licence_texts(folder):
    """The texts of the licences in a crate's folder."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name.upper().startswith(NAMES))
    return [path.read_text("utf-8", "replace").strip() for path in files]
