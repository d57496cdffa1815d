"""What a person does in recovery: record a decision, open an action, move or close it. Each in one transaction."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import indicator_definition
from mendline.evidence.model import Evidence
from mendline.indicators.marking import mark_stale
from mendline.indicators.model import Observation, ServiceIndicator
from mendline.indicators.standing import Standing
from mendline.indicators.touching import touch
from mendline.places.references import next_reference
from mendline.recovery.decisions import (
    SHORTEST_TITLE,
    GivenDecision,
    KnownFigure,
    decision_problems,
    needs_exception,
)
from mendline.recovery.effects.commands import book
from mendline.recovery.model import Action, ActionEvent, Escalation, Review
from mendline.recovery.queries import open_warnings
from mendline.recovery.registers.action_quality import marks_of
from mendline.recovery.registers.actions import ActionEdit, KnownAction, change_problems, find_action
from mendline.recovery.reviews.commands import drop_draft, flag_weak_assurance
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
    if given.decision == "assured":
        _may_assure(session, reach, provider_id, service_id, standing.indicator_id)
    warnings = open_warnings(session, provider_id, service_id, standing.indicator_id)
    known = KnownFigure(standing.evidence_level, standing.status, standing.is_stale, standing.last_state, warnings)
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
                origin="decision",
                opened_label=signature(reach),
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
    if exception:
        flag_weak_assurance(
            session, reach, **here, name=indicator_definition(standing.definition_key).name,
            reason=given.exception_reason.strip(), label=signature(reach), today=today,
        )  # fmt: skip
    if reach.kind == "person":
        drop_draft(session, reach, **here)
    touch(session, provider_id, service_id, "reviews", requested_by=reach.person_id)
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
    measure: str = "",
    high_risk: bool = False,
    source: str | None = None,
    escalation_id: uuid.UUID | None = None,
    risk_id: uuid.UUID | None = None,
) -> str:
    """Opens an action; returns its reference, such as A-022. What its wording lacks is kept as a mark and blocks nothing.

    Args:
        session: the transaction of whatever it follows from.
        reach: who opens it.
        provider_id: the provider.
        service_id: the service.
        title: what will be done.
        owner: who does it: an initial and a surname.
        due_on: by when.
        today: the date in England.
        indicator_id: the indicator that it is for.
        measure: what will show that it worked.
        high_risk: closing it takes a second person.
        source: what it came from.
        escalation_id: the escalation that decided it.
        risk_id: the risk that it holds down.

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
            high_risk=high_risk,
            measure=measure.strip() or None,
            source=source,
            marks=list(marks_of(title, owner, due_on, measure, today)),
            escalation_id=escalation_id,
            risk_id=risk_id,
            recorded_by=reach.person_id,
        )
    )
    touch(session, provider_id, service_id, "actions", requested_by=reach.person_id)
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
    edit: ActionEdit | None = None,
) -> str:
    """Moves an action to another date, changes its words, closes it with evidence, or opens it again.

    What stood before stays visible. A high-risk action closes by two people: the first one's `closed` proposes it, and
    somebody else's closes it or, as `closure_refused`, leaves it open.

    Returns:
        What was written: the kind, or `closure_proposed` where a second person is needed.

    Raises:
        NotFoundError: no action of that reference at the service.
        RefusedError: a new date without a reason, or a closure without evidence or by the same person twice.
    """
    reach.require("manage_actions", provider_id, service_id)
    action = find_action(session, provider_id, service_id, reference)
    problems = change_problems(kind, action, today, due_on, words, edit)
    if kind == "closed" and not problems:
        kind, problems = _closing(session, reach, provider_id, service_id, action, evidence_reference.strip())
        evidence_reference = evidence_reference or action.proposed_evidence or ""
    if problems:
        raise RefusedError("The action was not changed.", problems)
    edited = edit if kind == "edited" else None
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
            title=edited.title.strip() or None if edited else None,
            owner=edited.owner.strip() or None if edited else None,
            measure=edited.measure.strip() or None if edited else None,
            high_risk=edited.high_risk if edited else None,
            marks=list(_marks_after(action, edited, today)) if edited else None,
            recorded_by=reach.person_id,
        )
    )
    if kind == "closed" and action.indicator_id is not None:
        session.flush()
        book(
            session, reach, provider_id=provider_id, service_id=service_id, action_id=action.action_id,
            indicator_id=action.indicator_id, closed_on=today, label=signature(reach),
        )  # fmt: skip
    touch(session, provider_id, service_id, "actions", requested_by=reach.person_id)
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
    return kind


def signature(reach: Reach) -> str:
    """An initial and a surname, as decisions are signed: the one place beside owners where a name stands."""
    words = reach.name.split()
    return f"{words[0][0]} {words[-1]}" if len(words) > 1 else reach.name


def _closing(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    action: KnownAction,
    evidence_reference: str,
) -> tuple[str, dict[str, str]]:
    """Whether this closes the action or proposes it, and what stands against it."""
    if action.proposed_by is None:
        kind = "closure_proposed" if action.high_risk else "closed"
        return kind, _closure_problems(session, provider_id, service_id, evidence_reference)
    if action.proposed_by == reach.person_id:
        return "closed", {"kind": "You proposed to close it. A high-risk action is closed by a second person."}
    given = evidence_reference or action.proposed_evidence or ""
    return "closed", _closure_problems(session, provider_id, service_id, given)


def _marks_after(action: KnownAction, edit: ActionEdit | None, today: date) -> tuple[str, ...]:
    if edit is None:
        return action.marks
    return marks_of(
        edit.title.strip() or action.title,
        edit.owner.strip() or action.owner,
        action.due_on,
        edit.measure.strip() or action.measure or "",
        today,
    )


def _closure_problems(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, evidence_reference: str
) -> dict[str, str]:
    if not evidence_reference:
        return {"evidence_reference": "Name the evidence that it is done, such as E-044."}
    if _unknown_evidence(session, provider_id, service_id, (evidence_reference,)):
        return {"evidence_reference": f"There is no evidence {evidence_reference} at this service."}
    return {}


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
