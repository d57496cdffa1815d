"""`mendline demo load`."""

import click

from mendline.config import Settings
from mendline.demonstration.load import main
from mendline.local.progress import say


@click.group()
def demo() -> None:
    """The demonstration: real figures under invented names."""


@demo.command()
def load() -> None:
    """Load what is missing of the demonstration; what people changed in it stays."""
    main(Settings.from_environment(), lambda line: say(f"    {line}"))
