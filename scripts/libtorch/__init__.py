"""Makes a libtorch folder, as tch wants it, out of the wheels of a Python package index.

`recipe` says what is needed on which platform, `index` finds the files, `download` fetches the wanted parts of them,
`folder` puts the folder together. Standard library only, Python 3.8 or newer; nothing is written to stdout.
"""

import sys


class Failure(Exception):
    """Something that the user has to know: what went wrong, and what can be done about it."""

    def __init__(self, message, hint=None):
        super().__init__(message)
        self.hint = hint


def say(message):
    """One line for the user."""
    print(f"setup: {message}", file=sys.stderr, flush=True)
