"""Which column of an export may be which field: suggestions that a person looks over, never more."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mendline.evidence.imports.reading import normalised

_ENOUGH = 0.6

# What exports call the things that every file has, beside our own words for them.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "at_service": (
        "service", "service name", "home", "home name", "care home", "site", "location", "location id", "branch", "unit name",
    ),
    "at_source": ("reference", "ref", "id", "record id", "unique id", "number", "incident number", "case number", "key"),
    "period": ("period", "week", "week commencing", "week starting", "week ending", "month", "date", "as at", "reporting date"),
    "indicator": ("indicator", "measure", "metric", "kpi", "indicator key"),
    "numerator": ("numerator", "count", "number", "total", "compliant", "events"),
    "denominator": ("denominator", "out of", "sample", "base", "population", "bed days", "total number"),
    "value": ("value", "result", "percentage", "percent", "rate", "score", "%"),
    "state": ("state", "status"),
}  # fmt: skip
_WORDS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "day", "on", "when"),
    "datetime": ("date", "time", "when", "at", "timestamp"),
    "staff_reference": ("staff", "initials", "employee", "carer", "worker"),
    "person_reference": ("person", "resident", "client", "service user", "resident code"),
    "room": ("room",),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field that a column is looked for.

    Attributes:
        name: the field's name.
        label: what people call it.
        kind: what its answers are.
    """

    name: str
    label: str
    kind: str = "text"
    required: bool = False


def suggested(wanted: Iterable[Wanted], header: Sequence[str]) -> dict[str, str]:
    """The likeliest column of each field, by name; each column once, the surest first."""
    scored = sorted(
        (
            (likeness(field, column), -place, field.name, column)
            for field in wanted
            for place, column in enumerate(header)
            if column
        ),
        reverse=True,
    )
    found: dict[str, str] = {}
    used: set[str] = set()
    for score, _, name, column in scored:
        if score >= _ENOUGH and name not in found and column not in used:
            found[name] = column
            used.add(column)
    return found


def fit(wanted: Sequence[Wanted], header: Sequence[str]) -> float:
    """How well a header fits the fields: the share of those that are needed, then of all, that have a column."""
    found = suggested(wanted, header)
    needed = [field for field in wanted if field.required] or list(wanted)
    if not wanted:
        return 0.0
    return sum(field.name in found for field in needed) / len(needed) + len(found) / (10 * len(wanted))


def likeness(field: Wanted, column: str) -> float:
    """From 0 to 1: how alike a field's names and a column's name are."""
    names = [field.name.replace("_", " "), field.label, *SYNONYMS.get(field.name, ())]
    best = max(alike(name, column) for name in names)
    if best < _ENOUGH and any(alike(word, column) == 1.0 for word in _WORDS.get(field.kind, ())):
        best = _ENOUGH
    return best


def alike(name: str, column: str) -> float:
    """From 0 to 1: how alike two names are."""
    one, other = normalised(name), normalised(column)
    if not one or not other:
        return 1.0 if name == column else 0.0
    if one == other:
        return 1.0
    words, others = set(_split(name)), set(_split(column))
    shared = len(words & others) / len(words | others) if words and others else 0.0
    near = difflib.SequenceMatcher(None, one, other).ratio()
    return max(0.95 * shared, 0.9 * near if near >= 0.75 else 0.0)


def _split(name: str) -> list[str]:
    return [
        word
        for word in re.split(r"[^a-z0-9%]+", name.casefold())
        if word and word not in {"the", "of", "a", "is", "was"}
    ]
