"""Checks that a bundle means to `transformers` what it means to the code that trained it.

In:  a bundle; Chinese lines and their English (`--lines PREFIX`, `PREFIX.zh` and `PREFIX.en`).
Out: the largest difference of any logit; fails above `--tolerance`.

Both sides compute in full precision from the rounded weights of the bundle.
"""

import argparse
import sys
from pathlib import Path

import torch
from torch.nn import functional
from transformers import MarianMTModel

from bundle.files import read_translator
from corpus.text import Tokenizer, read_parallel


@torch.no_grad()
def largest_difference(folder: Path, chinese: list[str], english: list[str]) -> float:
    """Over the logits of every target piece, one pair at a time so that padding plays no part."""
    tokenizer = Tokenizer(folder)
    ours = read_translator(folder)
    theirs = MarianMTModel.from_pretrained(folder, torch_dtype=torch.float32).eval()
    worst = 0.0
    for source, target in zip(tokenizer.encode_chinese(chinese), tokenizer.encode_english(english)):
        source, target = torch.tensor([source]), torch.tensor([target])
        scores = functional.linear(ours(source, target), ours.shared.weight)
        expected = theirs(input_ids=source, labels=target).logits
        worst = max(worst, (scores - expected).abs().max().item())
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--lines", type=Path, required=True, help="prefix of .zh and .en")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    options = parser.parse_args()

    chinese, english = (side[: options.count] for side in read_parallel(options.lines))
    worst = largest_difference(options.bundle, chinese, english)
    print(f"{len(chinese)} pairs, largest difference of a logit {worst:.2e}")
    if worst > options.tolerance:
        sys.exit(f"above {options.tolerance:g}")


if __name__ == "__main__":
    main()
