"""The command line. Each command stands in a module of its own that is imported only when the command is used."""

import importlib
import os
import sys

import click

from mendline.config import SettingsError, state_folder
from mendline.local.errors import LocalStartError
from mendline.local.running import fill_in
from tenants.errors import MendlineError

# A command's name -> where it is. One line here is all that a new command needs.
COMMANDS = {
    "analyse": "mendline.cli.analyse:analyse",
    "bench": "mendline.cli.bench:bench",
    "commissioner": "mendline.cli.commissioner:commissioner",
    "demo": "mendline.cli.demo:demo",
    "export": "mendline.cli.export:export",
    "import": "mendline.cli.importing:import_facts",
    "key": "mendline.cli.key:key",
    "ledger": "mendline.cli.ledger:ledger",
    "migrate": "mendline.cli.migrate:migrate",
    "operator": "mendline.cli.commissioner:operator",
    "pack": "mendline.cli.pack:pack",
    "person": "mendline.cli.person:person",
    "provider": "mendline.cli.provider:provider",
    "rebuild": "mendline.cli.rebuild:rebuild",
    "relay": "mendline.cli.processes:relay",
    "token": "mendline.cli.person:token",
    "up": "mendline.cli.up:up",
    "verify": "mendline.cli.verify:verify",
    "web": "mendline.cli.processes:web",
    "worker": "mendline.cli.processes:worker",
}

_DATABASE_AWAY = "The database does not answer. Is it running, and is DATABASE_URL right? Nothing was half saved."
_MESSAGES_AWAY = "Valkey or Redis does not answer. Is it running, and is REDIS_URL right? What was saved is kept."
_AWAY = (
    ("sqlalchemy.exc", "OperationalError", _DATABASE_AWAY),
    ("psycopg", "OperationalError", _DATABASE_AWAY),
    ("redis.exceptions", "ConnectionError", _MESSAGES_AWAY),
)


class OnDemand(click.Group):
    """A group that imports a command when it is asked for, and turns a refusal into one line and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name, in alphabetical order."""
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        if cmd_name != "up":  # which brings the servers itself; every other command finds those that run
            fill_in(os.environ, state_folder(os.environ))
        module, name = place.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what a person can be told about becomes a message without a stack trace."""
        try:
            return super().invoke(ctx)
        except (SettingsError, LocalStartError, MendlineError) as problem:
            raise click.ClickException(str(problem)) from problem
        except BrokenPipeError:  # the reader of our output has seen enough
            sys.stderr.close()
            ctx.exit(1)
        except Exception as problem:
            words = _server_away(problem)
            if words is None:
                raise
            raise click.ClickException(words) from problem


def _server_away(problem: Exception) -> str | None:
    """What to tell a person whose database or message server does not answer; None for every other problem."""
    for module, name, words in _AWAY:
        kind = getattr(sys.modules.get(module), name, None)  # a library that was never imported has raised nothing
        if kind is not None and isinstance(problem, kind):
            return f"{words}\n{str(problem).splitlines()[0]}"
    return None


@click.command(cls=OnDemand, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mendline")
def main() -> None:
    """Mendline: recovery and assurance for care provider groups.

    Data go to standard output, messages to standard error. Exit status: 0 done, 1 did not hold, 2 wrong usage.
    """
