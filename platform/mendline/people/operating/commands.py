"""Support access: asked by one operator, seconded by another, agreed to by the provider for up to an hour."""

import uuid

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.people.operating.queries import Support
from tenants.errors import NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_REASON = 10
REVIEWS = {"in_order": "Looks in order", "not_in_order": "Looks not in order"}


def ask(session: Session, provider_id: uuid.UUID, why: str) -> uuid.UUID:
    """Asks for access to one provider; it stands in that provider's ledger at once.

    Raises:
        RefusedError: no reason.
        NotPermittedError: the asker does not operate the platform.
    """
    if len(why.strip()) < SHORTEST_REASON:
        raise RefusedError("The request was not sent.", {"reason": "Say what is to be looked at, and why."})
    made = new_id()
    _must(
        session,
        "select reach.ask_support(:request, :provider, :why)",
        {"request": made, "provider": provider_id, "why": why.strip()},
    )
    return made


def second(session: Session, request_id: uuid.UUID) -> None:
    """A second operator stands behind the request; the provider is written to.

    Raises:
        NotPermittedError: it is one's own request, or is seconded or over.
    """
    _must(session, "select reach.second_support(:request)", {"request": request_id})


def consent(session: Session, reach: Reach, support: Support, minutes: int) -> None:
    """The provider lets the operator read, for this long from now.

    Raises:
        RefusedError: the time is not 5 to 60 minutes.
        NotPermittedError: the request is not seconded, or is over.
    """
    reach.require("consent_to_support", support.provider_id)
    if not 5 <= minutes <= 60:
        raise RefusedError("Nobody was let in.", {"minutes": "Give 5 to 60 minutes."})
    _must(
        session,
        "select reach.consent_to_support(:provider, :request, :minutes)",
        {"provider": support.provider_id, "request": support.request_id, "minutes": minutes},
    )
    note(
        session,
        reach,
        "support access consented to",
        provider_id=support.provider_id,
        subject=f"support {support.request_id}",
        detail={"minutes": minutes, "operator": support.name},
        why=support.reason,
    )


def end(session: Session, request_id: uuid.UUID) -> None:
    """Ends support access, or declines it; by the provider or by one of the two operators.

    Raises:
        NotPermittedError: it is over, or another's.
    """
    _must(session, "select reach.end_support(:request)", {"request": request_id})


def review(session: Session, request_id: uuid.UUID, found: str) -> None:
    """Writes down what somebody else than the reader found of the looks, once it is over; the provider reads it.

    Raises:
        NotPermittedError: it is one's own, still open, or reviewed already.
    """
    if found not in REVIEWS:
        raise NotPermittedError("Say whether the looks were in order.")
    _must(session, "select reach.review_support(:request, :found)", {"request": request_id, "found": found})


def _must(session: Session, statement: str, values: dict[str, object]) -> None:
    if not session.execute(text(statement), values).scalar_one():
        raise NotPermittedError("This cannot be done now. Open the page again to see how it stands.")
