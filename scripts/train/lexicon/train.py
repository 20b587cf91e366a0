"""Counts a lexicon of pieces from the training pairs: IBM Model 1, in both directions.

In:  `WORK/ids/`; a tokenizer (`--vocabulary`).
Out: `WORK/lexicon/lexicon.safetensors`. For each direction, `forward` from Chinese to English and
     `backward`: `ends` (uint32), where the row of each piece ends; `pieces` (uint16), what it
     translates into, ascending in a row; `costs` (uint8), -log of the probability in 1/32 nats.
     `chinese.shares` and `english.shares` (float32), how often each piece is used at all.

The model is of Brown et al. (1993): every piece of a sentence comes from one piece of the other, or
from nothing. It knows no order; the aligner asks it only what explains what.
"""

from pathlib import Path

import numpy
import torch
from safetensors.numpy import save_file
from torch import Tensor

from config import settings
from corpus.batches import Corpus, one_ahead
from corpus.text import END, Tokenizer

TOKENS = 100_000
"""Pieces of the longer side in one batch."""

COSTS_PER_NAT = 32


class Model:
    """t[a, b] = P(b | a) for pieces a of one side and b of the other; one more row is nothing."""

    def __init__(self, size: int, padding: int):
        self.size, self.padding = size, padding
        self.table = torch.ones(size + 1, size)
        self.table[padding] = 0
        self.counts = torch.zeros_like(self.table)

    def count(self, given: Tensor, told: Tensor) -> None:
        """Adds what a batch of pairs leads one to expect, given the table."""
        nothing = torch.full((len(given), 1), self.size)
        given = torch.cat([nothing, given], dim=1)
        cells = given[:, :, None] * self.size + told[:, None, :]
        shares = self.table.view(-1)[cells.view(-1)].view(cells.shape)
        shares = shares / shares.sum(1, keepdim=True).clamp_min(1e-30)
        shares = shares * (told != self.padding)[:, None, :]
        self.counts.view(-1).index_add_(0, cells.view(-1), shares.view(-1))

    def step(self) -> Tensor:
        """Makes the counts the table; returns how often each piece was given."""
        totals = self.counts.sum(1)
        self.table = self.counts / totals.clamp_min(1e-30)[:, None]
        self.counts = torch.zeros_like(self.table)
        return totals

    def entries(self, totals: Tensor, recipe: dict) -> dict[str, numpy.ndarray]:
        """What is likely and often enough seen."""
        table = self.table[: self.size]
        kept = (table > recipe["least_probability"]) & (
            table * totals[: self.size, None] > recipe["least_count"]
        )
        rows, pieces = (index.numpy() for index in kept.nonzero(as_tuple=True))
        costs = numpy.rint(-table[kept].log().numpy() * COSTS_PER_NAT)
        return {
            "ends": numpy.bincount(rows, minlength=self.size).cumsum().astype(numpy.uint32),
            "pieces": pieces.astype(numpy.uint16),
            "costs": costs.astype(numpy.uint8),
        }


def without_end(rows: Tensor, padding: int) -> Tensor:
    return torch.where(rows == END, padding, rows)


def train(corpus: Corpus, tokenizer: Tokenizer, recipe: dict) -> dict[str, numpy.ndarray]:
    """Both directions, over the same pairs."""
    batches = [batch for (batch,) in corpus.groups(0, TOKENS, 1)]
    models = [Model(tokenizer.size, tokenizer.padding) for _ in range(2)]
    totals: list[Tensor] = []
    for iteration in range(recipe["iterations"]):
        for pair in one_ahead(lambda batch: corpus.tensors(batch, tokenizer.padding), batches):
            chinese, english = (without_end(rows, tokenizer.padding) for rows in pair)
            models[0].count(chinese, english)
            models[1].count(english, chinese)
        totals = [model.step() for model in models]
        print(f"iteration {iteration + 1} of {recipe['iterations']}", flush=True)
    tensors = {}
    for name, model, total in zip(("forward", "backward"), models, totals):
        entries = model.entries(total, recipe)
        print(f"{name}: {len(entries['pieces'])} entries")
        tensors |= {f"{name}.{key}": value for key, value in entries.items()}
    return tensors


def shares(sides: list, corpus: Corpus, size: int) -> numpy.ndarray:
    """How often each piece occurs on one side of the mix, sentence ends left out."""
    counts = numpy.zeros(size)
    for name, side in zip(corpus.names, sides):
        counts += corpus.mix[name] * numpy.bincount(side.pieces, minlength=size)
    counts[END] = 0
    return (counts / counts.sum()).astype(numpy.float32)


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument("--vocabulary", type=Path, help="default: WORK/vocabulary")
    options = parser.parse_args()
    recipe = settings.load(options.config)
    tokenizer = Tokenizer(options.vocabulary or options.work / "vocabulary")
    corpus = Corpus(
        options.work / "ids", recipe["mix"], recipe["lexicon"]["longest"], recipe["seed"]
    )
    tensors = train(corpus, tokenizer, recipe["lexicon"])
    tensors["chinese.shares"] = shares(corpus.source, corpus, tokenizer.size)
    tensors["english.shares"] = shares(corpus.target, corpus, tokenizer.size)
    folder = options.work / "lexicon"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "lexicon.safetensors")


if __name__ == "__main__":
    main()
