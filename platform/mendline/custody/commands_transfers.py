"""Transfers of a service between providers: offered with a code, taken up, approved by both sides or refused."""

import secrets
import uuid
from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.custody.given import flush_or_conflict, made_by, reason_of, refuse_for, service_of
from mendline.custody.model import ServiceTransfer, TransferStep
from mendline.custody.queries import find_transfer, services_of
from mendline.custody.rows import Transfer
from tenants.errors import ConflictError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

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


def propose_transfer(
    session: Session, reach: Reach, provider_id: uuid.UUID, typed: dict[str, str], classes: Sequence[str]
) -> tuple[uuid.UUID, str]:
    """Offers a service to another provider.

    Returns:
        The transfer, and the code that the other provider enters; it is shown once and only its hash is kept.
    """
    reach.require("keep_custody", provider_id)
    problems: dict[str, str] = {}
    service_id = service_of(session, provider_id, typed, problems)
    if service_id is None and "service_id" not in problems:
        problems["service_id"] = "Choose the service."
    named = {one.service_id: one for one in services_of(session, provider_id)}
    if service_id in named and named[service_id].is_frozen:
        problems["service_id"] = "This service was transferred already."
    unknown = [one for one in classes if one not in TRANSFERABLE]
    if unknown:
        problems["classes"] = "Choose from what is listed."
    reason = reason_of(typed, problems)
    refuse_for(problems)
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
            **made_by(reach),
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
    reason = reason_of(typed, problems)
    refuse_for(problems)
    _transfer_step(session, reach, provider_id, transfer_id, "refused", reason)
    note(
        session,
        reach,
        "transfer refused",
        provider_id=provider_id,
        service_id=transfer.service_id,
        subject=f"transfer {transfer_id}",
    )


def _open_transfer(session: Session, reach: Reach, provider_id: uuid.UUID, transfer_id: uuid.UUID) -> Transfer:
    reach.require("keep_custody", provider_id)
    found = find_transfer(session, provider_id, transfer_id)
    if found.own_steps & {"refused", "done"}:
        raise ConflictError("This transfer is not open any more. Its page says what became of it.")
    return found


def _transfer_step(
    session: Session, reach: Reach, provider_id: uuid.UUID, transfer_id: uuid.UUID, kind: str, reason: str | None
) -> None:
    session.add(
        TransferStep(provider_id=provider_id, transfer_id=transfer_id, kind=kind, reason=reason, **made_by(reach))
    )
    flush_or_conflict(session)
