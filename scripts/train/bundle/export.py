"""Writes a bundle from trained weights.

In:  a checkpoint of the translator (`--checkpoint`, usually `RUN/final.pt`; several are averaged);
     a tokenizer (`--vocabulary`); `WORK/embeddings/embeddings.pt`, or those of another bundle
     (`--embeddings-of`).
Out: `--output`: config.json, model.safetensors (fp16), vocab.json, source.spm, target.spm,
     embeddings.safetensors (int8 rows with a scale each).
"""

import shutil
from pathlib import Path

import torch
from torch import Tensor

from bundle.files import write_embeddings, write_translator
from config import settings
from corpus.text import Tokenizer
from run import checkpoint
from translator.model import Marian, Shape


def average(checkpoints: list[Path]) -> dict[str, Tensor]:
    states = [checkpoint.load(path)["model"] for path in checkpoints]
    return {name: sum(state[name] for state in states) / len(states) for name in states[0]}


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument("--checkpoint", type=Path, nargs="+", required=True)
    parser.add_argument("--vocabulary", type=Path, help="default: WORK/vocabulary")
    parser.add_argument("--embeddings-of", type=Path, help="take the embeddings of this bundle")
    parser.add_argument("--output", type=Path, required=True, help="folder of the bundle")
    options = parser.parse_args()

    vocabulary = options.vocabulary or options.work / "vocabulary"
    shape = Shape(vocabulary=Tokenizer(vocabulary).size, **settings.load(options.config)["model"])
    model = Marian(shape)
    model.load_state_dict(average(options.checkpoint))
    write_translator(model, vocabulary, options.output)
    if options.embeddings_of:
        shutil.copyfile(
            options.embeddings_of / "embeddings.safetensors",
            options.output / "embeddings.safetensors",
        )
    else:
        table = torch.load(options.work / "embeddings" / "embeddings.pt", weights_only=True)
        write_embeddings(table, options.output)
    size = sum(path.stat().st_size for path in options.output.iterdir())
    print(f"`{options.output}`: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
