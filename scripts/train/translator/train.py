"""Trains the translator, on any number of processes of one core each, or on one GPU.

In:  `WORK/ids/`; a tokenizer (`--vocabulary`); optionally the weights of a bundle (`--start`) and a
     development set (`--development PREFIX`, files `PREFIX.zh` and `PREFIX.en`).
Out: `RUN/latest.pt`   weights, optimizer and position at the full learning rate: go on from here
     `RUN/final.pt`    weights after the learning rate has come down: export these
     `RUN/average.pt`  the average of the weights over the last updates, for a run without a fall
     `RUN/log.jsonl`   one JSON object a line: step, pieces seen, loss, rate, speed; probes
     `RUN/pids`        the processes, to pause or to end them

The rate rises over `warmup_steps`, stays at its peak, and falls in a straight line over the last
`--decay` of the run. A run ends by the clock (`--until`, or `--minutes` after its start; `--decay`
in minutes) or after so many steps (`--steps`, `--decay` in steps). Started again, it resumes from
`latest.pt`; a fall that was interrupted is done over. `latest.pt` is not touched by the fall, so
another day can go on from it.

Processes share the parameters and what the optimizer remembers; each computes the gradient of its
own batches, then updates the parts that it owns. Where the processor has AMX, `amx.py` computes
gradients, else PyTorch does (`--passes`). A GPU has passes of its own (`device.py`), which run on a
CPU as well, to be tried there: `--passes gpu`.
"""

import argparse
import os
from pathlib import Path

import torch
import torch.multiprocessing as multiprocessing

from config import settings
from run.schedule import add_arguments
from translator import amx
from translator.device import DeviceTrainer
from translator.trainer import Shared, Trainer, shared_memory


def work(rank: int, options: argparse.Namespace, shared: Shared) -> None:
    torch.set_num_threads(options.threads)
    with (options.run / "pids").open("a") as file:
        file.write(f"{os.getpid()}\n")
    trainer = DeviceTrainer if options.passes == "gpu" else Trainer
    trainer(rank, options, shared).train()


def main() -> None:
    parser = settings.arguments(__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoints and log")
    parser.add_argument("--vocabulary", type=Path, help="default: WORK/vocabulary")
    parser.add_argument("--start", type=Path, help="a bundle whose weights to start from")
    parser.add_argument("--development", type=Path, help="prefix of .zh and .en to measure on")
    add_arguments(parser)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of each process")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument(
        "--passes",
        choices=["torch", "amx", "gpu"],
        help="default: gpu on one, else amx where it runs",
    )
    parser.add_argument("--compile", action="store_true", help="passes for a GPU by torch.compile")
    options = parser.parse_args()
    if options.passes is None:
        on_cpu = "amx" if amx.supported() else "torch"
        options.passes = "gpu" if options.device == "cuda" else on_cpu
    if options.processes > 1 and (options.device == "cuda" or options.passes == "gpu"):
        parser.error("one process serves one GPU")

    options.run.mkdir(parents=True, exist_ok=True)
    (options.run / "pids").write_text(f"{os.getpid()}\n")
    shared = shared_memory(options)
    if options.processes == 1:
        work(0, options, shared)
    else:
        multiprocessing.spawn(work, args=[options, shared], nprocs=options.processes)


if __name__ == "__main__":
    main()
