"""Batches of a few shapes and the passes over them, for a GPU: no step waits for the device.

A batch is one matrix of pieces: a row for each pair, the source on the left, the target on the
right, each filled up with padding to one of `LENGTHS`. Rows are filled up too, with pairs of an end
piece and nothing to predict, so that batches of the same lengths have the same shape.
"""

import dataclasses
import itertools
import math
import re

import numpy
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from corpus.batches import Corpus, Side
from corpus.text import END
from translator.loss import SmoothedCrossEntropy
from translator.model import Marian

LENGTHS = numpy.array([8, 16, 24, 32, 40, 48, 64, 80, 96, 112, 128, 144, 176, 208, 256])
"""Of a padded side; multiples of 8, as matrix units and attention want them."""

KERNELS = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
"""Of attention; cuDNN's is left out because it makes a plan for each new shape."""

JOINED = re.compile(r"(self_attn)\.[qkv]_proj|(encoder_attn)\.[kv]_proj")
"""Parameters multiplied with the same input: one matrix product each time."""


@dataclasses.dataclass(frozen=True)
class Batch:
    pieces: Tensor
    """A row a pair, int32; in pinned memory where there is a GPU."""
    source_length: int
    target_pieces: int
    """Without padding."""


class PaddedCorpus:
    """The pairs of a corpus in batches of a few shapes, drawn and filled with no loop over them."""

    def __init__(self, corpus: Corpus, tokens: int, padding: int, pin: bool):
        self.corpus, self.tokens, self.padding, self.pin = corpus, tokens, padding, pin
        self.source, self.target = Sentences(corpus.source), Sentences(corpus.target)

    def groups(self, number: int, size: int) -> list[list[numpy.ndarray]]:
        """Rows of pairs (see `Corpus.pairs_of_pass`) of one pass; `size` batches in each group."""
        rows = self.corpus.pairs_of_pass(number)
        places = numpy.searchsorted(LENGTHS, rows[:, 2:4])
        shapes = places[:, 0] * len(LENGTHS) + places[:, 1]
        rows = rows[numpy.argsort(shapes, kind="stable")]
        ends = numpy.bincount(shapes).cumsum()
        batches = []
        for shape, (low, high) in enumerate(itertools.pairwise([0, *ends])):
            count = self.rows(*LENGTHS[list(divmod(shape, len(LENGTHS)))])
            batches += [rows[start : min(start + count, high)] for start in range(low, high, count)]
        order = numpy.random.default_rng([self.corpus.seed, 2000 + number])
        order = order.permutation(len(batches))
        whole = max(size, len(batches) - len(batches) % size)
        return [[batches[i] for i in order[low : low + size]] for low in range(0, whole, size)]

    def rows(self, source_length: int, target_length: int) -> int:
        return max(1, self.tokens // int(max(source_length, target_length)))

    def batch(self, rows: numpy.ndarray) -> Batch:
        """The pieces of a group's batch; some sources are blanked as `Corpus.sentences` does it."""
        source_start, source_end = self.source.bounds(rows)
        target_start, target_end = self.target.bounds(rows)
        chance = numpy.random.default_rng([self.corpus.seed, 3000, *rows[0]]).random(len(rows))
        blank = chance < self.corpus.blank_share
        lengths = LENGTHS[numpy.searchsorted(LENGTHS, rows[:, 2:4].max(axis=0))]
        source_start = numpy.where(blank, source_end - 1, source_start)
        size = self.rows(*lengths), int(lengths.sum())
        pieces = torch.empty(size, dtype=torch.int32, pin_memory=self.pin)
        matrix = pieces.numpy()
        matrix.fill(self.padding)
        matrix[:, 0] = END
        self.source.fill(matrix[: len(rows), : lengths[0]], source_start, source_end)
        self.target.fill(matrix[: len(rows), lengths[0] :], target_start, target_end)
        return Batch(pieces, int(lengths[0]), int((target_end - target_start).sum()))


class Sentences:
    """One language of all sources, in one row of pieces."""

    def __init__(self, sides: list[Side]):
        self.pieces = numpy.concatenate([side.pieces for side in sides])
        starts = numpy.cumsum([0, *(len(side.pieces) for side in sides)])
        bounds = [start + numpy.concatenate([[0], side.ends]) for start, side in zip(starts, sides)]
        self.first = numpy.cumsum([0, *map(len, bounds)])
        self.every_bound = numpy.concatenate(bounds)

    def bounds(self, rows: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Where the sentences of rows (source, pair, …) start and end."""
        place = self.first[rows[:, 0]] + rows[:, 1]
        return self.every_bound[place], self.every_bound[place + 1]

    def fill(self, matrix: numpy.ndarray, starts: numpy.ndarray, ends: numpy.ndarray) -> None:
        """Writes a sentence into each row, and leaves what is behind it as it is."""
        places = starts[:, None] + numpy.arange(matrix.shape[1])
        inside = places < ends[:, None]
        numpy.copyto(matrix, self.pieces.take(places, mode="clip"), where=inside)


class PaddedPasses:
    """Gradients over the whole vocabulary, computed with a copy of the parameters in `dtype`.

    The copy and its gradient are flat like the parameters; what is multiplied with the same input
    is one matrix there.
    """

    def __init__(self, model: Marian, flat: Tensor, dtype: torch.dtype, compiled: bool = False):
        """`flat` holds the model's parameters (see `Marian.lie_in`), on the device to work on."""
        self.shape, self.flat, self.device = model.shape, flat, flat.device
        self.positions = model.positions.to(flat.device)
        self.copy, self.gradient = (torch.zeros_like(flat, dtype=dtype) for _ in range(2))
        self.leaves = leaves(model.flat_shapes(), self.copy, self.gradient)
        self.states = torch.compile(self.forward, dynamic=True) if compiled else self.forward

    def refresh(self) -> None:
        """To be done whenever the parameters have changed."""
        self.copy.copy_(self.flat)

    def backward(self, batch: Batch, gradient: Tensor, smoothing: float) -> Tensor:
        """Adds to the gradient, flat and float32; returns the loss summed over target pieces."""
        pieces = batch.pieces.to(self.device, non_blocking=True).long()
        source, target = pieces[:, : batch.source_length], pieces[:, batch.source_length :]
        with sdpa_kernel(KERNELS):
            states = self.states(source, target)
        table = self.leaves["shared.weight"]
        loss = SmoothedCrossEntropy.apply(states.flatten(0, 1), table, target.flatten(), smoothing)
        loss.backward()
        gradient.add_(self.gradient)
        self.gradient.zero_()
        return loss.detach()

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """States that predict each piece of `target`, as `Marian.forward` gives them."""
        hidden = (source == self.shape.padding)[:, None, None, :]
        mask = torch.zeros(hidden.shape, dtype=self.copy.dtype, device=source.device)
        mask = mask.masked_fill(hidden, -math.inf)
        memory = self.embed(source)
        for number in range(self.shape.encoder_layers):
            layer = f"encoder.layers.{number}"
            memory = self.attend(layer, memory, mask=mask)
            memory = self.feed_forward(layer, memory)
        states = self.embed(functional.pad(target[:, :-1], (1, 0), value=self.shape.padding))
        for number in range(self.shape.decoder_layers):
            layer = f"decoder.layers.{number}"
            states = self.attend(layer, states, is_causal=True)
            states = self.attend_to_source(layer, states, memory, mask)
            states = self.feed_forward(layer, states)
        return states

    def embed(self, pieces: Tensor) -> Tensor:
        table = self.leaves["shared.weight"]
        rows = functional.embedding(pieces, table, padding_idx=self.shape.padding)
        positions = self.positions[: pieces.shape[1]]
        return torch.add(positions, rows, alpha=math.sqrt(self.shape.width)).to(table.dtype)

    def linear(self, name: str, states: Tensor) -> Tensor:
        return functional.linear(states, self.leaves[f"{name}.weight"], self.leaves[f"{name}.bias"])

    def norm(self, name: str, states: Tensor, added: Tensor) -> Tensor:
        weight, bias = self.leaves[f"{name}.weight"], self.leaves[f"{name}.bias"]
        return functional.layer_norm(states + added, weight.shape, weight, bias)

    def attend(self, layer: str, states: Tensor, mask: Tensor | None = None, **how) -> Tensor:
        query, key, value = self.split(self.linear(f"{layer}.self_attn", states), 3)
        mixed = functional.scaled_dot_product_attention(query, key, value, mask, **how)
        mixed = self.linear(f"{layer}.self_attn.out_proj", joined(mixed))
        return self.norm(f"{layer}.self_attn_layer_norm", states, mixed)

    def attend_to_source(self, layer: str, states: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
        (query,) = self.split(self.linear(f"{layer}.encoder_attn.q_proj", states), 1)
        key, value = self.split(self.linear(f"{layer}.encoder_attn", memory), 2)
        mixed = functional.scaled_dot_product_attention(query, key, value, mask)
        mixed = self.linear(f"{layer}.encoder_attn.out_proj", joined(mixed))
        return self.norm(f"{layer}.encoder_attn_layer_norm", states, mixed)

    def feed_forward(self, layer: str, states: Tensor) -> Tensor:
        inner = functional.relu(self.linear(f"{layer}.fc1", states))
        return self.norm(f"{layer}.final_layer_norm", states, self.linear(f"{layer}.fc2", inner))

    def split(self, states: Tensor, number: int) -> tuple[Tensor, ...]:
        """So many tensors that stand side by side, each (pairs, heads, pieces, columns)."""
        return states.unflatten(-1, (number, self.shape.heads, -1)).permute(2, 0, 3, 1, 4).unbind()


def joined(states: Tensor) -> Tensor:
    """The heads of each piece side by side again."""
    return states.transpose(1, 2).flatten(2)


def leaves(shapes: dict[str, tuple[int, ...]], flat: Tensor, gradient: Tensor) -> dict[str, Tensor]:
    """Parameters that lie in a flat tensor, those of `JOINED` as one, and their gradients."""
    found, start = {}, 0
    for name, alike in itertools.groupby(shapes, lambda name: JOINED.sub(r"\1\2", name)):
        group = [shapes[one] for one in alike]
        shape = (sum(rows for rows, *_ in group), *group[0][1:])
        view = slice(start, start := start + math.prod(shape))
        found[name] = flat[view].view(shape).detach().requires_grad_()
        found[name].grad = gradient[view].view(shape)
    return found
