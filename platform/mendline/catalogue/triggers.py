from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from mendline.catalogue.conditions import Condition
from mendline.catalogue.reading import DATA, CatalogueError, build, read_yaml, unique

_NOTHING: Mapping[str, float] = MappingProxyType({})
_NO_LIMITS: Mapping[str, tuple[float, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Due:
    """How long there is; working days are England's, and "days" and hours do not pause."""

    amount: int
    unit: Literal["hours", "days", "working_days"]


@dataclass(frozen=True, slots=True)
class TriggerKind:
    """What a trigger opens.

    Attributes:
        asks: what must be done to answer it.
        due: the time for it; a same-day rule shortens it to the end of the day.
        outside: whether somebody outside the provider is told.
    """

    key: str
    title: str
    asks: str
    due: Due
    outside: bool


@dataclass(frozen=True, slots=True)
class TriggerRule:
    """When something must be answered, and by whom.

    Attributes:
        when: the condition in the rule language of the plan templates.
        opens: key of the kind that it opens.
        to_role: who must answer; the role above takes over when it is late.
        plan: the plan template it belongs to; none means any recovery.
        same_day: the answer is due before the day ends.
        also: what else follows, for people.
        early_warnings: codes of the warnings that its condition names.
        indicators: figures whose change can make it true.
        records: record types whose change can make it true.
        thresholds: the numbers in its condition, for a provider to change.
        limits: how far each may be moved, lowest and highest; one without limits stays as it is.
        condition: the same as `when`, ready to be asked.
        each_indicator: it is asked of every indicator in turn, with an episode for each.
        contradiction: it sets two sources against each other.
        again_after_days: a decided trigger whose condition still holds after this time fires again.
    """

    key: str
    title: str
    when: str
    opens: str
    to_role: str
    plan: str | None = None
    same_day: bool = False
    also: str | None = None
    early_warnings: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    limits: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: _NO_LIMITS)
    condition: Condition | None = None
    each_indicator: bool = False
    contradiction: bool = False
    again_after_days: int = 28


@dataclass(frozen=True, slots=True)
class Triggers:
    """All kinds and rules, by key; an episode keeps the version under which it fired."""

    version: str
    kinds: Mapping[str, TriggerKind]
    rules: Mapping[str, TriggerRule]


@dataclass(frozen=True, slots=True)
class _File:
    version: str
    kinds: tuple[TriggerKind, ...]
    rules: tuple[TriggerRule, ...]


def read_triggers(path: Path) -> Triggers:
    """Kinds and rules of one file.

    Raises:
        CatalogueError: the file is wrong, or a rule opens a kind that it does not hold.
    """
    read = build(_File, read_yaml(path), path.name)
    kinds = unique(read.kinds, "key", path.name)
    for rule in read.rules:
        if rule.opens not in kinds:
            raise CatalogueError(f"{path.name}, {rule.key}: there is no kind '{rule.opens}' to open")
    return Triggers(read.version, MappingProxyType(kinds), MappingProxyType(unique(read.rules, "key", path.name)))


@cache
def triggers() -> Triggers:
    """The catalogue's triggers."""
    return read_triggers(DATA / "triggers.yaml")
