#!/usr/bin/env python3
"""Times our decoding beside CTranslate2's, on the same weights, texts and cores, in turn.

    python3 scripts/bench [--lines FILE] [--reference FILE] [--rounds N] [--model BUNDLE]

In:  lines of Chinese and their English for BLEU, FLORES dev in `../shared` unless others are named.
Out: in `target/bench`, `figures.json` with every run, `table.md` and `figures.png`; the table on standard output. The
     table has the median of the rounds, and the least and the largest ratio to ours in the same round.

The peers are installed in `target/bench/peers` the first time. Quiet the machine before: what else runs is timed too.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDER = ROOT / "target" / "bench"
SHARED = ROOT.parent / "shared" / "eval-mt"

SKIPPED = 77
"""The exit status that says that nothing was measured."""

PEERS = {"CTranslate2 int8": "int8", "CTranslate2 float32": "float32"}
PASSES = {"ours": "fast", "ours, single precision": "single", "rust-bert's network": "reference"}
OURS = "ours"
WAYS = [(beam, threads) for beam in (1, 4) for threads in (1, 2)]


def peers() -> Path:
    """The Python of an environment with the peers."""
    environment, wanted = FOLDER / "peers", (HERE / "requirements.txt").read_text()
    stamp, python = environment / "made-of", environment / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--requirement", HERE / "requirements.txt"]
        subprocess.run(install, check=True, stdout=sys.stderr)
        stamp.write_text(wanted)
    return python


def engine() -> tuple[Path, dict[str, str]]:
    """Our program that decodes, built, and the environment that it needs."""
    exports = subprocess.run([ROOT / "scripts" / "setup", "--env"], check=True, capture_output=True, text=True).stdout
    environment = os.environ | dict(re.findall(r"export (\w+)='?([^'\n]*)'?", exports))
    build = ["cargo", "build", "--locked", "--release", "--quiet", "--example", "bench_engine"]
    subprocess.run(build, check=True, cwd=ROOT, env=environment)
    return ROOT / "target" / "release" / "examples" / "bench_engine", environment


class Bench:
    """The runs, each by the name of its program, the width of the beam and the number of threads."""

    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.python = peers()
        self.program, self.environment = engine()
        self.model = FOLDER / "ctranslate2"
        subprocess.run([self.python, HERE / "convert.py", options.model, self.model], check=True)
        self.runs: dict[tuple[str, int, int], list[dict]] = {}

    def command(self, name: str, beam: int, threads: int, out: Path) -> list:
        lines, how = self.options.lines, ["--beam", str(beam), "--threads", str(threads)]
        if name in PEERS:
            spm = self.options.model / "source.spm"
            return [self.python, HERE / "peer.py", self.model, spm, lines, out, "--numbers", PEERS[name], *how]
        return [self.program, self.options.model, lines, "--pass", PASSES[name], "--out", out, *how]

    def run(self, name: str, beam: int, threads: int) -> None:
        out = FOLDER / f"{name.replace(' ', '-')}.{beam}.en"
        command = [str(part) for part in self.command(name, beam, threads, out)]
        found = subprocess.run(command, check=True, capture_output=True, text=True, env=self.environment).stdout
        self.runs.setdefault((name, beam, threads), []).append(json.loads(found) | {"out": str(out)})

    def bleu(self, out: str) -> float:
        command = [self.python, "-m", "sacrebleu", self.options.reference, "--input", out, "--score-only", "--width", "2"]
        command = [str(part) for part in command]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def table(self) -> str:
        """The medians, as Markdown."""
        rows = ["| | beam | threads | pieces/s | ÷ ours (least, most) | load, s | peak, MiB | BLEU |", "|" + " --- |" * 8]
        for (name, beam, threads), runs in sorted(self.runs.items(), key=lambda item: (item[0][1:], -self.rate(*item[0]))):
            ours = self.runs[OURS, beam, threads]
            ratios = [speed(run) / speed(own) for run, own in zip(runs, ours)]
            median = {key: statistics.median(run[key] for run in runs) for key in ("load", "peak_kib")}
            cells = (
                name,
                beam,
                threads,
                f"{self.rate(name, beam, threads):,.0f}",
                f"{statistics.median(ratios):.2f} ({min(ratios):.2f}, {max(ratios):.2f})",
                f"{median['load']:.2f}",
                f"{median['peak_kib'] / 1024:.0f}",
                f"{self.bleu(runs[0]['out']):.2f}",
            )
            rows.append("| " + " | ".join(str(cell) for cell in cells) + " |")
        return "\n".join(rows) + "\n"

    def rate(self, name: str, beam: int, threads: int) -> float:
        return statistics.median(speed(run) for run in self.runs[name, beam, threads])


def speed(run: dict) -> float:
    """Target pieces a second."""
    return run["pieces"] / run["seconds"]


PLOT = """
import json, sys
import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot
runs = json.load(open(sys.argv[1]))
ways = sorted({(run["beam"], run["threads"]) for run in runs})
names = list(dict.fromkeys(run["name"] for run in runs))
figure, axes = pyplot.subplots(figsize=(9, 4))
for place, name in enumerate(names):
    rates = [sorted(run["rate"] for run in runs if (run["name"], run["beam"], run["threads"]) == (name, *way)) for way in ways]
    middle = [rate[len(rate) // 2] for rate in rates]
    spread = [[m - rate[0] for m, rate in zip(middle, rates)], [rate[-1] - m for m, rate in zip(middle, rates)]]
    axes.bar([at + place * 0.16 for at in range(len(ways))], middle, 0.15, yerr=spread, label=name)
axes.set_xticks([at + 0.32 for at in range(len(ways))], [f"beam {beam}, {threads} thread(s)" for beam, threads in ways])
axes.set_ylabel("target pieces a second")
axes.legend()
figure.tight_layout()
figure.savefig(sys.argv[2], dpi=120)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=Path, default=SHARED / "flores-dev.zh")
    parser.add_argument("--reference", type=Path, default=SHARED / "flores-dev.en")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "zh-en")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if not options.lines.exists():
        print(f"SKIPPED: `{options.lines}` is not there", file=sys.stderr)
        return SKIPPED
    FOLDER.mkdir(parents=True, exist_ok=True)
    bench = Bench(options)
    for _ in range(options.rounds):
        for beam, threads in WAYS:
            for name in [*PASSES, *PEERS]:
                bench.run(name, beam, threads)
    runs = [
        {"name": name, "beam": beam, "threads": threads, "rate": speed(run)} | run
        for (name, beam, threads), several in bench.runs.items()
        for run in several
    ]
    (FOLDER / "figures.json").write_text(json.dumps(runs, indent=1))
    subprocess.run([bench.python, "-c", PLOT, FOLDER / "figures.json", FOLDER / "figures.png"], check=True)
    table = bench.table()
    (FOLDER / "table.md").write_text(table)
    print(table, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
