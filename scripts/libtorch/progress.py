"""How far a download is: one line that changes on a terminal, a line for every tenth elsewhere."""

import sys
import time

REDRAW = 0.2
"""Seconds between two states of the line."""


class Progress:
    """Counts bytes. `done` were there before."""

    def __init__(self, name, total, done):
        self.name, self.total, self.done = name, total, done
        self.begun, self.had = time.monotonic(), done
        self.drawn = self.begun
        self.tenth = 10 * done // max(1, total)
        self.terminal = sys.stderr.isatty()

    def advance(self, count):
        """`count` more bytes came."""
        self.done += count
        now = time.monotonic()
        tenth = 10 * self.done // self.total
        if self.terminal and now - self.drawn >= REDRAW:
            self.drawn = now
            print(f"\r\033[K{self.line()}", end="", file=sys.stderr, flush=True)
        elif not self.terminal and tenth > self.tenth:
            self.tenth = tenth
            print(self.line(), file=sys.stderr, flush=True)

    def finish(self):
        """Everything came."""
        if self.terminal:
            print(f"\r\033[K{self.line()}", file=sys.stderr, flush=True)

    def line(self):
        """The state in words."""
        rate = (self.done - self.had) / max(1e-3, time.monotonic() - self.begun)
        left = f", {(self.total - self.done) / rate:.0f} s left" if rate and self.done < self.total else ""
        return f"{self.name}  {self.done / 1e6:.1f} of {self.total / 1e6:.1f} MB, {rate / 1e6:.1f} MB/s{left}"
