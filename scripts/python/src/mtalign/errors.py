"""What can go wrong."""

from __future__ import annotations


class MtalignError(Exception):
    """The program is not there, or cannot begin: the message is its own."""


class DocumentError(MtalignError):
    """A document cannot be done; others can."""

    def __init__(self, id: str, message: str) -> None:
        super().__init__(f"{id}: {message}")
        self.id = id
        """What the document is called."""
        self.message = message
        """What is wrong with it."""


class Crash(MtalignError):
    """The program ended in the midst of a document; the next call begins a new one."""

    def __init__(self, id: str, status: int | None, said: str) -> None:
        how = f"by signal {-status}" if status is not None and status < 0 else f"with status {status}"
        super().__init__(f"the program ended {how} over `{id}`" + (f":\n{said}" if said else ""))
        self.id = id
        """What the document is called that was next to be done."""
        self.status = status
        """The exit status; negative where a signal ended it."""
        self.said = said
        """The last lines that the program said."""
