"""Granting, renewing and withdrawing what commissioners may see. Nobody grants more than they see themselves."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.people.grants.queries import GrantLine
from tenants.clock import now
from tenants.directory.model import CommissionerGrant
from tenants.errors import NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach
from tenants.roles import GRANTABLE

LONGEST = timedelta(days=366)

# The grounds in data-protection law on which a provider shares with a council or integrated care board.
BASES = {
    "public_task": "Public task: the commissioner's duty to oversee care it pays for (UK GDPR Article 6(1)(e))",
    "legal_obligation": "Legal obligation (UK GDPR Article 6(1)(c))",
    "contract": "Contract monitoring in both sides' legitimate interests (UK GDPR Article 6(1)(f))",
}


@dataclass(frozen=True)
class GivenGrant:
    """What somebody typed to grant a commissioner a view."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    body_id: uuid.UUID | None
    classes: tuple[str, ...]
    live: bool
    show_name: bool
    valid_from: date
    valid_until: date | None
    purpose: str
    lawful_basis: str


def make_grant(
    session: Session, reach: Reach, given: GivenGrant, *, body: str, today: date, renews: uuid.UUID | None = None
) -> uuid.UUID:
    """Lets a commissioning body see a service, for twelve months at most; it ends by itself.

    Raises:
        RefusedError: something is missing, or it is more than can be granted.
        NotPermittedError: the granter does not see all of it over the whole provider themselves.
    """
    reach.require("change_grants", given.provider_id)
    problems = _problems(given, today)
    if problems or given.body_id is None or given.valid_until is None:
        raise RefusedError("The grant was not made.", problems)
    if not all(reach.holds(class_, "r", given.provider_id) for class_ in given.classes):
        raise NotPermittedError("Nobody grants more than they see themselves over the whole provider.")
    made = new_id()
    session.add(
        CommissionerGrant(
            provider_id=given.provider_id,
            service_id=given.service_id,
            grant_id=made,
            body_id=given.body_id,
            classes=list(given.classes),
            live=given.live,
            show_name=given.show_name,
            valid_from=given.valid_from,
            valid_until=given.valid_until,
            purpose=given.purpose.strip(),
            lawful_basis=given.lawful_basis,
            approved_by=reach.person_id,
            renews=renews,
            recorded_at=now(),
        )
    )
    note(
        session,
        reach,
        "grant renewed" if renews else "grant made",
        provider_id=given.provider_id,
        service_id=given.service_id,
        subject=f"grant {made}",
        detail={
            "body": body,
            "classes": list(given.classes),
            "until": given.valid_until.isoformat(),
            "live": given.live,
            "basis": given.lawful_basis,
        },
        why=given.purpose.strip(),
    )
    session.flush()
    return made


def _problems(given: GivenGrant, today: date) -> dict[str, str]:
    until = given.valid_until
    wrong = (
        (given.body_id is None, "body", "Choose the council or integrated care board."),
        (not given.classes or not set(given.classes) <= set(GRANTABLE), "classes", "Choose what may be seen."),
        (given.valid_from < today, "valid_from", "A grant begins today or later."),
        (until is None or until < given.valid_from, "valid_until", "Give the day on which it ends."),
        (
            until is not None and until > given.valid_from + LONGEST,
            "valid_until",
            "A grant lasts twelve months at most.",
        ),
        (
            len(given.purpose.strip()) < 10,
            "purpose",
            "Say what for, in a sentence that the commissioner will read too.",
        ),
        (given.lawful_basis not in BASES, "lawful_basis", "Choose the ground in law."),
    )
    return {field: words for is_wrong, field, words in wrong if is_wrong}


def withdraw(session: Session, reach: Reach, grant: GrantLine, why: str) -> None:
    """Withdraws a grant: the next statement of an officer sees nothing, also in the middle of a page.

    Raises:
        RefusedError: no reason.
        NotPermittedError: it is withdrawn already, or not this person's to withdraw.
    """
    reach.require("change_grants", grant.provider_id)
    if len(why.strip()) < 3:
        raise RefusedError("The grant still stands.", {"reason": "Say why, in a few words."})
    done = session.execute(
        text("select reach.withdraw_grant(:provider, :service, :grant, :why)"),
        {
            "provider": grant.provider_id,
            "service": grant.service_id,
            "grant": grant.grant_id,
            "why": why.strip(),
        },
    ).scalar_one()
    if not done:
        raise NotPermittedError("This grant is withdrawn already.")
    note(
        session,
        reach,
        "grant withdrawn",
        provider_id=grant.provider_id,
        service_id=grant.service_id,
        subject=f"grant {grant.grant_id}",
        detail={"body": grant.body or ""},
        why=why.strip(),
    )
