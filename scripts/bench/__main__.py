#!/usr/bin/env python3
"""Times our decoding beside CTranslate2's and transformers', on the same weights, texts and cores, in turn.

    python3 scripts/bench [--rounds N] [--most LINES] [--model BUNDLE] [--texts NAME…] [--beams N…]

In:  the texts and the configuration of opus-mt in `../shared`. Three texts, flores-dev, ntrex and novels (2,000 lines,
     without BLEU), through our bundle; 128 lines through random weights of opus-mt's size, where each translation
     has as many pieces.
Out: in `target/bench`, `figures.json` with every run, `table.md` and `figures.png`; the table on standard output. The
     table has the median of the rounds, and the median, least and largest ratio of ours to each in the same round; the
     slow programs run in the first round only.

The peers are installed in `target/bench/peers` the first time, but transformers, which is in the environment of
`scripts/train`. Quiet the machine before: what else runs is timed too.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDER = ROOT / "target" / "bench"
SHARED = ROOT.parent / "shared" / "eval-mt"

SKIPPED = 77
"""The exit status that says that nothing was measured."""

PEERS = {"CTranslate2 int8": "int8", "CTranslate2 float32": "float32"}
PASSES = {"ours": "fast", "ours, single precision": "single", "rust-bert's network": "reference"}
TRANSFORMERS = "transformers float32"
OURS, QUICK = "ours", ("ours", "CTranslate2 int8")
"""Ours, and what runs in every round."""

PIECES = 48
"""The pieces of each translation by random weights."""

THREADS = (1, 2)


@dataclass(frozen=True)
class Text:
    """Lines of Chinese and, where there are some, their English; files."""

    name: str
    lines: Path
    reference: Path | None
    pieces_each: int | None = None


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


@functools.cache
def engine() -> tuple[Path, dict[str, str]]:
    """Our program that decodes, built, and the environment that it needs."""
    exports = subprocess.run([ROOT / "scripts" / "setup", "--env"], check=True, capture_output=True, text=True).stdout
    environment = os.environ | dict(re.findall(r"export (\w+)='?([^'\n]*)'?", exports))
    build = ["cargo", "build", "--locked", "--release", "--quiet", "--example", "bench_engine"]
    subprocess.run(build, check=True, cwd=ROOT, env=environment)
    return ROOT / "target" / "release" / "examples" / "bench_engine", environment


def texts(names: list[str], most: int) -> list[Text]:
    """The first lines of the texts of these names, written to files."""
    columns = {
        "flores-dev": lambda: [(SHARED / f"flores-dev.{lang}").read_text().splitlines() for lang in ("zh", "en")],
        "ntrex": lambda: [list(column) for column in zip(*ntrex())],
        "novels": lambda: [[line for line in novels() if line.strip()][:2000]],
    }
    made = []
    for name in names:
        paths = []
        for lang, lines in zip(("zh", "en"), columns[name]()):
            paths.append(FOLDER / f"{name}.{lang}")
            paths[-1].write_text("".join(line.strip() + "\n" for line in lines[:most]))
        made.append(Text(name, paths[0], paths[1] if len(paths) > 1 else None))
    return made


def ntrex() -> list[tuple[str, str]]:
    rows = [line.split("\t") for line in (SHARED / "ntrex.tsv").read_text().splitlines()]
    zh, en = rows[0].index("zh_CN"), rows[0].index("en_source")
    return [(row[zh], row[en]) for row in rows[1:]]


def novels() -> list[str]:
    files = sorted((SHARED.parent / "gold" / "mac-dev" / "zh").iterdir())
    return [line for file in files for line in file.read_text().splitlines()]


@functools.cache
def training() -> str:
    """The Python of the environment with transformers."""
    command = [ROOT / "scripts" / "train" / "environment"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@functools.cache
def converted(bundle: Path, python: Path) -> Path:
    """The bundle as a CTranslate2 model."""
    model = FOLDER / f"{bundle.name}.ctranslate2"
    subprocess.run([python, HERE / "convert.py", bundle, model], check=True)
    return model


class Bench:
    """The runs of one model over one text, each by the name of its program, the width of the beam and the number of threads."""

    def __init__(self, model: Path, text: Text, python: Path):
        self.bundle, self.text, self.python = model, text, python
        self.program, self.environment = engine()
        self.model = converted(model, python)
        self.runs: dict[tuple[str, int, int], list[dict]] = {}
        self.names = [*PASSES, *PEERS, TRANSFORMERS] if text.pieces_each is None else [*QUICK]

    def command(self, name: str, beam: int, threads: int, out: Path) -> list:
        lines, how = self.text.lines, ["--beam", beam, "--threads", threads]
        longest = ["--longest", self.text.pieces_each or 255]
        if name in PEERS:
            spm = self.bundle / "source.spm"
            return [self.python, HERE / "peer.py", self.model, spm, lines, out, "--numbers", PEERS[name], *how, *longest]
        if name == TRANSFORMERS:
            return [training(), HERE / "transformers_peer.py", self.bundle, lines, out, *how, *longest]
        return [self.program, self.bundle, lines, "--pass", PASSES[name], "--out", out, *how]

    def run(self, name: str, beam: int, threads: int) -> None:
        out = FOLDER / f"{self.text.name}.{name.replace(' ', '-')}.{beam}.en"
        command = [str(part) for part in self.command(name, beam, threads, out)]
        found = subprocess.run(command, check=True, capture_output=True, text=True, env=self.environment).stdout
        run = json.loads(found) | {"out": str(out)}
        if self.text.pieces_each:
            run["pieces"] = self.text.pieces_each * len(self.text.lines.read_text().splitlines())
        self.runs.setdefault((name, beam, threads), []).append(run)

    def bleu(self, out: str) -> str:
        if self.text.reference is None:
            return "–"
        command = [self.python, "-m", "sacrebleu", self.text.reference, "--input", out, "--score-only", "--width", "2"]
        command = [str(part) for part in command]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def rows(self) -> list[str]:
        """The medians, as rows of a table."""
        rows = []
        for (name, beam, threads), runs in sorted(self.runs.items(), key=lambda item: (item[0][1:], -self.rate(*item[0]))):
            ours = self.runs[OURS, beam, threads]
            ratios = [speed(own) / speed(run) for run, own in zip(runs, ours)]
            median = {key: statistics.median(run[key] for run in runs) for key in ("load", "peak_kib")}
            cells = (
                self.text.name,
                beam,
                threads,
                name,
                f"{self.rate(name, beam, threads):,.0f}",
                f"{statistics.median(ratios):.2f} ({min(ratios):.2f}, {max(ratios):.2f})",
                f"{median['load']:.2f}",
                f"{median['peak_kib'] / 1024:.0f}",
                self.bleu(runs[0]["out"]),
            )
            rows.append("| " + " | ".join(str(cell) for cell in cells) + " |")
        return rows

    def rate(self, name: str, beam: int, threads: int) -> float:
        return statistics.median(speed(run) for run in self.runs[name, beam, threads])


HEADER = ["| text | beam | threads | | pieces/s | ours ÷ it (least, most) | load, s | peak, MiB | BLEU |", "|" + " --- |" * 9]


def speed(run: dict) -> float:
    """Target pieces a second."""
    return run["pieces"] / run["seconds"]


PLOT = """
import json, sys
import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot
runs = json.load(open(sys.argv[1]))
texts, names = (list(dict.fromkeys(run[key] for run in runs)) for key in ("text", "name"))
figure, panels = pyplot.subplots(len(texts), figsize=(9, 2.6 * len(texts)), squeeze=False)
for text, axes in zip(texts, panels[:, 0]):
    own = [run for run in runs if run["text"] == text]
    ways = list(dict.fromkeys((run["beam"], run["threads"]) for run in own))
    for place, name in enumerate(names):
        rates = [sorted(run["rate"] for run in own if (run["name"], run["beam"], run["threads"]) == (name, *way)) or [0] for way in ways]
        middle = [rate[len(rate) // 2] for rate in rates]
        spread = [[m - rate[0] for m, rate in zip(middle, rates)], [rate[-1] - m for m, rate in zip(middle, rates)]]
        axes.bar([at + place * 0.14 for at in range(len(ways))], middle, 0.13, yerr=spread, label=name)
    axes.set_xticks([at + 0.35 for at in range(len(ways))], [f"beam {beam}, {threads} thread(s)" for beam, threads in ways])
    axes.set_title(text)
    axes.set_ylabel("target pieces a second")
panels[-1, 0].legend()
figure.tight_layout()
figure.savefig(sys.argv[2], dpi=80)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "zh-en")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=int, default=2000)
    parser.add_argument("--texts", nargs="*", default=["flores-dev", "ntrex", "novels"])
    parser.add_argument("--beams", nargs="*", type=int, default=[1, 4])
    options = parser.parse_args()
    if not SHARED.exists():
        print(f"SKIPPED: `{SHARED}` is not there", file=sys.stderr)
        return SKIPPED
    FOLDER.mkdir(parents=True, exist_ok=True)
    python, like = peers(), SHARED.parent / "opus-mt-zh-en"
    benches = [Bench(options.model, text, python) for text in texts(options.texts, options.most)]
    if like.exists():
        bundle, lines = FOLDER / "random", FOLDER / "random.zh"
        subprocess.run([python, HERE / "random_model.py", like, bundle], check=True)
        source = (SHARED / "flores-dev.zh").read_text().splitlines()
        fitting = subprocess.run(
            [python, "-c", FITTING, bundle / "source.spm", str(PIECES)],
            check=True, capture_output=True, text=True, input="\n".join(source),
        ).stdout.splitlines()
        lines.write_text("".join(line + "\n" for line in fitting[:128]))
        benches.append(Bench(bundle, Text("random, opus-mt's size", lines, None, PIECES), python))
    runs, rows = [], list(HEADER)
    for bench in benches:
        for round_ in range(options.rounds):
            for beam in options.beams:
                for threads in THREADS:
                    for name in bench.names:
                        if round_ == 0 or name in QUICK:
                            bench.run(name, beam, threads)
        rows += bench.rows()
        runs += [
            {"text": bench.text.name, "name": name, "beam": beam, "threads": threads, "rate": speed(run)} | run
            for (name, beam, threads), several in bench.runs.items()
            for run in several
        ]
        (FOLDER / "figures.json").write_text(json.dumps(runs, indent=1))
        (FOLDER / "table.md").write_text("\n".join(rows) + "\n")
    subprocess.run([python, "-c", PLOT, FOLDER / "figures.json", FOLDER / "figures.png"], check=True)
    print("\n".join(rows))
    return 0


FITTING = """
import sys, sentencepiece
spm, most = sentencepiece.SentencePieceProcessor(model_file=sys.argv[1]), int(sys.argv[2])
for line in sys.stdin.read().splitlines():
    # So long that as many pieces as there are positions are allowed, and no longer than the positions.
    if most // 3 <= len(spm.encode(line.strip())) < most - 1:
        print(line.strip())
"""


if __name__ == "__main__":
    sys.exit(main())
