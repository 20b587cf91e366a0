"""Checks what `journey.sh` has sent to and fro: the same pairs, nearly the same weights."""

import argparse
import json
from pathlib import Path

import torch

from config import settings
from corpus.batches import Corpus
from run import checkpoint

HERE = Path(__file__).resolve().parent
WEIGHTS, DIFFERENCES = 3e-4, 3e-3
"""Relative errors that rounding to float16 and, beside it, to 8 bits may leave."""


def check(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(f"error: {what}")


def pairs(work: Path) -> list[tuple[list[int], list[int]]]:
    """The pieces of a pass over the data."""
    config = settings.load(HERE / "gpu.toml")
    recipe = config["translator"]
    ids, longest, worst = work / "ids", recipe["longest"], recipe["worst_share"]
    corpus = Corpus(ids, config["mix"], longest, config["seed"], worst)
    source, target = corpus.sentences(corpus.pairs_of_pass(1))
    return [(zh.tolist(), en.tolist()) for zh, en in zip(source, target)]


def distance(found: torch.Tensor, expected: torch.Tensor) -> float:
    return ((found - expected).norm() / expected.norm()).item()


def weights(run: Path) -> torch.Tensor:
    """Of `final.pt`, in a row."""
    model = checkpoint.load(run / "final.pt")["model"]
    return torch.cat([model[name].flatten() for name in sorted(model)])


def compare(work: Path) -> None:
    lent, here, later = work / "lent", work / "run", work / "later"
    check(pairs(lent / "work") == pairs(work), "other pairs, or in another order, than were sent")
    check(distance(weights(later), weights(lent / "run")) < WEIGHTS, "other fallen weights")
    begun, went, came = (checkpoint.load(run / "latest.pt") for run in (here, lent / "run", later))
    error = distance(came["parameters"], went["parameters"])
    check(error < DIFFERENCES, f"other weights to go on from: {error}")
    check(came["progress"]["step"] > begun["progress"]["step"], "no step was made")
    check(came["progress"]["data_pass"] > begun["progress"]["data_pass"], "no new pass was begun")
    check(bool((came["second"] >= 0).all()) and came["second"].sum() > 0, "no second moments")
    lines = [json.loads(line) for line in (later / "log.jsonl").read_text().splitlines()]
    loss = [line["loss"] for line in lines if "loss" in line][-1]
    check(loss < 0.2, f"the loss there came to {loss}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--steps-after", type=int, help="print the step so many after the journey")
    options = parser.parse_args()
    if options.steps_after:
        came = checkpoint.load(options.work / "later" / "latest.pt")
        print(came["progress"]["step"] + options.steps_after)
    else:
        compare(options.work)


if __name__ == "__main__":
    main()
