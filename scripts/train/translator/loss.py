"""Cross-entropy over a part of the vocabulary that stands for the whole.

The softmax over the whole vocabulary is half the work of a small model. Here each batch scores its
own target pieces and the most frequent ones, and a random draw of the rest, each of which counts
for the many that were not drawn, so that the sum over the vocabulary is right on average.
"""

import dataclasses
import math

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

ROWS = {"cpu": 256, "cuda": 8192}
"""Positions scored at a time: on the CPU so few that their scores stay in its cache."""


@dataclasses.dataclass(frozen=True)
class Candidates:
    """The pieces that a batch scores."""

    pieces: Tensor
    """Their numbers: first those that are surely in, then the random ones."""
    sure: int
    vocabulary: int

    @property
    def share(self) -> float:
        """How many pieces each random one stands for."""
        drawn = len(self.pieces) - self.sure
        return (self.vocabulary - self.sure) / drawn if drawn else 1.0


class CandidateSampler:
    """Draws candidates; `frequent` most frequent pieces are always among them."""

    def __init__(self, counts: Tensor, frequent: int, random: int):
        self.vocabulary = len(counts)
        self.always = counts.argsort(descending=True)[:frequent]
        self.random = random

    def draw(self, targets: Tensor, generator: torch.Generator) -> tuple[Candidates, Tensor]:
        """Candidates for a batch, and where each of its targets stands among them."""
        chosen = torch.zeros(self.vocabulary, dtype=torch.bool)
        chosen[self.always] = True
        chosen[targets] = True
        sure = chosen.nonzero()[:, 0]
        rest = (~chosen[:-1]).nonzero()[:, 0]  # padding, the last piece, is never predicted
        drawn = rest[torch.randperm(len(rest), generator=generator)[: self.random]]
        place = torch.empty(self.vocabulary, dtype=torch.long)
        place[sure] = torch.arange(len(sure))
        candidates = Candidates(torch.cat([sure, drawn]), len(sure), self.vocabulary - 1)
        return candidates, place[targets]


class SampledCrossEntropy(torch.autograd.Function):
    """Cross-entropy summed over positions; its gradient is that of the label-smoothed sum.

    Gradients are computed along with the scores, some rows at a time, so the table of all scores is
    never held.
    """

    @staticmethod
    def forward(
        ctx,
        states: Tensor,
        weight: Tensor,
        places: Tensor,
        candidates: Candidates,
        smoothing: float,
    ) -> Tensor:
        """`weight` holds the candidates' rows; `places` says which of them each position wants."""
        weight = weight.to(states.dtype)
        share, sure = candidates.share, candidates.sure
        spread = torch.full((len(weight),), smoothing / candidates.vocabulary, device=states.device)
        spread[sure:] *= share
        states_gradient = torch.empty_like(states)
        weight_gradient = torch.zeros(weight.shape, dtype=torch.float32, device=states.device)
        total = torch.zeros((), device=states.device)
        size = ROWS[states.device.type]
        for low in range(0, len(states), size):
            rows, target = states[low : low + size], places[low : low + size, None]
            scores = functional.linear(rows, weight).float()
            scores[:, sure:] += math.log(share)
            scores = functional.log_softmax(scores, dim=1)
            total -= scores.gather(1, target).sum()
            gradient = scores.exp_().sub_(spread)
            gradient.scatter_add_(
                1, target, torch.full_like(target, smoothing - 1, dtype=torch.float32)
            )
            gradient = gradient.to(states.dtype)
            states_gradient[low : low + size] = gradient @ weight
            weight_gradient += gradient.T @ rows
        ctx.save_for_backward(states_gradient, weight_gradient)
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx, scale: Tensor):
        states_gradient, weight_gradient = ctx.saved_tensors
        return (
            states_gradient * scale.to(states_gradient.dtype),
            weight_gradient * scale,
            None,
            None,
            None,
        )


class SmoothedCrossEntropy(torch.autograd.Function):
    """Cross-entropy over the whole vocabulary but for the padding, summed over the real positions;
    its gradient is that of the label-smoothed sum. Nothing waits for the device.
    """

    @staticmethod
    def forward(ctx, states: Tensor, weight: Tensor, targets: Tensor, smoothing: float) -> Tensor:
        """`states` positions by width, `weight` vocabulary by width, its last row the padding's;
        `targets` a piece for each position, padding where there is nothing to predict."""
        padding = len(weight) - 1
        real = targets != padding
        targets = targets.clamp(max=padding - 1)[:, None]
        states = states * real[:, None]
        states_gradient = torch.empty_like(states)
        weight_gradient = torch.zeros_like(weight, dtype=torch.float32)
        total = torch.zeros((), device=states.device)
        size = ROWS[states.device.type]
        for low in range(0, len(states), size):
            view = slice(low, low + size)
            rows, target, counted = states[view], targets[view], real[view, None]
            scores = functional.linear(rows, weight[:-1])
            shares = scores.softmax(dim=1, dtype=torch.float32)
            likelihood = shares.gather(1, target).clamp(min=torch.finfo(torch.float32).tiny)
            total -= (likelihood.log() * counted).sum()
            shares.scatter_add_(1, target, torch.full_like(likelihood, smoothing - 1))
            gradient = torch.sub(shares, smoothing / padding, out=scores)
            states_gradient[view] = (gradient @ weight[:-1]) * counted
            weight_gradient[:-1] += gradient.T @ rows
        ctx.save_for_backward(states_gradient, weight_gradient.to(weight.dtype))
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx, scale: Tensor):
        states_gradient, weight_gradient = ctx.saved_tensors
        return (
            states_gradient * scale.to(states_gradient.dtype),
            weight_gradient * scale.to(weight_gradient.dtype),
            None,
            None,
        )


def cross_entropy(states: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """The exact sum over the whole vocabulary but for the padding, without smoothing."""
    total = torch.zeros((), device=states.device)
    size = ROWS[states.device.type]
    for rows, target in zip(states.split(size), targets.split(size)):
        scores = functional.linear(rows, weight[:-1].to(states.dtype)).float()
        total += functional.cross_entropy(scores, target, reduction="sum")
    return total
