"""`mendline ledger`: the record of who did and who read what."""

import sys

import click
from sqlalchemy import select

from mendline.cli.naming import connect, find_provider
from mendline.config import Settings
from mendline.custody.outside import PLATFORM, anchored_heads
from tenants import refusals
from tenants.chain import LedgerVerdict
from tenants.chain import verify as verify_chain
from tenants.clock import now
from tenants.database import Database
from tenants.directory.model import Provider


@click.group()
def ledger() -> None:
    """The record of who did, and who read, what.

    Each entry is chained to the one before it, provider by provider.
    """


@ledger.command()
@click.option("--provider", help="Name or identifier; every provider and the platform's own chain otherwise.")
def verify(provider: str | None) -> None:
    """Walk each provider's chain from its first link, then the platform's own; exit status 1 where a link does not hold.

    Each chain must also pass through every head that was written outside, day by day (MENDLINE_OUTSIDE).
    """
    settings = Settings.from_environment()
    database = connect(settings)
    holds = True
    try:
        with database.administration() as session:
            if provider is not None:
                found = [find_provider(session, provider)]
            else:
                rows = session.execute(select(Provider.provider_id, Provider.name).order_by(Provider.name))
                found = [(row.provider_id, row.name) for row in rows]
        for provider_id, name in found:
            reach = database.command_reach(provider_id)
            kept = anchored_heads(settings.outside_folder, provider_id)
            with database.transaction(reach) as session:
                verdict = verify_chain(session, provider_id, kept)
            click.echo(f"{name}: {_words(verdict)}{_anchors(len(kept))}")
            holds = holds and verdict.holds
        if provider is None:
            holds = _platform_holds(database, settings) and holds
    finally:
        database.dispose()
    sys.exit(0 if holds else 1)


def _platform_holds(database: Database, settings: Settings) -> bool:
    """Walks the platform's own chain: counts of what was refused where no provider can be named."""
    kept = anchored_heads(settings.outside_folder, PLATFORM)
    with database.administration() as session:
        verdict = refusals.verify(session, kept, now())
    said = _words(verdict, waiting="minutes wait for their link", gone="counts of {} minutes gone after ninety days")
    click.echo(f"The platform's own count of refusals: {said}{_anchors(len(kept))}")
    return verdict.holds


def _anchors(count: int) -> str:
    return f"; {count} head{'' if count == 1 else 's'} kept outside" if count else "; no head is kept outside yet"


def _words(
    verdict: LedgerVerdict,
    waiting: str = "entries wait for their link",
    gone: str = "words of {} entries erased by approval",
) -> str:
    if verdict.broken:
        return f"DOES NOT HOLD. {verdict.broken}"
    head = f", newest link {verdict.head.chain_hash.hex()}" if verdict.head else ""
    unsealed = f", {verdict.unsealed} {waiting}" if verdict.unsealed else ""
    erased = f", {gone.format(verdict.erased)}" if verdict.erased else ""
    return f"holds, {verdict.sealed} links{head}{unsealed}{erased}"
