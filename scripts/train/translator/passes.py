"""Gradients of one batch, by PyTorch on any device, or by `amx.cpp` where the processor has AMX.

`padded.py` has the passes for a GPU.
"""

import dataclasses

import numpy
import torch
from torch import Tensor

from corpus.batches import pad
from translator import amx
from translator.loss import Candidates, SampledCrossEntropy
from translator.model import Marian

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
