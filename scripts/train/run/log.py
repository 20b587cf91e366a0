"""The log of a run: one JSON object a line, and the means between two of its lines."""

import datetime
import json
import time
from pathlib import Path

from torch import Tensor


class Log:
    """A file of records, which are printed too."""

    def __init__(self, path: Path):
        self.path = path

    def write(self, record: dict) -> None:
        """Adds a line, the time before the record."""
        now = datetime.datetime.now().isoformat(timespec="seconds")
        record = {"time": now, **record}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
        print("  ".join(f"{key} {value}" for key, value in record.items()), flush=True)


class Meter:
    """Mean loss and speed since the last line of the log.

    The loss may be a tensor on a device: it is waited for where the line is written, not before.
    """

    def __init__(self, unit: str):
        """`unit` is the plural of what the speed counts: pieces, passages, pairs."""
        self.unit = unit
        self.begin()

    def begin(self) -> None:
        self.loss, self.terms, self.seen = 0.0, 0, 0
        self.started = time.monotonic()

    def add(self, loss: float | Tensor, terms: int, seen: int) -> None:
        """One update: its loss summed over so many `terms`, and how many units it saw."""
        self.loss, self.terms, self.seen = self.loss + loss, self.terms + terms, self.seen + seen

    def lap(self) -> dict:
        """The loss in nats a term, and the units in a second; begins anew."""
        record = {
            "loss": round(float(self.loss) / self.terms, 4),
            f"{self.unit}_per_second": round(self.seen / (time.monotonic() - self.started)),
        }
        self.begin()
        return record
