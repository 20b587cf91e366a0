"""Trains the tagger, which says of each piece of two texts whether the other text has what it says.

In:  `WORK/ids/`; a bundle (`--bundle`), whose translator it reads the source with.
Out: `RUN/tagger.pt`               weights, optimizer and position: a run goes on from here
     `RUN/tagger.safetensors`      the same weights in half precision, for the bundle
     `RUN/log.jsonl`               one JSON object a line: step, passages, loss, rate, speed

The translator's encoder stays as it is, so that the program needs no second one; what is trained
starts from its decoder. As with the translator, the learning rate falls over the last `--decay` of
the run, which ends by the clock (`--until`, in minutes) or after so many steps (`--steps`).
"""

import argparse
import datetime
import json
import os
import time
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn import functional

from bundle.files import read_translator
from config import settings
from corpus.text import END
from run.progress import Schedule, until
from tagger import passages
from translator.model import DecoderLayer, Marian, Shape, Stack

MEASURED = 3000
"""Held-out passages that are measured on."""


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


def read_tagger(file: Path, shape: Shape) -> Tagger:
    """The tagger of a bundle, its rounded weights in full precision."""
    weights = safetensors.torch.load_file(file)
    layers = {name.split(".")[2] for name in weights if name.startswith("source.layers.")}
    tagger = Tagger(shape, len(layers))
    tagger.load_state_dict({name: weight.float() for name, weight in weights.items()})
    return tagger.eval()


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


class Training:
    """A run."""

    def __init__(self, options: argparse.Namespace):
        config = settings.load(options.config)
        self.options, self.recipe, self.seed = options, config["tagger"], config["seed"]
        self.device = torch.device(options.device)
        self.translator = read_translator(options.bundle).requires_grad_(False).to(self.device)
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
        self.step = self.passages = 0
        left = until(options.until) if options.until else lambda step: options.steps - step
        self.schedule = Schedule(self.recipe["warmup_steps"], options.decay, left)
        self.load()

    def load(self) -> None:
        path = self.options.run / "tagger.pt"
        if path.exists():
            state = torch.load(path, map_location=self.device, weights_only=True)
            self.tagger.load_state_dict(state["tagger"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.passages = state["step"], state["passages"]

    def save(self) -> None:
        """Writes beside the files and renames, so that a crash leaves the old ones whole."""
        state = {
            "tagger": self.tagger.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "passages": self.passages,
        }
        path = self.options.run / "tagger.pt"
        torch.save(state, path.with_suffix(".part"))
        os.replace(path.with_suffix(".part"), path)
        weights = sorted(self.tagger.state_dict().items())
        weights = {name: weight.cpu().half().contiguous() for name, weight in weights}
        path = self.options.run / "tagger.safetensors"
        safetensors.torch.save_file(weights, path.with_suffix(".half"))
        os.replace(path.with_suffix(".half"), path)

    def log(self, **record) -> None:
        now = datetime.datetime.now().isoformat(timespec="seconds")
        record = {"time": now, "step": self.step, "passages": self.passages, **record}
        with (self.options.run / "log.jsonl").open("a") as file:
            file.write(json.dumps(record) + "\n")
        print("  ".join(f"{key} {value}" for key, value in record.items()), flush=True)

    def batches(self, seed: list[int], held_out: bool):
        drawn = self.sampler.passages(seed, held_out)
        marks = END, self.translator.shape.padding
        made = passages.batches(drawn, self.recipe["pieces"], self.recipe["pool"], *marks)
        return (batch.to(self.device) for batch in made)

    @torch.no_grad()
    def measure(self) -> dict:
        """Cross-entropy on held-out passages, and areas under the curve.

        These are how often a side that is covered has a higher mean than one that is not.
        """
        total, pieces, seen = 0.0, 0, 0
        sides = {"source": ([], []), "target": ([], []), "both": ([], [])}
        for batch in self.batches([self.seed, 1], held_out=True):
            with torch.autocast(self.device.type, torch.bfloat16):
                odds = log_odds(self.translator, self.tagger, batch)
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
        }

    def train(self) -> dict:
        """Returns what it measures at the end."""
        every = self.recipe["every"]
        self.log(**self.measure())
        saved = started = time.monotonic()
        total, pieces, drawn = 0.0, 0, 0
        batches = self.batches([self.seed, 2, self.step], held_out=False)
        for batch in batches:
            share = self.schedule.share(self.step)
            if self.schedule.over(self.step):
                break
            self.optimizer.zero_grad()
            with torch.autocast(self.device.type, torch.bfloat16):
                source, target = log_odds(self.translator, self.tagger, batch)
            source_loss, source_count = entropy(source, batch.source_covered)
            target_loss, target_count = entropy(target, batch.target_covered)
            loss = source_loss / source_count + target_loss / target_count
            loss.backward()
            nn.utils.clip_grad_norm_(self.tagger.parameters(), self.recipe["clip"])
            for group in self.optimizer.param_groups:
                group["lr"] = share * self.recipe["peak_rate"]
            self.optimizer.step()
            self.step, self.passages = self.step + 1, self.passages + len(batch.source)
            total += source_loss.item() + target_loss.item()
            pieces, drawn = pieces + source_count + target_count, drawn + len(batch.source)
            if self.step % every["log_steps"] == 0:
                speed = drawn / (time.monotonic() - started)
                rate = round(share * self.recipe["peak_rate"], 7)
                self.log(loss=round(total / pieces, 4), rate=rate, speed=round(speed))
                total, pieces, drawn, started = 0.0, 0, 0, time.monotonic()
            if self.step % every["probe_steps"] == 0:
                self.log(**self.measure())
            if time.monotonic() - saved > every["checkpoint_seconds"]:
                self.save()
                saved = time.monotonic()
        self.save()
        measured = self.measure()
        self.log(**measured)
        return measured


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoint and log")
    parser.add_argument("--bundle", type=Path, required=True)
    end = parser.add_mutually_exclusive_group(required=True)
    end.add_argument("--until", help="end of the run, HH:MM")
    end.add_argument("--steps", type=int, help="end of the run, in steps")
    parser.add_argument("--decay", type=float, required=True, help="minutes, or steps, of the fall")
    parser.add_argument("--at-least", type=float, help="fail below this share of held-out order")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.run.mkdir(parents=True, exist_ok=True)
    reached = Training(options).train()["both_area"]
    if options.at_least and not reached >= options.at_least:
        raise SystemExit(f"the tagger tells only {reached} apart, not {options.at_least}")


if __name__ == "__main__":
    main()
