#!/usr/bin/env python3
"""Kills an executor once there are so many files in a table.

kill_executor.py TABLE COUNT
"""

import os
import signal
import sys
import time
from pathlib import Path

EXECUTOR = "CoarseGrainedExecutorBackend"


def executors():
    """The executors of this machine that are children, near or far, of the process that asks."""
    parents, found = {}, []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if EXECUTOR in (entry / "cmdline").read_text("utf-8", "replace"):
                found.append(int(entry.name))
        except OSError:
            pass

    def is_ours(pid):
        while pid > 1:
            pid = parents.get(pid, 0)
            if pid == os.getppid():
                return True
        return False

    return [pid for pid in found if is_ours(pid)]


def main():
    table, count = Path(sys.argv[1]), int(sys.argv[2])
    begun = time.monotonic()
    while len(list(table.glob("hash=*/*.parquet"))) < count:
        if time.monotonic() - begun > 300:
            return 1
        time.sleep(0.05)
    os.kill(executors()[0], signal.SIGKILL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
