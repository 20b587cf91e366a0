"""Draws how the loss of trainings fell with what they saw, and says what more would bring.

In:  logs, `log.jsonl` of a run each: of their lines those with a `development_cross_entropy` (nats a
     piece) and the `target_pieces` seen. Those whose rate had fallen have `"fallen": true` in `curve.jsonl`.
Out: a PNG; for each log the fall of the loss per doubling of the pieces (least squares over the points
     that count: the fallen ones where there are three, the others otherwise) and what it comes to
     further on.
"""

import argparse
import json
import math
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

HERE = Path(__file__).resolve().parent

FURTHER = (1e8, 2e8)
"""Target pieces beyond the last point of a log."""

Point = tuple[float, float]


def points(log: Path) -> dict[str, list[dict]]:
    """The measured points of a log, by the run that they belong to."""
    runs: dict[str, list[dict]] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        point = json.loads(line)
        if point.get("development_cross_entropy") and point.get("target_pieces"):
            runs.setdefault(point.get("run", log.parent.name), []).append(point)
    return runs


def line_through(points: list[Point]) -> Point:
    """The loss of a single piece, and its change per doubling, by least squares."""
    places, losses = zip(*((math.log2(pieces), loss) for pieces, loss in points))
    middle, mean = sum(places) / len(places), sum(losses) / len(losses)
    spread = sum((place - middle) ** 2 for place in places)
    shared = sum((place - middle) * (loss - mean) for place, loss in zip(places, losses))
    slope = shared / spread
    return mean - slope * middle, slope


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("logs", type=Path, nargs="*", default=[HERE / "curve.jsonl"])
    parser.add_argument("--output", type=Path, default=HERE / "curve.png")
    options = parser.parse_args()

    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    for name, run in (item for log in options.logs for item in points(log).items()):
        pairs = [(point["target_pieces"], point["development_cross_entropy"]) for point in run]
        fallen = [pair for pair, point in zip(pairs, run) if point.get("fallen")]
        drawn = axes.plot(*zip(*pairs), marker="o", fillstyle="none", linewidth=0.7, label=name)
        if fallen:
            axes.plot(*zip(*fallen), "o", color=drawn[0].get_color())
        counted = fallen if len(fallen) > 2 else [pair for pair in pairs if pair not in fallen]
        if len({pieces for pieces, _ in counted}) < 2:
            continue
        start, slope = line_through(counted)
        last = max(pieces for pieces, _ in pairs)
        further = [(last + more, start + slope * math.log2(last + more)) for more in FURTHER]
        axes.plot(*zip(*further), ":", color=drawn[0].get_color())
        told = ", ".join(f"{loss:.2f} at {pieces / 1e6:.0f} million" for pieces, loss in further)
        which = "fallen" if counted is fallen else "at the full rate"
        print(f"{name}: {slope:+.3f} a doubling ({len(counted)} points {which}), {told}")
    axes.set_xscale("log")
    axes.set_xlabel("target pieces seen (filled: once the rate had fallen)")
    axes.set_ylabel("cross-entropy of flores-dev, nats a piece")
    axes.legend()
    figure.tight_layout()
    figure.savefig(options.output, dpi=80)


if __name__ == "__main__":
    main()
