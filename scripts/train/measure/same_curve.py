"""Says whether a short training run went as the saved one did.

In:  the `log.jsonl` of a run, made as the README tells; the saved log.
Out: both losses and their difference at each step; fails when one is beyond the noise.
"""

import argparse
import json
import sys
from pathlib import Path

SAVED = Path(__file__).with_name("one-percent.jsonl")

FIRST_STEP, FIRST_NOISE, NOISE = 50, 0.12, 0.07
"""Nats a piece. Another seed moved the loss by 0.113 at the first step, and by 0.061 later."""

PIECES = 0.05
"""Share of the pieces seen; another seed moved their count by 0.024. Other data move it further."""


def losses(path: Path) -> dict[int, dict]:
    """The lines of a log that have a loss, by step."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {record["step"]: record for record in records if "loss" in record}


def fault(saved: dict, found: dict | None) -> str | None:
    """What is wrong with a line of the log."""
    if found is None:
        return "not in the log"
    pieces, expected = found["target_pieces"], saved["target_pieces"]
    if abs(pieces - expected) > PIECES * expected:
        return f"{pieces} target pieces instead of {expected}: other data, or more processes"
    noise = FIRST_NOISE if saved["step"] == FIRST_STEP else NOISE
    if not abs(found["loss"] - saved["loss"]) <= noise:  # nor is a loss that is no number
        return f"beyond the noise of {noise:g}"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path)
    options = parser.parse_args()

    run = losses(options.log)
    expected = losses(SAVED)
    faults = 0
    for step, saved in expected.items():
        found = run.get(step)
        wrong = fault(saved, found)
        loss = found["loss"] if found else float("nan")
        verdict = wrong or "as saved"
        difference = loss - saved["loss"]
        print(
            f"step {step}  saved {saved['loss']:.4f}  run {loss:.4f}  {difference:+.4f}  {verdict}"
        )
        faults += wrong is not None
    if faults:
        sys.exit(f"not the same training: it differs at {faults} of {len(expected)} steps")


if __name__ == "__main__":
    main()
