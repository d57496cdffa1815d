"""Seals what each provider's ledger gained, so that nobody can change it unseen, and tells where that was tried."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.chain import seal, verify_newest
from tenants.clock import now
from tenants.watching import words_of
from workers.claiming import Work

_DOES_NOT_HOLD = text("select reach.ledger_does_not_hold(:provider, :at, :words)")


def seal_ledger(work: Work) -> None:
    """Adds a link to the provider's chain for each entry that has none, after a look at those that it has."""
    with work.completing() as session:
        if verify_newest(session, work.provider_id):
            tell_that_it_does_not_hold(session, work)
        seal(session, work.provider_id)


def tell_that_it_does_not_hold(session: Session, work: Work) -> None:
    """Raises an alert for operators and for the provider's administrators, once a day."""
    session.execute(_DOES_NOT_HOLD, {"provider": work.provider_id, "at": now(), "words": words_of("ledger_broken")})
