"""Books a look at what an action changed, and keeps what somebody found."""

import uuid
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import Cadence, indicator_definition
from mendline.indicators.model import ServiceIndicator
from mendline.indicators.touching import touch
from mendline.recovery.effects.model import EffectCheck, EffectVerdict
from mendline.recovery.effects.queries import check_of, figures_around, others_in
from mendline.recovery.effects.rows import EffectLine
from mendline.recovery.effects.rules import (
    MOST_PERIODS,
    PERIODS,
    SHORTEST_REASON,
    Comparison,
    compare,
    due_day,
    verdict_problems,
)
from tenants.clock import now
from tenants.database import in_turn
from tenants.errors import ConflictError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach


def book(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    action_id: uuid.UUID,
    indicator_id: uuid.UUID,
    closed_on: date,
    label: str,
    periods: int | None = None,
    reason: str | None = None,
) -> uuid.UUID:
    """Books the next look at an action: six weeks or three months after it closed, unless somebody chose otherwise.

    It takes the place of one that was booked before and not done. Gives its identifier.
    """
    si, c = ServiceIndicator, EffectCheck
    cadence = session.execute(
        select(si.cadence).where(
            si.provider_id == provider_id, si.service_id == service_id, si.indicator_id == indicator_id
        )
    ).scalar_one()
    chosen = periods or PERIODS[cadence]
    in_turn(session, f"effect:{action_id}")
    last = session.execute(
        select(func.max(c.number)).where(
            c.provider_id == provider_id, c.service_id == service_id, c.action_id == action_id
        )
    ).scalar_one()
    check_id = new_id()
    session.add(
        EffectCheck(
            provider_id=provider_id,
            service_id=service_id,
            check_id=check_id,
            action_id=action_id,
            indicator_id=indicator_id,
            number=(last or 0) + 1,
            closed_on=closed_on,
            periods=chosen,
            due_on=due_day(closed_on, cast("Cadence", cadence), chosen),
            reason=reason,
            recorded_by=reach.person_id,
            recorded_label=label,
            recorded_at=now(),
        )
    )
    session.flush()
    return check_id


def move(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    check_id: uuid.UUID,
    periods: int | None,
    reason: str,
    label: str,
) -> uuid.UUID:
    """Looks at another time: books a look that takes this one's place, with the reason.

    Raises:
        NotFoundError: no such look-back at the service.
        RefusedError: no number of periods, or no reason.
        ConflictError: somebody looked already.
    """
    reach.require("manage_actions", provider_id, service_id)
    line = _waiting(check_of(session, provider_id, service_id, check_id))
    problems = {}
    if periods is None or not 1 <= periods <= MOST_PERIODS:
        problems["periods"] = f"Give a number of periods from 1 to {MOST_PERIODS}."
    if len(reason.strip()) < SHORTEST_REASON:
        problems["move_reason"] = "Say why, in a few words."
    if problems:
        raise RefusedError("The look-back was not moved.", problems)
    found = book(
        session, reach, provider_id=provider_id, service_id=service_id, action_id=line.action_id,
        indicator_id=line.indicator_id, closed_on=line.closed_on, label=label, periods=periods, reason=reason.strip(),
    )  # fmt: skip
    note(
        session, reach, "look-back moved", provider_id=provider_id, service_id=service_id, subject=f"action {line.reference}",
        detail={"periods": periods},
    )  # fmt: skip
    return found


def decide(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    check_id: uuid.UUID,
    verdict: str,
    reason: str,
    periods: int | None,
    today: date,
    label: str,
) -> None:
    """Keeps a person's verdict with the figures that they saw; `not_yet` books the next look.

    Raises:
        NotFoundError: no such look-back at the service.
        RefusedError: no verdict or no reason.
        ConflictError: somebody looked already, or a later look took its place.
    """
    reach.require("manage_actions", provider_id, service_id)
    line = _waiting(check_of(session, provider_id, service_id, check_id))
    problems = verdict_problems(verdict, reason, periods)
    if problems:
        raise RefusedError("The verdict was not recorded.", problems)
    seen = comparison_of(session, line, today)
    added = session.execute(
        insert(EffectVerdict)
        .values(
            provider_id=provider_id,
            service_id=service_id,
            check_id=check_id,
            verdict=verdict,
            reason=reason.strip(),
            seen=as_seen(seen),
            decided_on=today,
            decided_by=reach.person_id,
            decided_label=label,
            recorded_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(EffectVerdict.check_id)
    )
    if added.first() is None:
        raise ConflictError("Somebody gave a verdict on this already. Nothing of yours was kept.")
    if verdict == "not_yet":
        book(
            session, reach, provider_id=provider_id, service_id=service_id, action_id=line.action_id,
            indicator_id=line.indicator_id, closed_on=line.closed_on, label=label,
            periods=min(MOST_PERIODS, line.periods + (periods or 0)), reason=reason.strip(),
        )  # fmt: skip
    touch(session, provider_id, service_id, "actions", requested_by=reach.person_id)
    note(
        session, reach, "effect judged", provider_id=provider_id, service_id=service_id, subject=f"action {line.reference}",
        detail={"verdict": verdict},
    )  # fmt: skip


def comparison_of(session: Session, line: EffectLine, today: date) -> Comparison:
    """Before and after of a look-back by the figures as they stand: two statements."""
    definition = indicator_definition(line.definition_key, line.definition_version)
    length = timedelta(days=7 if line.cadence == "weekly" else 31)
    first = line.opened_on - length * (line.periods + 2)
    last = min(today, line.closed_on + length * (line.periods + 1))
    return compare(
        figures_around(session, line, first, last),
        definition,
        opened_on=line.opened_on,
        closed_on=line.closed_on,
        periods=line.periods,
        others=others_in(session, line, first, last),
    )


def as_seen(found: Comparison) -> dict[str, Any]:
    """What is kept of the figures that somebody saw when they gave their verdict."""
    change = found.change
    return {
        "sentence": found.sentence,
        "before": {"periods": found.before.periods, "value": found.before.value},
        "after": {"periods": found.after.periods, "value": found.after.value},
        "change": [change.change, change.lower, change.upper] if change else None,
        "cautions": list(found.cautions),
    }


def _waiting(line: EffectLine) -> EffectLine:
    if not line.waits:
        raise ConflictError("Somebody looked at this already, or a later look took its place. Open it again.")
    return line
