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


class Gradients:
    """Of the states and of the table they are scored with, collected some rows at a time."""

    def __init__(self, states: Tensor, weight: Tensor):
        """`states` positions by width, `weight` pieces by width."""
        self.of_states = torch.empty_like(states)
        self.of_weight = torch.zeros(weight.shape, dtype=torch.float32, device=states.device)

    def add(self, view: slice, rows: Tensor, weight: Tensor, of_scores: Tensor) -> None:
        """Passes on the gradient of the scores of the states `rows`, which stand at `view`.

        `weight` are the rows of the table that were scored, its first ones; `of_scores` is rows by
        scored pieces.
        """
        self.of_states[view] = of_scores @ weight
        self.of_weight[: len(weight)] += of_scores.T @ rows


class CrossEntropyByRows(torch.autograd.Function):
    """A cross-entropy summed over positions, whose gradient is that of the label-smoothed sum.

    Gradients are computed along with the scores, some rows at a time, so the table of all scores is
    never held.
    """

    @staticmethod
    def keep(ctx, gradients: Gradients, weight: Tensor) -> None:
        """To be called at the end of `forward`, whose first inputs are the states and `weight`."""
        ctx.save_for_backward(gradients.of_states, gradients.of_weight.to(weight.dtype))

    @staticmethod
    @once_differentiable
    def backward(ctx, scale: Tensor):
        scaled = [gradient * scale.to(gradient.dtype) for gradient in ctx.saved_tensors]
        return *scaled, *[None] * (len(ctx.needs_input_grad) - len(scaled))


class SampledCrossEntropy(CrossEntropyByRows):
    """Over a part of the vocabulary, each random piece counting for those that were not drawn."""

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
        own = weight.to(states.dtype)
        share, sure = candidates.share, candidates.sure
        spread = torch.full((len(own),), smoothing / candidates.vocabulary, device=states.device)
        spread[sure:] *= share
        gradients = Gradients(states, own)
        total = torch.zeros((), device=states.device)
        size = ROWS[states.device.type]
        for low in range(0, len(states), size):
            view = slice(low, low + size)
            rows, target = states[view], places[view, None]
            scores = functional.linear(rows, own).float()
            scores[:, sure:] += math.log(share)
            scores = functional.log_softmax(scores, dim=1)
            total -= scores.gather(1, target).sum()
            of_scores = scores.exp_().sub_(spread)
            wanted = torch.full_like(target, smoothing - 1, dtype=torch.float32)
            of_scores.scatter_add_(1, target, wanted)
            gradients.add(view, rows, own, of_scores.to(states.dtype))
        CrossEntropyByRows.keep(ctx, gradients, weight)
        return total


class SmoothedCrossEntropy(CrossEntropyByRows):
    """Over the whole vocabulary but for the padding, at the real positions.

    Nothing waits for the device.
    """

    @staticmethod
    def forward(ctx, states: Tensor, weight: Tensor, targets: Tensor, smoothing: float) -> Tensor:
        """`states` positions by width, `weight` vocabulary by width, its last row the padding's;
        `targets` a piece for each position, padding where there is nothing to predict."""
        own, padding = weight[:-1], len(weight) - 1
        real = targets != padding
        targets = targets.clamp(max=padding - 1)[:, None]
        states = states * real[:, None]
        gradients = Gradients(states, weight)
        total = torch.zeros((), device=states.device)
        size = ROWS[states.device.type]
        for low in range(0, len(states), size):
            view = slice(low, low + size)
            rows, target, counted = states[view], targets[view], real[view, None]
            scores = functional.linear(rows, own)
            shares = scores.softmax(dim=1, dtype=torch.float32)
            likelihood = shares.gather(1, target).clamp(min=torch.finfo(torch.float32).tiny)
            total -= (likelihood.log() * counted).sum()
            shares.scatter_add_(1, target, torch.full_like(likelihood, smoothing - 1))
            of_scores = torch.sub(shares, smoothing / padding, out=scores)
            gradients.add(view, rows, own, of_scores)
        gradients.of_states *= real[:, None]
        CrossEntropyByRows.keep(ctx, gradients, weight)
        return total


def cross_entropy(states: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """The exact sum over the whole vocabulary but for the padding, without smoothing."""
    total = torch.zeros((), device=states.device)
    size = ROWS[states.device.type]
    for rows, target in zip(states.split(size), targets.split(size)):
        scores = functional.linear(rows, weight[:-1].to(states.dtype)).float()
        total += functional.cross_entropy(scores, target, reduction="sum")
    return total
