"""`mendline rebuild`: derived tables from the facts, or compared with them."""

import sys

import click

from mendline.cli.naming import connect, find_provider
from mendline.comparison.rebuild import rebuild as rebuild_derived
from mendline.config import Settings


@click.command()
@click.option("--provider", help="Name or identifier; every provider otherwise.")
@click.option("--verify", is_flag=True, help="Compare instead of writing; exit status 1 on a difference.")
def rebuild(provider: str | None, verify: bool) -> None:
    """Recompute every derived table from the facts; safe while the application runs.

    With --verify nothing is written, and each difference is a line on standard output.
    """
    database = connect(Settings.from_environment())
    try:
        provider_id = None
        if provider is not None:
            with database.administration() as session:
                provider_id, _ = find_provider(session, provider)
        report = rebuild_derived(
            database, provider_id, verify=verify, tell=lambda name: click.echo(f"  {name}: done", err=True)
        )
    finally:
        database.dispose()
    for difference in report.differences:
        click.echo(difference)
    done = "compared" if verify else "made again"
    waiting = f", {report.waiting} wait for their job" if report.waiting else ""
    click.echo(
        f"{report.providers} providers: {report.indicators} indicators and {report.roll_ups} roll-ups {done}{waiting}, "
        f"{len(report.differences)} differences.",
        err=True,
    )
    sys.exit(report.exit_status)
