"""The steps of `scripts/package`."""

import sys


class Failure(Exception):
    """A package that cannot be made: why, for the user."""


def say(text):
    """Tells the user, on standard error: what goes to standard output is the package's path."""
    print(f"mtalign: {text}", file=sys.stderr, flush=True)
