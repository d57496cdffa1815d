"""`mendline provider`: a provider group and its services, set up without a browser; and a provider that leaves."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import click
from sqlalchemy.orm import Session

from mendline.cli.naming import connect, find_provider, find_service
from mendline.config import Settings
from mendline.custody.erasing import replay
from mendline.custody.leaving import erase_provider, leave, may_be_erased, stay
from mendline.custody.outside import REGISTER, lines_of
from mendline.evidence.files.stores import store_of
from mendline.people.register.commands import close, follow, set_area
from mendline.people.register.queries import Registered, registered
from tenants.clock import today
from tenants.directory.onboarding import add_service, create_provider
from tenants.reach import Reach

KINDS = ("residential", "nursing", "home_care", "supported_living")


@click.group()
def provider() -> None:
    """Set up a provider group and its services.

    The new identifier is printed on standard output.
    """


@provider.command()
@click.argument("name")
@click.option("--cqc-provider-id", help="The provider's identifier at CQC, such as 1-101641521.")
def create(name: str, cqc_provider_id: str | None) -> None:
    """Make a provider group called NAME."""
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            made = create_provider(session, name, cqc_provider_id=cqc_provider_id)
    finally:
        database.dispose()
    click.echo(f"Made the provider {name.strip()}.", err=True)
    click.echo(made)


@provider.command("add-service")
@click.argument("provider_name", metavar="PROVIDER")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="residential", show_default=True)
@click.option("--cqc-location-id", help="The service's identifier at CQC.")
@click.option("--own-reference", help="What your own files call it.")
@click.option("--area-code", help="The code of its local authority area, such as E08000009.")
@click.option("--beds", type=click.IntRange(0))
@click.option("--people", "people_count", type=click.IntRange(0), help="How many people use it.")
@click.option("--registered-manager", help="Their name, as CQC shows it.")
def add_service_to(
    provider_name: str,
    name: str,
    kind: str,
    cqc_location_id: str | None,
    own_reference: str | None,
    area_code: str | None,
    beds: int | None,
    people_count: int | None,
    registered_manager: str | None,
) -> None:
    """Add a service called NAME to a PROVIDER (its name or identifier)."""
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            provider_id, _ = find_provider(session, provider_name)
            made = add_service(
                session,
                provider_id,
                name,
                kind=kind,
                cqc_location_id=cqc_location_id,
                own_reference=own_reference,
                area_code=area_code,
                beds=beds,
                people_count=people_count,
                registered_manager=registered_manager,
            )
    finally:
        database.dispose()
    click.echo(f"Added {name}.", err=True)
    click.echo(made)


@provider.command("close-service")
@click.argument("provider_name", metavar="PROVIDER")
@click.argument("service_name", metavar="SERVICE")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day, such as 2026-05-03.")
@click.option("--reason", required=True, help="Why it closed, for the ledger.")
def close_service(provider_name: str, service_name: str, day: datetime, reason: str) -> None:
    """Close a SERVICE: no more work, reminders or weight in pooled figures; its pages stay to be read."""
    with _register_of(provider_name) as (session, reach, services):
        found = services[find_service(session, service_name, provider_name)[1]]
        close(session, reach, found, day.date(), reason, today())
    click.echo(f"{found.name} is closed since {day:%d %B %Y}.", err=True)


@provider.command("follow")
@click.argument("provider_name", metavar="PROVIDER")
@click.argument("service_name", metavar="SERVICE")
@click.argument("before_name", metavar="BEFORE")
@click.option("--from", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day of SERVICE.")
@click.option("--reason", required=True, help="Why, for the ledger and the story.")
def follow_service(provider_name: str, service_name: str, before_name: str, day: datetime, reason: str) -> None:
    """Say that a SERVICE follows the one BEFORE it, whose history it does not take over."""
    with _register_of(provider_name) as (session, reach, services):
        newer, before = (
            services[find_service(session, name, provider_name)[1]] for name in (service_name, before_name)
        )
        follow(session, reach, newer, before, day.date(), reason, services)
    click.echo(f"{newer.name} follows {before.name} from {day:%d %B %Y}.", err=True)


@provider.command("set-area")
@click.argument("provider_name", metavar="PROVIDER")
@click.argument("service_name", metavar="SERVICE")
@click.argument("area_code")
def set_area_of(provider_name: str, service_name: str, area_code: str) -> None:
    """Say in which local authority area a SERVICE lies: a code such as E08000009, or '' to take it back."""
    with _register_of(provider_name) as (session, reach, services):
        found = services[find_service(session, service_name, provider_name)[1]]
        area = set_area(session, reach, found, area_code)
    click.echo(f"{found.name} lies in {area}." if area else f"{found.name} has no area.", err=True)


@provider.command("leave")
@click.argument("provider_name", metavar="PROVIDER")
@click.option("--reason", required=True, help="Why it leaves, for the certificate.")
def leave_mendline(provider_name: str, reason: str) -> None:
    """Make a PROVIDER that leaves read-only; it may be exported, and erased after thirty days."""
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            provider_id, name = find_provider(session, provider_name)
            day = leave(session, provider_id, reason)
    finally:
        database.dispose()
    click.echo(f"{name} is read-only now. Export it, and erase it from {day:%d %B %Y}.", err=True)
    click.echo(day.isoformat())


@provider.command("stay")
@click.argument("provider_name", metavar="PROVIDER")
def stay_with_mendline(provider_name: str) -> None:
    """Take the leaving of a PROVIDER back."""
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            provider_id, name = find_provider(session, provider_name)
            stay(session, provider_id)
    finally:
        database.dispose()
    click.echo(f"{name} stays.", err=True)


@provider.command("erase")
@click.argument("provider_name", metavar="PROVIDER")
@click.option("--confirm", required=True, help="The provider's name, as it is written.")
def erase_for_good(provider_name: str, confirm: str) -> None:
    """Erase a PROVIDER that left thirty days ago: every row, every file, its key. Prints the certificate."""
    settings = Settings.from_environment()
    database = connect(settings)
    try:
        with database.administration() as session:
            provider_id, name = find_provider(session, provider_name)
            if confirm != name:
                raise click.BadParameter(f"it is called {name!r}", param_hint="--confirm")
            may_be_erased(session, provider_id, today())
            certificate = erase_provider(
                session, provider_id, name, settings.state, settings.outside_folder, store_of(settings)
            )
    finally:
        database.dispose()
    rows = sum(certificate.rows.values())
    click.echo(
        f"{name}: {rows:,} rows of {len(certificate.rows)} tables, {certificate.objects} files and "
        f"{certificate.people} people's sign-ins erased; {certificate.residue} left.",
        err=True,
    )
    click.echo(certificate.fingerprint)


@provider.command("replay-erasures")
@click.argument("provider_name", metavar="PROVIDER")
def replay_erasures(provider_name: str) -> None:
    """Do the erasures of a PROVIDER again, from the register kept outside: first thing on a restored copy."""
    settings = Settings.from_environment()
    database = connect(settings)
    try:
        with database.administration() as session:
            provider_id, name = find_provider(session, provider_name)
            lines = lines_of(settings.outside_folder, REGISTER, provider_id)
            done = replay(session, [{**line, "provider_id": str(provider_id)} for line in lines])
    finally:
        database.dispose()
    click.echo(f"{name}: {done} places erased again.", err=True)


@contextmanager
def _register_of(provider_name: str) -> Iterator[tuple[Session, Reach, Mapping[uuid.UUID, Registered]]]:
    """A transaction of the command line over one provider, with its services."""
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            provider_id, _ = find_provider(session, provider_name)
        reach = database.command_reach(provider_id)
        with database.transaction(reach) as session:
            yield session, reach, {each.service_id: each for each in registered(session, (provider_id,))}
    finally:
        database.dispose()
