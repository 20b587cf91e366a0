"""Runs all steps from pairs to a checked bundle, but for those that are done already.

In:  `--pairs`, a folder of `NAME.tsv` or `NAME.tsv.zst`, one `zh<TAB>en` a line; `--development`, a
     development set; optionally a dictionary, other texts never to be learnt from, sets aligned
     by hand, a table of NTREX.
Out: the bundle (`--bundle`) with its `SHA256SUMS`; everything else in `WORK`.

Each step is a command, printed before it is run; it is skipped while what it writes is newer than
what it reads. Settings and scripts do not count as read: `--again` runs steps once more. A step
that failed or was stopped is noted in `WORK/unfinished/`, and is not skipped. How long translator
and tagger train is in the settings (`[translator.length]`, `[tagger.length]`), and so is what a
measurement must reach (`[least]`).
"""

import argparse
import sys
import time
from pathlib import Path

from config import settings
from steps.order import Order
from steps.step import Step


def main() -> None:
    options = arguments()
    steps = Order(options, settings.load(options.config)).steps()
    known = [step.name for step in steps]
    for name in (options.begin, options.end, *options.without, *options.again):
        if name and name not in known:
            sys.exit(f"error: there is no step `{name}`; there are {', '.join(known)}")
    first = known.index(options.begin) if options.begin else 0
    last = known.index(options.end) if options.end else len(known) - 1
    chosen = [step for step in steps[first : last + 1] if step.name not in options.without]
    if options.dry_run:
        show(chosen, options)
    else:
        run(chosen, options)


def arguments() -> argparse.Namespace:
    parser = settings.arguments(__doc__)
    parser.add_argument("--pairs", type=Path, required=True, help="folder of NAME.tsv[.zst]")
    parser.add_argument("--development", type=Path, required=True, help="prefix of .zh and .en")
    parser.add_argument("--dictionary", type=Path, help="for `words`: zh<TAB>gloss; gloss a line")
    parser.add_argument(
        "--exclude", type=Path, nargs="*", default=[], help="other evaluation texts"
    )
    parser.add_argument("--gold", type=Path, nargs="*", default=[], help="sets aligned by hand")
    parser.add_argument("--ntrex", type=Path, help="table with zh_CN, zh_TW, en_source")
    parser.add_argument("--vocabulary", type=Path, help="of this bundle, in place of a new one")
    parser.add_argument(
        "--run", type=Path, help="folder of the translator's run; default: WORK/run"
    )
    parser.add_argument("--bundle", type=Path, help="what comes out; default: WORK/bundle")
    parser.add_argument("--processes", type=int, default=2, help="of cleaning, encoding, training")
    parser.add_argument("--from", dest="begin", metavar="STEP", help="begin with this step")
    parser.add_argument("--to", dest="end", metavar="STEP", help="end with this step")
    parser.add_argument("--without", nargs="*", default=[], metavar="STEP", help="leave these out")
    parser.add_argument(
        "--again", nargs="*", default=[], metavar="STEP",
        help="run these whatever is there; checkpoints are put aside",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="say what would be run")
    options = parser.parse_args()
    options.run = options.run or options.work / "run"
    options.bundle = options.bundle or options.work / "bundle"
    return options


def unfinished(step: Step, options: argparse.Namespace) -> Path:
    """Is there from when a step begins until it has succeeded."""
    return options.work / "unfinished" / step.name


def is_needed(step: Step, options: argparse.Namespace) -> bool:
    again = step.name in options.again or unfinished(step, options).exists()
    return again or not step.is_done()


def show(steps: list[Step], options: argparse.Namespace) -> None:
    """Prints the commands; those that read what others will write are needed, too."""
    coming: set[Path] = set()
    for step in steps:
        needed = is_needed(step, options) or not coming.isdisjoint(step.reads)
        if needed:
            coming.update(step.writes)
        print(f"{step.name}: {step if needed else 'nothing to do'}")


def run(steps: list[Step], options: argparse.Namespace) -> None:
    for number, step in enumerate(steps, 1):
        title = f"== {step.name} ({number} of {len(steps)})"
        if not is_needed(step, options):
            print(f"{title}: nothing to do", flush=True)
            continue
        if step.name in options.again:
            step.put_checkpoint_aside()
        if newer := step.void_checkpoint():
            sys.exit(
                f"error: `{newer}` is newer than `{step.checkpoint}`, which was trained with it\n"
                f"hint: `--again {step.name}` puts that checkpoint aside and begins anew"
            )
        print(f"{title}\n{step}", flush=True)
        mark, begun = unfinished(step, options), time.monotonic()
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        if status := step.run():
            sys.exit(f"error: `{step.name}` ended with status {status}")
        mark.unlink()
        print(f"{step.name}: {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
