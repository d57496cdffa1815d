"""The published rules by which the parts of a status are read together: data with a version, never an edit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from mendline.catalogue.reading import DATA, CatalogueError, build, read_yaml

Composite = Literal["improving", "stable", "deteriorating", "changed", "too_few", "not_supported"]
CompositeCondition = Literal[
    "figure_out_of_date",
    "nothing_behind_it",
    "too_little_data",
    "contradicted_but_not_worse",
    "more_reported_harm_unknown",
    "more_reported_undecided",
    "more_reported_harm_steady",
    "changed",
    "improving",
    "deteriorating",
    "steady",
]


@dataclass(frozen=True, slots=True)
class CompositeRow:
    """One row of the rule table: a condition, the word for the dashboard, and why in words."""

    when: CompositeCondition
    gives: Composite
    says: str


@dataclass(frozen=True, slots=True)
class EvidenceRules:
    """When a kind of evidence counts.

    Attributes:
        window_days: how long an independent check, a voice and practice seen stay current.
        record_cadences: how many cadences old the newest record may be.
        cadence_days: days of one cadence, for records.
        complete_share: least share of expected figures, of 1.
        complete_periods: how many of the newest expected periods are looked at.
        levels: kinds that are met -> the word; fewer give `not_supported`.
    """

    window_days: int
    record_cadences: int
    cadence_days: Mapping[str, int]
    complete_share: float
    complete_periods: int
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CoverageRules:
    """How many days evidence counts as current for a quality statement, and how far back it is looked for."""

    current_days: int
    look_back_days: int


@dataclass(frozen=True, slots=True)
class DeclineRules:
    """What a decline is and by when it must be answered; points are of a percentage, shares of 1."""

    answer_days_weekly: int
    answer_working_days_monthly: int
    worse_periods: int
    much_worse_points: float
    much_worse_share: float
    missing_periods: int
    pooled_periods: int
    same_words_times: int


@dataclass(frozen=True, slots=True)
class CountingBreak:
    """A day from which an indicator is counted in another way everywhere."""

    definition: str
    from_day: date
    why: str


@dataclass(frozen=True, slots=True)
class StatusRules:
    """One published file of rules.

    Attributes:
        version: of this file.
        statistics: the rule set by which charts are read.
        composite: the rule table; the first row that applies decides.
    """

    version: str
    statistics: str
    composite: tuple[CompositeRow, ...]
    evidence: EvidenceRules
    coverage: CoverageRules
    decline: DeclineRules
    breaks: tuple[CountingBreak, ...]

    @property
    def identity(self) -> str:
        """What a stored status names: this file and the rule set of the charts."""
        return f"{self.version}/{self.statistics}"

    def row(self, when: str) -> CompositeRow:
        """The row of a condition.

        Raises:
            KeyError: the table has none.
        """
        for row in self.composite:
            if row.when == when:
                return row
        raise KeyError(when)

    def break_of(self, definition_key: str) -> CountingBreak | None:
        """Where counting changed for an indicator, if it did."""
        return next((each for each in self.breaks if each.definition == definition_key), None)


def read_status_rules(path: Path) -> StatusRules:
    """One file of rules.

    Raises:
        CatalogueError: it is wrong.
    """
    found = build(StatusRules, read_yaml(path), path.name)
    conditions = [row.when for row in found.composite]
    if len(set(conditions)) != len(conditions):
        raise CatalogueError(f"{path.name}: a condition stands twice in the rule table")
    return found


@cache
def status_rules() -> StatusRules:
    """The newest published rules."""
    return read_status_rules(max(DATA.glob("status-rules-*.yaml"), key=lambda path: path.stem))
