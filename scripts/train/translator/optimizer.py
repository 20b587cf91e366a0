"""Muon for the hidden matrices, AdamW for everything else, divided among processes.

Parameters, gradients and moments are flat tensors in memory that all processes share; each process
updates the parts that it owns.

Muon: Jordan et al., 2024 (`kellerjordan.github.io/posts/muon`); the scale of the update that lets
it have AdamW's rate and decay: Liu et al., 2025, "Muon is scalable for LLM training".
"""

import dataclasses
import math

import torch
from torch import Tensor

COEFFICIENTS = 3.4445, -4.7750, 2.0315
"""Of the quintic that drives singular values towards 1 (Jordan et al.)."""

ROUNDS = 5
SCALE = 0.2
"""Root mean square of an update, like AdamW's (Liu et al., section 2.2)."""


def orthogonal(matrix: Tensor) -> Tensor:
    """About U V' of the singular value decomposition U S V', by Newton-Schulz iterations.

    `matrix` may also be a stack of matrices, each taken by itself.
    """
    a, b, c = COEFFICIENTS
    states = matrix.to(torch.bfloat16)
    if tall := matrix.shape[-2] > matrix.shape[-1]:
        states = states.mT
    states = states / (states.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        square = states @ states.mT
        states = a * states + (b * square + c * square @ square) @ states
    return (states.mT if tall else states).float()


@dataclasses.dataclass(frozen=True)
class Part:
    """A matrix for Muon (`shape`), or a stretch of anything for AdamW."""

    start: int
    end: int
    shape: tuple[int, int] | None = None

    @property
    def cost(self) -> float:
        """About how much work an update is."""
        size = self.end - self.start
        return size if self.shape is None else size * min(self.shape) / 8


def parts(shapes: dict[str, tuple[int, ...]], stretches: int) -> list[Part]:
    """What a flat tensor of parameters of these shapes consists of; `stretches` divide a table."""
    found, start = [], 0
    for name, shape in shapes.items():
        end = start + math.prod(shape)
        if len(shape) == 2 and name != "shared.weight":
            found.append(Part(start, end, shape))
        else:
            size = -(-(end - start) // stretches) if len(shape) == 2 else end - start
            found += [Part(low, min(low + size, end)) for low in range(start, end, size)]
        start = end
    return found


def shares(all_parts: list[Part], processes: int) -> list[list[Part]]:
    """The parts of each process, about equal in work, the most laborious given out first."""
    owned: list[list[Part]] = [[] for _ in range(processes)]
    for part in sorted(all_parts, key=lambda part: (-part.cost, part.start)):
        min(owned, key=lambda parts: sum(part.cost for part in parts)).append(part)
    return owned


@dataclasses.dataclass
class Memory:
    """Flat tensors of one length: parameters and what the optimizer remembers of them."""

    parameters: Tensor
    first: Tensor
    second: Tensor
    average: Tensor

    @classmethod
    def zeros(cls, size: int, device: torch.device) -> "Memory":
        return cls(*(torch.zeros(size, device=device) for _ in dataclasses.fields(cls)))

    def tensors(self) -> dict[str, Tensor]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def share(self) -> "Memory":
        for tensor in self.tensors().values():
            tensor.share_memory_()
        return self


@dataclasses.dataclass(frozen=True)
class Optimizer:
    """Updates the parts that one process owns."""

    memory: Memory
    owned: list[Part]
    weight_decay: float
    momentum: float = 0.95
    betas: tuple[float, float] = (0.9, 0.98)
    epsilon: float = 1e-8
    muon: bool = True

    def square(self, gradient: Tensor) -> Tensor:
        """Of the length of the owned parts of a gradient."""
        return sum(gradient[part.start : part.end].square().sum() for part in self.owned)

    @torch.no_grad()
    def update(self, gradient: Tensor, rate: float, step: int) -> None:
        """One update with a gradient; `step` counts from 0."""
        for part in self.owned:
            view = slice(part.start, part.end)
            weights, given = self.memory.parameters[view], gradient[view]
            first, second = self.memory.first[view], self.memory.second[view]
            weights.mul_(1 - rate * self.weight_decay)
            if part.shape and self.muon:
                first.mul_(self.momentum).add_(given)
                ahead = given.add(first, alpha=self.momentum).view(part.shape)
                change = orthogonal(ahead).flatten()
                weights.sub_(change, alpha=rate * SCALE * math.sqrt(max(part.shape)))
            else:
                low, high = self.betas
                first.lerp_(given, 1 - low)
                second.mul_(high).addcmul_(given, given, value=1 - high)
                scale = second.div(1 - high ** (step + 1)).sqrt_().add_(self.epsilon)
                weights.addcdiv_(first, scale, value=-rate / (1 - low ** (step + 1)))

    @torch.no_grad()
    def average(self, weight: float) -> None:
        """Moves the average of the owned parameters towards what they are."""
        for part in self.owned:
            view = slice(part.start, part.end)
            self.memory.average[view].lerp_(self.memory.parameters[view], weight)


class GroupedOptimizer(Optimizer):
    """The same updates in few operations, none of which waits: for a GPU.

    Matrices of one shape go through Newton-Schulz together, and what is done to each part alike is
    done by one call for all of them.
    """

    @torch.no_grad()
    def update(self, gradient: Tensor, rate: float, step: int) -> None:
        self.memory.parameters.mul_(1 - rate * self.weight_decay)
        matrices = [part for part in self.owned if part.shape and self.muon]
        others = [part for part in self.owned if not (part.shape and self.muon)]
        for shape in sorted({part.shape for part in matrices}):
            alike = [part for part in matrices if part.shape == shape]
            self.update_matrices(alike, gradient, rate * SCALE * math.sqrt(max(shape)))
        self.update_others(others, gradient, rate, step)

    def update_matrices(self, alike: list[Part], gradient: Tensor, rate: float) -> None:
        """Muon for matrices of one shape."""
        (shape,) = {part.shape for part in alike}
        given, first = views(gradient, alike), views(self.memory.first, alike)
        torch._foreach_mul_(first, self.momentum)
        torch._foreach_add_(first, given)
        ahead = torch._foreach_add(given, first, alpha=self.momentum)
        change = orthogonal(torch.stack(ahead).view(-1, *shape)).flatten(1)
        weights = views(self.memory.parameters, alike)
        torch._foreach_add_(weights, list(change.unbind()), alpha=-rate)

    def update_others(self, others: list[Part], gradient: Tensor, rate: float, step: int) -> None:
        """AdamW."""
        low, high = self.betas
        memory = self.memory
        given, weights = views(gradient, others), views(memory.parameters, others)
        first, second = views(memory.first, others), views(memory.second, others)
        torch._foreach_lerp_(first, given, 1 - low)
        torch._foreach_mul_(second, high)
        torch._foreach_addcmul_(second, given, given, value=1 - high)
        scale = torch._foreach_div(second, 1 - high ** (step + 1))
        torch._foreach_sqrt_(scale)
        torch._foreach_add_(scale, self.epsilon)
        torch._foreach_addcdiv_(weights, first, scale, value=-rate / (1 - low ** (step + 1)))

    @torch.no_grad()
    def average(self, weight: float) -> None:
        self.memory.average.lerp_(self.memory.parameters, weight)


def views(flat: Tensor, owned: list[Part]) -> list[Tensor]:
    return [flat[part.start : part.end] for part in owned]
