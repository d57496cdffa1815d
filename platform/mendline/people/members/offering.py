"""Offering a role to somebody who does not work for the provider yet, with the letter that says so."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.wording import long_date
from mendline.people.members.rows import OfferLine
from tenants.errors import NotFoundError
from tenants.ledger import note
from tenants.reach import Reach
from tenants.roles import ROLES


@dataclass(frozen=True)
class GivenRole:
    """What somebody typed to give a role.

    Attributes:
        service_id: where; None for the whole provider.
        kind: substantive, acting (acts up into the role) or cover (stands in while somebody is away).
        reason: why; needed for acting and cover, and shown where one sees who may see what.
    """

    provider_id: uuid.UUID
    service_id: uuid.UUID | None
    role: str
    kind: str
    valid_from: date
    valid_until: date | None
    reason: str


def offer(session: Session, given: GivenRole, offer_id: uuid.UUID, *, person_id: uuid.UUID, name: str) -> bool:
    """Offers a role to somebody who does not work for the provider.

    Args:
        session: a transaction of whoever offers.
        given: the role, where and from when.
        offer_id: made by the caller.
        person_id: to whom; their account may be new.
        name: as it was typed; it says nothing of an account that was known.

    Returns:
        False where they work there already, so that the role is to be given instead.

    Raises:
        DBAPIError: the database does not let this ticket give such a role there.
    """
    offered: bool = session.execute(
        text(
            "select reach.offer_role(:provider, :service, :offer, :person, :role, :kind, :reason, :name, :initials,"
            " :begins, :ends)"
        ),
        {
            "provider": given.provider_id, "service": given.service_id, "offer": offer_id, "person": person_id,
            "role": given.role, "kind": given.kind, "reason": given.reason.strip() or None, "name": name,
            "initials": initials(name), "begins": given.valid_from, "ends": given.valid_until,
        },
    ).scalar_one()  # fmt: skip
    return offered


def withdraw_offer(session: Session, reach: Reach, offered: OfferLine) -> None:
    """Takes an offer back before it is answered.

    Raises:
        NotFoundError: it was answered meanwhile.
    """
    reach.require("change_members", offered.provider_id, offered.service_id)
    done = session.execute(
        text("select reach.withdraw_offer(:provider, :offer, null)"),
        {"provider": offered.provider_id, "offer": offered.offer_id},
    ).scalar_one()
    if not done:
        raise NotFoundError("This offer was answered or taken back meanwhile.")
    note(
        session,
        reach,
        "offer of a role withdrawn",
        provider_id=offered.provider_id,
        service_id=offered.service_id,
        subject=f"offer {offered.offer_id}",
        detail={"role": offered.role},
    )


def told_of_role(
    provider: str, service: str | None, role: str, valid_from: date, valid_until: date | None
) -> Mapping[str, str]:
    """What the letter to whoever is given or offered a role says; `role` is its key, the days are the first and the last."""
    return {
        "provider": provider,
        "service": service or "",
        "role": ROLES[role].label,
        "from": long_date(valid_from),
        "until": long_date(valid_until) if valid_until else "",
    }


def initials(name: str) -> str:
    """What records show of a person."""
    return "".join(word[0] for word in name.split()[:2]).upper()
