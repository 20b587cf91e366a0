"""Forward and backward passes for x86 cores with AMX (`amx.cpp`): twice as fast as PyTorch's.

It holds no state but its scratch memory: parameters, gradients and packed weights are flat tensors
that any number of processes share.
"""

import ctypes
import functools
import hashlib
import os
import shlex
import subprocess
from pathlib import Path

import numpy
import torch
from torch import Tensor

from translator.loss import Candidates
from translator.model import Shape

SOURCE = Path(__file__).with_name("amx.cpp")
FLAGS = ["-O3", "-march=sapphirerapids", "-std=c++17", "-shared", "-fPIC", "-w"]
NEEDED = {"amx_bf16", "amx_tile", "avx512_bf16"}
HEAD, LONGEST = 64, 160
"""What `amx.cpp` is written for: columns of a head, and pieces of a sentence at most."""

POINTER, INT, FLOAT, SIZE = ctypes.c_void_p, ctypes.c_int, ctypes.c_float, ctypes.c_size_t


def supported() -> bool:
    """Whether this processor has what it takes."""
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return False
    return NEEDED <= set(flags)


@functools.cache
def library() -> ctypes.CDLL:
    """`amx.cpp`, compiled where that has not been done yet."""
    digest = hashlib.sha256(SOURCE.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:16]
    folder = SOURCE.parents[3] / "target" / "training"
    path = folder / f"amx-{digest}.so"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"amx-{digest}.{os.getpid()}"
        compiler = shlex.split(os.environ.get("CXX") or "c++")
        subprocess.run([*compiler, *FLAGS, "-o", part, SOURCE], check=True)
        part.replace(path)
    lib = ctypes.CDLL(str(path))
    lib.amx_new.restype = POINTER
    for function in (lib.amx_size, lib.amx_packed_size):
        function.restype, function.argtypes = SIZE, [POINTER]
    lib.amx_use.argtypes = [POINTER] * 5
    lib.amx_pack.argtypes = [POINTER, INT, INT]
    lib.amx_step.restype = ctypes.c_double
    lib.amx_step.argtypes = [
        *[POINTER] * 5, INT, POINTER, POINTER, INT, INT, FLOAT, FLOAT, FLOAT
    ]  # fmt: skip
    if not lib.amx_begin():
        raise RuntimeError("the kernel does not grant this process the use of AMX")
    return lib


def starts(rows: list[numpy.ndarray]) -> numpy.ndarray:
    return numpy.cumsum([0, *map(len, rows)], dtype=numpy.int32)


def address(array: numpy.ndarray) -> int:
    return array.ctypes.data


class Engine:
    """One process's passes over parameters that lie in the order of `model.parameter_names`."""

    def __init__(self, shape: Shape, positions: Tensor):
        if shape.width != shape.heads * HEAD or shape.width % 32 or shape.inner % 32:
            raise ValueError(f"a head has {HEAD} columns, and widths are multiples of 32")
        self.shape = shape
        self.library = library()
        self.engine = self.library.amx_new(
            shape.width,
            shape.heads,
            shape.inner,
            shape.encoder_layers,
            shape.decoder_layers,
            shape.vocabulary,
        )
        self.size = self.library.amx_size(self.engine)
        self.packed_size = self.library.amx_packed_size(self.engine)
        self.positions = positions.float().contiguous()

    def use(self, parameters: Tensor, gradient: Tensor, packed: Tensor) -> None:
        """The memory to work on: float32 parameters and gradient, int16 packed weights."""
        if (len(parameters), len(packed)) != (self.size, self.packed_size):
            raise ValueError("the memory has another size than the network")
        self.kept = parameters, gradient, packed
        pointers = (tensor.data_ptr() for tensor in (*self.kept, self.positions))
        self.library.amx_use(self.engine, *pointers)

    def pack(self, part: int = 0, parts: int = 1) -> None:
        """Packs every `parts`-th weight matrix, to be done whenever parameters have changed."""
        self.library.amx_pack(self.engine, part, parts)

    def backward(
        self,
        source: list[numpy.ndarray],
        target: list[numpy.ndarray],
        candidates: Candidates,
        places: Tensor,
        smoothing: float,
    ) -> float:
        """Adds the gradient of the label-smoothed sum over all target pieces; returns the sum
        without smoothing. `places` are those of the target's pieces among the candidates."""
        begin = numpy.array([self.shape.padding])
        prefix = [numpy.concatenate([begin, row[:-1]]) for row in target]
        given = numpy.concatenate(source).astype(numpy.int32)
        made = numpy.concatenate(prefix).astype(numpy.int32)
        pieces = candidates.pieces.to(torch.int32).numpy()
        wanted = places.to(torch.int32).numpy()
        source_starts, target_starts = starts(source), starts(target)
        return self.library.amx_step(
            self.engine,
            address(given),
            address(source_starts),
            address(made),
            address(target_starts),
            len(source),
            address(wanted),
            address(pieces),
            len(pieces),
            candidates.sure,
            candidates.share,
            smoothing / candidates.vocabulary,
            smoothing,
        )
