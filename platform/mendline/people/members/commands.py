"""Giving, offering, asking for and changing roles, and saying which a service needs. Nobody gives more than they hold."""

import uuid
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.people.members.offering import GivenRole, initials, offer
from mendline.people.members.rows import Asked, Member
from tenants.clock import now
from tenants.directory.access_model import Post, RoleOffer, RoleRequest
from tenants.directory.model import Membership
from tenants.errors import NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.jobs import enqueue
from tenants.ledger import note
from tenants.reach import Reach
from tenants.roles import ROLES, gives
from tenants.signin.ending import end_sessions_of

KINDS = ("substantive", "acting", "cover")
LONGEST_COVER = timedelta(days=366)
Outcome = Literal["given", "offered", "asked"]
_ACTS: dict[Outcome, str] = {"given": "role given", "offered": "role offered", "asked": "role asked for"}
# The ledger calls whoever does not work here yet by the offer or request, so that it does not tell who is known elsewhere.
_SUBJECTS: dict[Outcome, str] = {"offered": "offer", "asked": "request"}
OVER = "This role is over. Give it anew; its holder is asked first."
NOT_ONESELF = "Nobody gives or lengthens a role of their own. Ask somebody else who manages people."


def may_give(reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID | None, role: str) -> bool:
    """Whether a role may be given there; the database asks the same again."""
    return any(
        gives(held.role, role)
        for held in reach.held
        if held.provider_id == provider_id and held.service_id in (None, service_id)
    )


def role_problems(given: GivenRole, today: date) -> dict[str, str]:
    """What is wrong with a role as it was asked for, by field."""
    role = ROLES.get(given.role)
    problems = {}
    if role is None or role.level not in ("service", "provider"):
        problems["role"] = "Choose a role."
    elif role.level == "service" and given.service_id is None:
        problems["place"] = f"{role.label} is a role at a service. Choose the service."
    elif role.level == "provider" and given.service_id is not None:
        problems["place"] = f"{role.label} is a role for the whole provider."
    problems |= _kind_problems(given)
    if given.valid_from < today:
        problems["valid_from"] = "A role begins today or later."
    if given.valid_until is not None and given.valid_until < given.valid_from:
        problems["valid_until"] = "A role ends on the day it begins, or later."
    return problems


def _kind_problems(given: GivenRole) -> dict[str, str]:
    if given.kind not in KINDS:
        return {"kind": "Choose how the role is held."}
    problems = {}
    if given.kind != "substantive":
        if given.valid_until is None:
            problems["valid_until"] = "Acting up and cover end on a day. Give it."
        elif given.valid_until > given.valid_from + LONGEST_COVER:
            problems["valid_until"] = "Acting up and cover last a year at most. Give an earlier day."
        if not given.reason.strip():
            problems["reason"] = "Say why, in a few words."
    return problems


def give_role(
    session: Session, reach: Reach, given: GivenRole, *, person_id: uuid.UUID, name: str, today: date
) -> Outcome:
    """Gives a role, offers it, or where the giver does not hold enough for it, asks somebody who does.

    Somebody who works for the provider already is given it at once: within one employer the provider decides who does
    what. Everybody else, known to Mendline or new, is offered it and decides themselves; until then it opens nothing.

    Returns:
        `given`, `offered`, or `asked` where it waits for somebody who may give it.

    Raises:
        RefusedError: something about it is wrong, or it would be the giver's own.
        NotPermittedError: the giver does not manage people there.
    """
    problems = role_problems(given, today)
    if problems:
        raise RefusedError("The role was not given.", problems)
    reach.require("change_members", given.provider_id, given.service_id)
    if person_id == reach.person_id:
        raise RefusedError(NOT_ONESELF)
    made = new_id()
    if not may_give(reach, given.provider_id, given.service_id, given.role):
        session.add(RoleRequest(**_facts(given, person_id, name), request_id=made, asked_by=reach.person_id))
        outcome: Outcome = "asked"
    elif offer(session, given, made, person_id=person_id, name=name):
        outcome = "offered"
    else:
        session.add(Membership(**_facts(given, person_id, name), membership_id=made, granted_by=reach.person_id))
        outcome = "given"
    note(
        session,
        reach,
        _ACTS[outcome],
        provider_id=given.provider_id,
        service_id=given.service_id,
        subject=f"person {person_id}" if outcome == "given" else f"{_SUBJECTS[outcome]} {made}",
        detail={"role": given.role, "kind": given.kind, "until": str(given.valid_until or ""), "row": str(made)},
        why=given.reason.strip(),
    )
    session.flush()
    if outcome == "given":
        _follow(session, given.provider_id, person_id)
    return outcome


def _facts(given: GivenRole, person_id: uuid.UUID, name: str) -> dict[str, Any]:
    return {
        "provider_id": given.provider_id, "service_id": given.service_id, "person_id": person_id, "role": given.role,
        "kind": given.kind, "reason": given.reason.strip() or None, "display_name": name, "initials": initials(name),
        "valid_from": given.valid_from, "valid_until": given.valid_until, "recorded_at": now(),
    }  # fmt: skip


def answer_request(session: Session, reach: Reach, asked: Asked, *, give: bool, why: str) -> Outcome | None:
    """Gives a role that was asked for, or declines it.

    Returns:
        `given` or `offered`, as for any role; None where it was declined.

    Raises:
        NotPermittedError: the answerer may not give it, or it is their own.
    """
    if asked.person_id == reach.person_id:
        raise NotPermittedError(NOT_ONESELF)
    if not may_give(reach, asked.provider_id, asked.service_id, asked.role):
        raise NotPermittedError("Your role does not cover giving this one.")
    made = session.execute(
        text("select reach.answer_role_request(:provider, :request, :give, :why)"),
        {"provider": asked.provider_id, "request": asked.request_id, "give": give, "why": why.strip()},
    ).scalar_one()
    outcome: Outcome | None = None
    if give:
        is_offered = session.get(RoleOffer, (asked.provider_id, made)) is not None
        outcome = "offered" if is_offered else "given"
    note(
        session,
        reach,
        _ACTS[outcome] if outcome else "role declined",
        provider_id=asked.provider_id,
        service_id=asked.service_id,
        subject=f"request {asked.request_id}",
        detail={"role": asked.role, "kind": asked.kind, "request": str(asked.request_id)},
        why=why.strip(),
    )
    if outcome == "given":
        session.flush()
        _follow(session, asked.provider_id, asked.person_id)
    return outcome


def change_end(
    session: Session, reach: Reach, member: Member, *, until: date | None, at_once: bool, why: str, today: date
) -> None:
    """Moves the end of a role, or ends it at once, with its reason; what stood before stays on record.

    Raises:
        RefusedError: no reason, an end before it can be, or the role is over: it is given anew, so that its person is asked.
        NotPermittedError: the role is one's own and would last longer, or is more than one may give.
    """
    reach.require("change_members", member.provider_id, member.service_id)
    if member.valid_until is not None and member.valid_until < today:
        raise RefusedError(OVER)
    problems = {}
    if len(why.strip()) < 3:
        problems["reason"] = "Say why, in a few words."
    if not at_once and until is not None and until < today:
        problems["valid_until"] = "Give a day from today on, or end it at once."
    if problems:
        raise RefusedError("The role was not changed.", problems)
    end = today - timedelta(days=1) if at_once else until
    done = session.execute(
        text("select reach.change_membership(:provider, :membership, :until, :why)"),
        {"provider": member.provider_id, "membership": member.membership_id, "until": end, "why": why.strip()},
    ).scalar_one()
    if not done:
        raise NotPermittedError(
            "You may end this role sooner, and not lengthen it: it is your own, or more than you hold."
        )
    note(
        session,
        reach,
        "role ended" if at_once else "role's end moved",
        provider_id=member.provider_id,
        service_id=member.service_id,
        subject=f"person {member.person_id}",
        detail={"role": member.role, "until": str(end or ""), "membership": str(member.membership_id)},
        why=why.strip(),
    )
    if at_once:
        _follow(session, member.provider_id, member.person_id)


def _follow(session: Session, provider_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """What follows when somebody's role begins or ends: they sign in again, and dated work is asked of who holds it now.

    A role may ask for a stronger sign-in or a shorter one than the session was opened with.
    """
    end_sessions_of(session, person_id, provider_id=provider_id)
    enqueue(session, "plan_work", provider_id=provider_id)


def say_needed(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID | None,
    role: str,
    needed: bool,
    since: date,
    why: str,
) -> None:
    """Says that a service, or the whole provider, needs a role filled, or no longer does.

    Raises:
        RefusedError: no such role there.
    """
    reach.require("change_members", provider_id, service_id)
    known = ROLES.get(role)
    if known is None or known.level != ("service" if service_id else "provider"):
        raise RefusedError("This was not saved.", {"post_role": "Choose a role that is held there."})
    session.add(
        Post(
            provider_id=provider_id,
            post_id=new_id(),
            service_id=service_id,
            role=role,
            needed=needed,
            since=since,
            reason=why.strip() or None,
            recorded_by=reach.person_id,
            recorded_at=now(),
        )
    )
    act = "role said to be needed" if needed else "role said not to be needed"
    note(session, reach, act, provider_id=provider_id, service_id=service_id, detail={"role": role}, why=why.strip())
    session.flush()
