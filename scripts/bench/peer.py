"""Translates the lines of a file with CTranslate2, as `engine.rs` does with ours.

    peer.py MODEL SPM LINES OUT --threads N --beam N --numbers int8|float32 [--longest N]

Out: one line of JSON like `engine.rs`'s; the translations in OUT, a line each.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import ctranslate2
import sentencepiece

BATCH = 64
"""As many rows at a time as ours takes."""


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("model", "spm", "lines", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--numbers", default="int8")
    parser.add_argument("--longest", type=int, default=255)
    options = parser.parse_args()
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(options.spm))
    sources = [tokenizer.encode(line.strip(), out_type=str) for line in options.lines.read_text().splitlines()]
    begun = time.perf_counter()
    translator = ctranslate2.Translator(
        str(options.model), compute_type=options.numbers, inter_threads=options.threads, intra_threads=1
    )
    load = time.perf_counter() - begun
    begun = time.perf_counter()
    results = translator.translate_batch(
        sources,
        max_batch_size=max(1, BATCH // options.beam),
        beam_size=options.beam,
        max_decoding_length=options.longest,
    )
    seconds = time.perf_counter() - begun
    found = [result.hypotheses[0] for result in results]
    options.out.write_text("".join(tokenizer.decode(pieces) + "\n" for pieces in found))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures = {"load": load, "seconds": seconds, "pieces": sum(len(pieces) + 1 for pieces in found), "peak_kib": peak}
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
