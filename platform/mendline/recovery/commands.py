"""What a person does in recovery: record a decision, open an action, move or close it. Each in one transaction."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.evidence.model import Evidence
from mendline.indicators.marking import mark_stale
from mendline.indicators.model import ServiceIndicator
from mendline.indicators.standing import Standing
from mendline.places.references import next_reference
from mendline.recovery.decisions import (
    SHORTEST_TITLE,
    GivenDecision,
    KnownFigure,
    decision_problems,
    needs_exception,
)
from mendline.recovery.model import Action, ActionEvent, Escalation, Review
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach


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
    known = KnownFigure(standing.evidence_level, standing.status, standing.is_stale, standing.last_state)
    problems = decision_problems(given, known, today)
    unknown = _unknown_evidence(session, provider_id, service_id, given.relied_on)
    if unknown:
        problems.setdefault("relied_on", f"There is no evidence {', '.join(unknown)} at this service.")
    if problems:
        raise RefusedError("The decision was not recorded.", problems)
    at = now()
    here = {"provider_id": provider_id, "service_id": service_id, "indicator_id": standing.indicator_id}
    every_days = session.execute(select(ServiceIndicator.review_every_days).filter_by(**here)).scalar_one()
    exception = given.decision == "assured" and needs_exception(known)
    relied_on = list(given.relied_on)
    if given.decision == "further_action" and given.action_due_on:
        relied_on.append(
            open_action(
                session,
                reach,
                provider_id=provider_id,
                service_id=service_id,
                indicator_id=standing.indicator_id,
                title=given.action_title,
                owner=given.action_owner,
                due_on=given.action_due_on,
                today=today,
            )
        )
    if given.decision == "escalate" and given.reply_due_on:
        session.add(
            Escalation(
                **here,
                escalation_id=new_id(),
                trigger="decision",
                to_role=given.escalate_to,
                asked=given.what_follows,
                opened_on=today,
                due_on=given.reply_due_on,
                recorded_at=at,
            )
        )
    review = Review(
        **here,
        review_id=new_id(),
        forum=forum,
        held_on=today,
        decision="assured_with_exception" if exception else given.decision,
        what_changed=given.what_changed or None,
        why=given.why or None,
        what_follows=given.what_follows or given.action_title or None,
        relied_on=relied_on,
        exception_reason=given.exception_reason or None if exception else None,
        next_review_on=today + timedelta(days=every_days),
        decided_by=reach.person_id,
        decided_label=signature(reach),
        decided_role=reach.role_label,
        recorded_at=at,
    )
    session.add(review)
    mark_stale(
        session,
        provider_id=provider_id,
        service_id=service_id,
        indicator_id=standing.indicator_id,
        period_start=None,
        requested_by=reach.person_id,
    )
    note(
        session,
        reach,
        "decision recorded",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"indicator {standing.indicator_id}",
        detail={"decision": review.decision, "review": str(review.review_id)},
    )
    session.flush()
    return review.review_id


def open_action(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    title: str,
    owner: str,
    due_on: date,
    today: date,
    indicator_id: uuid.UUID | None = None,
) -> str:
    """Opens an action; returns its reference, such as A-022.

    Raises:
        RefusedError: without a clear title, an owner, or a date from today on.
    """
    reach.require("manage_actions", provider_id, service_id)
    problems = {
        field: words
        for wrong, field, words in (
            (len(title.strip()) < SHORTEST_TITLE, "title", "Say what will be done, in a few words."),
            (not owner.strip(), "owner", "Name who does it: an initial and a surname."),
            (due_on < today, "due_on", "Give a date, today or later."),
        )
        if wrong
    }
    if problems:
        raise RefusedError("The action was not opened.", problems)
    reference = next_reference(session, Action.reference, "A", provider_id=provider_id, service_id=service_id)
    session.add(
        Action(
            provider_id=provider_id,
            service_id=service_id,
            action_id=new_id(),
            reference=reference,
            title=title.strip(),
            owner=owner.strip(),
            indicator_id=indicator_id,
            opened_on=today,
            due_on=due_on,
            recorded_initials=reach.initials,
            recorded_at=now(),
        )
    )
    note(session, reach, "action opened", provider_id=provider_id, service_id=service_id, subject=f"action {reference}")
    if indicator_id is not None:
        mark_stale(
            session,
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=indicator_id,
            period_start=None,
            requested_by=reach.person_id,
        )
    session.flush()
    return reference


def change_action(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    reference: str,
    kind: str,
    today: date,
    due_on: date | None = None,
    words: str = "",
    evidence_reference: str = "",
) -> None:
    """Moves an action to another date, closes it with evidence, or opens it again; what stood before stays visible.

    Raises:
        NotFoundError: no action of that reference at the service.
        RefusedError: a new date without a reason, or a closure without evidence.
    """
    reach.require("manage_actions", provider_id, service_id)
    action = session.execute(
        select(Action.action_id, Action.indicator_id).where(
            Action.provider_id == provider_id, Action.service_id == service_id, Action.reference == reference
        )
    ).one_or_none()
    if action is None:
        raise NotFoundError("There is no such action at this service.")
    problems = _change_problems(
        kind, _state_of(session, provider_id, service_id, action.action_id), today, due_on, words
    )
    if kind == "closed" and not problems:
        problems = _closure_problems(session, provider_id, service_id, evidence_reference.strip())
    if problems:
        raise RefusedError("The action was not changed.", problems)
    session.add(
        ActionEvent(
            provider_id=provider_id,
            service_id=service_id,
            action_id=action.action_id,
            event_id=new_id(),
            kind=kind,
            due_on=due_on if kind == "redated" else None,
            note=words.strip() or None,
            evidence_reference=evidence_reference.strip() or None,
            happened_on=today,
            recorded_initials=reach.initials,
            recorded_at=now(),
        )
    )
    note(
        session, reach, f"action {kind}", provider_id=provider_id, service_id=service_id, subject=f"action {reference}"
    )
    if action.indicator_id is not None:
        mark_stale(
            session,
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=action.indicator_id,
            period_start=None,
            requested_by=reach.person_id,
        )


def signature(reach: Reach) -> str:
    """An initial and a surname, as decisions are signed: the one place beside owners where a name stands."""
    words = reach.name.split()
    return f"{words[0][0]} {words[-1]}" if len(words) > 1 else reach.name


def _change_problems(kind: str, state: str, today: date, due_on: date | None, words: str) -> dict[str, str]:
    is_open = state in ("open", "reopened")
    if kind not in ("redated", "closed", "reopened", "no_longer_applicable"):
        return {"kind": "Choose what happens to it."}
    if kind == "reopened" and is_open:
        return {"kind": "This action is open already."}
    if kind != "reopened" and not is_open:
        return {"kind": "This action is closed. Open it again first, and say why."}
    if kind == "redated":
        if due_on is None or due_on < today:
            return {"due_on": "Give the new date, today or later."}
        return {} if words.strip() else {"note": "Say why the date moves. Both dates stay visible."}
    return {} if kind == "closed" or words.strip() else {"note": "Say why."}


def _closure_problems(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, evidence_reference: str
) -> dict[str, str]:
    if not evidence_reference:
        return {"evidence_reference": "Name the evidence that it is done, such as E-044."}
    if _unknown_evidence(session, provider_id, service_id, (evidence_reference,)):
        return {"evidence_reference": f"There is no evidence {evidence_reference} at this service."}
    return {}


def _state_of(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, action_id: uuid.UUID) -> str:
    """Open, reopened, closed or no longer applicable; a new date changes none of these."""
    newest = session.execute(
        select(ActionEvent.kind)
        .where(
            ActionEvent.provider_id == provider_id,
            ActionEvent.service_id == service_id,
            ActionEvent.action_id == action_id,
            ActionEvent.kind != "redated",
        )
        .order_by(ActionEvent.recorded_at.desc(), ActionEvent.event_id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return newest or "open"


def _unknown_evidence(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, references: Sequence[str]
) -> list[str]:
    """Those that lead to no evidence of the service, so that no decision rests on a name alone."""
    if not references:
        return []
    known = session.execute(
        select(Evidence.reference).where(
            Evidence.provider_id == provider_id, Evidence.service_id == service_id, Evidence.reference.in_(references)
        )
    ).scalars()
    return sorted(set(references) - set(known))
