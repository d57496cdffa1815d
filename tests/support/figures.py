"""Prints the figures that are asked for, past pytest's capturing."""

from collections.abc import Callable

import pytest


@pytest.fixture
def figure(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints a line with a measured figure."""

    def tell(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}")  # noqa: T201 -- the figure is asked for

    return tell
