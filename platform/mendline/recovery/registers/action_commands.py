"""What a person does with an action: open it, move it, word it anew, close it or open it again. Each in one transaction."""

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.evidence.model import Evidence
from mendline.indicators.closing import refuse_if_closed
from mendline.indicators.marking import mark_stale
from mendline.indicators.touching import touch
from mendline.places.references import next_reference
from mendline.recovery.decisions import (
    SHORTEST_TITLE,
)
from mendline.recovery.effects.commands import book
from mendline.recovery.model import Action, ActionEvent
from mendline.recovery.registers.action_quality import marks_of
from mendline.recovery.registers.actions import ActionEdit, KnownAction, change_problems, find_action
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach


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
    refuse_if_closed(session, provider_id, service_id, "action")
    _refuse_unclear(title, owner, due_on, today)
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
    _told(session, reach, provider_id, service_id, "action opened", reference, indicator_id)
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
    _told(session, reach, provider_id, service_id, f"action {kind}", reference, action.indicator_id)
    return kind


def signature(reach: Reach) -> str:
    """An initial and a surname, as decisions are signed: the one place beside owners where a name stands."""
    words = reach.name.split()
    return f"{words[0][0]} {words[-1]}" if len(words) > 1 else reach.name


def _refuse_unclear(title: str, owner: str, due_on: date, today: date) -> None:
    """Refuses an action that nobody could carry out.

    Raises:
        RefusedError: without a clear title, an owner, or a date from today on.
    """
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


def _told(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    act: str,
    reference: str,
    indicator_id: uuid.UUID | None,
) -> None:
    """Tells the rules, the ledger and the indicator that the action is for what became of it."""
    touch(session, provider_id, service_id, "actions", requested_by=reach.person_id)
    note(session, reach, act, provider_id=provider_id, service_id=service_id, subject=f"action {reference}")
    if indicator_id is not None:
        mark_stale(
            session,
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=indicator_id,
            period_start=None,
            requested_by=reach.person_id,
        )


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
    if unknown_evidence(session, provider_id, service_id, (evidence_reference,)):
        return {"evidence_reference": f"There is no evidence {evidence_reference} at this service."}
    return {}


def unknown_evidence(
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
