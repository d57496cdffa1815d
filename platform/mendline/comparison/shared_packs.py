"""Packs that a provider shares with a commissioner: which there are, for the officer who may open them."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.wording import counted, long_date
from mendline.places.head import Address
from mendline.web.components import Item
from tenants.clock import LONDON


@dataclass(frozen=True, slots=True)
class SharedPack:
    """A pack that is shared with the reader; the database shows no other.

    Attributes:
        body: whose officers it was made for.
        released_at: the moment of the release that it shows.
        figures_to: the last day that its figures cover; None where the release held none.
        sha256: of the file before it is marked with whose copy it is, in hexadecimal digits.
        bytes: its size, likewise before.
        pages: how many it has.
    """

    provider_id: uuid.UUID
    service_id: uuid.UUID
    share_id: uuid.UUID
    reference: str
    body: str
    purpose: str
    released_at: datetime
    figures_to: date | None
    object_key: str
    sha256: str
    bytes: int
    pages: int
    shared_label: str
    shared_at: datetime


# What was withdrawn, or whose grant is over, is shown to nobody outside; that it is named here too is for the index alone.
_SHARED = text("""
select s.provider_id, s.service_id, s.share_id, s.reference, s.body, s.purpose, s.released_at, s.figures_to, s.object_key,
       s.sha256, s.bytes, s.pages, s.shared_label, s.shared_at
from pack_share s
where s.provider_id = :provider and s.service_id = :service and s.withdrawn_at is null
order by s.shared_at desc limit 100
""")


def shared_packs(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[SharedPack, ...]:
    """The packs of a service that are shared with whoever asks, newest first: one statement."""
    rows = session.execute(_SHARED, {"provider": provider_id, "service": service_id}).mappings()
    return tuple(SharedPack(**row) for row in rows)


def pack_item(pack: SharedPack, address: Address) -> Item:
    """A shared pack on a commissioner's page."""
    day = long_date(pack.shared_at.astimezone(LONDON).date())
    figures = f"Figures to {long_date(pack.figures_to)}. " if pack.figures_to else ""
    return Item(
        f"Pack {pack.reference}",
        f"{figures}{counted(pack.pages, 'page')}, shared on {day}.",
        href=address("shared_packs.one", service_id=pack.service_id, share_id=pack.share_id),
    )
