"""Translates the lines of a file with transformers, as `engine.rs` does with ours. Runs in the environment of `scripts/train`.

    transformers_peer.py BUNDLE LINES OUT --threads N --beam N [--longest N]

Out: one line of JSON like `engine.rs`'s; the translations in OUT, a line each.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import torch
from transformers import MarianMTModel, MarianTokenizer

BATCH = 64
"""As many rows at a time as ours takes."""


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("model", "lines", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--longest", type=int, default=255)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    begun = time.perf_counter()
    model = MarianMTModel.from_pretrained(options.model, torch_dtype=torch.float32).eval()
    tokenizer = MarianTokenizer.from_pretrained(options.model)
    load = time.perf_counter() - begun
    lines = options.lines.read_text().splitlines()
    # As ours does, lines of like length side by side.
    order = sorted(range(len(lines)), key=lambda at: -len(lines[at]))
    found, pieces = [""] * len(lines), 0
    begun = time.perf_counter()
    size = max(1, BATCH // options.beam)
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        inputs = tokenizer([lines[at] for at in batch], return_tensors="pt", padding=True, truncation=True)
        with torch.inference_mode():
            out = model.generate(**inputs, num_beams=options.beam, max_length=options.longest, early_stopping=True)
        pieces += int((out[:, 1:] != model.config.pad_token_id).sum())
        for at, text in zip(batch, tokenizer.batch_decode(out, skip_special_tokens=True)):
            found[at] = text.replace("\n", " ")
    seconds = time.perf_counter() - begun
    options.out.write_text("".join(text + "\n" for text in found))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures = {"load": load, "seconds": seconds, "pieces": pieces, "peak_kib": peak}
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
