"""`mendline import`: a file of facts, all of it or nothing."""

import io
import sys
import uuid
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from mendline.cli.naming import connect, find_provider
from mendline.cli.showing import Meter
from mendline.config import Settings
from mendline.evidence.importing import (
    Imported,
    ImportRefusedError,
    ImportUndecidedError,
    check_file,
    every_mapping,
    find_any_mapping,
    names_of,
    save_file,
)
from mendline.evidence.imports.decoding import UnreadableFileError
from mendline.evidence.imports.findings import SHOWN, RowProblem
from mendline.evidence.imports.judging import keep_command
from mendline.evidence.imports.mapping import FileMapping, MappingError
from mendline.evidence.imports.own import read_own
from mendline.evidence.imports.plan import ImportPlan
from mendline.evidence.imports.queries import own_mappings
from mendline.evidence.imports.target import NEW, SAME, Choices
from mendline.evidence.imports.weighing import ON_CONFLICT, OnConflict
from tenants.clock import LONDON, now


@click.command("import")
@click.argument("provider", required=False)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", "mapping_name", help="What the columns mean; --mappings lists those there are.")
@click.option(
    "--on-conflict",
    type=click.Choice(ON_CONFLICT),
    default="stop",
    show_default=True,
    help="What becomes of rows that say something else than what a person recorded by hand.",
)
@click.option(
    "--duplicates",
    type=click.Choice(("stop", SAME, NEW)),
    default="stop",
    show_default=True,
    help="What rows are that look like a record which is kept already: the same, or new ones.",
)
@click.option(
    "--contradictions",
    type=click.Choice(("stop", "leave-out")),
    default="stop",
    show_default=True,
    help="What becomes of rows that contradict another row of the file: leave-out takes neither, and tells each.",
)
@click.option("--dry-run", is_flag=True, help="Check everything and say what would happen, but save nothing.")
@click.option("--mappings", "list_mappings", is_flag=True, help="List the mappings and stop.")
def import_facts(
    provider: str | None,
    file: Path | None,
    mapping_name: str | None,
    on_conflict: OnConflict,
    duplicates: str,
    contradictions: str,
    dry_run: bool,
    list_mappings: bool,
) -> None:
    """Save a FILE of figures or records of a PROVIDER (its name or identifier): all of it, or nothing.

    A row that cannot be taken is told with its line, its column, the reason and what to do. The same file a second time
    changes nothing, and what a file brought can be taken back on its page. Exit status 1 where the file was refused.
    """
    if list_mappings:
        _list_mappings(provider)
        return
    if provider is None or file is None or mapping_name is None:
        raise click.UsageError("Give PROVIDER, FILE and --mapping NAME.")
    choices = Choices(on_conflict, otherwise=None if duplicates == "stop" else duplicates)
    try:
        _run(provider, file, mapping_name, choices, leaves_out=contradictions == "leave-out", dry_run=dry_run)
    except MappingError as unknown:
        raise click.BadParameter(str(unknown), param_hint="--mapping") from unknown
    except ImportUndecidedError as undecided:
        _tell_undecided(undecided)
        raise click.ClickException(str(undecided)) from undecided
    except UnreadableFileError as unreadable:
        raise click.ClickException(f"{file.name}: {unreadable} Nothing was saved.") from unreadable
    except ImportRefusedError as refused:
        _tell_problems(refused.rows, refused.count)
        raise click.ClickException(str(refused)) from refused


def _run(provider: str, file: Path, mapping_name: str, choices: Choices, *, leaves_out: bool, dry_run: bool) -> None:
    database, at = connect(Settings.from_environment()), now()
    try:
        with database.administration() as session:
            provider_id, _ = find_provider(session, provider)
        reach = database.command_reach(provider_id, minutes=240)
        with database.transaction(reach) as session:
            names = names_of(session, reach, provider_id)
            mapping = _mapping(session, provider_id, mapping_name)
        with _watched(file) as stream:
            plan = check_file(stream, mapping, names, at, leaves_out=leaves_out)
        _tell_left_out(plan)
        for warning in plan.warnings:
            click.echo(f"Note: {warning}.", err=True)
        if plan.can_leave_out:
            click.echo(
                "Only rows that contradict each other keep it out: --contradictions leave-out takes neither.", err=True
            )
        with Meter("Saving") as meter, database.transaction(reach) as session:
            done = save_file(
                session, reach, plan, names, provider_id=provider_id, file_name=file.name, at=at, progress=meter.show,
                choices=choices,
            )  # fmt: skip
            if done.before is None:
                keep_command(session, provider_id, plan, done, file_name=file.name, size=file.stat().st_size, at=at)
            if dry_run:
                session.rollback()
    finally:
        database.dispose()
    click.echo(_summary(file, plan, done, dry_run=dry_run))


def _mapping(session: Session, provider_id: uuid.UUID, name: str) -> FileMapping:
    """A mapping of the provider's own by its name, or one that comes with Mendline."""
    own = (one for one in own_mappings(session, provider_id, None) if one.name.casefold() == name.casefold())
    found = next(own, None)
    return read_own(found.declared) if found else find_any_mapping(name)


def _summary(file: Path, plan: ImportPlan, done: Imported, *, dry_run: bool) -> str:
    if done.before is not None:
        when = done.before.astimezone(LONDON)
        return f"{file.name} was imported before, on {when:%d %B %Y at %H:%M}. Nothing was changed."
    told = f"{done.saved:,} {'would be ' if dry_run else ''}saved, {done.unchanged:,} unchanged"
    read = f"{plan.lines_read:,} rows read ({plan.encoding}, {plan.delimiter})"
    return f"{file.name}: {read}, {told}.{' Nothing was saved: this was a dry run.' if dry_run else ''}"


def _tell_left_out(plan: ImportPlan) -> None:
    for one in plan.left_out:
        click.echo(one.sentence(), err=True)
    if plan.left_out_count > len(plan.left_out):
        click.echo(f"… and {plan.left_out_count - len(plan.left_out):,} more were left out.", err=True)


def _tell_problems(problems: tuple[RowProblem, ...], count: int) -> None:
    for problem in problems:
        click.echo(problem.sentence(), err=True)
    if count > len(problems):
        click.echo(f"… and {count - len(problems):,} more.", err=True)


def _tell_undecided(undecided: ImportUndecidedError) -> None:
    tally = undecided.found.tally
    for one in tally.conflicts[:SHOWN]:
        who = f" ({one['who']})" if one["who"] else ""
        click.echo(
            f"Line {one['line']}: {one['what']}: the file says {one['file']}; {one['stands']} stands{who}.", err=True
        )
    for one in tally.proposals[:SHOWN]:
        if one["decided"] is None:
            click.echo(f"Line {one['line']}: {one['what']}: looks like a record that is kept already.", err=True)
    click.echo("Decide with --on-conflict and --duplicates, or row by row on the file's page.", err=True)


def _list_mappings(provider: str | None) -> None:
    if provider is not None:
        database = connect(Settings.from_environment())
        try:
            with database.administration() as session:
                provider_id, _ = find_provider(session, provider)
            with database.transaction(database.command_reach(provider_id)) as session:
                for one in own_mappings(session, provider_id, None):
                    click.echo(f"{one.name:<28} Your own, version {one.version}")
        finally:
            database.dispose()
    for mapping in every_mapping().values():
        click.echo(f"{mapping.name:<28} {mapping.title}")
        if sys.stdout.isatty():
            click.echo(click.style(f"{'':<28} {mapping.purpose}", dim=True))


class _Watched(io.FileIO):
    """A file that says how much of it is read; it is read more than once, so the share is that of each pass."""

    def __init__(self, path: Path, meter: Meter) -> None:
        super().__init__(path, "rb")
        self._meter, self._size = meter, path.stat().st_size

    def readinto(self, buffer: Any) -> int | None:
        """Reads on, and shows how far it is."""
        read = super().readinto(buffer)
        self._meter.show(self.tell(), self._size)
        return read

    def close(self) -> None:
        """Closes the file, and ends the line on the terminal."""
        self._meter.end()
        super().close()


def _watched(path: Path) -> io.BufferedReader:
    return io.BufferedReader(_Watched(path, Meter("Reading")), buffer_size=1 << 18)
