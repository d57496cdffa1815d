"""Making source records: each is checked against the catalogue's declaration of its type before it is handed out."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from mendline.catalogue.calendar import is_weekend, shift_band, to_london
from mendline.catalogue.record_types import record_type
from mendline.catalogue.validation import ValidRecord, validate
from mendline.demonstration.model import DemoRecord
from mendline.demonstration.sources import at, named
from mendline.demonstration.story import Setting

WEEKS = 4  # for how many of the newest weeks the records behind the figures are there


@dataclass(frozen=True, slots=True)
class Week:
    """The figures of one week that records must add up to."""

    start: date
    met: int
    whole: int
    value: float

    def day(self, number: int) -> date:
        """Monday is 0."""
        return self.start + timedelta(days=number)


@dataclass(slots=True)
class Maker:
    """Makes the records of one service, the same ones every time.

    Attributes:
        setting: The service with its figures.
        units: Its units, by name.
        draw: Where chance comes from.
        made: What was made so far.
    """

    setting: Setting
    units: tuple[str, ...]
    draw: random.Random
    made: list[DemoRecord] = field(default_factory=list)

    def weeks(self, key: str) -> list[Week]:
        """The newest weeks of an indicator that have figures, oldest first; empty where it is not run."""
        indicator = self.setting.indicators.get(key)
        if indicator is None:
            return []
        newest = {one.period_start: one for one in self.setting.figures[indicator.indicator_id]}
        return [
            Week(one.period_start, round(one.numerator or 0), round(one.denominator or 0), one.value or 0.0)
            for one in list(newest.values())[-WEEKS:]
            if one.denominator is not None
        ]

    def add(self, kind: str, initials: str, recorded: datetime, /, **answers: Any) -> None:
        """Checks and keeps one record.

        Raises:
            ValueError: The record does not keep to its declaration: a mistake in this folder, not in data.
        """
        given = {name: value.isoformat() if isinstance(value, date) else value for name, value in answers.items()}
        checked = _valid(kind, given)
        self.made.append(
            DemoRecord(
                self.setting.service.provider_id,
                self.setting.service.service_id,
                named("record", self.setting.service.key, len(self.made)),
                kind,
                checked.type_version,
                checked.happened_at,
                checked.payload,
                initials,
                min(recorded, at(self.setting.clock.today, 0, 1)),
            )
        )

    def person(self, number: int | None = None) -> str:
        """A person's code: never a name."""
        chosen = self.draw.randrange(self.setting.service.people_count) if number is None else number
        return f"P-{chosen + 1:03}"

    def unit(self) -> str:
        """Any unit."""
        return self.draw.choice(self.units)

    def moment(self, week: Week, hours: Sequence[int]) -> datetime:
        """Some minute of a week within one of the hours of the day."""
        return at(week.day(self.draw.randrange(7)), self.draw.choice(hours), self.draw.randrange(60))


def _valid(kind: str, given: Mapping[str, Any]) -> ValidRecord:
    checked = validate(record_type(kind), given)
    if isinstance(checked, ValidRecord):
        return checked
    raise ValueError(f"{kind}: {'; '.join(f'{one.field}: {one.message}' for one in checked)}")


def band_of(moment: datetime) -> tuple[str, bool]:
    """The part of the day in London, and whether it is a weekend."""
    there = to_london(moment)
    return shift_band(there.time()), is_weekend(there.date())


def split(total: int, parts: int) -> list[int]:
    """A whole number in nearly equal parts."""
    return [total // parts + (1 if part < total % parts else 0) for part in range(parts)]
