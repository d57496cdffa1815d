"""One browser for each file of journeys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from support.browser import a_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as running:
        yield running
