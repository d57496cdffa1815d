"""Keeps the derived tables fresh: reads what is marked stale, works out status and roll-ups, and clears the marks.

Everything happens in one transaction of one provider, with a number of statements that does not depend on how many
indicators or services are touched or exist.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, delete, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from mendline.catalogue.status_rules import status_rules
from mendline.comparison.companions import accompanied_by
from mendline.comparison.model import RollUp
from mendline.comparison.outlooks import keep_outlooks
from mendline.comparison.reading import read_indicators
from mendline.comparison.roll_up import roll_up_of
from mendline.comparison.roll_up_reading import RollUpKey, read_figures, touched_roll_ups
from mendline.indicators.derivation import derive_status
from mendline.indicators.model import IndicatorStatus, StaleMark
from mendline.recovery.story.commands import keep_changes
from tenants.database import in_turn

MOST_MARKS = 5_000
CHUNK = 500

STATUS = cast("Table", IndicatorStatus.__table__)
ROLL_UP = cast("Table", RollUp.__table__)


@dataclass(frozen=True, slots=True)
class Derived:
    """What one pass did; `more` says that marks were left for the next one, `keys` are services and indicators."""

    marks: int
    indicators: int
    roll_ups: int
    more: bool
    keys: tuple[tuple[uuid.UUID, uuid.UUID], ...] = ()


def one_at_a_time(session: Session, provider_id: uuid.UUID) -> None:
    """Waits until no other transaction derives for this provider: of two, the one with older facts could write last."""
    in_turn(session, f"derive {provider_id}")


def derive_marked(session: Session, provider_id: uuid.UUID, today: date, *, most: int = MOST_MARKS) -> Derived:
    """Recomputes whatever is marked stale and removes those marks, in the caller's transaction.

    Args:
        session: a transaction with the reach of a job or of the command line.
        provider_id: whose marks.
        today: the date in England.
        most: marks to take at once.
    """
    m = StaleMark
    marks = session.execute(
        select(m.mark_id, m.service_id, m.indicator_id, m.period_start)
        .where(m.provider_id == provider_id)
        .order_by(m.marked_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    if not marks:
        return Derived(0, 0, 0, more=False)
    keys = dict.fromkeys((mark.service_id, mark.indicator_id) for mark in marks)
    keys |= dict.fromkeys(accompanied_by(session, provider_id, keys))
    indicators = derive_indicators(session, provider_id, list(keys), today)
    touched = touched_roll_ups(
        session, provider_id, [(mark.service_id, mark.indicator_id, mark.period_start) for mark in marks]
    )
    roll_ups = derive_roll_ups(session, provider_id, touched)
    session.execute(
        delete(m).where(m.provider_id == provider_id, m.mark_id == func.any([mark.mark_id for mark in marks]))
    )
    return Derived(len(marks), indicators, roll_ups, more=len(marks) == most, keys=tuple(keys))


def derive_indicators(
    session: Session, provider_id: uuid.UUID, keys: Sequence[tuple[uuid.UUID, uuid.UUID]], today: date
) -> int:
    """Works out and stores the status of these indicators (service and indicator); returns how many there are."""
    done = 0
    for start in range(0, len(keys), CHUNK):
        facts = read_indicators(session, provider_id, keys[start : start + CHUNK], today)
        made = [derive_status(one, today) for one in facts]
        keep_changes(session, made)
        _store(session, STATUS, made)
        keep_outlooks(session, made)
        done += len(facts)
    return done


def derive_roll_ups(session: Session, provider_id: uuid.UUID, keys: Iterable[RollUpKey]) -> int:
    """Works out and stores these roll-ups; one that has nothing left to pool goes."""
    wanted = list(dict.fromkeys(keys))
    done = 0
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        rows = roll_up_rows(session, provider_id, part)
        _store(session, ROLL_UP, rows)
        kept = {(row["definition_key"], row["service_kind"], row["period_start"]) for row in rows}
        _remove(session, provider_id, [key for key in part if key not in kept])
        done += len(rows)
    return done


def roll_up_rows(session: Session, provider_id: uuid.UUID, keys: Sequence[RollUpKey]) -> list[dict[str, Any]]:
    """The rows that these roll-ups come to now; none for one that has nothing to pool."""
    figures = read_figures(session, provider_id, keys)
    rows = []
    for (_, kind, period), (definition, contributions) in figures.items():
        row = roll_up_of(definition, kind, period, contributions)
        if row is not None:
            rows.append({"provider_id": provider_id, **row})
    return rows


def _remove(session: Session, provider_id: uuid.UUID, keys: Sequence[RollUpKey]) -> None:
    for definition_key, kind, period in keys:
        session.execute(
            delete(RollUp).where(
                RollUp.provider_id == provider_id,
                RollUp.definition_key == definition_key,
                RollUp.service_kind == kind,
                RollUp.period_start == period,
            )
        )


def _store(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Inserts or replaces whole rows of a derived table."""
    if not rows:
        return
    session.execute(_replacing(table), rows)


@cache
def _replacing(table: Table) -> Insert:
    new = insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {column.name: new.excluded[column.name] for column in table.columns if column.name not in keys}
    return new.on_conflict_do_update(index_elements=keys, set_=changed)


def judge_again(session: Session, provider_id: uuid.UUID, today: date, *, most: int = CHUNK) -> int:
    """Judges indicators whose status was last judged before today, or by other rules; returns how many it did.

    Currency, lateness of reviews and days without an answer move with the calendar, not with a fact; and a stored status
    does not outlive its rule.
    """
    s = IndicatorStatus
    old = session.execute(
        select(s.service_id, s.indicator_id)
        .where(
            s.provider_id == provider_id,
            (s.judged_on < today) | s.rules_version.is_distinct_from(status_rules().identity),
        )
        .order_by(s.judged_on)
        .limit(most)
    ).all()
    return derive_indicators(session, provider_id, [(row.service_id, row.indicator_id) for row in old], today)
