"""`mendline migrate`."""

import click

from mendline.config import Settings, resources
from tenants.migrate import upgrade


@click.command()
def migrate() -> None:
    """Bring the database to the newest revision. Safe while the application runs."""
    settings = Settings.from_environment()
    upgrade(settings.database_url, settings.role_passwords, resources().migrations)
    click.echo("The database is at the newest revision.", err=True)
