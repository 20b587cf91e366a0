"""Trains static bilingual piece embeddings: a sentence is the sum of its pieces' vectors.

In:  `WORK/ids/`; a tokenizer (`--vocabulary`).
Out: `WORK/embeddings/embeddings.pt`, one vector a piece (fp32), its weight folded in;
     `WORK/embeddings/log.jsonl`, step, loss and rate; held-out retrieval at the end.

A pair's two sentences are drawn together and apart from all others in the batch (InfoNCE, both
ways). Part of a batch are runs of neighbouring pairs: sentences of one text, told apart only by
what they say, are what an aligner has to choose between.
"""

import json
from pathlib import Path

import numpy
import torch
from torch import Tensor, nn
from torch.nn import functional

from config import settings
from corpus.batches import Corpus
from corpus.text import Tokenizer

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


def train(options, config: dict, folder: Path) -> None:
    recipe = config["embeddings"]
    tokenizer = Tokenizer(options.vocabulary or options.work / "vocabulary")
    corpus = Corpus(options.work / "ids", config["mix"], recipe["longest"], config["seed"])
    torch.manual_seed(config["seed"])
    sampler = Sampler(corpus, recipe, numpy.random.default_rng(config["seed"]))
    table = initial_table(piece_counts(corpus, tokenizer.padding), recipe["width"])
    table.to(options.device)
    optimizer = torch.optim.SparseAdam(table.parameters(), lr=recipe["rate"])
    held_out = sampler.held_out()

    with (folder / "log.jsonl").open("w") as log:
        for step in range(recipe["steps"]):
            rate = recipe["rate"] * (1 - step / recipe["steps"])
            optimizer.param_groups[0]["lr"] = rate
            loss = contrast(*both_sides(table, corpus, sampler.batch()), recipe["scale"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if (step + 1) % recipe["log_steps"] == 0:
                record = {"step": step + 1, "loss": round(loss.item(), 4), "rate": round(rate, 6)}
                log.write(json.dumps(record) + "\n")
                print(record, flush=True)
        record = {"step": recipe["steps"], "held_out_retrieval": retrieval(table, corpus, held_out)}
        log.write(json.dumps(record) + "\n")
        print(record)
    torch.save(table.weight.detach().cpu(), folder / "embeddings.pt")


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument("--vocabulary", type=Path, help="default: WORK/vocabulary")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    folder = options.work / "embeddings"
    folder.mkdir(exist_ok=True)
    train(options, settings.load(options.config), folder)


if __name__ == "__main__":
    main()
