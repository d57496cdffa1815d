"""What the decision of an escalation makes: a risk, something before the provider, an audit, a changed control."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.indicators.model import ChartEvent, Contradiction, ContradictionAnswer
from mendline.places.references import next_reference
from mendline.recovery.model import Oversight
from mendline.recovery.registers.action_commands import open_action, signature
from mendline.recovery.registers.outcomes import (
    AUDIT,
    CONTROL,
    OVERSIGHT,
    RISK,
    GivenOutcome,
)
from mendline.recovery.registers.risks import GivenRisk, GivenScore, add_risk, score_risk
from mendline.recovery.registers.rows import EscalationLine
from tenants.ids import new_id
from tenants.reach import Reach


def make(
    session: Session, reach: Reach, line: EscalationLine, given: GivenOutcome, today: date, at: datetime
) -> tuple[tuple[str, ...], uuid.UUID | None]:
    """What the decision decides: a risk, something before the provider, an audit, or a control with its check."""
    if given.due_on is None:
        return (), None
    if given.outcome == RISK:
        return (_risk(session, reach, line, given, today),), None
    if given.outcome == OVERSIGHT:
        return (_oversight(session, reach, line, given, today, at),), None
    if given.outcome == AUDIT:
        return (_action(session, reach, line, f"Audit: {given.title.strip()}", "audit", given, today),), None
    if given.outcome == CONTROL:
        check = f"Check on the floor: {given.title.strip()}"
        reference = _action(session, reach, line, check, "control", given, today)
        return (reference,), _control(session, reach, line, given, reference, today, at)
    return (), None


def _risk(session: Session, reach: Reach, line: EscalationLine, given: GivenOutcome, today: date) -> str:
    here = {"provider_id": line.provider_id, "service_id": line.service_id}
    score = GivenScore(given.likelihood or 0, given.impact or 0, given.reason.strip(), given.due_on)
    if given.risk_reference.strip():
        reference = given.risk_reference.strip()
        score_risk(session, reach, **here, reference=reference, given=score, today=today)
        return reference
    risk = GivenRisk(given.title, given.owner, given.controls, line.indicator_id, line.escalation_id)
    return add_risk(session, reach, **here, given=risk, score=score, today=today)


def _oversight(
    session: Session, reach: Reach, line: EscalationLine, given: GivenOutcome, today: date, at: datetime
) -> str:
    here = {"provider_id": line.provider_id, "service_id": line.service_id}
    reference = next_reference(session, Oversight.reference, "O", **here)
    session.add(
        Oversight(
            **here,
            oversight_id=new_id(),
            reference=reference,
            asked=given.title.strip(),
            to_role="nominated_individual",
            indicator_id=line.indicator_id,
            escalation_id=line.escalation_id,
            opened_on=today,
            due_on=given.due_on or today,
            recorded_by=reach.person_id,
            recorded_label=signature(reach),
            recorded_at=at,
        )
    )
    session.flush()
    return reference


def _action(
    session: Session, reach: Reach, line: EscalationLine, title: str, source: str, given: GivenOutcome, today: date
) -> str:
    return open_action(
        session,
        reach,
        provider_id=line.provider_id,
        service_id=line.service_id,
        title=title,
        owner=given.owner,
        due_on=given.due_on or today,
        today=today,
        indicator_id=line.indicator_id,
        source=source,
        escalation_id=line.escalation_id,
    )


def _control(
    session: Session,
    reach: Reach,
    line: EscalationLine,
    given: GivenOutcome,
    reference: str,
    today: date,
    at: datetime,
) -> uuid.UUID:
    """The change of the control on the indicator's chart, so that what follows can be seen against it."""
    event_id = new_id()
    session.add(
        ChartEvent(
            provider_id=line.provider_id,
            service_id=line.service_id,
            indicator_id=line.indicator_id,
            event_id=event_id,
            happened_on=today,
            what_changed=f"{given.title.strip()}, from {given.from_shift.strip()}.",
            why=given.reason.strip(),
            what_followed=f"Checked by {given.due_on:%-d %B %Y}.",
            reference=reference,
            recorded_by=reach.person_id,
            recorded_initials=reach.initials,
            recorded_at=at,
        )
    )
    session.flush()
    return event_id


def answer_contradictions(session: Session, reach: Reach, line: EscalationLine, words: str, at: datetime) -> None:
    """A decision about a contradiction is its written answer."""
    if line.episode_id is None:
        return
    key: Mapping[str, uuid.UUID] = {"provider_id": line.provider_id, "service_id": line.service_id}
    against = session.execute(
        select(Contradiction.indicator_id).filter_by(**key, contradiction_id=line.episode_id)
    ).scalars()
    for indicator_id in against.all():
        session.add(
            ContradictionAnswer(
                **key,
                indicator_id=indicator_id,
                contradiction_id=line.episode_id,
                answer_id=new_id(),
                answer=words,
                recorded_by=reach.person_id,
                recorded_initials=reach.initials,
                recorded_at=at,
            )
        )
    session.flush()
