"""Scores every training pair with a trained translator, for the second filtering pass.

In:  `WORK/ids/`; a bundle (`--bundle`) made with the same vocabulary.
Out: `WORK/ids/NAME.loss.npy`, nats per target piece of each pair (float16). Training leaves out the
     `worst_share` of each source (see `[translator]` in the settings) wherever these files exist.

A pair the model finds far less likely than its neighbours is mostly misaligned, garbled or very
freely translated. Sources scored since they were encoded are skipped, so an interrupted pass can be
taken up again.
"""

from pathlib import Path

import numpy
import torch
from torch.nn import functional

from bundle.files import read_translator
from config import settings
from corpus.batches import Corpus, cut
from translator.model import Marian


@torch.no_grad()
def pair_losses(model: Marian, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of each pair's target pieces."""
    real = target != model.shape.padding
    states = model(source, target)
    losses = torch.zeros(target.shape, device=target.device)
    for row, mask in enumerate(real):
        scores = functional.linear(states[row][mask], model.shared.weight.to(states.dtype)).float()
        losses[row][mask] = functional.cross_entropy(scores, target[row][mask], reduction="none")
    return losses.sum(dim=1) / real.sum(dim=1)


def score_source(
    model: Marian, corpus: Corpus, index: int, tokens: int, device: str
) -> numpy.ndarray:
    """Losses of one source's pairs in document order; pairs too long to train on stay infinite."""
    pairs = corpus.usable[index]
    source, target = corpus.source[index].lengths(), corpus.target[index].lengths()
    losses = numpy.full(len(source), numpy.inf, dtype=numpy.float16)
    rows = numpy.stack([numpy.full(len(pairs), index), pairs, source[pairs], target[pairs]], axis=1)
    for batch in cut(rows[numpy.lexsort([rows[:, 2], rows[:, 3]])], tokens):
        tensors = [side.to(device) for side in corpus.tensors(batch, model.shape.padding)]
        with torch.autocast(device, dtype=torch.bfloat16):
            losses[batch[:, 1]] = pair_losses(model, *tensors).cpu().numpy()
    return losses


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    config = settings.load(options.config)
    recipe = config["translator"]
    corpus = Corpus(options.work / "ids", config["mix"], recipe["longest"], config["seed"])
    model = read_translator(options.bundle).to(options.device)
    for index, name in enumerate(corpus.names):
        path = options.work / "ids" / f"{name}.loss.npy"
        pieces = options.work / "ids" / f"{name}.en.npy"
        if path.exists() and path.stat().st_mtime >= pieces.stat().st_mtime:
            continue
        losses = score_source(model, corpus, index, recipe["tokens"], options.device)
        numpy.save(path, losses)
        middle, high = numpy.quantile(losses[numpy.isfinite(losses)].astype(float), [0.5, 0.95])
        print(f"{name}: median {middle:.2f}, 95 % below {high:.2f}", flush=True)


if __name__ == "__main__":
    main()
