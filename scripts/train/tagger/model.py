"""The tagger's network: a decoder without its mask over the source, then one over the target.

It reads with the encoder and the embedding of a translator, which stay as they are.
"""

import os
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from bundle.files import quantise
from tagger import passages
from translator.model import DecoderLayer, Marian, Shape, Stack


class Tagger(nn.Module):
    """Reads the target beside the source, and then the source beside the target."""

    def __init__(self, shape: Shape, source_layers: int):
        super().__init__()
        self.target = Stack([DecoderLayer(shape) for _ in range(shape.decoder_layers)])
        self.source = Stack([DecoderLayer(shape) for _ in range(source_layers)])
        self.target_covered = nn.Linear(shape.width, 1)
        self.source_covered = nn.Linear(shape.width, 1)

    def start_from(self, translator: Marian) -> None:
        self.target.load_state_dict(translator.decoder.state_dict())
        last = translator.decoder.layers[-1].state_dict()
        for layer in self.source.layers:
            layer.load_state_dict(last)

    def forward(
        self, source: Tensor, source_hidden: Tensor, target: Tensor, target_hidden: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The log-odds that each piece of the source and of the target is covered.

        States come in, and where they are padding.
        """
        for layer in self.target.layers:
            target = layer(target, target_hidden, source, source_hidden)
        for layer in self.source.layers:
            source = layer(source, source_hidden, target, target_hidden)
        return self.source_covered(source).squeeze(-1), self.target_covered(target).squeeze(-1)


def log_odds(translator: Marian, tagger: Tagger, batch: passages.Batch) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        source, source_hidden = translator.encode(batch.source)
        target = translator.embed(batch.target)
        # Its first column is the mark from which decoders start, which is the padding too.
        target_hidden = batch.target == translator.shape.padding
        target_hidden[:, 0] = False
    return tagger(source, source_hidden, target, target_hidden[:, None, None, :])


def write_tagger(tagger: Tagger, file: Path) -> None:
    """Matrices of layers in eight bits, a scale (`NAME.scale`) a row; the rest in half precision.

    Of that precision the program, which multiplies in eight bits, loses nothing.
    """
    tensors = {}
    for name, weight in sorted(tagger.state_dict().items()):
        weight = weight.cpu()
        if weight.dim() == 2 and len(weight) > 1:
            tensors[name], tensors[f"{name}.scale"] = quantise(weight)
        else:
            tensors[name] = weight.half().contiguous()
    half_written = file.with_suffix(".half")
    safetensors.torch.save_file(tensors, half_written)
    os.replace(half_written, file)


def read_tagger(file: Path, shape: Shape) -> Tagger:
    """The tagger of a bundle, its rounded weights in full precision."""
    tensors = safetensors.torch.load_file(file)
    layers = {name.split(".")[2] for name in tensors if name.startswith("source.layers.")}
    tagger = Tagger(shape, len(layers))
    weights = {}
    for name, tensor in tensors.items():
        if not name.endswith(".scale"):
            scale = tensors.get(f"{name}.scale")
            weights[name] = tensor.float() if scale is None else tensor.float() * scale[:, None]
    tagger.load_state_dict(weights)
    return tagger.eval()
