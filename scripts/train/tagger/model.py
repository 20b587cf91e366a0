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
        self.links: Links | None = None

    def start_from(self, translator: Marian) -> None:
        self.target.load_state_dict(translator.decoder.state_dict())
        last = translator.decoder.layers[-1].state_dict()
        for layer in self.source.layers:
            layer.load_state_dict(last)

    def forward(
        self, source: Tensor, source_hidden: Tensor, target: Tensor, target_hidden: Tensor
    ) -> tuple[list[Tensor], list[Tensor]]:
        """The states of the source and of the target: as they come in, and after each layer.

        States come in, and where they are padding.
        """
        sources, targets = [source], [target]
        for layer in self.target.layers:
            targets.append(layer(targets[-1], target_hidden, source, source_hidden))
        for layer in self.source.layers:
            sources.append(layer(sources[-1], source_hidden, targets[-1], target_hidden))
        return sources, targets


class Links(nn.Module):
    """How well each piece of the source goes with each of the target, and with none, in nats.

    It compares a tagger's states, those that know of the other side and those that do not yet. What
    it finds of two pieces depends on that of the pieces around both, by a kernel: clauses are
    linked as a whole, little words with them.
    """

    def __init__(self, tagger: Tagger, inner: int, kernel: int):
        super().__init__()
        width = tagger.source_covered.in_features
        widths = [width * (1 + len(stack.layers)) for stack in (tagger.source, tagger.target)]
        self.source, self.target = (nn.Linear(width, inner) for width in widths)
        self.source_nowhere, self.target_nowhere = (nn.Linear(width, 1) for width in widths)
        self.around = nn.Conv2d(1, 1, kernel, padding=kernel // 2, bias=False)
        with torch.no_grad():
            self.around.weight.zero_()[0, 0, kernel // 2, kernel // 2] = 1

    def forward(
        self, sources: list[Tensor], targets: list[Tensor], there: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Source × target; and of each side how well its pieces go with none of the other.

        What is not `there` is no piece of a sentence.
        """
        source, target = (torch.cat(states, dim=-1).float() for states in (sources, targets))
        links = self.source(source) @ self.target(target).transpose(-1, -2)
        links = links * self.source.out_features**-0.5
        links = links * (there[0][:, :, None] & there[1][:, None, :])
        links = self.around(links[:, None])[:, 0]
        nowhere = self.source_nowhere(source).squeeze(-1), self.target_nowhere(target).squeeze(-1)
        return links, *nowhere


def log_odds(translator: Marian, tagger: Tagger, batch: passages.Batch) -> tuple[Tensor, Tensor]:
    """The log-odds that each piece of the source and of the target is covered."""
    sources, targets = states(translator, tagger, batch)
    odds = tagger.source_covered(sources[-1]), tagger.target_covered(targets[-1])
    return odds[0].squeeze(-1), odds[1].squeeze(-1)


def states(
    translator: Marian, tagger: Tagger, batch: passages.Batch
) -> tuple[list[Tensor], list[Tensor]]:
    """The states of both sides as `Tagger.forward` has them."""
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
    if "links.source.weight" in tensors:
        tagger.links = Links(
            tagger,
            len(tensors["links.source.weight"]),
            tensors["links.around.weight"].shape[-1],
        )
    weights = {}
    for name, tensor in tensors.items():
        if not name.endswith(".scale"):
            scale = tensors.get(f"{name}.scale")
            weights[name] = tensor.float() if scale is None else tensor.float() * scale[:, None]
    tagger.load_state_dict(weights)
    return tagger.eval()
