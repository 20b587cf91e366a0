"""Trains static bilingual piece embeddings: a sentence is the sum of its pieces' vectors.

In:  `WORK/ids/`; a tokenizer (`--vocabulary`).
Out: `WORK/embeddings/embeddings.pt`, one vector a piece (fp32), its weight folded in;
     `WORK/embeddings/log.jsonl`, step, loss, speed and rate, and held-out retrieval;
     `WORK/embeddings/latest.pt`, from which an interrupted run goes on; gone when it is done.

A pair's two sentences are drawn together and apart from all others in the batch (InfoNCE, both
ways). Part of a batch are runs of neighbouring pairs: sentences of one text, told apart only by
what they say, are what an aligner has to choose between.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy
import torch
from torch import Tensor, nn
from torch.nn import functional

from config import settings
from corpus.batches import Corpus
from corpus.text import Tokenizer
from run.checkpoint import save
from run.schedule import LinearDecay
from run.training import Progress, Training

RARITY = 1e-3
"""A piece of probability p starts with the weight RARITY / (RARITY + p), as in SIF."""

HELD_OUT = 1000


class Sampler:
    """Draws pairs, sources in proportion to the mix; the first pairs of each are held out."""

    def __init__(self, corpus: Corpus, recipe: dict, generator: numpy.random.Generator):
        self.corpus, self.recipe, self.generator = corpus, recipe, generator
        self.usable = [numpy.sort(pairs) for pairs in corpus.usable]
        self.skipped = [min(HELD_OUT, len(pairs) // 10) for pairs in self.usable]
        sizes = [corpus.mix[name] * len(pairs) for name, pairs in zip(corpus.names, self.usable)]
        self.shares = numpy.array(sizes) / sum(sizes)

    def runs(self, count: int, length: int) -> list[tuple[int, int]]:
        """`count` runs of `length` neighbours, as (source, pair)."""
        drawn = []
        for source in self.generator.choice(len(self.shares), size=count, p=self.shares):
            pairs = self.usable[source]
            start = self.generator.integers(self.skipped[source], max(len(pairs) - length, 0) + 1)
            drawn.extend((source, pair) for pair in pairs[start : start + length])
        return drawn

    def batch(self) -> list[tuple[int, int]]:
        size, run = self.recipe["batch"], self.recipe["run"]
        neighbours = round(size * self.recipe["neighbour_share"]) // run
        return self.runs(neighbours, run) + self.runs(size - neighbours * run, 1)

    def held_out(self) -> list[tuple[int, int]]:
        drawn = [
            (s, pair) for s, pairs in enumerate(self.usable) for pair in pairs[: self.skipped[s]]
        ]
        return [drawn[place] for place in self.generator.permutation(len(drawn))[:HELD_OUT]]


def bags(sentences: list[numpy.ndarray]) -> tuple[Tensor, Tensor]:
    """All pieces in a row, end pieces left out, and where each sentence starts."""
    bodies = [sentence[:-1].astype(numpy.int64) for sentence in sentences]
    starts = numpy.cumsum([0] + [len(body) for body in bodies[:-1]])
    return torch.from_numpy(numpy.concatenate(bodies)), torch.from_numpy(starts)


def vectors(table: nn.EmbeddingBag, sentences: list[numpy.ndarray]) -> Tensor:
    pieces, starts = bags(sentences)
    device = table.weight.device
    return functional.normalize(table(pieces.to(device), starts.to(device)))


def both_sides(
    table: nn.EmbeddingBag, corpus: Corpus, pairs: list[tuple[int, int]]
) -> tuple[Tensor, Tensor]:
    chinese = vectors(table, [corpus.source[source].sentence(pair) for source, pair in pairs])
    english = vectors(table, [corpus.target[source].sentence(pair) for source, pair in pairs])
    return chinese, english


def contrast(chinese: Tensor, english: Tensor, scale: float) -> Tensor:
    scores = scale * chinese @ english.T
    truth = torch.arange(len(scores), device=scores.device)
    return (functional.cross_entropy(scores, truth) + functional.cross_entropy(scores.T, truth)) / 2


@torch.no_grad()
def retrieval(table: nn.EmbeddingBag, corpus: Corpus, pairs: list[tuple[int, int]]) -> float:
    """How often the nearest English sentence is the right one."""
    chinese, english = both_sides(table, corpus, pairs)
    nearest = (chinese @ english.T).argmax(dim=1).cpu()
    return (nearest == torch.arange(len(pairs))).float().mean().item()


def initial_table(counts: Tensor, width: int) -> nn.EmbeddingBag:
    """Random directions, as long as the piece is rare."""
    weight = RARITY / (RARITY + counts / counts.sum())
    table = torch.randn(len(counts), width) * width**-0.5 * weight[:, None]
    return nn.EmbeddingBag.from_pretrained(table.float(), freeze=False, mode="sum", sparse=True)


def piece_counts(corpus: Corpus, size: int) -> Tensor:
    """Occurrences of each piece on both sides of the mix."""
    counts = numpy.zeros(size)
    for name, *sides in zip(corpus.names, corpus.source, corpus.target):
        counts += corpus.mix[name] * sum(
            numpy.bincount(side.pieces, minlength=size) for side in sides
        )
    return torch.from_numpy(counts)


class EmbeddingsTraining(Training):
    """The run of a table; what was interrupted goes on, what was finished begins anew."""

    unit = "pairs"

    def __init__(self, options: argparse.Namespace):
        config = settings.load(options.config)
        recipe = self.recipe = config["embeddings"]
        super().__init__(
            options.work / "embeddings", LinearDecay(recipe["steps"]), recipe, Progress()
        )
        tokenizer = Tokenizer(options.vocabulary or options.work / "vocabulary")
        ids, longest, seed = options.work / "ids", recipe["longest"], config["seed"]
        self.corpus = Corpus(ids, config["mix"], longest, seed)
        torch.manual_seed(seed)
        self.sampler = Sampler(self.corpus, recipe, numpy.random.default_rng(seed))
        self.table = initial_table(piece_counts(self.corpus, tokenizer.padding), recipe["width"])
        self.table.to(options.device)
        self.optimizer = torch.optim.SparseAdam(self.table.parameters(), lr=recipe["peak_rate"])
        self.held_out = self.sampler.held_out()
        if not self.resume():
            self.log.path.unlink(missing_ok=True)

    def state(self) -> dict:
        return {
            "table": self.table.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.sampler.generator.bit_generator.state,
        }

    def restore(self, state: dict) -> None:
        self.table.load_state_dict(state["table"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.sampler.generator.bit_generator.state = state["generator"]

    def write_product(self, fallen: bool) -> None:
        if fallen:
            save(self.folder / "embeddings.pt", self.table.weight.detach().cpu())
            (self.folder / "latest.pt").unlink(missing_ok=True)

    def updates(self) -> Iterator[list[tuple[int, int]]]:
        while True:
            yield self.sampler.batch()

    def step(self, pairs: list[tuple[int, int]], rate: float) -> tuple[Tensor, int, int]:
        self.optimizer.param_groups[0]["lr"] = rate
        loss = contrast(*both_sides(self.table, self.corpus, pairs), self.recipe["scale"])
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.progress.step += 1
        return loss.detach() * len(pairs), len(pairs), len(pairs)

    def measure(self, thorough: bool) -> dict:
        share = retrieval(self.table, self.corpus, self.held_out)
        return {"held_out_retrieval": round(share, 4)}


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument("--vocabulary", type=Path, help="default: WORK/vocabulary")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    (options.work / "embeddings").mkdir(exist_ok=True)
    EmbeddingsTraining(options).train()


if __name__ == "__main__":
    main()
