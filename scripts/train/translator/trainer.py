"""One process's share of training the translator: its batches, its part of each update.

Processes share the parameters and what the optimizer remembers; each computes the gradient of its
own batches, then updates the parts that it owns. `device.py` trains on a GPU.
"""

import argparse
import dataclasses
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy
import torch
import torch.multiprocessing as multiprocessing
from torch import Tensor

from config import settings
from corpus.batches import Corpus, one_ahead
from corpus.text import Tokenizer
from run.schedule import WarmupStableDecay
from run.training import Progress, Training
from translator import amx
from translator.grow import grown
from translator.loss import Candidates, CandidateSampler
from translator.model import Marian, Shape
from translator.optimizer import Memory, Optimizer, Part, parts, shares
from translator.passes import AmxPasses, Sentences, TorchPasses

if TYPE_CHECKING:
    from translator.development import DevelopmentSet

BARRIER_TIMEOUT = 7200
"""Seconds; a process may be paused for a while without the others giving up on it."""

AVERAGED_EVERY = 10
"""Steps between two additions to the average of the weights."""


@dataclasses.dataclass
class Shared:
    """What the processes have in common."""

    memory: Memory
    gradients: Tensor
    """One row a process."""
    packed: Tensor
    """Weights as `amx.cpp` reads them; empty where it does not run."""
    sums: Tensor
    """A row a process: loss, pieces, and the squared length of its part of the gradient."""
    decision: Tensor
    """The schedule as the first process sees it, whose clock decides for all."""
    barrier: multiprocessing.Barrier

    def wait(self) -> None:
        self.barrier.wait(BARRIER_TIMEOUT)


@dataclasses.dataclass
class Position(Progress):
    """Where a run stands in the data: in which pass, before which group of batches."""

    target_pieces: int = 0
    data_pass: int = 0
    group: int = 0

    def seen(self) -> dict:
        return {"step": self.step, "target_pieces": self.target_pieces}

    def advance(self, data_pass: int, group: int, target_pieces: int) -> None:
        """One more update, made with the given group of batches."""
        self.step += 1
        self.target_pieces += target_pieces
        self.data_pass, self.group = data_pass, group + 1


class Trainer(Training):
    """One process's share of the training."""

    unit = "pieces"

    def __init__(self, rank: int, options: argparse.Namespace, shared: Shared):
        self.rank, self.options, self.shared = rank, options, shared
        self.config = settings.load(options.config)
        self.recipe = self.config["translator"]
        schedule = WarmupStableDecay.of(options, self.recipe["warmup_steps"])
        super().__init__(options.run, schedule, self.recipe, Position(), leads=rank == 0)
        self.device = torch.device(options.device)
        self.tokenizer = Tokenizer(options.vocabulary or options.work / "vocabulary")
        self.corpus = Corpus(
            options.work / "ids",
            self.config["mix"],
            self.recipe["longest"],
            self.config["seed"],
            self.recipe["worst_share"],
            self.recipe["blank_share"],
        )
        self.gradient = shared.gradients[rank]
        self.model = new_model(options).to(self.device)
        self.model.lie_in(shared.memory.parameters, self.gradient)
        every_part = parts(self.model.flat_shapes(), options.processes)
        self.optimizer = self.optimizer_of(shares(every_part, options.processes)[rank])
        if self.leads and not self.resume():
            self.begin()
        shared.wait()
        if not self.leads:
            self.resume()
        self.passes = self.new_passes()
        self.passes.refresh()
        self.development = None
        if options.development and self.leads:
            self.development = self.development_set()

    def optimizer_of(self, owned: list[Part]) -> Optimizer:
        recipe = self.recipe
        return Optimizer(self.shared.memory, owned, recipe["weight_decay"], muon=recipe["muon"])

    def development_set(self) -> "DevelopmentSet":
        """What it needs to read text and to score it is imported only where it is asked for."""
        from translator.development import DevelopmentSet

        return DevelopmentSet(self.options.development, self.tokenizer)

    @functools.cached_property
    def sampler(self) -> CandidateSampler:
        counts = self.corpus.target_counts(self.tokenizer.size)
        recipe = self.recipe
        return CandidateSampler(counts, recipe["frequent_pieces"], recipe["random_pieces"])

    def new_passes(self) -> TorchPasses | AmxPasses:
        if self.options.passes == "torch":
            return TorchPasses(self.model, self.device)
        engine = amx.Engine(self.model.shape, self.model.positions)
        engine.use(self.shared.memory.parameters, self.gradient, self.shared.packed)
        return AmxPasses(engine, self.rank, self.options.processes)

    def begin(self) -> None:
        """Starts from new weights, or from those of a bundle, grown where they are fewer."""
        memory = self.shared.memory
        start = new_model(self.options)
        if self.options.start:
            from bundle.files import read_translator

            start = grown(read_translator(self.options.start), start.shape)
        memory.parameters.copy_(start.flat())
        memory.average.copy_(memory.parameters)

    def state(self) -> dict:
        return self.shared.memory.tensors()

    def restore(self, state: dict) -> None:
        """The memory is shared: one process fills it for all."""
        if self.leads:
            for name, tensor in self.shared.memory.tensors().items():
                tensor.copy_(state[name])

    def write_product(self, fallen: bool) -> None:
        if fallen:
            self.save("final.pt", {"model": self.model.state_dict()})
            return
        average = self.shared.memory.average
        averaged = Marian(self.model.shape)
        averaged.lie_in(average.cpu().clone(), torch.zeros(len(average)))
        self.save("average.pt", {"model": averaged.state_dict()})

    def draw(self, target: Sentences, number: int) -> tuple[Candidates, Tensor]:
        """The candidates of the process's batch of this number in its group."""
        place = self.progress.step * self.options.processes + self.rank
        seed = (self.config["seed"] * 1_000_003 + place) * 64 + number
        pieces = torch.from_numpy(numpy.concatenate(target).astype(numpy.int64))
        return self.sampler.draw(pieces, torch.Generator().manual_seed(seed))

    def step(self, batches: tuple[int, int, list], rate: float) -> tuple[float | Tensor, int, int]:
        data_pass, group, own = batches
        loss, pieces = self.update(own, rate)
        self.progress.advance(data_pass, group, pieces)
        return loss, pieces, pieces

    def update(self, batches: list[tuple[Sentences, Sentences]], rate: float) -> tuple[float, int]:
        """One update by all processes; returns the loss and the number of pieces over them all."""
        self.gradient.zero_()
        loss, pieces = 0.0, 0
        for number, (source, target) in enumerate(batches):
            candidates, places = self.draw(target, number)
            smoothing = self.recipe["label_smoothing"]
            loss = loss + self.passes.backward(source, target, candidates, places, smoothing)
            pieces += len(places)
        sums = self.shared.sums
        sums[self.rank, 0], sums[self.rank, 1] = loss, pieces
        self.shared.wait()
        whole = self.shared.gradients[0]
        for other in self.shared.gradients[1:]:
            for part in self.optimizer.owned:
                whole[part.start : part.end] += other[part.start : part.end]
        sums[self.rank, 2] = self.optimizer.square(whole)
        self.shared.wait()
        loss, pieces, square = sums.sum(dim=0).tolist()
        norm = square**0.5 / pieces
        scale = min(1.0, self.recipe["clip"] / norm) / pieces
        for part in self.optimizer.owned:
            whole[part.start : part.end] *= scale
        self.optimizer.update(whole, rate, self.progress.step)
        if self.progress.step % AVERAGED_EVERY == 0:
            steps = min(self.recipe["average_steps"], self.progress.step / 2 + 1)
            self.optimizer.average(min(1.0, AVERAGED_EVERY / steps))
        self.shared.wait()
        self.passes.refresh()
        self.shared.wait()
        return loss, int(pieces)

    def updates(self) -> Iterator[tuple[int, int, list]]:
        """The batches of each update from the current position on, after their place."""
        return one_ahead(self.load_group, self.groups())

    def groups(self) -> Iterator[tuple[int, int, list[numpy.ndarray]]]:
        """This process's batches of each update from the current position on, after their place."""
        data_pass, first = self.progress.data_pass, self.progress.group
        size = self.recipe["batches"] * self.options.processes
        while True:
            groups = self.corpus.groups(data_pass, self.recipe["tokens"], size)
            for number in range(first, len(groups)):
                yield data_pass, number, groups[number][self.rank :: self.options.processes]
            data_pass, first = data_pass + 1, 0

    def load_group(self, item: tuple[int, int, list[numpy.ndarray]]) -> tuple[int, int, list]:
        data_pass, number, batches = item
        return data_pass, number, [self.corpus.sentences(batch) for batch in batches]

    def agree(self) -> tuple[float, bool, bool]:
        """The schedule as the first process sees it, whose clock decides for all."""
        if self.leads:
            self.shared.decision.copy_(torch.tensor(super().agree(), dtype=torch.float64))
        self.shared.wait()
        share, falling, over = self.shared.decision.tolist()
        return share, bool(falling), bool(over)

    def measure(self, thorough: bool) -> dict:
        """Cross-entropy of the development set; BLEU too now and then."""
        if self.development is None:
            return {}
        translate_too = thorough or self.progress.step % self.every["translate_steps"] == 0
        with torch.no_grad(), torch.autocast(self.device.type, dtype=torch.bfloat16):
            return self.development.measure(self.model, self.device, translate_too)

    def remarks(self) -> dict:
        return {"data_pass": self.progress.data_pass}


def new_model(options: argparse.Namespace) -> Marian:
    config = settings.load(options.config)
    torch.manual_seed(config["seed"])
    vocabulary = Tokenizer(options.vocabulary or options.work / "vocabulary").size
    return Marian(Shape(vocabulary=vocabulary, **config["model"]))


def shared_memory(options: argparse.Namespace) -> Shared:
    device = torch.device(options.device)
    size = len((model := new_model(options)).flat())
    memory = Memory.zeros(size, device)
    gradients = torch.zeros(options.processes, size, device=device)
    packed = torch.zeros(0, dtype=torch.int16)
    if options.passes == "amx":
        engine = amx.Engine(model.shape, model.positions)
        packed = torch.zeros(engine.packed_size, dtype=torch.int16)
    sums = torch.zeros(options.processes, 3, dtype=torch.float64, device=device)
    decision = torch.zeros(3, dtype=torch.float64)
    if device.type == "cpu":
        memory.share()
        for tensor in (gradients, packed, sums, decision):
            tensor.share_memory_()
    barrier = multiprocessing.get_context("spawn").Barrier(options.processes)
    return Shared(memory, gradients, packed, sums, decision, barrier)
