"""The Marian translation model in plain PyTorch, its parameters named as Hugging Face names them.

Post-norm encoder and decoder, sinusoidal positions, ReLU, one embedding for both languages that is
the output layer too. Weights and numbers move to and from `transformers` without renaming.
"""

import dataclasses
import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from corpus.text import END


@dataclasses.dataclass(frozen=True)
class Shape:
    vocabulary: int
    width: int
    heads: int
    inner: int
    encoder_layers: int
    decoder_layers: int
    positions: int

    @property
    def padding(self) -> int:
        """The last piece; the decoder starts from it."""
        return self.vocabulary - 1


def parameter_names(shape: Shape) -> Iterator[str]:
    """All parameters, in the order in which a flat tensor holds them: what is multiplied with the
    same input stands side by side."""
    kinds = "weight", "bias"
    yield "shared.weight"
    layers = [f"encoder.layers.{number}" for number in range(shape.encoder_layers)]
    layers += [f"decoder.layers.{number}" for number in range(shape.decoder_layers)]
    for layer in layers:
        yield from (f"{layer}.self_attn.{x}_proj.{kind}" for kind in kinds for x in "qkv")
        yield from (f"{layer}.self_attn.out_proj.{kind}" for kind in kinds)
        yield from (f"{layer}.self_attn_layer_norm.{kind}" for kind in kinds)
        if layer.startswith("decoder"):
            yield from (f"{layer}.encoder_attn.q_proj.{kind}" for kind in kinds)
            yield from (f"{layer}.encoder_attn.{x}_proj.{kind}" for kind in kinds for x in "kv")
            yield from (f"{layer}.encoder_attn.out_proj.{kind}" for kind in kinds)
            yield from (f"{layer}.encoder_attn_layer_norm.{kind}" for kind in kinds)
        for name in ("fc1", "fc2", "final_layer_norm"):
            yield from (f"{layer}.{name}.{kind}" for kind in kinds)


def sinusoids(positions: int, width: int) -> Tensor:
    """Marian's position table: all sines, then all cosines."""
    steps = torch.arange(0, width, 2, dtype=torch.float64)
    angles = torch.arange(positions, dtype=torch.float64)[:, None] / 10_000 ** (steps / width)
    return torch.cat([angles.sin(), angles.cos()], dim=1).float()


class Attention(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.heads = shape.heads
        self.scale = (shape.width // shape.heads) ** -0.5
        self.q_proj = nn.Linear(shape.width, shape.width)
        self.k_proj = nn.Linear(shape.width, shape.width)
        self.v_proj = nn.Linear(shape.width, shape.width)
        self.out_proj = nn.Linear(shape.width, shape.width)

    def split(self, states: Tensor) -> Tensor:
        return states.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, states: Tensor, memory: Tensor, hidden: Tensor) -> Tensor:
        """`memory` is what is attended to, but not where `hidden` is true."""
        query, key, value = self.q_proj(states), self.k_proj(memory), self.v_proj(memory)
        query = self.split(query) * self.scale
        weights = torch.matmul(query, self.split(key).transpose(2, 3))
        weights = weights.masked_fill(hidden, -torch.inf).softmax(dim=-1)
        mixed = torch.matmul(weights, self.split(value))
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class Norm(nn.LayerNorm):
    """Adds what a sub-layer returns to its input and normalises, in the precision of the input."""

    def forward(self, states: Tensor, added: Tensor) -> Tensor:
        return super().forward(states + added)


class EncoderLayer(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.self_attn = Attention(shape)
        self.self_attn_layer_norm = Norm(shape.width)
        self.fc1 = nn.Linear(shape.width, shape.inner)
        self.fc2 = nn.Linear(shape.inner, shape.width)
        self.final_layer_norm = Norm(shape.width)

    def feed_forward(self, states: Tensor) -> Tensor:
        return self.final_layer_norm(states, self.fc2(functional.relu(self.fc1(states))))

    def forward(self, states: Tensor, hidden: Tensor) -> Tensor:
        states = self.self_attn_layer_norm(states, self.self_attn(states, states, hidden))
        return self.feed_forward(states)


class DecoderLayer(EncoderLayer):
    def __init__(self, shape: Shape):
        super().__init__(shape)
        self.encoder_attn = Attention(shape)
        self.encoder_attn_layer_norm = Norm(shape.width)

    def forward(self, states: Tensor, later: Tensor, memory: Tensor, hidden: Tensor) -> Tensor:
        states = self.self_attn_layer_norm(states, self.self_attn(states, states, later))
        states = self.encoder_attn_layer_norm(states, self.encoder_attn(states, memory, hidden))
        return self.feed_forward(states)


class Stack(nn.Module):
    def __init__(self, layers: list[nn.Module]):
        super().__init__()
        self.layers = nn.ModuleList(layers)


class Marian(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        # The decoder starts from nothing, as Marian's: converters drop the row of the padding.
        self.shared = nn.Embedding(shape.vocabulary, shape.width, padding_idx=shape.padding)
        self.encoder = Stack([EncoderLayer(shape) for _ in range(shape.encoder_layers)])
        self.decoder = Stack([DecoderLayer(shape) for _ in range(shape.decoder_layers)])
        self.register_buffer("positions", sinusoids(shape.positions, shape.width), persistent=False)
        nn.init.normal_(self.shared.weight, std=shape.width**-0.5)
        nn.init.zeros_(self.shared.weight[shape.padding])

    def flat_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter, in the order of a flat tensor."""
        parameters = dict(self.named_parameters())
        return {name: tuple(parameters[name].shape) for name in parameter_names(self.shape)}

    def lie_in(self, flat: Tensor, gradient: Tensor) -> None:
        """Makes the parameters views of a flat tensor, and their gradients views of another."""
        parameters, start = dict(self.named_parameters()), 0
        for name, shape in self.flat_shapes().items():
            view = slice(start, start := start + math.prod(shape))
            parameters[name].data = flat[view].view(shape)
            parameters[name].grad = gradient[view].view(shape)

    def flat(self) -> Tensor:
        """A copy of all parameters in one row."""
        parameters = dict(self.named_parameters())
        names = parameter_names(self.shape)
        return torch.cat([parameters[name].detach().flatten() for name in names])

    def embed(self, pieces: Tensor) -> Tensor:
        states = (
            self.shared(pieces) * math.sqrt(self.shape.width) + self.positions[: pieces.shape[1]]
        )
        if torch.is_autocast_enabled(states.device.type):
            return states.to(torch.get_autocast_dtype(states.device.type))
        return states

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """States of the source pieces, and which of them are padding, hidden from attention."""
        hidden = (source == self.shape.padding)[:, None, None, :]
        states = self.embed(source)
        for layer in self.encoder.layers:
            states = layer(states, hidden)
        return states, hidden

    def decode(self, prefix: Tensor, memory: Tensor, hidden: Tensor) -> Tensor:
        """States from which the piece after each of the prefix's is predicted."""
        states = self.embed(prefix)
        length = prefix.shape[1]
        later = torch.ones(length, length, dtype=torch.bool, device=prefix.device).triu(1)
        for layer in self.decoder.layers:
            states = layer(states, later, memory, hidden)
        return states

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """States that predict each piece of `target`, given the source and the pieces before it."""
        start = torch.full_like(target[:, :1], self.shape.padding)
        return self.decode(torch.cat([start, target[:, :-1]], dim=1), *self.encode(source))


@torch.no_grad()
def translate(model: Marian, source: Tensor, limit: int) -> list[list[int]]:
    """The most probable piece at each step, until the end piece or `limit` pieces."""
    memory, hidden = model.encode(source)
    output = [[] for _ in source]
    alive = torch.arange(len(source), device=source.device)
    prefix = torch.full_like(source[:, :1], model.shape.padding)
    for _ in range(min(limit, model.shape.positions)):
        states = model.decode(prefix, memory, hidden)[:, -1]
        logits = functional.linear(states, model.shared.weight.to(states.dtype))
        logits[:, model.shape.padding] = -torch.inf
        chosen = logits.argmax(dim=1)
        for row, piece in zip(alive.tolist(), chosen.tolist()):
            output[row].append(piece)
        going = chosen != END
        if not going.any():
            break
        prefix = torch.cat([prefix, chosen[:, None]], dim=1)[going]
        memory, hidden, alive = memory[going], hidden[going], alive[going]
    return output
