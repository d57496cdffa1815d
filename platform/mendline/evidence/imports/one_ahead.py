"""One piece of work at a time, in a thread of its own, while its caller prepares the next."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self


class OneAhead:
    """What is given to `run` happens beside its caller; whoever touches the same things calls `wait` before."""

    def __init__(self) -> None:
        """Starts no thread before the first work."""
        self._thread = ThreadPoolExecutor(1)
        self._running: Future[None] | None = None

    def __enter__(self) -> Self:
        """Nothing is under way."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends only when the thread has; what went wrong in it is raised unless something else went wrong before."""
        self._thread.shutdown(wait=True)
        if problem is None:
            self.wait()

    def run(self, work: Callable[[], None]) -> None:
        """Starts some work as soon as the last one is done.

        Raises:
            Exception: what went wrong in the last one.
        """
        self.wait()
        self._running = self._thread.submit(work)

    def wait(self) -> None:
        """Returns when nothing is under way.

        Raises:
            Exception: what went wrong in it.
        """
        running, self._running = self._running, None
        if running is not None:
            running.result()
