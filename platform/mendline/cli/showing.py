"""How far a long thing is, on a terminal and nowhere else."""

import sys
import time
from types import TracebackType
from typing import Self

EVERY = 0.2  # seconds between two signs of life


class Meter:
    """One line on standard error that is written over; silent where standard error is no terminal."""

    def __init__(self, name: str) -> None:
        self._name, self._last, self._shown = name, 0.0, False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def show(self, done: int, total: int) -> None:
        """Writes how much is done, a few times a second."""
        moment = time.monotonic()
        if not sys.stderr.isatty() or moment - self._last < EVERY:
            return
        self._last, self._shown = moment, True
        share = f"{100 * done // total} %" if total else f"{done:,}"
        sys.stderr.write(f"\r  {self._name} … {share} ")
        sys.stderr.flush()

    def end(self) -> None:
        """Ends the line, if one was begun."""
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
            self._shown = False
