"""Compares the training for a GPU with the plain one: batches, gradients, updates.

Runs on a GPU where there is one, and then also fails where a step waits for it; else on the CPU.
"""

import tempfile
import unittest
from pathlib import Path

import numpy
import torch
from torch.nn import functional

from corpus.batches import Corpus
from smoke.gradients import SHAPE, SMOOTHING
from translator.model import Marian
from translator.optimizer import GroupedOptimizer, Memory, Optimizer, parts
from translator.padded import PaddedCorpus, PaddedPasses

TOKENS = 300
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def distance(found: torch.Tensor, expected: torch.Tensor) -> float:
    return ((found - expected).norm() / expected.norm()).item()


def write_corpus(folder: Path, vocabulary: int) -> None:
    """Writes two sources of random pieces, as `corpus.encode` does."""
    folder.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(1)
    for name, pairs in (("first", 70), ("second", 30)):
        for language in ("zh", "en"):
            lengths = random.integers(1, 68, pairs)
            pieces = random.integers(1, vocabulary - 1, lengths.sum()).astype(numpy.uint16)
            pieces[lengths.cumsum() - 1] = 0
            path = folder / f"{name}.{language}"
            numpy.save(f"{path}.npy", pieces)
            numpy.save(f"{path}.ends.npy", lengths.cumsum())


class OfACorpus(unittest.TestCase):
    """Tests that need pairs: two sources of random pieces, some of whose pairs are too long."""

    def setUp(self):
        torch.manual_seed(1)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        write_corpus(Path(folder.name), SHAPE.vocabulary)
        mix = {"first": 1.0, "second": 0.5}
        self.corpus = Corpus(Path(folder.name), mix, longest=64, seed=7, blank_share=0.3)
        pin = DEVICE.type == "cuda"
        self.padded = PaddedCorpus(self.corpus, TOKENS, SHAPE.padding, pin)


class Batches(OfACorpus):
    def test_every_pair_of_a_pass_is_in_one_batch(self):
        drawn = [rows for group in self.padded.groups(3, size=1) for rows in group]
        expected = self.corpus.pairs_of_pass(3)
        self.assertEqual(sorted(map(tuple, numpy.concatenate(drawn))), sorted(map(tuple, expected)))

    def test_a_batch_holds_its_pairs_and_nothing_else(self):
        shapes = set()
        for (rows,) in self.padded.groups(0, size=1):
            batch = self.padded.batch(rows)
            source, target = self.corpus.sentences(rows)
            self.assertEqual(batch.target_pieces, sum(map(len, target)))
            self.assertLessEqual(batch.pieces.shape[0] * batch.source_length, TOKENS)
            for number, row in enumerate(batch.pieces.numpy()):
                sides = row[: batch.source_length], row[batch.source_length :]
                found = [side[side != SHAPE.padding].tolist() for side in sides]
                filler = [[0], []]
                pair = [source[number], target[number]] if number < len(rows) else filler
                self.assertEqual(found, [list(side) for side in pair])
            shapes.add((*batch.pieces.shape, batch.source_length))
        self.assertGreater(len(shapes), 3)


class Passes(OfACorpus):
    """The gradient of the label-smoothed loss over the whole vocabulary, by plain PyTorch."""

    def setUp(self):
        super().setUp()
        self.model = Marian(SHAPE)
        for name, parameter in self.model.named_parameters():
            if parameter.dim() == 1:
                parameter.data.normal_(float(name.endswith("norm.weight")), 0.1)
        self.groups = self.padded.groups(0, size=2)

    def expected(self, reduced: bool) -> tuple[float, torch.Tensor]:
        self.model.zero_grad()
        total = 0.0
        for rows in self.groups[0]:
            source, target = self.corpus.tensors(rows, SHAPE.padding)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=reduced):
                states = self.model(source, target)
                scores = functional.linear(states, self.model.shared.weight[:-1])[
                    target != SHAPE.padding
                ].float()
            wanted = target[target != SHAPE.padding]
            total += functional.cross_entropy(scores, wanted, reduction="sum").item()
            functional.cross_entropy(
                scores, wanted, reduction="sum", label_smoothing=SMOOTHING
            ).backward()
        parameters = dict(self.model.named_parameters())
        return total, torch.cat([parameters[name].grad.flatten() for name in self.names()])

    def names(self) -> dict[str, tuple[int, ...]]:
        return self.model.flat_shapes()

    def found(self, dtype: torch.dtype) -> tuple[float, torch.Tensor]:
        flat = self.model.flat().to(DEVICE)
        gradient = torch.zeros_like(flat)
        passes = PaddedPasses(self.model, flat, dtype)
        passes.refresh()
        batches = map(self.padded.batch, self.groups[0])
        total = sum(passes.backward(batch, gradient, SMOOTHING) for batch in batches)
        return total.item(), gradient.cpu()

    def parameter_by_parameter(self, *gradients: torch.Tensor):
        sizes = [int(numpy.prod(shape)) for shape in self.names().values()]
        for name, *some in zip(self.names(), *(gradient.split(sizes) for gradient in gradients)):
            if not name.endswith("k_proj.bias"):  # which moves nothing: its gradient is nought
                yield name, *some

    def test_in_full_precision_it_is_exact(self):
        total, expected = self.expected(reduced=False)
        loss, gradient = self.found(torch.float32)
        self.assertAlmostEqual(loss / total, 1, places=4)
        limit = 1e-4 if DEVICE.type == "cpu" else 2e-3  # attention there may multiply in TF32
        for name, found, wanted in self.parameter_by_parameter(gradient, expected):
            self.assertLess(distance(found, wanted), limit, name)

    def test_in_bfloat16_it_is_about_as_good_as_that_of_autocast(self):
        total, exact = self.expected(reduced=False)
        _, reduced = self.expected(reduced=True)
        loss, gradient = self.found(torch.bfloat16)
        self.assertAlmostEqual(loss / total, 1, places=2)
        for name, found, other, wanted in self.parameter_by_parameter(gradient, reduced, exact):
            limit = max(2 * distance(other, wanted), 0.02)
            self.assertLess(distance(found, wanted), limit, name)
        self.assertLess(distance(gradient, exact), 1.3 * distance(reduced, exact))

    @unittest.skipIf(DEVICE.type == "cpu", "there is no GPU to wait for")
    def test_no_step_waits_for_the_device(self):
        memory = Memory.zeros(len(self.model.flat()), DEVICE)
        memory.parameters.copy_(self.model.flat())
        passes = PaddedPasses(self.model, memory.parameters, torch.bfloat16)
        optimizer = GroupedOptimizer(memory, parts(self.names(), 1), weight_decay=0.01)
        gradient = torch.zeros_like(memory.parameters)
        for step, rows in enumerate(self.groups[0] * 2):
            torch.cuda.set_sync_debug_mode("error" if step >= len(self.groups[0]) else "default")
            passes.refresh()
            passes.backward(self.padded.batch(rows), gradient, SMOOTHING)
            optimizer.update(gradient, 1e-3, step)
            optimizer.average(0.1)
        torch.cuda.set_sync_debug_mode("default")


class Updates(unittest.TestCase):
    def test_grouped_they_are_the_same(self):
        shapes = Marian(SHAPE).flat_shapes()
        size = sum(int(numpy.prod(shape)) for shape in shapes.values())
        torch.manual_seed(1)
        start, gradients = torch.randn(size), torch.randn(3, size)
        results = []
        for kind in (Optimizer, GroupedOptimizer):
            memory = Memory.zeros(size, DEVICE)
            memory.parameters.copy_(start)
            optimizer = kind(memory, parts(shapes, 1), weight_decay=0.01)
            for step, gradient in enumerate(gradients):
                optimizer.update(gradient.to(DEVICE), 1e-3, step)
                optimizer.average(0.5)
            results.append(memory.tensors())
        for name, expected in results[0].items():
            self.assertLess(distance(results[1][name], expected), 1e-4, name)


def main() -> None:
    unittest.main(__name__)


if __name__ == "__main__":
    main()
