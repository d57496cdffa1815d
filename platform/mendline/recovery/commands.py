"""What a person decides in recovery: a review of one indicator, and a correction of a decision. Each in one transaction."""

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import indicator_definition
from mendline.indicators.closing import refuse_if_closed
from mendline.indicators.marking import mark_stale
from mendline.indicators.model import Observation, ServiceIndicator
from mendline.indicators.standing import Standing
from mendline.indicators.touching import touch
from mendline.recovery.decisions import (
    SHORTEST_TITLE,
    GivenDecision,
    KnownFigure,
    decision_problems,
    needs_exception,
    reason_of,
)
from mendline.recovery.model import Escalation, Review
from mendline.recovery.registers.action_commands import open_action, signature, unknown_evidence
from mendline.recovery.reviews.commands import drop_draft, flag_weak_assurance
from mendline.recovery.triggers.queries import open_warnings
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach
from tenants.separation import must_not_assure_own


def record_decision(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    standing: Standing,
    given: GivenDecision,
    forum: str,
    today: date,
) -> uuid.UUID:
    """Ends a review of one indicator in a decision, and makes the action or escalation that it names.

    Returns:
        The review's identifier.

    Raises:
        RefusedError: something that the decision must carry is missing; `problems` names the field.
    """
    reach.require("record_decision", provider_id, service_id)
    refuse_if_closed(session, provider_id, service_id, "decision")
    here = {"provider_id": provider_id, "service_id": service_id, "indicator_id": standing.indicator_id}
    known = _judged(session, reach, provider_id, service_id, standing, given, today)
    exception = given.decision == "assured" and needs_exception(known)
    relied_on = [*given.relied_on, *_action_of(session, reach, provider_id, service_id, standing, given, today)]
    at = now()
    if given.decision == "escalate" and given.reply_due_on:
        session.add(_escalation_of(reach, here, given, given.reply_due_on, today, at))
    every_days = session.execute(select(ServiceIndicator.review_every_days).filter_by(**here)).scalar_one()
    review = _review_of(
        reach, here, given, forum=forum, relied_on=relied_on, exception=exception, today=today,
        next_on=today + timedelta(days=every_days), at=at,
    )  # fmt: skip
    session.add(review)
    if exception:
        flag_weak_assurance(
            session, reach, **here, name=indicator_definition(standing.definition_key).name,
            reason=given.exception_reason.strip(), label=signature(reach), today=today,
        )  # fmt: skip
    if reach.kind == "person":
        drop_draft(session, reach, **here)
    _told(session, reach, here, review)
    session.flush()
    return review.review_id


def _judged(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    standing: Standing,
    given: GivenDecision,
    today: date,
) -> KnownFigure:
    """What is known of the figure that is decided on.

    Raises:
        RefusedError: this person may not decide so, or something that the decision must carry is missing.
    """
    if given.decision == "assured":
        _may_assure(session, reach, provider_id, service_id, standing.indicator_id)
    if given.reporting_effect and not indicator_definition(standing.definition_key).companion:
        raise RefusedError("The decision was not recorded.", {"why": "Better reporting does not raise this figure."})
    warnings = open_warnings(session, provider_id, service_id, standing.indicator_id)
    known = KnownFigure(standing.evidence_level, standing.status, standing.is_stale, standing.last_state, warnings)
    problems = decision_problems(given, known, today)
    unknown = unknown_evidence(session, provider_id, service_id, given.relied_on)
    if unknown:
        problems.setdefault("relied_on", f"There is no evidence {', '.join(unknown)} at this service.")
    if problems:
        raise RefusedError("The decision was not recorded.", problems)
    return known


def _action_of(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    standing: Standing,
    given: GivenDecision,
    today: date,
) -> tuple[str, ...]:
    """Opens the action that a decision names; its reference, or nothing where it names none."""
    if given.decision != "further_action" or not given.action_due_on:
        return ()
    return (
        open_action(
            session, reach, provider_id=provider_id, service_id=service_id, indicator_id=standing.indicator_id,
            title=given.action_title, owner=given.action_owner, due_on=given.action_due_on, today=today,
        ),
    )  # fmt: skip


def _escalation_of(
    reach: Reach, here: dict[str, uuid.UUID], given: GivenDecision, reply_due_on: date, today: date, at: datetime
) -> Escalation:
    """What a decision puts before somebody."""
    return Escalation(
        **here,
        escalation_id=new_id(),
        trigger="decision",
        to_role=given.escalate_to,
        asked=given.what_follows,
        opened_on=today,
        due_on=reply_due_on,
        recorded_at=at,
        origin="decision",
        opened_label=signature(reach),
    )


def _review_of(
    reach: Reach,
    here: dict[str, uuid.UUID],
    given: GivenDecision,
    *,
    forum: str,
    relied_on: list[str],
    exception: bool,
    today: date,
    next_on: date,
    at: datetime,
) -> Review:
    """The review as it is kept; what was not said is left empty."""
    return Review(
        **here,
        review_id=new_id(),
        forum=forum,
        held_on=today,
        decision="assured_with_exception" if exception else given.decision,
        what_changed=given.what_changed or None,
        why=reason_of(given) or None,
        what_follows=given.what_follows or given.action_title or None,
        relied_on=relied_on,
        exception_reason=given.exception_reason or None if exception else None,
        next_review_on=next_on,
        decided_by=reach.person_id,
        decided_label=signature(reach),
        decided_role=reach.role_label,
        recorded_at=at,
        reporting_effect=given.reporting_effect,
    )


def _told(session: Session, reach: Reach, here: dict[str, uuid.UUID], review: Review) -> None:
    """Tells the rules, the figures and the ledger that a decision was recorded."""
    touch(session, here["provider_id"], here["service_id"], "reviews", requested_by=reach.person_id)
    mark_stale(session, **here, period_start=None, requested_by=reach.person_id)
    note(
        session,
        reach,
        "decision recorded",
        provider_id=here["provider_id"],
        service_id=here["service_id"],
        subject=f"indicator {here['indicator_id']}",
        detail={"decision": review.decision, "review": str(review.review_id)},
    )


def add_addendum(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    review_id: uuid.UUID,
    words: str,
    today: date,
) -> uuid.UUID:
    """Adds a correction to a recorded decision, which stays as it is; gives the correction's identifier.

    Raises:
        NotFoundError: there is no such review at the service.
        RefusedError: the correction says too little.
    """
    reach.require("record_decision", provider_id, service_id)
    r = Review
    found = session.execute(
        select(r.indicator_id, r.forum, r.held_on).where(
            r.provider_id == provider_id, r.service_id == service_id, r.review_id == review_id
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no such review at this service.")
    if len(words.strip()) < SHORTEST_TITLE:
        raise RefusedError("The correction was not added.", {"correction": "Say what is corrected, in a sentence."})
    added = new_id()
    session.add(
        Review(
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=found.indicator_id,
            review_id=added,
            forum=found.forum,
            held_on=today,
            decision="addendum",
            what_changed=words.strip(),
            why=None,
            what_follows=f"Corrects what was recorded on {found.held_on:%-d %B %Y}.",
            relied_on=[],
            exception_reason=None,
            next_review_on=None,
            decided_by=reach.person_id,
            decided_label=signature(reach),
            decided_role=reach.role_label,
            recorded_at=now(),
        )
    )
    note(
        session,
        reach,
        "decision corrected",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"indicator {found.indicator_id}",
        detail={"review": str(review_id), "addendum": str(added)},
    )
    session.flush()
    return added


def _may_assure(
    session: Session, reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID
) -> None:
    """Whether this person may vouch for the indicator: their role assures, and the newest figure is not their own.

    Raises:
        RefusedError: neither of the two; the field is `decision`.
    """
    if not reach.may("assure", provider_id, service_id):
        words = "Your role reviews this and does not assure it. Choose further action, or escalate."
        raise RefusedError("The decision was not recorded.", {"decision": words})
    of_indicator = (
        Observation.provider_id == provider_id,
        Observation.service_id == service_id,
        Observation.indicator_id == indicator_id,
    )
    newest = select(func.max(Observation.period_start)).where(*of_indicator).scalar_subquery()
    enterers = session.scalars(
        select(Observation.recorded_by).where(*of_indicator, Observation.period_start == newest).limit(50)
    ).all()
    must_not_assure_own(reach.person_id, enterers)
