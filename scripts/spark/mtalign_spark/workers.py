"""The program in the executors: where it is, one process for each core, and what is done where it ends.

A process stays as long as the Python worker that has it, through all tasks of it.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections import deque
from pathlib import Path

from mtalign import Aligner, Crash
from mtalign.aligner import program

ARCHIVE = "mtalign"
"""What `--archives PACKAGE#mtalign` calls the package."""

GOOD = ("猫睡了。", "The cat slept.")
"""What every program that works can do."""

_aligners = {}


def aligner(options):
    """This worker's aligner with these options, which takes the place of one with others."""
    owned = (os.getpid(), tuple(sorted(options.items())))
    if owned not in _aligners:
        while _aligners:
            _aligners.popitem()[1].close()
        _locate()
        _aligners[owned] = Aligner(jobs=1, threads=1, cache=False, **options)
    return _aligners[owned]


def version(options):
    """What the program calls itself, once it has aligned something."""
    aligner(options).align(*GOOD)
    return subprocess.run([program(), "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def _locate():
    """Names the program of the package that came with the job, unless another one is named."""
    if os.environ.get("MTALIGN_PROGRAM"):
        return
    from pyspark import SparkFiles

    # YARN unpacks in the folder of the executor, others where files of the job go.
    for folder in (Path(ARCHIVE), Path(SparkFiles.getRootDirectory()) / ARCHIVE):
        for found in (*folder.glob("bin/mtalign"), *folder.glob("*/bin/mtalign")):
            os.environ["MTALIGN_PROGRAM"] = str(found.resolve())
            return


def outliving(ask, is_well, items):
    """Each item with the answer to it, or with the crash of the program over it, in order. `ask` answers items one by one.

    An item over which the program ends is tried again alone: it may have been ended from outside. Where the program is not
    well even without that item (`is_well` raises), the crash is raised: the fault is not the item's.
    """
    items, waiting = iter(items), deque()

    def taken():
        # What was under way when the program ended is given again.
        yield from list(waiting)
        for item in items:
            waiting.append(item)
            yield item

    while True:
        try:
            for answer in ask(taken()):
                yield waiting.popleft(), answer
            return
        except Crash:
            if not waiting:
                raise
        item = waiting.popleft()
        try:
            (answer,) = ask(iter([item]))
        except Crash as crash:
            is_well()
            answer = crash
        yield item, answer


def records(frame):
    """The rows of a frame, with None where there is nothing; pandas itself has NaN there."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def in_frames(rows, size):
    """Lists of up to `size` rows."""
    rows = iter(rows)
    while chunk := list(itertools.islice(rows, size)):
        yield chunk
