"""Piece numbers and weights in few bytes, each with what brings them back.

piece numbers         LZMA over 16-bit numbers, 8 bits a piece; nothing is lost.
weights               float16, the upper bytes deflated, 14 bits; lost is 2^-12 of each weight, a
                      twentieth of what one update changes. bfloat16 would lose eight times that,
                      and an exported bundle is in float16 itself.
weights near others   8 bits for the difference, with a scale for 256 of them; lost is a hundredth
                      of the difference.
second moments        the means of rows and of columns of each matrix, as Adafactor keeps them
                      (Shazeer and Stern, 2018); lost is what is not of rank one, for the 50 updates
                      that they remember.

First moments are not kept: they are averages over the last 10 (AdamW) or 20 (Muon) updates, made
anew in seconds, and would be as large as the weights.
"""

import lzma
import math
import zlib

import numpy
import torch
from torch import Tensor

FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "lc": 3, "lp": 1, "pb": 1, "dict_size": 1 << 24}]
"""For numbers of two bytes; preset 9 gains nothing, preset 3 loses a twelfth."""

BLOCK = 256
"""Differences that share a scale."""

Shapes = dict[str, tuple[int, ...]]


def pack_pieces(pieces: numpy.ndarray) -> bytes:
    return lzma.compress(pieces.astype("<u2").tobytes(), lzma.FORMAT_RAW, filters=FILTERS)


def unpack_pieces(data: bytes) -> numpy.ndarray:
    return numpy.frombuffer(lzma.decompress(data, lzma.FORMAT_RAW, filters=FILTERS), "<u2")


def pack_weights(weights: Tensor) -> bytes:
    """Weights in a row as float16: deflated upper bytes, after their number, then lower bytes."""
    lower, upper = weights.half().numpy().view(numpy.uint8).reshape(-1, 2).T
    deflated = zlib.compress(upper.tobytes(), 1)
    return len(deflated).to_bytes(8, "little") + deflated + lower.tobytes()


def unpack_weights(data: bytes) -> Tensor:
    end = 8 + int.from_bytes(data[:8], "little")
    upper = numpy.frombuffer(zlib.decompress(data[8:end]), numpy.uint8)
    lower = numpy.frombuffer(data[end:], numpy.uint8)
    halves = numpy.stack([lower, upper], axis=1).view(numpy.float16)[:, 0]
    return torch.from_numpy(halves.astype(numpy.float32))


def pack_difference(weights: Tensor, others: Tensor) -> bytes:
    """`weights`, to be found again from `others`: scales, then differences of eight bits."""
    blocks = torch.nn.functional.pad(weights - others, (0, -len(weights) % BLOCK)).view(-1, BLOCK)
    scales = blocks.abs().amax(dim=1, keepdim=True).clamp(min=1e-30) / 127
    return scales.numpy().tobytes() + (blocks / scales).round().to(torch.int8).numpy().tobytes()


def unpack_difference(data: bytes, others: Tensor) -> Tensor:
    count = math.ceil(len(others) / BLOCK)
    scales = numpy.frombuffer(data, numpy.float32, count)
    eighths = numpy.frombuffer(data, numpy.int8, offset=4 * count).reshape(-1, BLOCK)
    return others + torch.from_numpy(eighths * scales[:, None]).flatten()[: len(others)]


def pack_moments(second: Tensor, shapes: Shapes) -> bytes:
    """Second moments of parameters that lie in a row."""
    kept = []
    sizes = [math.prod(shape) for shape in shapes.values()]
    for part, shape in zip(second.split(sizes), shapes.values()):
        matrix = part.view(shape)
        kept += [matrix] if len(shape) == 1 else [matrix.mean(dim=1), matrix.mean(dim=0)]
    return zlib.compress(torch.cat(kept).numpy().tobytes())


def unpack_moments(data: bytes, shapes: Shapes) -> Tensor:
    kept = torch.from_numpy(numpy.frombuffer(zlib.decompress(data), numpy.float32).copy())
    parts, start = [], 0
    for shape in shapes.values():
        *means, start = take(kept, start, shape)
        if len(shape) == 2:
            rows, columns = means
            means = [torch.outer(rows, columns / columns.mean().clamp(min=1e-30)).flatten()]
        parts += means
    return torch.cat(parts)


def take(kept: Tensor, start: int, sizes: tuple[int, ...]) -> tuple:
    """So many numbers each from `start` on, and where they end."""
    end = start + sum(sizes)
    return *kept[start:end].split(sizes), end
