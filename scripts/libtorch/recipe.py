"""What each platform's libtorch folder is made of, with the digests that the pieces must have.

The wheels of one version hold the same libraries whatever Python they are for; those for Python 3.11 are taken.
To move to another version: take names, sizes and hashes from the package index; `contents` is said by the first run,
which refuses what it does not know.
"""

import os
import platform
import sys
from typing import Dict, NamedTuple, Tuple

from . import Failure

VERSION = "2.4.0"
"""The version that tch 0.17, and so rust-bert 0.23, asks for."""

OWN_LIBTORCH = f"unpack libtorch {VERSION} (https://pytorch.org/get-started) and set LIBTORCH to its folder"


class Wheel(NamedTuple):
    """A file of the package index, and what is wanted of it."""

    package: str
    filename: str
    size: int
    """Bytes."""
    sha256: str
    """Of the whole file, as the index states it."""
    members: Dict[str, str]
    """Member, or folder of members with a slash at its end, to its place in the libtorch folder."""
    contents: str
    """What `sha256sum` says of the list that `sha256sum` prints of the placed members, sorted by path."""


class Recipe(NamedTuple):
    """The wheels of one platform."""

    wheels: Tuple[Wheel, ...]
    stand_in: bool = False
    """Whether `libtorch.so` is linked here: the wheel's own needs the gigabyte of its CUDA libraries."""


def for_this_machine() -> Recipe:
    """The recipe for the platform that runs this."""
    name = f"{sys.platform}-{platform.machine()}"
    if name not in RECIPES:
        raise Failure(f"there is no ready-made libtorch for {name}", OWN_LIBTORCH)
    if sys.platform == "linux" and not has_glibc():
        raise Failure("the ready-made libtorch needs glibc, which this Linux does not use", OWN_LIBTORCH)
    return RECIPES[name]


def has_glibc() -> bool:
    """Whether the C library is glibc, not musl."""
    try:
        return "glibc" in (os.confstr("CS_GNU_LIBC_VERSION") or "")
    except (OSError, ValueError):
        return False


LINUX_X86_64 = Recipe(
    wheels=(
        # libtorch_cpu is linked to these two; without them it does not load, be there a GPU or not.
        Wheel(
            package="nvidia-cuda-runtime-cu12",
            filename="nvidia_cuda_runtime_cu12-12.1.105-py3-none-manylinux1_x86_64.whl",
            size=823_596,
            sha256="6e258468ddf5796e25f1dc591a31029fa317d97a0a94ed93468fc86301d61e40",
            members={"nvidia/cuda_runtime/lib/libcudart.so.12": "lib/libcudart.so.12"},
            contents="d1b4885cd16326e13467ac41028bedb043afa6966f8ebb3c5a41d97fe1a76144",
        ),
        Wheel(
            package="nvidia-cuda-cupti-cu12",
            filename="nvidia_cuda_cupti_cu12-12.1.105-py3-none-manylinux1_x86_64.whl",
            size=14_109_015,
            sha256="e54fde3983165c624cb79254ae9818a456eb6e87a7fd4d56a2352c24ee542d7e",
            members={"nvidia/cuda_cupti/lib/libcupti.so.12": "lib/libcupti.so.12"},
            contents="52da14294eca99c929b5dea13af8be1595ff4a254f35f3d7d2781f01aac6ad06",
        ),
        Wheel(
            package="torch",
            filename="torch-2.4.0-cp311-cp311-manylinux1_x86_64.whl",
            size=797_262_052,
            sha256="e743adadd8c8152bb8373543964551a7cb7cc20ba898dc8f9c0cdbe47c283de0",
            members={
                "torch/include/": "include/",
                "torch/lib/libc10.so": "lib/libc10.so",
                "torch/lib/libgomp-a34b3233.so.1": "lib/libgomp-a34b3233.so.1",
                "torch/lib/libtorch_cpu.so": "lib/libtorch_cpu.so",
            },
            contents="019fc0ff02a98cc2164b2d724cc61e960fb839cd80aebf0ded7ea79110fa2899",
        ),
    ),
    stand_in=True,
)

LINUX_AARCH64 = Recipe(
    wheels=(
        Wheel(
            package="torch",
            filename="torch-2.4.0-cp311-cp311-manylinux2014_aarch64.whl",
            size=89_850_473,
            sha256="7334325c0292cbd5c2eac085f449bf57d3690932eac37027e193ba775703c9e6",
            members={
                "torch/include/": "include/",
                "torch/lib/libc10.so": "lib/libc10.so",
                "torch/lib/libtorch.so": "lib/libtorch.so",
                "torch/lib/libtorch_cpu.so": "lib/libtorch_cpu.so",
                # Looked for beside libtorch_cpu too: its search path begins with its own folder.
                "torch.libs/": "lib/",
            },
            contents="8dbee1e404f3539f1de96cf856a6f7768dc6f65884805dc8484a50f4dff09db7",
        ),
    ),
)

MACOS_ARM64 = Recipe(
    wheels=(
        Wheel(
            package="torch",
            filename="torch-2.4.0-cp311-none-macosx_11_0_arm64.whl",
            size=62_144_370,
            sha256="f169b4ea6dc93b3a33319611fcc47dc1406e4dd539844dcbd2dec4c1b96e166d",
            members={
                "torch/include/": "include/",
                "torch/lib/libc10.dylib": "lib/libc10.dylib",
                "torch/lib/libomp.dylib": "lib/libomp.dylib",
                "torch/lib/libtorch.dylib": "lib/libtorch.dylib",
                "torch/lib/libtorch_cpu.dylib": "lib/libtorch_cpu.dylib",
            },
            contents="5769c39d9bf78d2a43d2434f5595c840040e59022c716685b8d6d2a96c54599d",
        ),
    ),
)

RECIPES = {"linux-x86_64": LINUX_X86_64, "linux-aarch64": LINUX_AARCH64, "darwin-arm64": MACOS_ARM64}
"""By Python's name of the system and the machine's name."""
