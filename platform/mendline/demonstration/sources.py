"""The demonstration's files, read once, and the clock that moves them to today."""

import csv
import gzip
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import Any
from uuid import UUID, uuid5

import yaml

from mendline.catalogue.calendar import from_london

NAMES = UUID("6d656e64-6c69-4e65-8000-64656d6f0001")  # everything shown in the demonstration is named from here
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def named(*parts: object) -> UUID:
    """The same identifier for the same name, on every machine and day."""
    return uuid5(NAMES, "/".join(str(part) for part in parts))


@dataclass(frozen=True, slots=True)
class Told:
    """One line of `series.csv.gz`, oldest first.

    Attributes:
        late: Newest periods that have no row at all: nobody has sent them.
    """

    service: str
    indicator: str
    cadence: str
    late: int
    numerators: tuple[float | None, ...]
    denominators: tuple[float | None, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """Moves what is written for a reference Monday to the week of a given day.

    Attributes:
        today: The day of the demonstration.
        moved: Whole weeks from the reference to today's week.
    """

    today: date
    moved: timedelta

    def day(self, written: date) -> date:
        """A written date, moved."""
        return written + self.moved

    def maybe(self, written: date | None) -> date | None:
        """As `day`, where there may be none."""
        return None if written is None else self.day(written)

    @property
    def last_week(self) -> date:
        """The Monday of the last week that is over."""
        return self.today - timedelta(days=self.today.weekday() + 7)

    def period(self, cadence: str, back: int) -> date:
        """The start of the period `back` periods before the newest that is over."""
        return _period(self.today, cadence, back)


@lru_cache(maxsize=1024)
def _period(today: date, cadence: str, back: int) -> date:
    if cadence == "weekly":
        return today - timedelta(days=today.weekday() + 7, weeks=back)
    months = today.year * 12 + today.month - 2 - back
    return date(months // 12, months % 12 + 1, 1)


@lru_cache(maxsize=4096)
def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in London, in UTC."""
    return from_london(day, time(hour, minute))


def clock(today: date) -> Clock:
    """The clock for a day."""
    reference = groups()["reference_monday"]
    monday = today - timedelta(days=today.weekday())
    return Clock(today, monday - reference)


@cache
def groups() -> Mapping[str, Any]:
    """Provider groups and their services."""
    return _yaml("groups.yaml")


@cache
def people() -> Mapping[str, Any]:
    """People, commissioning bodies and grants."""
    return _yaml("people.yaml")


@cache
def stories() -> Mapping[str, Mapping[str, Any]]:
    """What is written for single services, by the service's key."""
    folder = resources.files("mendline.catalogue") / "demo" / "stories"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".yaml"))
    return {name.removesuffix(".yaml"): _yaml(f"stories/{name}") for name in names}


@cache
def series() -> tuple[Told, ...]:
    """Every series, in the order of the file."""
    content = (resources.files("mendline.catalogue") / "demo" / "series.csv.gz").read_bytes()
    rows = csv.DictReader(io.StringIO(gzip.decompress(content).decode()))
    return tuple(
        Told(
            row["service"],
            row["indicator"],
            row["cadence"],
            int(row["late"]),
            _figures(row["numerators"]),
            _figures(row["denominators"]),
            _figures(row["values"]) or (None,) * len(row["denominators"].split()),
        )
        for row in rows
    )


def _figures(text: str) -> tuple[float | None, ...]:
    return tuple(None if one == "." else float(one) for one in text.split())


def _yaml(name: str) -> Mapping[str, Any]:
    text = (resources.files("mendline.catalogue") / "demo" / name).read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.load(text, Loader=_Loader)  # noqa: S506 -- the safe loader, in C where there is one
    return content
