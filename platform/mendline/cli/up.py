"""`mendline up`."""

import sys

import click

from mendline.config import Settings
from mendline.local.supervisor import Options, Supervisor


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen; MENDLINE_PORT or 8700 otherwise.")
@click.option("--check", is_flag=True, help="Go as far as ready, walk through it over HTTP, stop with an exit status.")
@click.option("--empty", is_flag=True, help="Without the demonstration data.")
def up(port: int | None, check: bool, empty: bool) -> None:
    """Run the whole application on this machine, until Ctrl-C.

    PostgreSQL and Valkey are brought along, unless DATABASE_URL and REDIS_URL name others.
    """
    settings = Settings.from_environment()
    sys.exit(Supervisor(settings, Options(port or settings.port, check=check, empty=empty)).run())
