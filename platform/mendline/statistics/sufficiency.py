"""Are there enough figures for a status? Points in the current phase, gaps, small denominators, definitions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mendline.statistics.arithmetic import FloatArray
from mendline.statistics.rule_sets import CURRENT_RULES, RuleSet

PeriodState = Literal["final", "revised", "provisional", "missing", "not_applicable", "suspended"]
NOT_EXPECTED: frozenset[str] = frozenset({"not_applicable", "suspended"})
WITHOUT_VALUE: frozenset[str] = frozenset({"missing", *NOT_EXPECTED})
Show = Literal["nothing", "points", "run_chart", "chart"]
Shortage = Literal[
    "no_figures",
    "too_few_points",
    "new_baseline",
    "last_periods_missing",
    "gaps",
    "small_denominators",
    "definition_changed",
    "last_period_incomplete",
]


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """What may be shown and whether a status may be given; `shortage` says why not."""

    show: Show
    usable_points: int
    needed: int
    provisional_limits: bool
    shortage: Shortage | None

    @property
    def sufficient(self) -> bool:
        """Whether a status may be given."""
        return self.shortage is None


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of each row: value or NaN, state, denominator or NaN, definition version."""

    values: FloatArray
    states: tuple[PeriodState, ...]
    denominators: FloatArray | None = None
    definitions: tuple[str | int, ...] | None = None


def sufficiency(
    record: Record,
    *,
    phase_start: int = 0,
    minimum_points: int | None = None,
    minimum_n: float | None = None,
    last_complete: bool = True,
    rules: RuleSet = CURRENT_RULES,
) -> Sufficiency:
    """Weigh the figures.

    Args:
        record: the whole series up to the last expected period.
        phase_start: first row of the current phase.
        minimum_points: usable points for a status; the rule set's or the catalogue's, whichever is stricter.
        minimum_n: smallest denominator that counts as enough.
        last_complete: whether all records of a provisional last period are in.
        rules: versioned settings.
    """
    needed = max(rules.minimum_points, minimum_points or 0)
    usable = ~np.isnan(record.values)
    points = int(usable[phase_start:].sum())
    shortage = (
        _points_shortage(points, needed, int(usable.sum()), phase_start)
        or _gap_shortage(record, usable, rules)
        or _size_shortage(record, minimum_n, rules)
        or _definition_shortage(record, phase_start)
        or _last_shortage(record, usable, last_complete)
    )
    return Sufficiency(_show(points, needed, rules), points, needed, points < rules.firm_points, shortage)


def _show(points: int, needed: int, rules: RuleSet) -> Show:
    if points == 0:
        return "nothing"
    if points < rules.run_chart_points:
        return "points"
    return "run_chart" if points < needed else "chart"


def _points_shortage(points: int, needed: int, all_points: int, phase_start: int) -> Shortage | None:
    if all_points == 0:
        return "no_figures"
    if points >= needed:
        return None
    return "new_baseline" if phase_start > 0 else "too_few_points"


def _expected_rows(record: Record) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.array([row for row, state in enumerate(record.states) if state not in NOT_EXPECTED], dtype=np.intp)


def _gap_shortage(
    record: Record, usable: np.ndarray[tuple[int], np.dtype[np.bool_]], rules: RuleSet
) -> Shortage | None:
    present = usable[_expected_rows(record)][-rules.gap_window :]
    if present.size >= rules.missing_in_a_row and not present[-rules.missing_in_a_row :].any():
        return "last_periods_missing"
    return "gaps" if (~present).sum() > rules.gap_share * present.size else None


def _size_shortage(record: Record, minimum_n: float | None, rules: RuleSet) -> Shortage | None:
    if minimum_n is None or record.denominators is None:
        return None
    sizes = record.denominators[_expected_rows(record)][-rules.gap_window :]
    return "small_denominators" if (sizes < minimum_n).sum() > rules.small_share * sizes.size else None


def _definition_shortage(record: Record, phase_start: int) -> Shortage | None:
    if record.definitions is None:
        return None
    return "definition_changed" if len(set(record.definitions[phase_start:])) > 1 else None


def _last_shortage(
    record: Record, usable: np.ndarray[tuple[int], np.dtype[np.bool_]], last_complete: bool
) -> Shortage | None:
    last = int(np.flatnonzero(usable)[-1])
    return "last_period_incomplete" if record.states[last] == "provisional" and not last_complete else None


def checked_states(states: Sequence[PeriodState] | None, size: int) -> tuple[PeriodState, ...]:
    """One state per row, `final` where none are given.

    Raises:
        ValueError: not one known state per row.
    """
    if states is None:
        return tuple("final" for _ in range(size))
    if len(states) != size:
        raise ValueError(f"{size} values but {len(states)} states")
    unknown = set(states) - WITHOUT_VALUE - {"final", "revised", "provisional"}
    if unknown:
        raise ValueError(f"there is no period state {min(unknown)!r}")
    return tuple(states)
