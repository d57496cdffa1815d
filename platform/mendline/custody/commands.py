"""The acts of custody: years, holds, requests about a person, approvals. Each is noted in the ledger."""

import uuid

from sqlalchemy.orm import Session

from mendline.catalogue.record_types import record_types
from mendline.custody.given import flush_or_conflict, made_by, reason_of, reference_of, refuse_for, service_of
from mendline.custody.model import CustodyRequest, CustodyStep, LegalHold, LegalHoldRelease, RetentionRule
from mendline.custody.queries import find_request, holds, holds_against
from mendline.custody.rows import ERASURE, EXPORT, Request
from mendline.custody.schedule import YEARS_FROM, YEARS_TO
from tenants.errors import ConflictError, NotFoundError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.jobs import enqueue
from tenants.ledger import note
from tenants.reach import Reach

LONGEST_NAME, SHORTEST_NAME = 120, 4


def set_years(session: Session, reach: Reach, provider_id: uuid.UUID, typed: dict[str, str]) -> None:
    """Sets how long a type of record is kept.

    Raises:
        RefusedError: the type is unknown, the years are none, or no reason is given.
    """
    reach.require("keep_custody", provider_id)
    problems = {}
    if typed["record_type"] not in record_types():
        problems["record_type"] = "Choose a type of record."
    if not typed["years"].isdecimal() or not YEARS_FROM <= int(typed["years"]) <= YEARS_TO:
        problems["years"] = f"Give a whole number of years from {YEARS_FROM} to {YEARS_TO}."
    reason = reason_of(typed, problems)
    refuse_for(problems)
    session.add(
        RetentionRule(
            provider_id=provider_id,
            rule_id=new_id(),
            record_type=typed["record_type"],
            years=int(typed["years"]),
            reason=reason,
            **made_by(reach),
        )
    )
    detail = {"record_type": typed["record_type"], "years": int(typed["years"])}
    note(session, reach, "retention set", provider_id=provider_id, detail=detail)


def place_hold(session: Session, reach: Reach, provider_id: uuid.UUID, typed: dict[str, str]) -> uuid.UUID:
    """Places a legal hold: nothing that it covers is erased until it is released."""
    reach.require("keep_custody", provider_id)
    problems: dict[str, str] = {}
    reference = reference_of(typed, problems, required=False)
    service_id = service_of(session, provider_id, typed, problems)
    reason = reason_of(typed, problems)
    refuse_for(problems)
    hold_id = new_id()
    session.add(
        LegalHold(
            provider_id=provider_id,
            hold_id=hold_id,
            service_id=service_id,
            person_reference=reference,
            reason=reason,
            **made_by(reach),
        )
    )
    note(session, reach, "legal hold placed", provider_id=provider_id, service_id=service_id, subject=f"hold {hold_id}")
    return hold_id


def release_hold(
    session: Session, reach: Reach, provider_id: uuid.UUID, hold_id: uuid.UUID, typed: dict[str, str]
) -> None:
    """Ends a legal hold."""
    reach.require("keep_custody", provider_id)
    found = next((one for one in holds(session, provider_id) if one.hold_id == hold_id), None)
    if found is None:
        raise NotFoundError("There is no such hold.")
    if found.released_at is not None:
        raise ConflictError("This hold was released already.")
    problems: dict[str, str] = {}
    reason = reason_of(typed, problems)
    refuse_for(problems)
    session.add(LegalHoldRelease(provider_id=provider_id, hold_id=hold_id, reason=reason, **made_by(reach)))
    note(session, reach, "legal hold released", provider_id=provider_id, subject=f"hold {hold_id}")


def ask_about_person(
    session: Session, reach: Reach, provider_id: uuid.UUID, kind: str, typed: dict[str, str]
) -> uuid.UUID:
    """Asks for everything that is held on a person, or for it to be erased.

    An export is made at once. An erasure waits for a second person, and is refused while a legal hold covers it.

    Raises:
        RefusedError: what was typed cannot be used, or a hold stands in the way.
    """
    reach.require("keep_custody", provider_id)
    problems: dict[str, str] = {}
    reference = reference_of(typed, problems, required=True)
    service_id = service_of(session, provider_id, typed, problems)
    named = " ".join(typed["also_named"].split())
    if named and not SHORTEST_NAME <= len(named) <= LONGEST_NAME:
        problems["also_named"] = (
            f"Give a name of {SHORTEST_NAME} to {LONGEST_NAME} characters; a shorter one would be found inside others."
        )
    reason = reason_of(typed, problems)
    if not problems and kind == ERASURE and holds_against(session, provider_id, service_id, reference):
        problems["person_reference"] = "A legal hold covers this. Release it first, or wait until it ends."
    refuse_for(problems)
    request_id = new_id()
    session.add(
        CustodyRequest(
            provider_id=provider_id,
            request_id=request_id,
            kind=kind,
            service_id=service_id,
            person_reference=reference,
            also_named=named or None,
            reason=reason,
            detail={},
            **made_by(reach),
        )
    )
    session.flush()
    if kind == EXPORT:
        _do(session, reach, provider_id, request_id)
    act = "export of a person's data asked for" if kind == EXPORT else "erasure of a person's data asked for"
    note(session, reach, act, provider_id=provider_id, service_id=service_id, subject=f"request {request_id}")
    return request_id


def approve(session: Session, reach: Reach, provider_id: uuid.UUID, request_id: uuid.UUID) -> None:
    """Approves a request that somebody else made; a worker carries it out.

    Raises:
        NotPermittedError: it is one's own.
        RefusedError: a legal hold stands in the way.
    """
    found = _open_request(session, reach, provider_id, request_id)
    if found.recorded_by is not None and found.recorded_by == reach.person_id:
        raise NotPermittedError("Somebody else approves what you asked for.")
    if found.kind == ERASURE and holds_against(session, provider_id, found.service_id, found.person_reference):
        raise RefusedError("A legal hold covers this. Nothing is erased until it is released.")
    _step(session, reach, provider_id, request_id, "approved", None)
    _do(session, reach, provider_id, request_id)
    note(session, reach, f"{_NAMES[found.kind]} approved", provider_id=provider_id, subject=f"request {request_id}")


def refuse(
    session: Session, reach: Reach, provider_id: uuid.UUID, request_id: uuid.UUID, typed: dict[str, str]
) -> None:
    """Refuses a request, with a reason that whoever asked can pass on."""
    found = _open_request(session, reach, provider_id, request_id)
    problems: dict[str, str] = {}
    reason = reason_of(typed, problems)
    refuse_for(problems)
    _step(session, reach, provider_id, request_id, "refused", reason)
    note(session, reach, f"{_NAMES[found.kind]} refused", provider_id=provider_id, subject=f"request {request_id}")


def _open_request(session: Session, reach: Reach, provider_id: uuid.UUID, request_id: uuid.UUID) -> Request:
    reach.require("keep_custody", provider_id)
    found = find_request(session, provider_id, request_id)
    if not found.is_open:
        raise ConflictError("This request is not open any more. Its page says what became of it.")
    return found


def _do(session: Session, reach: Reach, provider_id: uuid.UUID, request_id: uuid.UUID) -> None:
    enqueue(
        session,
        "custody_request",
        provider_id=provider_id,
        arguments={"request_id": str(request_id)},
        requested_by=reach.person_id,
    )


def _step(
    session: Session, reach: Reach, provider_id: uuid.UUID, request_id: uuid.UUID, kind: str, reason: str | None
) -> None:
    session.add(
        CustodyStep(
            provider_id=provider_id, request_id=request_id, kind=kind, reason=reason, detail={}, **made_by(reach)
        )
    )
    flush_or_conflict(session)


_NAMES = {
    EXPORT: "export of a person's data",
    ERASURE: "erasure of a person's data",
    "retention": "erasure by schedule",
}
