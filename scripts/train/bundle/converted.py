"""Checks that others translate with a bundle as the code that trained it does: CTranslate2.

In:  a bundle; Chinese lines (`--lines FILE…`).
Out: how many translations are the same; fails if fewer than `--least`.

The bundle is read by CTranslate2's own converter of Marian models, which begins translations with a
row of zeros whatever the embedding of the first piece is. Both sides compute in full precision, and
search greedily: of two pieces that are as likely, each may take another.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import ctranslate2

from bundle.files import read_translator
from corpus.text import Tokenizer
from measure.evaluate import translate_lines


def translated_elsewhere(folder: Path, lines: list[str], longest: int) -> list[str]:
    """The translations of lines by CTranslate2, of so many pieces at most."""
    tokenizer = Tokenizer(folder)
    with tempfile.TemporaryDirectory() as converted:
        converter = ctranslate2.converters.TransformersConverter(str(folder))
        converter.convert(converted, force=True)
        translator = ctranslate2.Translator(converted, compute_type="float32", intra_threads=1)
        rows = tokenizer.encode_chinese(lines)
        found = translator.translate_batch(
            [[tokenizer.texts[number] for number in row] for row in rows],
            beam_size=1,
            max_decoding_length=longest,
        )
    return [tokenizer.pieces.decode(one.hypotheses[0]) for one in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--lines", type=Path, nargs="+", required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--least", type=float, default=0.99, help="share that must be the same")
    options = parser.parse_args()

    texts = (path.read_text(encoding="utf-8").splitlines() for path in options.lines)
    lines = [line for text in texts for line in text if line.strip()][: options.count]
    model = read_translator(options.bundle)
    longest = model.shape.positions - 1
    ours = translate_lines(model, Tokenizer(options.bundle), lines, each=longest)
    theirs = translated_elsewhere(options.bundle, lines, longest)
    same = sum(one == other for one, other in zip(ours, theirs))
    print(f"{same} of {len(lines)} translations are the same")
    if same < options.least * len(lines):
        one, other = next(pair for pair in zip(ours, theirs) if pair[0] != pair[1])
        sys.exit(f"error: not the same translations\nours: {one}\nCTranslate2: {other}")


if __name__ == "__main__":
    main()
