"""`mendline pack`: a pack in the foreground. It is drawn by the workers' floor, which stands above and is only named."""

import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import click

from mendline.cli.naming import connect, find_service
from mendline.config import Settings
from tenants.clock import LONDON, now
from tenants.errors import RefusedError

DRAWING = "workers.pack_command"


@click.command()
@click.argument("service")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The PDF to write.")
@click.option("--as-at", type=click.DateTime(["%Y-%m-%d"]), help="As it stood at the end of this day; now otherwise.")
@click.option("--provider", help="Name or identifier, where several providers have a service of that name.")
def pack(service: str, output: Path, as_at: datetime | None, provider: str | None) -> None:
    """Make the CQC pack of a SERVICE (its name or identifier) and write it to --output.

    It is kept like one that was asked for on a page, so that `mendline verify` knows it.
    """
    moment = _end_of(as_at) if as_at else now()
    if moment > now() + timedelta(days=1):
        raise RefusedError("That day has not come. Give today or an earlier day.")
    if not output.absolute().parent.is_dir():
        raise RefusedError(f"There is no folder {output.absolute().parent}. Make it first, or name another.")
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            provider_id, service_id, name = find_service(session, service, provider)
    finally:
        database.dispose()
    click.echo(f"Making the pack of {name} …", err=True)
    order = (str(provider_id), str(service_id), min(moment, now()).isoformat(), str(output.resolve()))
    sys.exit(subprocess.run([sys.executable, "-m", DRAWING, *order], check=False).returncode)


def _end_of(day: datetime) -> datetime:
    following = day.date() + timedelta(days=1)
    return datetime.combine(following, time(), LONDON).astimezone(UTC) - timedelta(microseconds=1)
