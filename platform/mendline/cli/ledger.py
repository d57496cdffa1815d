"""`mendline ledger`: the record of who did and who read what."""

import sys

import click
from sqlalchemy import select

from mendline.cli.naming import connect, find_provider
from mendline.config import Settings
from mendline.custody.outside import anchored_heads
from tenants.chain import LedgerVerdict
from tenants.chain import verify as verify_chain
from tenants.directory.model import Provider


@click.group()
def ledger() -> None:
    """The record of who did, and who read, what.

    Each entry is chained to the one before it, provider by provider.
    """


@ledger.command()
@click.option("--provider", help="Name or identifier; every provider otherwise.")
def verify(provider: str | None) -> None:
    """Walk each provider's chain from its first link; exit status 1 at the first link that does not hold.

    The chain must also pass through every head that was written outside, day by day (MENDLINE_OUTSIDE).
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
    finally:
        database.dispose()
    sys.exit(0 if holds else 1)


def _anchors(count: int) -> str:
    return f"; {count} head{'' if count == 1 else 's'} kept outside" if count else "; no head is kept outside yet"


def _words(verdict: LedgerVerdict) -> str:
    if verdict.broken:
        return f"DOES NOT HOLD. {verdict.broken}"
    head = f", newest link {verdict.head.chain_hash.hex()}" if verdict.head else ""
    waiting = f", {verdict.unsealed} entries wait for their link" if verdict.unsealed else ""
    erased = f", words of {verdict.erased} entries erased by approval" if verdict.erased else ""
    return f"holds, {verdict.sealed} links{head}{waiting}{erased}"
