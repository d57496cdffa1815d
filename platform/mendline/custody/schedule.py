"""What is kept, why, and until when; what of a record is taken out when its time is over. Values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mendline.catalogue.record_types import LAWFUL_BASES, RecordType

YEARS_FROM, YEARS_TO = 1, 100


@dataclass(frozen=True, slots=True)
class Kept:
    """A type of record on the retention schedule.

    Attributes:
        years: for which it is kept, from the day it is about.
        own: whether the provider set the years; the catalogue's count otherwise.
    """

    key: str
    title: str
    purpose: str
    basis: str
    years: int
    own: bool
    personal: bool


def schedule_of(types: Mapping[str, RecordType], years: Mapping[str, int]) -> tuple[Kept, ...]:
    """The schedule of a provider.

    Args:
        types: every type of record of the catalogue.
        years: what the provider set, by type.
    """
    return tuple(
        Kept(
            key,
            one.plural,
            one.purpose,
            LAWFUL_BASES[one.lawful_basis],
            years.get(key, one.retention_years),
            key in years,
            one.identifies_people,
        )
        for key, one in sorted(types.items(), key=lambda each: each[1].plural)
    )


def kept_from(today: date, years: int) -> date:
    """The first day whose records are still kept; a leap day's anniversary is the first of March."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return date(today.year - years, 3, 1)


def identifying_fields(types: Mapping[str, RecordType], *, staff: bool) -> dict[str, dict[str, list[str]]]:
    """By type of record, the fields that name people and those whose words may lead to one.

    Args:
        types: the types of record.
        staff: whether references to staff count as well: not where one person who uses the service asks.
    """
    return {
        key: {
            "people": [*one.people_fields, *(one.staff_fields if staff else ())],
            "words": list(one.word_fields),
        }
        for key, one in types.items()
        if one.identifies_people
    }
