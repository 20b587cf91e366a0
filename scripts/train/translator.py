"""Trains the translator, on any number of processes with one thread or one GPU each.

In:  `WORK/ids/`; a tokenizer (`--vocabulary`); optionally the weights of a bundle (`--start`) and a
     development set (`--development PREFIX`, files `PREFIX.zh` and `PREFIX.en`).
Out: `RUN/latest.pt`   weights, optimizer and position at the full learning rate: go on from here
     `RUN/final.pt`    weights after the learning rate has come down: export these
     `RUN/log.jsonl`   one JSON object a line: step, pieces seen, loss, rate, speed; probes
     `RUN/pids`        the processes, to pause or to end them

The rate rises over `warmup_steps`, stays at its peak, and falls in a straight line over the last
`--decay` of the run. A run ends by the clock (`--until`, `--decay` in minutes) or after so many
steps (`--steps`, `--decay` in steps). Started again, it resumes from `latest.pt`; a fall that was
interrupted is done over. `latest.pt` is not touched by the fall, so another day can go on from it.
"""

import argparse
import contextlib
import dataclasses
import datetime
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy
import torch
import torch.distributed as distributed
import torch.multiprocessing as multiprocessing
from torch import Tensor

import bundle
import settings
from batches import Corpus, one_ahead
from development import DevelopmentSet
from loss import CandidateSampler, SampledCrossEntropy
from model import Marian, Shape
from progress import Meter, Progress, Schedule, until
from text import Tokenizer

COLLECTIVE_TIMEOUT = datetime.timedelta(hours=2)
"""A process may be paused for a while without the others giving up on it."""


def one_gradient(model: Marian) -> Tensor:
    """A row that holds the gradients of all parameters, to be summed over processes in one go."""
    sizes = [parameter.numel() for parameter in model.parameters()]
    gradient = torch.zeros(sum(sizes), device=model.shared.weight.device)
    for parameter, part in zip(model.parameters(), gradient.split(sizes)):
        parameter.grad = part.view_as(parameter)
    return gradient


class Trainer:
    """One process's share of the training."""

    def __init__(self, rank: int, options: argparse.Namespace):
        self.rank, self.options = rank, options
        self.config = settings.load(options.config)
        self.recipe = self.config["translator"]
        cuda = options.device == "cuda"
        self.device = torch.device("cuda", rank) if cuda else torch.device("cpu")
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
        torch.manual_seed(self.config["seed"])
        self.model = Marian(Shape(vocabulary=self.tokenizer.size, **self.config["model"]))
        self.model.to(self.device)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(),
            betas=(0.9, 0.98),
            weight_decay=self.recipe["weight_decay"],
            fused=True,
        )
        self.gradient = one_gradient(self.model)
        self.progress = Progress()
        self.load()
        left = until(options.until) if options.until else lambda step: options.steps - step
        self.schedule = Schedule(self.recipe["warmup_steps"], options.decay, left)
        self.development = None
        if options.development:
            self.development = DevelopmentSet(options.development, self.tokenizer)

    def load(self) -> None:
        """Goes on from this run's own checkpoint, else starts from a bundle's weights, if any."""
        latest = self.options.run / "latest.pt"
        if latest.exists():
            state = torch.load(latest, map_location=self.device, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.progress = Progress(**state["progress"])
        elif self.options.start:
            bundle.load_weights(self.model, self.options.start)

    def checkpoint(self, falling: bool) -> None:
        if falling:
            self.save("final.pt", with_optimizer=False)
        else:
            self.save("latest.pt", with_optimizer=True)

    def save(self, name: str, with_optimizer: bool) -> None:
        """Writes beside the file and renames, so that a crash leaves the old one whole."""
        if self.rank != 0:
            return
        state = {"model": self.model.state_dict(), "progress": dataclasses.asdict(self.progress)}
        if with_optimizer:
            state["optimizer"] = self.optimizer.state_dict()
        path = self.options.run / name
        torch.save(state, path.with_suffix(".part"))
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

    def reduced_precision(self) -> contextlib.AbstractContextManager:
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def backward(self, source: Tensor, target: Tensor) -> tuple[Tensor, int]:
        """Leaves gradients of the summed loss behind; returns that sum and its number of pieces."""
        real = target != self.tokenizer.padding
        seed = (
            self.config["seed"] * 1_000_003
            + self.progress.step * self.options.processes
            + self.rank
        )
        generator = torch.Generator().manual_seed(seed)
        candidates, places = self.sampler.draw(target[real], generator)
        candidates = dataclasses.replace(candidates, pieces=candidates.pieces.to(self.device))
        source, target, real = source.to(self.device), target.to(self.device), real.to(self.device)
        with self.reduced_precision():
            states = self.model(source, target)[real]
            weight = self.model.shared(candidates.pieces)
            loss = SampledCrossEntropy.apply(
                states, weight, places.to(self.device), candidates, self.recipe["label_smoothing"]
            )
        loss.backward()
        return loss.detach(), len(places)

    def update(self, source: Tensor, target: Tensor, share: float) -> tuple[float, int]:
        """One update of all processes; returns the loss and the number of pieces over them all."""
        self.gradient.zero_()
        loss, pieces = self.backward(source, target)
        sums = torch.tensor([loss.item(), pieces], dtype=torch.float64, device=self.device)
        distributed.all_reduce(sums)
        distributed.all_reduce(self.gradient)
        loss, pieces = sums.tolist()
        norm = self.gradient.norm().item() / pieces
        self.gradient *= min(1.0, self.recipe["clip"] / norm) / pieces
        for group in self.optimizer.param_groups:
            group["lr"] = share * self.recipe["peak_rate"]
        self.optimizer.step()
        return loss, int(pieces)

    def batches(self) -> Iterator[tuple[int, int, numpy.ndarray]]:
        """This process's batches from the current position on, each after its pass and group."""
        data_pass, first = self.progress.data_pass, self.progress.group
        while True:
            groups = self.corpus.groups(data_pass, self.recipe["tokens"], self.options.processes)
            for group in range(first, len(groups)):
                yield data_pass, group, groups[group][self.rank]
            data_pass, first = data_pass + 1, 0

    def load_batch(self, item: tuple[int, int, numpy.ndarray]) -> tuple[int, int, Tensor, Tensor]:
        data_pass, group, batch = item
        return data_pass, group, *self.corpus.tensors(batch, self.tokenizer.padding)

    def agree(self) -> tuple[float, bool, bool]:
        """The schedule as the first process sees it, whose clock decides for all."""
        step = self.progress.step
        values = [self.schedule.share(step), self.schedule.falling(step), self.schedule.over(step)]
        shared = torch.tensor(values, dtype=torch.float32, device=self.device)
        distributed.broadcast(shared, src=0)
        share, falling, over = shared.tolist()
        return share, bool(falling), bool(over)

    def probe(self, translate_too: bool) -> None:
        if self.rank != 0 or self.development is None:
            return
        with torch.no_grad(), self.reduced_precision():
            self.log(**self.development.measure(self.model, self.device, translate_too))

    def train(self) -> None:
        every = self.recipe["every"]
        meter = Meter()
        saved = time.monotonic()
        was_falling = False
        self.probe(translate_too=True)
        for data_pass, group, source, target in one_ahead(self.load_batch, self.batches()):
            share, falling, over = self.agree()
            if over:
                break
            if falling and not was_falling:
                self.save("latest.pt", with_optimizer=True)
                was_falling = True
            meter.add(*self.update(source, target, share))
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


def work(rank: int, options: argparse.Namespace) -> None:
    torch.set_num_threads(options.threads)
    if options.device == "cuda":
        torch.cuda.set_device(rank)
    with (options.run / "pids").open("a") as file:
        file.write(f"{os.getpid()}\n")
    distributed.init_process_group(
        "nccl" if options.device == "cuda" else "gloo",
        init_method=f"file://{(options.run / 'rendezvous').resolve()}",
        rank=rank,
        world_size=options.processes,
        timeout=COLLECTIVE_TIMEOUT,
    )
    Trainer(rank, options).train()
    distributed.barrier()  # gloo may deadlock when a group is taken down right after its last use
    distributed.destroy_process_group()


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
    options = parser.parse_args()

    options.run.mkdir(parents=True, exist_ok=True)
    (options.run / "rendezvous").unlink(missing_ok=True)
    (options.run / "pids").write_text(f"{os.getpid()}\n")
    multiprocessing.spawn(work, args=[options], nprocs=options.processes)


if __name__ == "__main__":
    main()
