"""What the minutes are assembled from, and what was signed."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import indicator_definition
from mendline.recovery.minutes.assembling import MonthLine, next_month
from mendline.recovery.minutes.model import Minutes, MinutesAddendum, MinutesDraft

MOST_LINES = 2_000
MOST_MONTHS = 36

_MONTH = text("""
select s.name as service, told.kind, told.happened_on, told.by, told.role, i.definition_key, told.outcome, told.words
from (
    select service_id, 'review' as kind, held_on as happened_on, decided_label as by, decided_role as role, indicator_id,
           decision as outcome, recorded_at,
           concat_ws(' ', what_changed, why, what_follows,
                     case when exception_reason is not null then 'Assured all the same: ' || exception_reason end) as words
      from review where provider_id = :provider and held_on >= :first and held_on < :after
    union all
    select service_id, 'escalation', decided_on, decided_label, coalesce(decided_role, ''), indicator_id, outcome,
           recorded_at, concat_ws(' ', reason, 'Made: ' || nullif(array_to_string(made, ', '), '') || '.')
      from escalation_decision where provider_id = :provider and decided_on >= :first and decided_on < :after
    union all
    select r.service_id, 'oversight', r.replied_on, r.replied_label, r.replied_role, o.indicator_id, 'reply',
           r.recorded_at, o.asked || ' ' || r.reply
      from oversight_reply r
      join oversight o on o.provider_id = r.provider_id and o.service_id = r.service_id
       and o.oversight_id = r.oversight_id
     where r.provider_id = :provider and r.replied_on >= :first and r.replied_on < :after) told
join service s on s.provider_id = :provider and s.service_id = told.service_id
left join service_indicator i on i.provider_id = :provider and i.service_id = told.service_id
 and i.indicator_id = told.indicator_id
order by s.name, told.happened_on, told.recorded_at
limit :most
""")


@dataclass(frozen=True, slots=True)
class SignedMinutes:
    """Minutes as they were signed, with what was added since."""

    minutes_id: uuid.UUID
    month: date
    content: dict[str, Any]
    signed_label: str
    signed_role: str
    recorded_at: datetime
    addenda: tuple["AddendumLine", ...] = ()


@dataclass(frozen=True, slots=True)
class AddendumLine:
    """A correction of signed minutes."""

    words: str
    added_label: str
    added_role: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class NotesDraft:
    """Attendance and notes while nothing is signed."""

    attendance: list[dict[str, str]]
    notes: dict[str, str]
    saved_label: str
    saved_at: datetime


def month_lines(session: Session, provider_id: uuid.UUID, month: date) -> tuple[MonthLine, ...]:
    """Every decision of a provider's services in a month: one statement."""
    values = {"provider": provider_id, "first": month, "after": next_month(month), "most": MOST_LINES}
    return tuple(
        MonthLine(
            row.service, row.kind, row.happened_on, row.by, (row.role or "").replace("_", " "),
            indicator_definition(row.definition_key).name if row.definition_key else "", row.outcome, row.words,
        )
        for row in session.execute(_MONTH, values)
    )  # fmt: skip


def signed_months(session: Session, provider_id: uuid.UUID) -> dict[date, tuple[str, str, datetime]]:
    """The months whose minutes are signed: by whom, their summary, when."""
    m = Minutes
    found = session.execute(
        select(m.month, m.signed_label, m.content["summary"].astext, m.recorded_at)
        .where(m.provider_id == provider_id)
        .order_by(m.month.desc())
        .limit(MOST_MONTHS)
    )
    return {row[0]: (row[1], row[2] or "", row[3]) for row in found}


def signed_minutes(session: Session, provider_id: uuid.UUID, month: date) -> SignedMinutes | None:
    """The signed minutes of a month with their addenda; None while they are not signed."""
    m, a = Minutes, MinutesAddendum
    found = session.execute(
        select(m.minutes_id, m.month, m.content, m.signed_label, m.signed_role, m.recorded_at).where(
            m.provider_id == provider_id, m.month == month
        )
    ).one_or_none()
    if found is None:
        return None
    added = session.execute(
        select(a.words, a.added_label, a.added_role, a.recorded_at)
        .where(a.provider_id == provider_id, a.minutes_id == found.minutes_id)
        .order_by(a.recorded_at)
    )
    addenda = tuple(AddendumLine(*row) for row in added)
    return SignedMinutes(
        found.minutes_id, found.month, found.content, found.signed_label, found.signed_role, found.recorded_at, addenda
    )


def notes_draft(session: Session, provider_id: uuid.UUID, month: date) -> NotesDraft | None:
    """What was written of a month's meeting so far."""
    d = MinutesDraft
    found = session.execute(
        select(d.attendance, d.notes, d.saved_label, d.saved_at).where(d.provider_id == provider_id, d.month == month)
    ).one_or_none()
    return NotesDraft(*found) if found else None
