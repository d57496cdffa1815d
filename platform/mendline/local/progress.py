"""Tells whoever started a long thing what is going on, one line per step."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def say(line: str) -> None:
    """Show a line at once, on standard error, where messages go."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextmanager
def step(name: str, tell: Callable[[str], None] = say) -> Iterator[None]:
    """Say that a step has begun, and afterwards how many seconds it took; silent about one that failed."""
    tell(f"  {name} …")
    started = time.monotonic()
    yield
    tell(f"  {name}: {time.monotonic() - started:.1f} s")
