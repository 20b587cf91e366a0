"""Compares the losses with gradients by hand with PyTorch's cross-entropy by autograd."""

import itertools
import math
import unittest

import torch
from torch import Tensor
from torch.nn import functional

from translator.loss import (
    Candidates,
    CandidateSampler,
    SampledCrossEntropy,
    SmoothedCrossEntropy,
    cross_entropy,
)

VOCABULARY, WIDTH, ROWS = 61, 16, 700
"""Pieces, the padding included; columns; positions, more than are scored at a time."""

SMOOTHING = 0.1


def distance(found: Tensor, expected: Tensor) -> float:
    return ((found - expected).norm() / expected.norm()).item()


class Losses(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)
        self.states = torch.randn(ROWS, WIDTH, requires_grad=True)
        self.weight = torch.randn(VOCABULARY, WIDTH, requires_grad=True)
        self.targets = torch.randint(0, 40, (ROWS,))

    def exact(self, smoothing: float) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The sum of the cross-entropy, and the gradients of the smoothed sum, by PyTorch."""
        scores = functional.linear(self.states, self.weight[:-1])
        loss = functional.cross_entropy(scores, self.targets, reduction="sum")
        smoothed = functional.cross_entropy(
            scores, self.targets, reduction="sum", label_smoothing=smoothing
        )
        return loss, torch.autograd.grad(smoothed, [self.states, self.weight])

    def sampled(
        self, candidates: Candidates, places: Tensor, smoothing: float
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        weight = self.weight[candidates.pieces]
        loss = SampledCrossEntropy.apply(self.states, weight, places, candidates, smoothing)
        return loss, torch.autograd.grad(loss, [self.states, self.weight])

    def check(self, found: tuple, expected: tuple) -> None:
        self.assertAlmostEqual(found[0].item() / expected[0].item(), 1, places=5)
        for gradient, wanted in zip(found[1], expected[1]):
            self.assertLess(distance(gradient, wanted), 1e-5)


class Sampled(Losses):
    def test_with_the_whole_vocabulary_as_its_sample_it_is_exact(self):
        counts = torch.rand(VOCABULARY)
        counts[-1] = 0  # padding occurs nowhere
        for frequent, smoothing in itertools.product((0, 10, 50), (0.0, SMOOTHING)):
            with self.subTest(frequent=frequent, smoothing=smoothing):
                sampler = CandidateSampler(counts, frequent, random=VOCABULARY)
                drawn = sampler.draw(self.targets, torch.Generator().manual_seed(3))
                self.assertEqual(len(drawn[0].pieces), VOCABULARY - 1)
                self.check(self.sampled(*drawn, smoothing), self.exact(smoothing))

    def test_over_all_draws_it_is_exact_each_weighted_by_its_sum_over_the_vocabulary(self):
        """The estimated sum is right on average, and so is that sum times the gradient."""
        sure, drawn = 54, 2
        self.states = self.states[:1].detach().requires_grad_()
        self.targets = self.targets[:1]
        total, gradients = 0.0, [torch.zeros_like(x) for x in (self.states, self.weight)]
        draws = list(itertools.combinations(range(sure, VOCABULARY - 1), drawn))
        target_score = (self.states @ self.weight[self.targets].T).item()
        for some in draws:
            pieces = torch.tensor([*range(sure), *some])
            candidates = Candidates(pieces, sure, VOCABULARY - 1)
            loss, found = self.sampled(candidates, self.targets, smoothing=0.0)
            estimate = math.exp(loss.item() + target_score)
            total += estimate
            for gradient, one in zip(gradients, found):
                gradient += estimate * one
        loss = math.log(total / len(draws)) - target_score
        mean = tuple(gradient / total for gradient in gradients)
        self.check((torch.tensor(loss), mean), self.exact(smoothing=0.0))

    def test_a_drawn_piece_counts_for_those_that_were_not_drawn(self):
        pieces = torch.cat([torch.arange(40), torch.randperm(20)[:5] + 40])
        found = self.sampled(Candidates(pieces, 40, VOCABULARY - 1), self.targets, smoothing=0.0)
        scores = functional.linear(self.states, self.weight[pieces])
        scores = scores + torch.tensor([0.0] * 40 + [math.log(20 / 5)] * 5)
        loss = functional.cross_entropy(scores, self.targets, reduction="sum")
        self.check(found, (loss, torch.autograd.grad(loss, [self.states, self.weight])))


class Whole(Losses):
    """The loss over the whole vocabulary, which leaves positions of padding out."""

    def test_it_is_exact(self):
        for smoothing in (0.0, SMOOTHING):
            loss = SmoothedCrossEntropy.apply(self.states, self.weight, self.targets, smoothing)
            found = loss, torch.autograd.grad(loss, [self.states, self.weight])
            self.check(found, self.exact(smoothing))

    def test_positions_of_padding_count_nothing(self):
        targets = self.targets.clone()
        targets[::3] = VOCABULARY - 1
        real = targets != VOCABULARY - 1
        loss = SmoothedCrossEntropy.apply(self.states, self.weight, targets, SMOOTHING)
        found = loss, torch.autograd.grad(loss, [self.states, self.weight])
        everywhere, self.states, self.targets = self.states, self.states[real], targets[real]
        loss, (of_states, of_weight) = self.exact(SMOOTHING)
        of_all = torch.zeros_like(everywhere)
        of_all[real] = of_states
        self.check(found, (loss, (of_all, of_weight)))

    def test_the_gradient_scales_with_that_of_the_sum(self):
        loss = SmoothedCrossEntropy.apply(self.states, self.weight, self.targets, SMOOTHING) / 4
        loss.backward()
        exact = self.exact(SMOOTHING)[1]
        self.assertLess(distance(4 * self.states.grad, exact[0]), 1e-5)
        self.assertLess(distance(4 * self.weight.grad, exact[1]), 1e-5)

    def test_the_plain_sum_is_that_of_pytorch(self):
        found = cross_entropy(self.states, self.weight, self.targets)
        self.assertAlmostEqual(found.item() / self.exact(0.0)[0].item(), 1, places=5)


def main() -> None:
    unittest.main(__name__)


if __name__ == "__main__":
    main()
