"""The steps of `scripts/package`."""

import sys


class Failure(Exception):
    """A package that cannot be made: why, for the user."""


class NotHere(Failure):
    """A package that cannot be made on this machine."""


def say(text):
    """Tells the user, on standard error: what goes to standard output is the package's path."""
    print(f"mtalign: {text}", file=sys.stderr, flush=True)
