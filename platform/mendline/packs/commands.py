"""Asking for a pack, and keeping one that is finished."""

import unicodedata
import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.packs.composing_story import KINDS
from mendline.packs.model import Pack, PackFile
from mendline.places.rows import Place
from tenants.clock import LONDON, end_of_day, now, today
from tenants.database import in_turn
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.jobs import enqueue
from tenants.ledger import note
from tenants.reach import Reach

EARLIEST = date(2000, 1, 1)


def request_pack(
    session: Session,
    reach: Reach,
    place: Place,
    *,
    day: date | None = None,
    drills: bool = True,
    story: Collection[str] = KINDS,
) -> uuid.UUID:
    """Asks for a pack; a worker makes it.

    Args:
        session: a transaction within reach.
        reach: who asks.
        place: the service.
        day: the pack is as things were known at its end; as they stand at this moment where None or today.
        drills: whether inspection drills stand in it.
        story: the kinds of happening that its story tells; the pack says which were left out.

    Returns:
        The pack's identifier, under which its progress is shown.

    Raises:
        RefusedError: the day is not one that can be looked back to, or a pack tells nothing of such a kind.
    """
    reach.require("request_pack", place.provider_id, place.service_id)
    at = now()
    if day is not None and not EARLIEST <= day <= today():
        words = "Choose a day up to today. What stands later is not known yet."
        raise RefusedError("The pack was not asked for.", {"as_at": words})
    if not set(story) <= set(KINDS):
        raise RefusedError("The pack was not asked for.", {"story": "Choose from the kinds that are offered."})
    reference = next_reference(session, place, place.name, at)
    options = {"drills": drills, "story": [kind for kind in KINDS if kind in story]}
    as_at = min(at, end_of_day(day)) if day else at
    pack_id = ordered(session, reach, place, reference, at=at, as_at=as_at, options=options)
    note(
        session, reach, "pack requested", provider_id=place.provider_id, service_id=place.service_id, subject=reference
    )
    return pack_id


def ordered(
    session: Session,
    reach: Reach,
    place: Place,
    reference: str,
    *,
    at: datetime,
    as_at: datetime,
    options: Mapping[str, Any],
    figures_to: date | None = None,
) -> uuid.UUID:
    """Writes down that a pack was asked for, with the job that makes it; gives its identifier.

    Args:
        session: a transaction within reach.
        reach: who asks, and may.
        place: the service.
        reference: what the pack is called.
        at: when it is asked for.
        as_at: the moment that it shows.
        options: what was chosen for it.
        figures_to: the last day of its figures, where that is known before it is made.
    """
    pack_id = new_id()
    job_id = enqueue(
        session,
        "make_pack",
        provider_id=place.provider_id,
        service_id=place.service_id,
        arguments={"pack_id": str(pack_id)},
        requested_by=reach.person_id,
    )
    session.add(
        Pack(
            provider_id=place.provider_id,
            service_id=place.service_id,
            pack_id=pack_id,
            reference=reference,
            as_at=as_at,
            figures_to=figures_to,
            options=dict(options),
            job_id=job_id,
            requested_by=reach.person_id,
            requested_initials=reach.initials,
            requested_at=at,
        )
    )
    session.flush()
    return pack_id


def keep_pack(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    pack_id: uuid.UUID,
    key: str,
    sha256: str,
    manifest_sha256: str,
    size: int,
    pages: int,
) -> None:
    """Writes down a finished pack with its fingerprint."""
    session.add(
        PackFile(
            provider_id=provider_id,
            service_id=service_id,
            pack_id=pack_id,
            object_key=key,
            sha256=sha256,
            manifest_sha256=manifest_sha256,
            bytes=size,
            pages=pages,
            made_at=now(),
        )
    )
    note(
        session,
        reach,
        "pack made",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"pack {pack_id}",
        detail={"sha256": sha256},
    )


def next_reference(session: Session, place: Place, name: str, at: datetime) -> str:
    """`RH-2026-11-17-01`: the service as the pack names it, the day, the number of the day."""
    start = f"{initials_of(name)}-{at.astimezone(LONDON).date().isoformat()}-"
    in_turn(session, f"pack:{place.provider_id}:{place.service_id}")
    used = session.execute(
        select(func.count()).where(
            Pack.provider_id == place.provider_id,
            Pack.service_id == place.service_id,
            Pack.reference.startswith(start),
        )
    ).scalar_one()
    return f"{start}{used + 1:02}"


def initials_of(name: str) -> str:
    """The first letters of a service's name, two at least and six at the most, plain ones that any file name takes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = ["".join(letter for letter in word if letter.isalnum()) for word in plain.split()]
    letters = "".join(word[0] for word in words if word[:1].isalpha())[:6].upper()
    return letters if len(letters) > 1 else ("".join(words)[:2].upper() or "SERVICE")
