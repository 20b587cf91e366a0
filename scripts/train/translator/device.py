"""Trains the translator on one GPU, without waiting for it between the lines of the log.

Batches are made by a thread, in pinned memory; loss and clipping stay on the device; the schedule
goes by the host's clock and step, which the queue of the device lets run ahead by little.
"""

import warnings
from collections.abc import Iterator

import torch
from torch import Tensor

from corpus.batches import ahead
from translator.optimizer import GroupedOptimizer, Part
from translator.padded import Batch, PaddedCorpus, PaddedPasses
from translator.trainer import AVERAGED_EVERY, Trainer

AHEAD = 48
"""Updates prepared: what bridges the seconds in which the next pass over the data is drawn."""

WATCHED = range(20, 40)
"""Updates of a run in which PyTorch is asked to warn of anything that waits for the device."""


class DeviceTrainer(Trainer):
    """All of the training in one process, whose gradient is that of the whole vocabulary."""

    updated = 0
    """Updates made since the start of this process."""

    def optimizer_of(self, owned: list[Part]) -> GroupedOptimizer:
        memory, recipe = self.shared.memory, self.recipe
        return GroupedOptimizer(memory, owned, recipe["weight_decay"], muon=recipe["muon"])

    def new_passes(self) -> PaddedPasses:
        parameters = self.shared.memory.parameters
        return PaddedPasses(self.model, parameters, torch.bfloat16, self.options.compile)

    def updates(self) -> Iterator[tuple[int, int, list[Batch]]]:
        return ahead(self.prepared(), AHEAD)

    def prepared(self) -> Iterator[tuple[int, int, list[Batch]]]:
        """The batches of each update from the current position on, after their place."""
        pin = self.device.type == "cuda"
        padding = self.model.shape.padding
        padded = PaddedCorpus(self.corpus, self.recipe["tokens"], padding, pin)
        data_pass, first = self.progress.data_pass, self.progress.group
        while True:
            groups = padded.groups(data_pass, self.recipe["batches"])
            for number in range(first, len(groups)):
                yield data_pass, number, [padded.batch(rows) for rows in groups[number]]
            data_pass, first = data_pass + 1, 0

    def update(self, batches: list[Batch], rate: float) -> tuple[Tensor, int]:
        """One update; returns the loss, which stays on the device, and the number of pieces."""
        self.watch()
        gradient, recipe = self.gradient, self.recipe
        gradient.zero_()
        losses = [
            self.passes.backward(batch, gradient, recipe["label_smoothing"]) for batch in batches
        ]
        pieces = sum(batch.target_pieces for batch in batches)
        norm = gradient.norm() / pieces
        gradient.mul_((recipe["clip"] / norm).clamp(max=1.0) / pieces)
        step = self.progress.step
        self.optimizer.update(gradient, rate, step)
        if step % AVERAGED_EVERY == 0:
            steps = min(recipe["average_steps"], step / 2 + 1)
            self.optimizer.average(min(1.0, AVERAGED_EVERY / steps))
        self.passes.refresh()
        return sum(losses), pieces

    def watch(self) -> None:
        """Has PyTorch warn for some updates of anything that waits for the device."""
        if self.device.type != "cuda":
            return
        self.updated += 1
        if self.updated in (WATCHED.start, WATCHED.stop):
            warnings.simplefilter("default")
            watching = self.updated == WATCHED.start
            torch.cuda.set_sync_debug_mode("warn" if watching else "default")
