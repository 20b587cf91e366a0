"""A larger model that says nearly what a smaller one says, to go on training from (`--start`).

Width: a larger model's column is a copy of a smaller one's, of about the same wave of the position
table, and what reads two copies takes a share of each, as in Net2Net (Chen et al., 2016), drawn at
random, so that the copies part. Heads and inner units that come in addition are new, and nothing
reads them yet. Layers that come in addition are new too, and add nothing yet.

Waves are a little different and normalisation sees some columns twice, so the outputs are not quite
the same. From the bundle of width 256 with 4 + 2 layers (cross-entropy of the development set 2.33,
and 2.91 with nothing in place of its first piece, from which decoding starts here): 2.97 at width
384 or 512; with 6 + 2 layers 4.3, which the first million pieces of training heal.
"""

import dataclasses

import torch
from torch import nn

from translator.model import EncoderLayer, Marian, Norm, Shape

LEAST_SHARE = 0.3
"""Of two copies, the share that is read of the one that is read less."""


class Columns:
    """Which column of the smaller model each of the larger one is a copy of."""

    def __init__(self, old: int, new: int):
        # The nearest, and of two the one before: each has two copies where the width doubles.
        wave = (torch.arange(new // 2) * old / new - 0.5).ceil().long().clamp(0, old // 2 - 1)
        self.of = torch.cat([wave, wave + old // 2])
        """By column of the larger model."""
        copies = torch.bincount(self.of, minlength=old)
        draws = torch.rand(new) * (1 - 2 * LEAST_SHARE) + LEAST_SHARE
        sums = torch.zeros(old).index_add(0, self.of, draws)
        self.share = torch.where(copies[self.of] == 1, torch.ones(new), draws / sums[self.of])
        """Of what is read of the old column, that which is read of each; copies of one sum to 1."""


def grown(old: Marian, shape: Shape) -> Marian:
    """A model of this shape that says nearly what `old` says.

    Raises ValueError where a size is smaller than the old one, or heads are of another width.
    """
    sizes = dataclasses.asdict(shape)
    smaller = [name for name, size in dataclasses.asdict(old.shape).items() if size > sizes[name]]
    if smaller:
        raise ValueError(f"cannot grow a model into one that is smaller: {', '.join(smaller)}")
    if shape.width // shape.heads != old.shape.width // old.shape.heads:
        raise ValueError("cannot grow a model into one whose heads have another width")
    new = Marian(shape)
    columns = Columns(old.shape.width, shape.width)
    scale = (shape.width / old.shape.width) ** 0.5
    with torch.no_grad():
        # Embeddings are multiplied by the root of the width where they are read, but not where
        # pieces are scored.
        new.shared.weight.copy_(old.shared.weight[:, columns.of] / scale)
        new.shared.weight[shape.padding] = 0
        grow_layers(old.encoder.layers, new.encoder.layers, columns)
        grow_layers(old.decoder.layers, new.decoder.layers, columns)
        last = new.decoder.layers[-1].final_layer_norm
        last.weight *= columns.share * scale
        last.bias *= columns.share * scale
    return new


def grow_layers(old: list[EncoderLayer], new: list[EncoderLayer], columns: Columns) -> None:
    """Copies the layers to places as far from each other, and makes those between add nothing."""
    places = [number * len(new) // len(old) for number in range(len(old))]
    before = new[0].final_layer_norm
    for number, layer in enumerate(new):
        if number in places:
            grow_layer(old[places.index(number)], layer, columns)
            before = layer.final_layer_norm
        else:
            add_nothing(layer, before)


def grow_layer(old: EncoderLayer, new: EncoderLayer, columns: Columns) -> None:
    of_old = dict(old.named_modules())
    for name, module in new.named_modules():
        if isinstance(module, Norm):
            module.weight.copy_(of_old[name].weight[columns.of])
            module.bias.copy_(of_old[name].bias[columns.of])
        elif name.endswith(("out_proj", "fc2")):
            write_columns(of_old[name], module, columns)
        elif isinstance(module, nn.Linear):
            read_columns(of_old[name], module, columns)


def read_columns(old: nn.Linear, new: nn.Linear, columns: Columns) -> None:
    """The first units of a layer that reads columns; the others stay as they are."""
    units = old.out_features
    new.weight[:units] = old.weight[:, columns.of] * columns.share
    new.bias[:units] = old.bias


def write_columns(old: nn.Linear, new: nn.Linear, columns: Columns) -> None:
    """A layer that writes columns, of the first units that it reads; it reads no others."""
    new.weight.zero_()
    new.weight[:, : old.in_features] = old.weight[columns.of]
    new.bias.copy_(old.bias[columns.of])


def add_nothing(layer: EncoderLayer, before: Norm) -> None:
    """Makes a layer return about what it is given by the normalisation `before` it.

    What comes has a mean and a deviation that hardly differ from place to place: those that the
    layer's own normalisations give back.
    """
    mean = before.bias.mean()
    deviation = (before.weight.square() + before.bias.square()).mean().sub(mean.square()).sqrt()
    for name, module in layer.named_modules():
        if isinstance(module, Norm):
            module.weight.fill_(deviation)
            module.bias.fill_(mean)
        elif name.endswith(("out_proj", "fc2")):
            module.weight.zero_()
            module.bias.zero_()
