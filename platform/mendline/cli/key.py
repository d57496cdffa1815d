"""`mendline key`: the installation's own key, renewed while people work."""

from datetime import timedelta
from pathlib import Path

import click

from mendline.config import Settings, SettingsError
from mendline.secret_keys import drop_former, renew, written
from tenants.clock import LONDON, now


@click.group()
def key() -> None:
    """The installation's own key: what signs cookies, links and forms.

    A new one signs at once, in every process, without a restart. What the one before has signed is believed for a while.
    """


@key.command(name="renew")
@click.option(
    "--keep-hours", default=24 * 14, show_default=True, type=click.IntRange(0, 24 * 90),
    help="How long what the present key signed is believed; 0 ends it at once, where somebody may have seen the key.",
)  # fmt: skip
def renew_key(keep_hours: int) -> None:
    """Make a new key that signs from now on."""
    until = now() + timedelta(hours=keep_hours)
    renew(_file(), until)
    said = f"is believed until {until.astimezone(LONDON):%d %B %Y, %H:%M}" if keep_hours else "is believed no longer"
    click.echo(f"A new key signs. What the one before has signed {said}.")


@key.command()
def drop() -> None:
    """Believe former keys no longer: whoever still goes by one is asked to sign in."""
    count = drop_former(_file())
    click.echo(f"{count} former key{'' if count == 1 else 's'} dropped. The present one signs as before.")


@key.command()
def show() -> None:
    """Say until when former keys are believed; no key is shown."""
    _, former = written(_file().read_text(encoding="utf-8"))
    for each in former:
        click.echo(f"A former key is believed until {each.until.astimezone(LONDON):%d %B %Y, %H:%M}.")
    if not former:
        click.echo("No former key is believed.")


def _file() -> Path:
    found = Settings.from_environment().key_file
    if found is None:
        raise SettingsError(
            "MENDLINE_SECRET_KEY gives the key. Name the new one in MENDLINE_SECRET_KEY_BESIDE and restart; then let the two"
            " change places, and restart; and take the former one out when its time is over."
        )
    return found
