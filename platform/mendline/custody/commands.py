"""The acts of custody: years, holds, requests about a person, approvals, transfers. Each is noted in the ledger."""

import re
import secrets
import uuid
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mendline.catalogue.parsing import PERSON_PATTERN
from mendline.catalogue.record_types import record_types
from mendline.custody.model import (
    CustodyRequest,
    CustodyStep,
    LegalHold,
    LegalHoldRelease,
    RetentionRule,
    ServiceTransfer,
    TransferStep,
)
from mendline.custody.queries import (
    find_request,
    find_transfer,
    holds,
    holds_against,
    services_of,
)
from mendline.custody.rows import ERASURE, EXPORT, Request, Transfer
from mendline.custody.schedule import YEARS_FROM, YEARS_TO
from tenants.clock import now
from tenants.errors import ConflictError, NotFoundError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.jobs import enqueue
from tenants.ledger import note
from tenants.reach import Reach

LONGEST_REASON, LONGEST_NAME, SHORTEST_NAME = 1000, 120, 4
# What may go along with a service, in the words of a page; the figures always do.
TRANSFERABLE = {
    "summary": "Indicators, figures, ratings and plans",
    "story": "What changed, why, what followed",
    "actions": "Actions, risks, escalations, reviews and decisions",
    "evidence_index": "What evidence there is and where the original is kept",
    "records": "Source records, which may identify people",
    "packs": "Finished packs",
}
ALWAYS_ALONG = "summary"
# Classes that go along with one that a page offers.
_WITH = {
    "actions": ("plans", "work", "reviews", "escalations", "risks", "checks", "meetings"),
    "records": ("records_medicines", "records_staffing", "concerns", "capture"),
    "evidence_index": ("evidence_files",),
    "summary": ("figures", "clocks"),
}


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
    reason = _reason(typed, problems)
    _refuse(problems)
    session.add(
        RetentionRule(
            provider_id=provider_id,
            rule_id=new_id(),
            record_type=typed["record_type"],
            years=int(typed["years"]),
            reason=reason,
            **_made(reach),
        )
    )
    detail = {"record_type": typed["record_type"], "years": int(typed["years"])}
    note(session, reach, "retention set", provider_id=provider_id, detail=detail)


def place_hold(session: Session, reach: Reach, provider_id: uuid.UUID, typed: dict[str, str]) -> uuid.UUID:
    """Places a legal hold: nothing that it covers is erased until it is released."""
    reach.require("keep_custody", provider_id)
    problems: dict[str, str] = {}
    reference = _reference(typed, problems, required=False)
    service_id = _service(session, provider_id, typed, problems)
    reason = _reason(typed, problems)
    _refuse(problems)
    hold_id = new_id()
    session.add(
        LegalHold(
            provider_id=provider_id,
            hold_id=hold_id,
            service_id=service_id,
            person_reference=reference,
            reason=reason,
            **_made(reach),
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
    reason = _reason(typed, problems)
    _refuse(problems)
    session.add(LegalHoldRelease(provider_id=provider_id, hold_id=hold_id, reason=reason, **_made(reach)))
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
    reference = _reference(typed, problems, required=True)
    service_id = _service(session, provider_id, typed, problems)
    named = " ".join(typed["also_named"].split())
    if named and not SHORTEST_NAME <= len(named) <= LONGEST_NAME:
        problems["also_named"] = (
            f"Give a name of {SHORTEST_NAME} to {LONGEST_NAME} characters; a shorter one would be found inside others."
        )
    reason = _reason(typed, problems)
    if not problems and kind == ERASURE and holds_against(session, provider_id, service_id, reference):
        problems["person_reference"] = "A legal hold covers this. Release it first, or wait until it ends."
    _refuse(problems)
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
            **_made(reach),
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
    reason = _reason(typed, problems)
    _refuse(problems)
    _step(session, reach, provider_id, request_id, "refused", reason)
    note(session, reach, f"{_NAMES[found.kind]} refused", provider_id=provider_id, subject=f"request {request_id}")


def propose_transfer(
    session: Session, reach: Reach, provider_id: uuid.UUID, typed: dict[str, str], classes: Sequence[str]
) -> tuple[uuid.UUID, str]:
    """Offers a service to another provider.

    Returns:
        The transfer, and the code that the other provider enters; it is shown once and only its hash is kept.
    """
    reach.require("keep_custody", provider_id)
    problems: dict[str, str] = {}
    service_id = _service(session, provider_id, typed, problems)
    if service_id is None and "service_id" not in problems:
        problems["service_id"] = "Choose the service."
    named = {one.service_id: one for one in services_of(session, provider_id)}
    if service_id in named and named[service_id].is_frozen:
        problems["service_id"] = "This service was transferred already."
    unknown = [one for one in classes if one not in TRANSFERABLE]
    if unknown:
        problems["classes"] = "Choose from what is listed."
    reason = _reason(typed, problems)
    _refuse(problems)
    assert service_id is not None  # noqa: S101 -- refused above otherwise
    transfer_id, code = new_id(), secrets.token_urlsafe(18)
    chosen = [ALWAYS_ALONG, *(one for one in TRANSFERABLE if one in classes and one != ALWAYS_ALONG)]
    session.add(
        ServiceTransfer(
            provider_id=provider_id,
            transfer_id=transfer_id,
            side="giving",
            service_id=service_id,
            service_name=named[service_id].name,
            classes=[part for one in chosen for part in (one, *_WITH.get(one, ()))],
            reason=reason,
            code_hash=sha256(code.encode()).digest(),
            **_made(reach),
        )
    )
    note(
        session,
        reach,
        "transfer proposed",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"transfer {transfer_id}",
        detail={"classes": chosen},
    )
    return transfer_id, code


def take_up_transfer(session: Session, reach: Reach, provider_id: uuid.UUID, code: str) -> uuid.UUID:
    """Takes up a service that another provider offers, with the code that it gave.

    Raises:
        RefusedError: the code opens nothing; it is not told why.
    """
    reach.require("keep_custody", provider_id)
    found = session.execute(
        text("select custody.take_up(:code, :taker, :initials)"),
        {"code": code.strip()[:100], "taker": provider_id, "initials": reach.initials},
    ).scalar_one()
    if found is None:
        raise RefusedError(
            "This code opens nothing.",
            {"code": "Check the code with the other provider. It works once, for thirty days."},
        )
    transfer_id = uuid.UUID(str(found))
    note(session, reach, "transfer taken up", provider_id=provider_id, subject=f"transfer {transfer_id}")
    return transfer_id


def approve_transfer(session: Session, reach: Reach, provider_id: uuid.UUID, transfer_id: uuid.UUID) -> bool:
    """Approves one side of a transfer; with the second side's approval it begins, and the answer says whether."""
    transfer = _open_transfer(session, reach, provider_id, transfer_id)
    if transfer.side == "giving" and transfer.other_provider is None:
        raise RefusedError("Nobody has taken this up yet. Give the code to the other provider first.")
    if "approved" in transfer.own_steps:
        raise ConflictError("Your side has approved this already.")
    _transfer_step(session, reach, provider_id, transfer_id, "approved", None)
    note(
        session,
        reach,
        "transfer approved",
        provider_id=provider_id,
        service_id=transfer.service_id,
        subject=f"transfer {transfer_id}",
    )
    session.flush()
    began = session.execute(text("select custody.begin_transfer(:transfer)"), {"transfer": transfer_id}).scalar_one()
    return bool(began)


def refuse_transfer(
    session: Session, reach: Reach, provider_id: uuid.UUID, transfer_id: uuid.UUID, typed: dict[str, str]
) -> None:
    """Refuses or withdraws a transfer that has not begun."""
    transfer = _open_transfer(session, reach, provider_id, transfer_id)
    problems: dict[str, str] = {}
    reason = _reason(typed, problems)
    _refuse(problems)
    _transfer_step(session, reach, provider_id, transfer_id, "refused", reason)
    note(
        session,
        reach,
        "transfer refused",
        provider_id=provider_id,
        service_id=transfer.service_id,
        subject=f"transfer {transfer_id}",
    )


def _open_request(session: Session, reach: Reach, provider_id: uuid.UUID, request_id: uuid.UUID) -> Request:
    reach.require("keep_custody", provider_id)
    found = find_request(session, provider_id, request_id)
    if not found.is_open:
        raise ConflictError("This request is not open any more. Its page says what became of it.")
    return found


def _open_transfer(session: Session, reach: Reach, provider_id: uuid.UUID, transfer_id: uuid.UUID) -> Transfer:
    reach.require("keep_custody", provider_id)
    found = find_transfer(session, provider_id, transfer_id)
    if found.own_steps & {"refused", "done"}:
        raise ConflictError("This transfer is not open any more. Its page says what became of it.")
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
        CustodyStep(provider_id=provider_id, request_id=request_id, kind=kind, reason=reason, detail={}, **_made(reach))
    )
    _flush(session)


def _transfer_step(
    session: Session, reach: Reach, provider_id: uuid.UUID, transfer_id: uuid.UUID, kind: str, reason: str | None
) -> None:
    session.add(
        TransferStep(provider_id=provider_id, transfer_id=transfer_id, kind=kind, reason=reason, **_made(reach))
    )
    _flush(session)


def _flush(session: Session) -> None:
    """Two people who press at the same moment: the second is told, not thrown out."""
    try:
        session.flush()
    except IntegrityError as problem:
        raise ConflictError("Somebody did this at the same moment. Look again.") from problem


def _made(reach: Reach) -> dict[str, Any]:
    return {"recorded_by": reach.person_id, "recorded_initials": reach.initials, "recorded_at": now()}


def _reason(typed: dict[str, str], problems: dict[str, str]) -> str:
    reason = " ".join(typed["reason"].split())
    if not reason:
        problems["reason"] = "Give a reason. Whoever looks at this in years needs it."
    elif len(reason) > LONGEST_REASON:
        problems["reason"] = f"Use at most {LONGEST_REASON} characters."
    return reason


def _reference(typed: dict[str, str], problems: dict[str, str], *, required: bool) -> str | None:
    reference = typed["person_reference"].strip().upper()
    if not reference and not required:
        return None
    if not re.fullmatch(PERSON_PATTERN, reference):
        problems["person_reference"] = "Give the person's reference as records show it, such as P-014."
    return reference


def _service(
    session: Session, provider_id: uuid.UUID, typed: dict[str, str], problems: dict[str, str]
) -> uuid.UUID | None:
    given = typed["service_id"]
    if not given:
        return None
    known = {str(one.service_id): one.service_id for one in services_of(session, provider_id)}
    if given not in known:
        problems["service_id"] = "Choose a service of yours."
        return None
    return known[given]


def _refuse(problems: dict[str, str]) -> None:
    if problems:
        raise RefusedError("Nothing was saved. Mend what is named below and send it again.", problems)


_NAMES = {
    EXPORT: "export of a person's data",
    ERASURE: "erasure of a person's data",
    "retention": "erasure by schedule",
}
