"""Handing work over on the record, from a day to a day, and ending it."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.duties.assigning import assign, holders_at
from mendline.duties.commands import SHORTEST_REASON, open_item, tell
from mendline.duties.holding import short_name
from mendline.duties.model import WorkDelegation
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

WHY = ("holiday", "absence", "vacancy", "other")


@dataclass(frozen=True, slots=True)
class GivenHandOver:
    """Work to be handed over, as it was asked for.

    Attributes:
        work_item_id: one item; None for all that the role is asked between the dates.
        until_on: the last day; None until it is ended.
    """

    role: str
    to_person: uuid.UUID | None
    why: str
    from_on: date
    until_on: date | None = None
    work_item_id: uuid.UUID | None = None
    from_person: uuid.UUID | None = None
    note: str = ""


def hand_over(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    given: GivenHandOver,
    today: date,
) -> uuid.UUID:
    """Hands work over on the record, from a day to a day; who is asked changes at once.

    Raises:
        NotPermittedError: neither one's own work nor within one's say.
        RefusedError: nobody to take it, no such reason, or dates that cannot be.
    """
    own = given.from_person == reach.person_id and given.from_person is not None
    reach.require("do_work" if own else "manage_actions", provider_id, service_id)
    if given.work_item_id is not None:
        item = open_item(session, provider_id, service_id, given.work_item_id)
        if own and item.assigned_id != reach.person_id:
            reach.require("manage_actions", provider_id, service_id)
    found = holders_at(session, provider_id)
    people = {each.person_id: each for each in (*found.get(service_id, ()), *found.get(None, ()))}
    taker = people.get(given.to_person) if given.to_person else None
    problems = _hand_over_problems(given, taker is not None, today)
    if problems or taker is None:
        raise RefusedError("Nothing was handed over.", problems)
    from_person = people.get(given.from_person) if given.from_person else None
    delegation_id = new_id()
    session.add(
        WorkDelegation(
            provider_id=provider_id,
            service_id=service_id,
            delegation_id=delegation_id,
            role=given.role,
            work_item_id=given.work_item_id,
            from_person=given.from_person,
            from_label=from_person.label if from_person else None,
            to_person=taker.person_id,
            to_label=taker.label,
            why=given.why,
            from_on=given.from_on,
            until_on=given.until_on,
            note=given.note.strip() or None,
            by_person=reach.person_id,
            by_label=short_name(reach.name),
            recorded_at=now(),
        )
    )
    session.flush()
    if given.work_item_id is not None:
        tell(session, reach, item, "handed_over", today, note=given.note.strip() or None, to_label=taker.label)
    _handed(session, reach, provider_id, service_id, "work handed over", delegation_id)
    assign(session, provider_id, [service_id], today)
    return delegation_id


def _hand_over_problems(given: GivenHandOver, works_here: bool, today: date) -> dict[str, str]:
    return {
        name: words
        for wrong, name, words in (
            (not works_here, "to_person", "Choose somebody who works here."),
            (given.to_person == given.from_person, "to_person", "Choose somebody else."),
            (given.why not in WHY, "why", "Say why: holiday, absence, vacancy or another reason."),
            (given.why == "other" and len(given.note.strip()) < SHORTEST_REASON, "note", "Say why, in a few words."),
            (given.until_on is not None and given.until_on < given.from_on, "until_on", "It ends before it begins."),
            (given.until_on is not None and given.until_on < today, "until_on", "Give a last day from today on."),
        )
        if wrong
    }


def end_hand_over(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    delegation_id: uuid.UUID,
    today: date,
) -> None:
    """Ends a hand-over today; from now on the role's own holder is asked again.

    Raises:
        NotFoundError: there is none, or it was ended.
    """
    d = WorkDelegation
    found = session.execute(
        select(d.role, d.from_person, d.to_person, d.to_label, d.why).where(
            d.provider_id == provider_id,
            d.service_id == service_id,
            d.delegation_id == delegation_id,
            d.ends.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no such hand-over here.")
    own = reach.person_id in (found.from_person, found.to_person)
    reach.require("do_work" if own else "manage_actions", provider_id, service_id)
    session.add(
        WorkDelegation(
            provider_id=provider_id,
            service_id=service_id,
            delegation_id=new_id(),
            role=found.role,
            to_person=found.to_person,
            to_label=found.to_label,
            why=found.why,
            from_on=today,
            ends=delegation_id,
            by_person=reach.person_id,
            by_label=short_name(reach.name),
            recorded_at=now(),
        )
    )
    session.flush()
    _handed(session, reach, provider_id, service_id, "hand-over ended", delegation_id)
    assign(session, provider_id, [service_id], today)


def _handed(
    session: Session, reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, act: str, delegation_id: uuid.UUID
) -> None:
    note(session, reach, act, provider_id=provider_id, service_id=service_id, subject=f"hand-over {delegation_id}")
