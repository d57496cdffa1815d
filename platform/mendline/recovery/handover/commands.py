"""Hands over what somebody owns, all of it in one transaction, each thing by its own rules and on its own record."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.duties.handing_over import GivenHandOver, hand_over
from mendline.duties.queries import one_item
from mendline.indicators.model import IndicatorOwner
from mendline.recovery.clocks.commands import GivenClockChange, change_clock
from mendline.recovery.handover.model import HandOverItem
from mendline.recovery.handover.owning import ownership, same_owner
from mendline.recovery.handover.queries import everything_owned, members
from mendline.recovery.handover.rows import Member, Owned
from mendline.recovery.model import Escalation, EscalationStep
from mendline.recovery.registers.action_commands import change_action, signature
from mendline.recovery.registers.actions import ActionEdit
from mendline.recovery.registers.risks import GivenRiskChange, change_risk
from mendline.recovery.triggers.ladder import DECIDERS
from mendline.recovery.triggers.opening import signed
from mendline.telling.asking import tell_soon
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_REASON = 8


@dataclass(frozen=True, slots=True)
class GivenPassing:
    """A hand-over as somebody asks for it.

    Attributes:
        owner: whose things pass, as the name stands on them.
        to_person: who gets what nobody else is named for.
        other: who gets single things, by their identifiers.
        reason: why.
    """

    owner: str
    to_person: uuid.UUID | None
    other: Mapping[uuid.UUID, uuid.UUID]
    reason: str


def pass_on(
    session: Session, reach: Reach, providers: Sequence[uuid.UUID], given: GivenPassing, today: date
) -> uuid.UUID:
    """Hands over everything that somebody owns within reach; all of it or nothing.

    Raises:
        NotFoundError: nothing of that owner is open.
        RefusedError: nobody to take it, or no reason; `problems` names the field.
        NotPermittedError: the person may not change what is at one of the services.
    """
    everybody = members(session, providers)
    things = [each for each in everything_owned(session, providers) if same_owner(given.owner, each)]
    if not things:
        raise NotFoundError("Nothing of theirs is open any more.")
    for each in things:
        reach.require("manage_actions", each.provider_id, each.service_id)
    takers = {each.item_id: _taker(each, given, everybody, today) for each in things}
    problems: dict[str, str] = {}
    if len(given.reason.strip()) < SHORTEST_REASON:
        problems["reason"] = "Say why, in a few words: it stands on the record of each."
    for thing in things:
        if takers[thing.item_id] is None:
            field = f"to_{thing.item_id}" if thing.item_id in given.other else "to_person"
            problems.setdefault(field, f"Choose somebody who works at {thing.service} and may take it.")
    if problems:
        raise RefusedError("Nothing was handed over.", problems)
    hand_over_id = new_id()
    for thing in things:
        taker = takers[thing.item_id]
        if taker is not None:
            _pass(session, reach, thing, taker, given.reason.strip(), today)
            _keep(session, reach, hand_over_id, thing, taker, everybody, given.reason.strip(), today)
    for provider_id in {each.provider_id for each in things}:
        note(
            session, reach, "handed over", provider_id=provider_id, subject=f"hand-over {hand_over_id}",
            detail={"things": sum(each.provider_id == provider_id for each in things)},
        )  # fmt: skip
        tell_soon(session, provider_id)
    return hand_over_id


def _taker(thing: Owned, given: GivenPassing, everybody: Sequence[Member], today: date) -> Member | None:
    wanted = given.other.get(thing.item_id, given.to_person)
    fitting = [
        each
        for each in everybody
        if each.person_id == wanted
        and each.works(thing.provider_id, thing.service_id, today)
        and each.person_id != thing.person_id
        and (thing.kind != "escalation" or each.role in DECIDERS)
    ]
    return fitting[0] if fitting else None


def _pass(session: Session, reach: Reach, thing: Owned, taker: Member, reason: str, today: date) -> None:
    here = {"provider_id": thing.provider_id, "service_id": thing.service_id}
    name = signed(taker.name) or taker.name
    if thing.kind == "action":
        change_action(
            session, reach, provider_id=thing.provider_id, service_id=thing.service_id, reference=thing.subject,
            kind="edited", today=today, words=reason, edit=ActionEdit(owner=name),
        )  # fmt: skip
    elif thing.kind == "risk":
        changed = GivenRiskChange("changed", reason, owner=name)
        change_risk(session, reach, **here, reference=thing.subject, given=changed, today=today)
    elif thing.kind == "clock":
        given = GivenClockChange("reassigned", owner=name, reason=reason)
        change_clock(session, reach, **here, clock_id=thing.item_id, given=given)
    elif thing.kind == "work":
        _pass_work(session, reach, thing, taker, reason, today)
    elif thing.kind == "escalation":
        _pass_escalation(session, reach, thing, taker, reason, today)
    else:
        _pass_indicator(session, reach, thing, name, reason)


def _pass_work(session: Session, reach: Reach, thing: Owned, taker: Member, reason: str, today: date) -> None:
    item = one_item(session, thing.provider_id, thing.service_id, thing.item_id)
    if item is None:
        raise NotFoundError("A piece of work is not there any more.")
    hand_over(
        session, reach, provider_id=thing.provider_id, service_id=thing.service_id,
        given=GivenHandOver(
            role=item.role, to_person=taker.person_id, why="other", from_on=today, note=reason,
            work_item_id=thing.item_id, from_person=thing.person_id,
        ),
        today=today,
    )  # fmt: skip


def _pass_escalation(session: Session, reach: Reach, thing: Owned, taker: Member, reason: str, today: date) -> None:
    e = Escalation
    found = session.execute(
        select(e.indicator_id, e.to_role).where(
            e.provider_id == thing.provider_id, e.service_id == thing.service_id, e.escalation_id == thing.item_id
        )
    ).one()
    session.add(
        EscalationStep(
            provider_id=thing.provider_id,
            service_id=thing.service_id,
            indicator_id=found.indicator_id,
            escalation_id=thing.item_id,
            step_id=new_id(),
            number=1,
            from_role=found.to_role,
            to_role=taker.role,
            due_on=thing.due_on or today,
            reason=reason,
            happened_on=today,
            recorded_label=signature(reach),
            recorded_at=now(),
        )
    )
    session.flush()


def _pass_indicator(session: Session, reach: Reach, thing: Owned, name: str, reason: str) -> None:
    o = IndicatorOwner
    last = session.execute(
        select(func.max(o.number)).where(
            o.provider_id == thing.provider_id, o.service_id == thing.service_id, o.indicator_id == thing.item_id
        )
    ).scalar_one()
    session.add(
        IndicatorOwner(
            provider_id=thing.provider_id,
            service_id=thing.service_id,
            indicator_id=thing.item_id,
            number=(last or 0) + 1,
            owner=name,
            reason=reason,
            recorded_by=reach.person_id,
            recorded_label=signature(reach),
            recorded_at=now(),
        )
    )
    session.flush()


def _keep(
    session: Session,
    reach: Reach,
    hand_over_id: uuid.UUID,
    thing: Owned,
    taker: Member,
    everybody: Sequence[Member],
    reason: str,
    today: date,
) -> None:
    session.add(
        HandOverItem(
            provider_id=thing.provider_id,
            service_id=thing.service_id,
            item_id=new_id(),
            hand_over_id=hand_over_id,
            kind=thing.kind,
            subject=thing.subject,
            title=thing.title,
            from_label=thing.owner,
            to_label=signed(taker.name) or taker.name,
            to_person=taker.person_id,
            days_without=ownership(thing, everybody, today).days_without or 0,
            reason=reason,
            happened_on=today,
            recorded_by=reach.person_id,
            recorded_label=signature(reach),
            recorded_at=now(),
        )
    )
    session.flush()
