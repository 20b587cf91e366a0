"""Compares the translator's gradients and updates by hand with what PyTorch computes.

Fails where they differ by more than bfloat16 explains. The passes of `amx.cpp` are compared where
the processor has AMX, and said to be left out elsewhere.
"""

import unittest

import numpy
import torch

from corpus.batches import pad
from translator import amx
from translator.loss import CandidateSampler, SampledCrossEntropy
from translator.model import Marian, Shape
from translator.optimizer import Memory, Optimizer, orthogonal, parts, shares

SHAPE = Shape(
    vocabulary=1001,
    width=128,
    heads=2,
    inner=256,
    encoder_layers=2,
    decoder_layers=2,
    positions=64,
)
SMOOTHING = 0.1


def distance(found: torch.Tensor, expected: torch.Tensor) -> float:
    return ((found - expected).norm() / expected.norm()).item()


class Passes(unittest.TestCase):
    """`amx.cpp` against PyTorch, parameter by parameter."""

    def setUp(self):
        if not amx.supported():
            self.skipTest("this processor has no AMX: the passes of `amx.cpp` are not tested")
        torch.manual_seed(1)
        self.model = Marian(SHAPE)
        for name, parameter in self.model.named_parameters():
            if parameter.dim() == 1:
                parameter.data.normal_(float(name.endswith("norm.weight")), 0.1)
        random = numpy.random.default_rng(1)
        # Of one piece, of a tile and of more than a block; the last one has no Chinese.
        lengths = [(1, 1), (16, 32), (33, 9), (7, 47), (64, 64), (12, 15), (1, 20)]
        draw = lambda length: random.integers(0, SHAPE.padding, length)  # noqa: E731
        self.source = [draw(length) for length, _ in lengths]
        self.target = [draw(length) for _, length in lengths]
        sampler = CandidateSampler(torch.rand(SHAPE.vocabulary), 200, 100)
        pieces = torch.from_numpy(numpy.concatenate(self.target))
        self.candidates, self.places = sampler.draw(pieces, torch.Generator().manual_seed(3))

    def by_torch(self, reduced: bool) -> tuple[float, torch.Tensor]:
        self.model.zero_grad()
        source, target = pad(self.source, SHAPE.padding), pad(self.target, SHAPE.padding)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=reduced):
            states = self.model(source, target)[target != SHAPE.padding]
            weight = self.model.shared(self.candidates.pieces)
            loss = SampledCrossEntropy.apply(
                states, weight, self.places, self.candidates, SMOOTHING
            )
        loss.backward()
        parameters = dict(self.model.named_parameters())
        names = self.model.flat_shapes()
        return loss.item(), torch.cat([parameters[name].grad.flatten() for name in names])

    def test_every_gradient_is_that_of_pytorch(self):
        exact_loss, exact = self.by_torch(False)
        _, reduced = self.by_torch(True)
        engine = amx.Engine(SHAPE, self.model.positions)
        flat, gradient = self.model.flat(), torch.zeros(engine.size)
        engine.use(flat, gradient, torch.zeros(engine.packed_size, dtype=torch.int16))
        engine.pack()
        arguments = self.source, self.target, self.candidates, self.places, SMOOTHING
        loss = engine.backward(*arguments)
        self.assertAlmostEqual(loss / exact_loss, 1, places=3)
        start = 0
        for name, shape in self.model.flat_shapes().items():
            end = start + numpy.prod(shape)
            wanted, found = exact[start:end], gradient[start:end]
            noise = distance(reduced[start:end], wanted)
            if not name.endswith("k_proj.bias"):  # which moves nothing: its gradient is nought
                self.assertLess(distance(found, wanted), max(1.5 * noise, 0.02), name)
            start = end
        engine.backward(*arguments)
        self.assertLess(distance(gradient, 2 * exact), 0.05, "gradients add up")


class Muon(unittest.TestCase):
    def test_all_directions_become_about_equally_long(self):
        torch.manual_seed(1)
        for shape in ((64, 64), (64, 160), (160, 64)):
            lengths = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
            self.assertGreater(lengths.min().item(), 0.3)
            self.assertLess(lengths.max().item(), 1.3)

    def test_processes_together_do_what_one_does_alone(self):
        shapes = Marian(SHAPE).flat_shapes()
        size = sum(numpy.prod(shape) for shape in shapes.values())
        torch.manual_seed(1)
        start, gradient = torch.randn(size), torch.randn(size)
        results = []
        for processes in (1, 3):
            memory = Memory.zeros(size, torch.device("cpu"))
            memory.parameters.copy_(start)
            every_part = parts(shapes, processes)
            owned = shares(every_part, processes)
            covered = sorted((part.start, part.end) for some in owned for part in some)
            self.assertEqual([low for low, _ in covered], [0] + [end for _, end in covered][:-1])
            self.assertEqual(covered[-1][1], size)
            for step in range(3):
                for some in owned:
                    Optimizer(memory, some, weight_decay=0.01).update(gradient, 1e-3, step)
            results.append(memory.parameters)
        self.assertTrue(torch.equal(*results))
        self.assertGreater(distance(results[0], start), 1e-4)


def main() -> None:
    unittest.main(__name__)


if __name__ == "__main__":
    main()
