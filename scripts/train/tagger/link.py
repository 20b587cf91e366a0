"""Trains the links of a tagger: of each piece, which pieces of the other side say the same.

In:  `WORK/ids/`; a bundle (`--bundle`), and its tagger or another (`--tagger`), which stays as it is.
Out: `RUN/latest.pt`             links, optimizer and position: a run goes on from here
     `RUN/tagger.safetensors`    the tagger with the links, for the bundle
     `RUN/log.jsonl`             one JSON object a line: step, windows, loss, speed, rate

Nothing says which piece goes with which, but of a window of neighbouring pairs it is known which
pair each is of, wherever it stands (`windows.py`). The links are an alignment module beside a
network that is trained already (Chen et al. 2020, "Accurate Word Alignment Induction from Neural
Machine Translation"), learnt from sentences instead of from attention.
"""

import argparse
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from bundle.files import read_translator
from config import settings
from corpus.text import END
from run.schedule import WarmupStableDecay, add_arguments
from run.training import Progress, Training
from tagger import passages
from tagger.model import Links, read_tagger, states, write_tagger
from tagger.windows import NOWHERE, Windows

MEASURED = 1000
"""Held-out windows that are measured on."""


def own_mass(links: Tensor, nowhere: Tensor, of: Tensor, others_of: Tensor) -> Tensor:
    """Log of the share of each piece's links that go to its own pair, or nowhere if it has none.

    `links` is piece × other piece, in nats; -inf to what is no piece.
    """
    total = torch.logaddexp(links.logsumexp(-1), nowhere)
    own = (of[:, :, None] == others_of[:, None, :]) & (of > NOWHERE)[:, :, None]
    mass = links.masked_fill(~own, -torch.inf).logsumexp(-1)
    return torch.where(of == NOWHERE, nowhere, mass) - total


@dataclasses.dataclass
class Position(Progress):
    """Where a run stands, and how many windows it has seen."""

    windows: int = 0


class LinkTraining(Training):
    """The run of a tagger's links."""

    unit = "windows"

    def __init__(self, options: argparse.Namespace):
        config = settings.load(options.config)
        self.recipe, self.seed = config["tagger"]["links"], config["seed"]
        schedule = WarmupStableDecay.of(options, self.recipe["warmup_steps"])
        super().__init__(options.run, schedule, self.recipe, Position())
        self.translator = read_translator(options.bundle).requires_grad_(False)
        file = options.tagger or options.bundle / "tagger.safetensors"
        self.tagger = read_tagger(file, self.translator.shape).requires_grad_(False)
        torch.manual_seed(self.seed)
        self.tagger.links = Links(self.tagger, self.recipe["width"], self.recipe["kernel"])
        self.links = self.tagger.links
        self.optimizer = torch.optim.AdamW(
            self.links.parameters(), weight_decay=self.recipe["weight_decay"]
        )
        sampler = passages.Sampler(options.work, options.bundle, config["tagger"] | self.recipe)
        self.windows = Windows(sampler, options.bundle, self.recipe)
        self.resume()

    def state(self) -> dict:
        return {"links": self.links.state_dict(), "optimizer": self.optimizer.state_dict()}

    def restore(self, state: dict) -> None:
        self.links.load_state_dict(state["links"])
        self.optimizer.load_state_dict(state["optimizer"])

    def write_product(self, fallen: bool) -> None:
        write_tagger(self.tagger, self.folder / "tagger.safetensors")

    def batches(self, drawn: Iterator[passages.Passage]) -> Iterator[passages.Batch]:
        marks = END, self.translator.shape.padding
        return passages.batches(drawn, self.recipe["pieces"], self.recipe["pool"], *marks)

    def updates(self) -> Iterator[passages.Batch]:
        return self.batches(self.windows.windows([self.seed, 4, self.progress.step]))

    def own_masses(self, batch: passages.Batch) -> list[Tensor]:
        """Of each side `own_mass`, of pieces of which it is known."""
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            sources, targets = states(self.translator, self.tagger, batch)
        of = batch.source_covered, batch.target_covered
        padding = self.translator.shape.padding
        there = batch.source.ne(padding) & batch.source.ne(END), batch.target.ne(padding)
        links, source_nowhere, target_nowhere = self.links(sources, targets, there)
        to_target = links.masked_fill(~there[1][:, None, :], -torch.inf)
        to_source = links.transpose(1, 2).masked_fill(~there[0][:, None, :], -torch.inf)
        masses = [
            own_mass(to_target, source_nowhere, *of), own_mass(to_source, target_nowhere, *of[::-1])
        ]  # fmt: skip
        # What lost all its counterpart to noise says nothing.
        return [mass[(side >= 0) & mass.isfinite()] for mass, side in zip(masses, of)]

    def step(self, batch: passages.Batch, rate: float) -> tuple[float, int, int]:
        self.optimizer.zero_grad()
        masses = self.own_masses(batch)
        loss = -sum(mass.mean() for mass in masses)
        loss.backward()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.progress.step += 1
        self.progress.windows += len(batch.source)
        total = -sum(mass.sum().item() for mass in masses)
        return total, sum(map(len, masses)), len(batch.source)

    @torch.no_grad()
    def measure(self, thorough: bool) -> dict:
        """On held-out windows: the loss, and the share of pieces with most of their links right."""
        total, right, pieces, seen = 0.0, 0, 0, 0
        for batch in self.batches(self.windows.windows([self.seed, 5], held_out=True)):
            for mass in self.own_masses(batch):
                total, pieces = total - mass.sum().item(), pieces + len(mass)
                right += int((mass.exp() > 0.5).sum())
            seen += len(batch.source)
            if seen >= MEASURED:
                break
        return {"held_out_loss": round(total / pieces, 4), "right": round(right / pieces, 4)}


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoint and log")
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--tagger", type=Path, help="that of the bundle, if not given")
    add_arguments(parser)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.run.mkdir(parents=True, exist_ok=True)
    LinkTraining(options).train()


if __name__ == "__main__":
    main()
