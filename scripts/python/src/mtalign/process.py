"""A process of the program that is fed lines and gives a line for each.

One thread writes what it is given, for a pipe that is full would stop whoever writes; another keeps what the program says.
Lines under way are bounded, so that neither side runs ahead of the other.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .errors import Crash, MtalignError

LINES_SAID = 40
"""So many lines of what the program said last are kept, to be told where it ends."""

ENDING = 20.0
"""Seconds in which a program ends whose input has ended."""


class Process:
    """The program with these arguments, begun when it is first asked."""

    def __init__(self, command: Sequence[str], window: int, memory: int | None = None) -> None:
        self._command = list(command)
        self._window = window
        self._memory = memory
        self._lock = threading.Lock()
        self._running: Running | None = None

    def exchange(self, lines: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
        """The answer to each line, in order; a line comes with what it is called. `lines` are asked for as answers are
        taken, at most `window` ahead. Raises :class:`Crash` where the program ends, after which the next call begins a
        new one."""
        with self._lock:
            running = self._begun()
            under_way: deque[str] = deque()
            try:
                for name, line in lines:
                    running.give(json.dumps(line, ensure_ascii=False))
                    under_way.append(name)
                    while len(under_way) >= self._window:
                        yield running.take(under_way[0])
                        under_way.popleft()
                while under_way:
                    yield running.take(under_way[0])
                    under_way.popleft()
            finally:
                # Where answers are still to come, or none will, nobody could tell whose they are.
                if under_way:
                    self._running = None
                    running.kill()

    def close(self) -> None:
        """Ends the program."""
        running, self._running = self._running, None
        if running is not None:
            running.close()

    def kill(self) -> None:
        """Ends the program at once."""
        running, self._running = self._running, None
        if running is not None:
            running.kill()

    def _begun(self) -> Running:
        # A process that was forked has the pipes of its parent, which both would read.
        if self._running is None or self._running.owner != os.getpid() or not self._running.is_alive():
            self._running = Running(self._command, self._memory)
        return self._running


class Running:
    """A process that runs."""

    def __init__(self, command: list[str], memory: int | None) -> None:
        self.owner = os.getpid()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # An interrupt is for the caller, who ends the program when done with it.
                start_new_session=True,
            )
        except OSError as error:
            raise MtalignError(f"cannot start {command[0]}: {error.strerror}") from error
        if memory is not None:
            resource.prlimit(self._process.pid, resource.RLIMIT_DATA, (memory, memory))
        self._said: deque[str] = deque(maxlen=LINES_SAID)
        self._to_write: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=it, daemon=True) for it in (self._write, self._listen)]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def give(self, line: str) -> None:
        """Has a line written, now or later."""
        self._to_write.put(line.encode("utf-8", "surrogatepass") + b"\n")

    def take(self, name: str) -> dict[str, Any]:
        """The next answer, which is that to `name`."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._crash(name)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Ends its input, and waits until it has ended."""
        if self.owner != os.getpid():
            return
        self._to_write.put(None)
        try:
            self._process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._release()

    def kill(self) -> None:
        """Ends it at once."""
        if self.owner != os.getpid():
            return
        self._process.kill()
        self._to_write.put(None)
        self._release()

    def _release(self) -> None:
        self._process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _crash(self, name: str) -> Crash:
        try:
            status: int | None = self._process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            status = self._process.wait()
        # All that it said is there once its end is.
        self._threads[1].join(ENDING)
        return Crash(name, status, "\n".join(self._said))

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            while (line := self._to_write.get()) is not None:
                pipe.write(line)
                if self._to_write.empty():
                    pipe.flush()
        except (BrokenPipeError, ValueError):
            # It has ended, which whoever waits for an answer is told.
            pass
        finally:
            try:
                pipe.close()
            except BrokenPipeError:
                pass

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._said.append(line.decode("utf-8", "replace").rstrip("\n"))
