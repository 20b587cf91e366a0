"""Trains the tagger, which says of each piece of two texts whether the other text has what it says.

In:  `WORK/ids/`; a bundle (`--bundle`), whose translator it reads the source with.
Out: `RUN/latest.pt`             weights, optimizer and position: a run goes on from here
     `RUN/tagger.safetensors`    the weights in eight bits, for the bundle
     `RUN/log.jsonl`             one JSON object a line: step, passages, loss, speed, rate

The translator's encoder stays as it is, so that the program needs no second one; what is trained
starts from its decoder. As with the translator, the learning rate falls over the last `--decay` of
the run, which ends by the clock (`--until`, `--minutes`) or after so many steps (`--steps`).
"""

import argparse
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from bundle.files import read_translator
from config import settings
from corpus.text import END
from run.schedule import WarmupStableDecay, add_arguments
from run.training import Progress, Training
from tagger import passages
from tagger.model import Tagger, log_odds, write_tagger

MEASURED = 3000
"""Held-out passages that are measured on."""

CUT = 500
"""Held-out pairs with something cut out that are measured on."""


def entropy(odds: Tensor, covered: Tensor) -> tuple[Tensor, int]:
    """The summed cross-entropy of what is known, and how many pieces that is."""
    known = covered >= 0
    loss = functional.binary_cross_entropy_with_logits(
        odds[known].float(), covered[known].float(), reduction="sum"
    )
    return loss, int(known.sum())


def area(scores: list[float], truths: list[bool]) -> float:
    """How often a true one has the higher score of a true and a false one."""
    order = torch.tensor(scores).argsort()
    truth = torch.tensor(truths)[order].double()
    false_before = (1 - truth).cumsum(0)
    return float((truth * false_before).sum() / (truth.sum() * (1 - truth).sum()))


@dataclasses.dataclass
class Position(Progress):
    """Where a run stands, and how many passages it has seen."""

    passages: int = 0


class TaggerTraining(Training):
    """The run of a tagger."""

    unit = "passages"

    def __init__(self, options: argparse.Namespace):
        config = settings.load(options.config)
        self.recipe, self.seed = config["tagger"], config["seed"]
        schedule = WarmupStableDecay.of(options, self.recipe["warmup_steps"])
        super().__init__(options.run, schedule, self.recipe, Position())
        self.device = torch.device(options.device)
        translator = read_translator(options.bundle).requires_grad_(False)
        self.translator = translator.to(self.device)
        torch.manual_seed(self.seed)
        self.tagger = Tagger(self.translator.shape, self.recipe["source_layers"])
        self.tagger.start_from(self.translator)
        self.tagger.to(self.device)
        self.optimizer = torch.optim.AdamW(
            self.tagger.parameters(),
            betas=(0.9, 0.98),
            weight_decay=self.recipe["weight_decay"],
            fused=True,
        )
        self.sampler = passages.Sampler(options.work, options.bundle, self.recipe)
        self.resume()

    def state(self) -> dict:
        return {"tagger": self.tagger.state_dict(), "optimizer": self.optimizer.state_dict()}

    def restore(self, state: dict) -> None:
        self.tagger.load_state_dict(state["tagger"])
        self.optimizer.load_state_dict(state["optimizer"])

    def write_product(self, fallen: bool) -> None:
        write_tagger(self.tagger, self.folder / "tagger.safetensors")

    def batches(self, drawn: Iterator[passages.Passage]) -> Iterator[passages.Batch]:
        marks = END, self.translator.shape.padding
        made = passages.batches(drawn, self.recipe["pieces"], self.recipe["pool"], *marks)
        return (batch.to(self.device) for batch in made)

    def updates(self) -> Iterator[passages.Batch]:
        return self.batches(self.sampler.passages([self.seed, 2, self.progress.step]))

    def log_odds(self, batch: passages.Batch) -> tuple[Tensor, Tensor]:
        with torch.autocast(self.device.type, torch.bfloat16):
            return log_odds(self.translator, self.tagger, batch)

    def step(self, batch: passages.Batch, rate: float) -> tuple[float, int, int]:
        """The loss is the mean of each side's; the log has it over the pieces of both."""
        self.optimizer.zero_grad()
        source, target = self.log_odds(batch)
        source_loss, source_count = entropy(source, batch.source_covered)
        target_loss, target_count = entropy(target, batch.target_covered)
        loss = source_loss / source_count + target_loss / target_count
        loss.backward()
        nn.utils.clip_grad_norm_(self.tagger.parameters(), self.recipe["clip"])
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.progress.step += 1
        self.progress.passages += len(batch.source)
        total = source_loss.item() + target_loss.item()
        return total, source_count + target_count, len(batch.source)

    @torch.no_grad()
    def measure(self, thorough: bool) -> dict:
        """Cross-entropy on held-out passages, and areas under the curve.

        These are how often a side that is covered has a higher mean than one that is not, and
        how often a piece has higher odds than one whose counterpart was cut out.
        """
        total, pieces, seen = 0.0, 0, 0
        sides = {"source": ([], []), "target": ([], []), "both": ([], [])}
        for batch in self.batches(self.sampler.passages([self.seed, 1], held_out=True)):
            odds = self.log_odds(batch)
            covered = batch.source_covered, batch.target_covered
            for one, truth in zip(odds, covered):
                loss, count = entropy(one, truth)
                total, pieces = total + loss.item(), pieces + count
            for row in range(len(batch.source)):
                means, truths = [], []
                for one, truth in zip(odds, covered):
                    known = truth[row] >= 0
                    means.append(one[row][known].float().mean().item())
                    truths.append(truth[row][known].float().mean().item())
                if set(truths) <= {0.0} or set(truths) <= {1.0}:
                    for name, mean in zip(sides, [*means, sum(means)]):
                        sides[name][0].append(mean)
                        sides[name][1].append(truths[0] == 1.0)
            seen += len(batch.source)
            if seen >= MEASURED:
                break
        return {
            "held_out_loss": round(total / pieces, 4),
            **{f"{name}_area": round(area(*values), 4) for name, values in sides.items()},
            "cut_area": round(self.cut_area(), 4),
        }

    def cut_area(self) -> float:
        """How often a piece has the higher odds whose counterpart was not cut out, of two."""
        scores, truths, seen = [], [], 0
        for batch in self.batches(self.sampler.cut_pairs([self.seed, 3])):
            odds = self.log_odds(batch)
            for one, truth in zip(odds, (batch.source_covered, batch.target_covered)):
                scores += one[truth >= 0].float().tolist()
                truths += (truth[truth >= 0] == 1).tolist()
            seen += len(batch.source)
            if seen >= CUT:
                return area(scores, truths)
        raise AssertionError("passages do not end")


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoint and log")
    parser.add_argument("--bundle", type=Path, required=True)
    add_arguments(parser)
    parser.add_argument("--at-least", type=float, help="fail below this share of held-out order")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.run.mkdir(parents=True, exist_ok=True)
    reached = TaggerTraining(options).train()["both_area"]
    if options.at_least and not reached >= options.at_least:
        raise SystemExit(f"the tagger tells only {reached} apart, not {options.at_least}")


if __name__ == "__main__":
    main()
