"""What the embedded servers have in common: a child process of ours, a lock on its folder, and quarters to live in."""

import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from mendline.local import processes
from mendline.local.errors import LocalStartError
from mendline.local.quarters import FolderLock, Quarters


class EmbeddedServer(ABC):
    """One server in a state folder, ended with the block that it is started in.

    Args:
        state: The state folder; the log goes to `log/` below it, the lock to `run/`.
    """

    name: ClassVar[str]  # of its files
    spoken: ClassVar[str]  # of the program, as people call it
    purpose: ClassVar[str]  # what it is in the house
    stop_signal: ClassVar[signal.Signals]  # that makes it end in order
    stop_seconds: ClassVar[float]

    def __init__(self, state: Path) -> None:
        """Prepare nothing yet; `start` does."""
        self._state = state.resolve()
        self._lock = FolderLock(self._state / "run" / f"{self.name}.lock", f"{self.purpose} in {self._state}")
        self._log = self._state / "log" / f"{self.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._quarters: Quarters | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process id.

        Raises:
            LocalStartError: It has not been started.
        """
        if self._process is None:
            raise LocalStartError(f"The embedded {self.spoken} has not been started.")
        return self._process.pid

    def ended(self) -> bool:
        """Whether the server has ended by itself since `start`."""
        return self._process is not None and processes.wait_for_end(self._process, 0)

    def start(self) -> str:
        """Bring the server up, making its data the first time.

        Returns:
            Its URL, as the libraries take it that speak with it.

        Raises:
            LocalStartError: Another process has the folder, no program was found, or the server did not come up.
        """
        self._lock.take()
        try:
            self._come_up()
        except BaseException:
            self.stop()
            raise
        return self.url()

    def stop(self) -> None:
        """End the server in order: everything that it took is written."""
        if self._process is not None:
            processes.stop(self._process, self.stop_signal, self.stop_seconds)
            self._process = None
        if self._quarters is not None:
            self._quarters.leave()
        self._lock.release()

    @abstractmethod
    def url(self) -> str:
        """Where it is spoken with."""

    @abstractmethod
    def _come_up(self) -> None:
        """Take quarters, end what a killed predecessor left, and run."""
