"""Opens an escalation: whom it is put before, by when, and the step up where nobody holds the role."""

import uuid
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy.orm import Session

from mendline.catalogue.rules import Rule
from mendline.catalogue.triggers import triggers
from mendline.recovery.model import Escalation, EscalationStep
from mendline.recovery.triggers.ladder import due_by, first_held
from mendline.recovery.triggers.queries import holders
from mendline.telling.asking import tell_soon
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach
from tenants.roles import ROLES


@dataclass(frozen=True, slots=True)
class Opening:
    """What is put before somebody, as it is kept; named as its columns.

    Attributes:
        trigger: the rule's key, `decision` or `person`.
        origin: rule, person or decision.
        kind: what is asked for, by the catalogue's kinds of trigger.
        to_role: who is asked.
        asked: in words.
        due_on: the last day for a decision.
        due_at: the moment, where the time is counted in hours.
        episode_id: of the rule that fired.
        opened_label: who opened it.
        interim_control: what holds until it is decided.
        subject_person_id: whom it is about.
    """

    trigger: str
    origin: str
    kind: str
    to_role: str
    asked: str
    due_on: date
    due_at: datetime | None = None
    episode_id: uuid.UUID | None = None
    opened_label: str | None = None
    interim_control: str | None = None
    subject_person_id: uuid.UUID | None = None


def open_by_rule(
    session: Session,
    reach: Reach,
    rule: Rule,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    episode_id: uuid.UUID,
    words: str,
    today: date,
    now: datetime,
) -> uuid.UUID:
    """Puts what a rule found before the role that it names, or before the first above it that somebody holds."""
    kind = triggers().kinds[rule.opens or "provider_oversight"]
    due = due_by(kind.due, now, same_day=rule.same_day)
    asked = f"{rule.title}: {words}. {kind.asks}." + (f" {rule.also}" if rule.also else "")
    opening = Opening(
        trigger=rule.key, origin="rule", kind=kind.key, to_role=rule.to_role, asked=asked, due_on=due.on, due_at=due.at,
        episode_id=episode_id,
    )  # fmt: skip
    key = {"provider_id": provider_id, "service_id": service_id, "indicator_id": indicator_id}
    return add_escalation(session, reach, **key, opening=opening, today=today, now=now)


def add_escalation(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    opening: Opening,
    today: date,
    now: datetime,
) -> uuid.UUID:
    """Writes an escalation and notes it; a role that nobody holds is passed by, on the record.

    The transaction is that of whatever it follows from.
    """
    people = holders(session, provider_id, service_id, today)
    held = first_held(opening.to_role, people.keys())
    escalation_id = new_id()
    key = {"provider_id": provider_id, "service_id": service_id, "indicator_id": indicator_id}
    asked = {one.name: getattr(opening, one.name) for one in fields(opening)}
    label = signed(people.get(opening.to_role))
    session.add(
        Escalation(**key, **asked, escalation_id=escalation_id, to_label=label, opened_on=today, recorded_at=now)
    )
    session.flush()
    if held != opening.to_role and held in people:
        session.add(_step_up(key, escalation_id, opening.to_role, held, opening.due_on, today, now))
        session.flush()
    tell_soon(session, provider_id)
    note(
        session,
        reach,
        "escalation opened",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"escalation {escalation_id}",
        detail={"trigger": opening.trigger, "kind": opening.kind, "to": held},
    )
    return escalation_id


def _step_up(
    key: dict[str, uuid.UUID],
    escalation_id: uuid.UUID,
    from_role: str,
    to_role: str,
    due_on: date,
    today: date,
    now: datetime,
) -> EscalationStep:
    """The first step of an escalation whose role nobody holds: it is put before the first above it."""
    return EscalationStep(
        **key,
        escalation_id=escalation_id,
        step_id=new_id(),
        number=1,
        from_role=from_role,
        to_role=to_role,
        due_on=due_on,
        reason=f"Nobody holds the role of {label_of(from_role).lower()} here.",
        happened_on=today,
        recorded_label=None,
        recorded_at=now,
    )


def signed(name: str | None) -> str | None:
    """An initial and a surname."""
    words = (name or "").split()
    return f"{words[0][0]} {words[-1]}" if len(words) > 1 else name or None


def label_of(role: str) -> str:
    """A role in words."""
    if role == "provider_oversight":
        return "Provider oversight"
    return ROLES[role].label if role in ROLES else role.replace("_", " ").capitalize()
