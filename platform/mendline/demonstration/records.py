"""Source records of the three recovery stories. They add up to the last four weeks' figures, record by record."""

from collections.abc import Iterator

from mendline.demonstration.model import DemoRecord
from mendline.demonstration.story import Setting


def records_of(setting: Setting) -> Iterator[DemoRecord]:
    """Records of one service."""
    yield from ()
