"""What a person does with an escalation: open it, decide it, answer what is before the provider."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import is_working_day
from mendline.duties.assigning import holders_at
from mendline.indicators.closing import refuse_if_closed
from mendline.indicators.marking import mark_stale
from mendline.indicators.touching import touch
from mendline.recovery.model import EscalationDecision, Oversight, OversightReply
from mendline.recovery.registers.action_commands import signature
from mendline.recovery.registers.making import answer_contradictions, make
from mendline.recovery.registers.outcomes import (
    SHORTEST_REASON,
    GivenOutcome,
    outcome_problems,
)
from mendline.recovery.registers.queries import decides, one_escalation
from mendline.recovery.registers.rows import EscalationLine
from mendline.recovery.triggers.ladder import DECIDERS, may_decide
from mendline.recovery.triggers.opening import Opening, add_escalation, label_of
from tenants.clock import now
from tenants.directory.access_model import Conflict
from tenants.errors import ConflictError, NotFoundError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach


@dataclass(frozen=True, slots=True)
class GivenEscalation:
    """What somebody puts before somebody else.

    Attributes:
        kind: what is asked for, by the catalogue's kinds of trigger.
        subject_person_id: whom it is about: they will neither see nor decide it.
    """

    indicator_id: uuid.UUID
    to_role: str
    kind: str
    asked: str
    due_on: date | None
    interim_control: str = ""
    subject_person_id: uuid.UUID | None = None


def open_escalation(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    given: GivenEscalation,
    today: date,
) -> uuid.UUID:
    """Puts something before a role with a date; gives the escalation's identifier.

    Raises:
        RefusedError: what is asked, of whom or by when is missing.
    """
    reach.require("manage_actions", provider_id, service_id)
    refuse_if_closed(session, provider_id, service_id, "escalation")
    problems = {
        field: words
        for wrong, field, words in (
            (given.to_role not in DECIDERS, "to_role", "Say to whom."),
            (len(given.asked.strip()) < SHORTEST_REASON, "asked", "Say what is asked, in a sentence."),
            (given.due_on is None or given.due_on < today, "due_on", "Give a date, today or later."),
            (
                given.due_on is not None and given.due_on.year <= today.year and not is_working_day(given.due_on),
                "due_on",
                "Choose a working day, so that somebody is there to decide.",
            ),
        )
        if wrong
    }
    if given.subject_person_id is not None:
        problems |= _subject_problems(session, provider_id, service_id, given)
    if problems:
        raise RefusedError("The escalation was not opened.", problems)
    found = add_escalation(
        session,
        reach,
        provider_id=provider_id,
        service_id=service_id,
        indicator_id=given.indicator_id,
        opening=Opening(
            trigger="person",
            origin="person",
            kind=given.kind,
            to_role=given.to_role,
            asked=given.asked.strip(),
            due_on=given.due_on or today,
            opened_label=signature(reach),
            interim_control=given.interim_control.strip() or None,
            subject_person_id=given.subject_person_id,
        ),
        today=today,
        now=now(),
    )
    if given.subject_person_id is not None:
        _cut_off(session, reach, provider_id, service_id, found, given.subject_person_id)
    _changed(session, reach, provider_id, service_id, given.indicator_id)
    return found


def decide_escalation(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    escalation_id: uuid.UUID,
    given: GivenOutcome,
    today: date,
) -> tuple[str, ...]:
    """Ends an escalation in a decision, and makes what it decides; gives the references of what was made.

    Of two who decide at once the first wins: the other is told by whom it was decided, and nothing of theirs is kept.

    Raises:
        NotFoundError: there is no such escalation at the service, or it is about whoever asks.
        NotPermittedError: it is for another level to decide.
        ConflictError: somebody decided it already.
        RefusedError: something that the decision must carry is missing; `problems` names the field.
    """
    reach.require("answer_escalation", provider_id, service_id)
    line = one_escalation(session, provider_id, service_id, escalation_id).line
    if not line.is_open:
        raise _decided(line)
    if not decides(reach, line) or (reach.person_id is not None and reach.person_id == line.subject_person_id):
        raise NotPermittedError(f"This is for the {label_of(line.role).lower()} to decide.")
    problems = outcome_problems(given, today)
    if problems:
        raise RefusedError("The decision was not recorded.", problems)
    at = now()
    made, event_id = make(session, reach, line, given, today, at)
    added = session.execute(
        insert(EscalationDecision)
        .values(
            provider_id=provider_id,
            service_id=service_id,
            indicator_id=line.indicator_id,
            escalation_id=escalation_id,
            outcome=given.outcome,
            reason=given.reason.strip(),
            decided_on=today,
            decided_label=signature(reach),
            recorded_at=at,
            decided_by=reach.person_id,
            decided_role=reach.role_label,
            made=list(made),
            made_event_id=event_id,
        )
        .on_conflict_do_nothing()
        .returning(EscalationDecision.escalation_id)
    )
    if added.first() is None:
        raise _decided(one_escalation(session, provider_id, service_id, escalation_id).line)
    if reach.may("manage_actions", provider_id, service_id):
        answer_contradictions(session, reach, line, given.reason.strip(), at)
    note(
        session,
        reach,
        "escalation decided",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"escalation {escalation_id}",
        detail={"outcome": given.outcome, "made": list(made)},
    )
    _changed(session, reach, provider_id, service_id, line.indicator_id, f"rule:{line.trigger}", "actions")
    return made


def reply_to_oversight(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    reference: str,
    reply: str,
    today: date,
) -> None:
    """Answers what is before the provider's level.

    Raises:
        NotFoundError: there is no such reference at the service.
        NotPermittedError: only the provider's level answers.
        RefusedError: the reply is too short.
        ConflictError: it was answered already.
    """
    reach.require("answer_escalation", provider_id, service_id)
    o = Oversight
    found = session.execute(
        select(o.oversight_id, o.to_role).where(
            o.provider_id == provider_id, o.service_id == service_id, o.reference == reference
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no such matter before the provider at this service.")
    if not any(held.provider_id == provider_id and held.service_id is None for held in reach.held):
        raise NotPermittedError("This is for the provider's level to answer.")
    if len(reply.strip()) < SHORTEST_REASON:
        raise RefusedError("The reply was not recorded.", {"reply": "Give the reply, in a sentence."})
    added = session.execute(
        insert(OversightReply)
        .values(
            provider_id=provider_id,
            service_id=service_id,
            oversight_id=found.oversight_id,
            reply=reply.strip(),
            replied_on=today,
            replied_by=reach.person_id,
            replied_label=signature(reach),
            replied_role=reach.role_label,
            recorded_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(OversightReply.oversight_id)
    )
    if added.first() is None:
        raise ConflictError("This was answered already. Nothing was saved.")
    note(session, reach, "oversight answered", provider_id=provider_id, service_id=service_id, subject=reference)


def _subject_problems(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, given: GivenEscalation
) -> dict[str, str]:
    """Whom it is about must work here, and may not be the only one who could decide it."""
    known = holders_at(session, provider_id)
    here = [*known.get(service_id, ()), *known.get(None, ())]
    if not any(one.person_id == given.subject_person_id for one in here):
        return {"subject": "Choose somebody who works here."}
    deciders = {one.person_id for one in here if may_decide(given.to_role, [one.role])}
    if deciders == {given.subject_person_id}:
        return {"to_role": "It is about the only person who would decide it. Put it before somebody above."}
    return {}


def _cut_off(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    escalation_id: uuid.UUID,
    person_id: uuid.UUID,
) -> None:
    """Whom it is about loses sight of it, whatever their role."""
    session.add(
        Conflict(
            provider_id=provider_id,
            service_id=service_id,
            conflict_id=new_id(),
            person_id=person_id,
            about_kind="escalation",
            about_id=escalation_id,
            lifts=None,
            reason="The escalation is about this person.",
            recorded_by=reach.person_id,
            recorded_at=now(),
        )
    )
    session.flush()


def _changed(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    *also: str,
) -> None:
    mark_stale(
        session,
        provider_id=provider_id,
        service_id=service_id,
        indicator_id=indicator_id,
        period_start=None,
        requested_by=reach.person_id,
    )
    if also:
        touch(session, provider_id, service_id, *also, requested_by=reach.person_id)


def _decided(line: EscalationLine) -> ConflictError:
    return ConflictError(
        f"{line.decided_label or 'Somebody'} decided this already, on {line.decided_on:%-d %B %Y}. Nothing was saved."
        if line.decided_on
        else "Somebody decided this already. Nothing was saved."
    )
