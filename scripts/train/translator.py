"""Trains the translator, on any number of processes of one core each, or on one GPU.

In:  `WORK/ids/`; a tokenizer (`--vocabulary`); optionally the weights of a bundle (`--start`) and a
     development set (`--development PREFIX`, files `PREFIX.zh` and `PREFIX.en`).
Out: `RUN/latest.pt`   weights, optimizer and position at the full learning rate: go on from here
     `RUN/final.pt`    weights after the learning rate has come down: export these
     `RUN/average.pt`  the average of the weights over the last updates, for a run without a fall
     `RUN/log.jsonl`   one JSON object a line: step, pieces seen, loss, rate, speed; probes
     `RUN/pids`        the processes, to pause or to end them

The rate rises over `warmup_steps`, stays at its peak, and falls in a straight line over the last
`--decay` of the run. A run ends by the clock (`--until`, `--decay` in minutes) or after so many
steps (`--steps`, `--decay` in steps). Started again, it resumes from `latest.pt`; a fall that was
interrupted is done over. `latest.pt` is not touched by the fall, so another day can go on from it.

Processes share the parameters and what the optimizer remembers; each computes the gradient of its
own batches, then updates the parts that it owns. Where the processor has AMX, `amx.py` computes
gradients, else PyTorch does (`--passes`).
"""

import argparse
import dataclasses
import datetime
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy
import torch
import torch.multiprocessing as multiprocessing
from torch import Tensor

import amx
import bundle
import settings
from batches import Corpus, one_ahead, pad
from development import DevelopmentSet
from loss import Candidates, CandidateSampler, SampledCrossEntropy
from model import Marian, Shape
from optimizer import Memory, Optimizer, parts, shares
from progress import Meter, Progress, Schedule, until
from text import Tokenizer

BARRIER_TIMEOUT = 7200
"""Seconds; a process may be paused for a while without the others giving up on it."""

AVERAGED_EVERY = 10
"""Steps between two additions to the average of the weights."""

Sentences = list[numpy.ndarray]


class TorchPasses:
    """Gradients by PyTorch, on any device."""

    def __init__(self, model: Marian, device: torch.device):
        self.model, self.device = model, device

    def refresh(self) -> None:
        """Nothing is derived from the parameters."""

    def backward(
        self,
        source: Sentences,
        target: Sentences,
        candidates: Candidates,
        places: Tensor,
        smoothing: float,
    ) -> Tensor:
        """Adds to the gradient; returns the loss summed over all target pieces."""
        padding = self.model.shape.padding
        given, wanted = (pad(side, padding).to(self.device) for side in (source, target))
        pieces = candidates.pieces.to(self.device)
        candidates = dataclasses.replace(candidates, pieces=pieces)
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            states = self.model(given, wanted)[wanted != padding]
            loss = SampledCrossEntropy.apply(
                states, self.model.shared(pieces), places.to(self.device), candidates, smoothing
            )
        loss.backward()
        return loss.detach()


class AmxPasses:
    """Gradients by `amx.cpp`; each process packs its share of the weights for all."""

    def __init__(self, engine: amx.Engine, rank: int, processes: int):
        self.engine, self.rank, self.processes = engine, rank, processes

    def refresh(self) -> None:
        self.engine.pack(self.rank, self.processes)

    def backward(self, *arguments) -> Tensor:
        return torch.tensor(self.engine.backward(*arguments), dtype=torch.float64)


@dataclasses.dataclass
class Shared:
    """What the processes have in common."""

    memory: Memory
    gradients: Tensor
    """One row a process."""
    packed: Tensor
    """Weights as `amx.cpp` reads them; empty where it does not run."""
    sums: Tensor
    """A row a process: its loss, its pieces, the square of the length of its part of the gradient."""
    decision: Tensor
    """The schedule as the first process sees it, whose clock decides for all."""
    barrier: multiprocessing.Barrier

    def wait(self) -> None:
        self.barrier.wait(BARRIER_TIMEOUT)


class Trainer:
    """One process's share of the training."""

    def __init__(self, rank: int, options: argparse.Namespace, shared: Shared):
        self.rank, self.options, self.shared = rank, options, shared
        self.config = settings.load(options.config)
        self.recipe = self.config["translator"]
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
        self.sampler = CandidateSampler(
            self.corpus.target_counts(self.tokenizer.size),
            self.recipe["frequent_pieces"],
            self.recipe["random_pieces"],
        )
        self.gradient = shared.gradients[rank]
        self.model = new_model(options).to(self.device)
        self.model.lie_in(shared.memory.parameters, self.gradient)
        every_part = parts(self.model.flat_shapes(), options.processes)
        self.optimizer = Optimizer(
            shared.memory,
            shares(every_part, options.processes)[rank],
            self.recipe["weight_decay"],
            muon=self.recipe["muon"],
        )
        self.progress = Progress()
        if rank == 0:
            self.load()
        shared.wait()
        if rank != 0:
            self.load_progress()
        self.passes = self.new_passes()
        left = until(options.until) if options.until else lambda step: options.steps - step
        self.schedule = Schedule(self.recipe["warmup_steps"], options.decay, left)
        self.development = None
        if options.development and rank == 0:
            self.development = DevelopmentSet(options.development, self.tokenizer)

    def new_passes(self) -> TorchPasses | AmxPasses:
        if self.options.passes == "torch":
            return TorchPasses(self.model, self.device)
        engine = amx.Engine(self.model.shape, self.model.positions)
        engine.use(self.shared.memory.parameters, self.gradient, self.shared.packed)
        return AmxPasses(engine, self.rank, self.options.processes)

    def state(self) -> dict | None:
        latest = self.options.run / "latest.pt"
        if not latest.exists():
            return None
        return torch.load(latest, map_location="cpu", weights_only=True, mmap=True)

    def load(self) -> None:
        """Goes on from this run's own checkpoint, else starts from a bundle's weights, if any."""
        memory = self.shared.memory
        if state := self.state():
            for name, tensor in memory.tensors().items():
                tensor.copy_(state[name])
            self.load_progress()
            return
        start = new_model(self.options)
        if self.options.start:
            bundle.load_weights(start, self.options.start)
        memory.parameters.copy_(start.flat())
        memory.average.copy_(memory.parameters)

    def load_progress(self) -> None:
        if state := self.state():
            self.progress = Progress(**state["progress"])

    def checkpoint(self, falling: bool) -> None:
        if self.rank != 0:
            return
        memory = self.shared.memory
        if falling:
            self.save("final.pt", {"model": self.model.state_dict()})
            return
        self.save("latest.pt", memory.tensors())
        averaged = Marian(self.model.shape)
        averaged.lie_in(memory.average.cpu().clone(), torch.zeros(len(memory.average)))
        self.save("average.pt", {"model": averaged.state_dict()})

    def save(self, name: str, state: dict) -> None:
        """Writes beside the file and renames, so that a crash leaves the old one whole."""
        path = self.options.run / name
        torch.save(
            state | {"progress": dataclasses.asdict(self.progress)}, path.with_suffix(".part")
        )
        os.replace(path.with_suffix(".part"), path)

    def log(self, **record) -> None:
        if self.rank != 0:
            return
        record = {
            "time": datetime.datetime.now().isoformat(timespec="seconds"),
            "step": self.progress.step,
            "target_pieces": self.progress.target_pieces,
            **record,
        }
        with (self.options.run / "log.jsonl").open("a") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
        print("  ".join(f"{key} {value}" for key, value in record.items()), flush=True)

    def draw(self, target: Sentences, number: int) -> tuple[Candidates, Tensor]:
        """The candidates of the process's batch of this number in its group."""
        place = self.progress.step * self.options.processes + self.rank
        seed = (self.config["seed"] * 1_000_003 + place) * 64 + number
        pieces = torch.from_numpy(numpy.concatenate(target).astype(numpy.int64))
        return self.sampler.draw(pieces, torch.Generator().manual_seed(seed))

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
        step = self.progress.step
        if self.rank == 0:
            schedule = self.schedule
            values = [schedule.share(step), schedule.falling(step), schedule.over(step)]
            self.shared.decision.copy_(torch.tensor(values, dtype=torch.float64))
        self.shared.wait()
        share, falling, over = self.shared.decision.tolist()
        return share, bool(falling), bool(over)

    def probe(self, translate_too: bool) -> None:
        if self.development is None:
            return
        with torch.no_grad(), torch.autocast(self.device.type, dtype=torch.bfloat16):
            self.log(**self.development.measure(self.model, self.device, translate_too))

    def train(self) -> None:
        every = self.recipe["every"]
        meter = Meter()
        saved = time.monotonic()
        was_falling = False
        self.passes.refresh()
        self.probe(translate_too=True)
        for data_pass, group, batches in one_ahead(self.load_group, self.groups()):
            share, falling, over = self.agree()
            if over:
                break
            if falling and not was_falling:
                self.checkpoint(falling=False)
                was_falling = True
            meter.add(*self.update(batches, share * self.recipe["peak_rate"]))
            self.progress.advance(data_pass, group, meter.last_pieces)
            if self.progress.step % every["log_steps"] == 0:
                self.log(
                    **meter.lap(),
                    rate=round(share * self.recipe["peak_rate"], 7),
                    data_pass=data_pass,
                )
            if self.progress.step % every["probe_steps"] == 0:
                self.probe(translate_too=self.progress.step % every["translate_steps"] == 0)
            if time.monotonic() - saved > every["checkpoint_seconds"]:
                self.checkpoint(falling)
                saved = time.monotonic()
        self.checkpoint(falling=True)
        self.probe(translate_too=True)


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


def work(rank: int, options: argparse.Namespace, shared: Shared) -> None:
    torch.set_num_threads(options.threads)
    with (options.run / "pids").open("a") as file:
        file.write(f"{os.getpid()}\n")
    Trainer(rank, options, shared).train()


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoints and log")
    parser.add_argument("--vocabulary", type=Path, help="default: WORK/vocabulary")
    parser.add_argument("--start", type=Path, help="a bundle whose weights to start from")
    parser.add_argument("--development", type=Path, help="prefix of .zh and .en to measure on")
    end = parser.add_mutually_exclusive_group(required=True)
    end.add_argument("--until", help="end of the run, HH:MM")
    end.add_argument("--steps", type=int, help="end of the run, in steps")
    parser.add_argument("--decay", type=float, required=True, help="minutes, or steps, of the fall")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of each process")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--passes", choices=["torch", "amx"], help="default: amx where it runs")
    options = parser.parse_args()
    if options.device == "cuda" and options.processes > 1:
        parser.error("one process serves one GPU")
    if options.passes is None:
        here = options.device == "cpu" and amx.supported()
        options.passes = "amx" if here else "torch"

    options.run.mkdir(parents=True, exist_ok=True)
    (options.run / "pids").write_text(f"{os.getpid()}\n")
    shared = shared_memory(options)
    if options.processes == 1:
        work(0, options, shared)
    else:
        multiprocessing.spawn(work, args=[options, shared], nprocs=options.processes)


if __name__ == "__main__":
    main()
