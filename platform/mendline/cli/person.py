"""`mendline person` and `mendline token`: who may sign in, and who may ask by program."""

import secrets
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.cli.naming import connect, find_provider, find_service
from mendline.config import Settings
from mendline.people.members.commands import role_problems
from mendline.people.members.offering import GivenRole, offer, told_of_role
from tenants.classes import CLASSES
from tenants.clock import LONDON, now, today
from tenants.directory.onboarding import add_person, give_role, works_for
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach
from tenants.roles import ROLES
from tenants.signin.ending import disable
from tenants.signin.factors import enrolment_address
from tenants.signin.model import Person
from tenants.signin.one_time import write_to_invited
from tenants.signin.tokens import create_token

_HELD = tuple(role.key for role in ROLES.values() if role.level in ("service", "provider"))
_TOKEN_DAYS = 90


@click.group()
def person() -> None:
    """Who may sign in.

    What they may do comes from the role that they are given at a provider or a service.
    """


@person.command()
@click.argument("email")
@click.option("--name", required=True, help="First name and surname.")
@click.option("--role", required=True, type=click.Choice(_HELD))
@click.option("--provider", required=True, help="Name or identifier.")
@click.option("--service", help="Name or identifier; for a role that is held at a service.")
def invite(email: str, name: str, role: str, provider: str, service: str | None) -> None:
    """Let the person with this EMAIL address sign in, in a role.

    Prints, this once, their password and the address that an authenticator app enrols with. Somebody who signs in
    already keeps both: who works for the provider is given the role, and anybody else is offered it, by letter and on
    their first page, and decides.
    """
    settings, password = Settings.from_environment(), secrets.token_urlsafe(15)
    database = connect(settings)
    try:
        with database.administration() as session:
            provider_id, provider_name = find_provider(session, provider)
            _, service_id, service_name = find_service(session, service, provider) if service else (None, None, "")
        reach = database.command_reach(provider_id)
        offered = False
        with database.administration() as session:
            person_id = session.scalar(select(Person.person_id).where(Person.email == email.strip().lower()))
            seed = None
            is_new = person_id is None
            if person_id is None:
                person_id, seed = add_person(session, email, name, password)
            offered = not is_new and not works_for(session, provider_id, person_id)
            if not offered:
                give_role(session, provider_id, person_id, role, service_id=service_id, valid_from=today())
                note(
                    session, reach, "person invited", provider_id=provider_id, service_id=service_id,
                    subject=f"person {person_id}", detail={"role": role},
                )  # fmt: skip
        if offered:
            given = GivenRole(provider_id, service_id, role, "substantive", today(), None, "")
            told = told_of_role(provider_name, service_name, role, given.valid_from, None)
            with database.transaction(reach) as session:
                _offer(session, reach, settings.secret_key.encode(), given, person_id, name, told)
    finally:
        database.dispose()
    if offered:
        click.echo(f"{email} signs in already. The role is offered, and opens nothing until they accept it.", err=True)
        return
    if not is_new:
        click.echo(f"{email} signs in already and works for the provider; the role was added.", err=True)
        return
    click.echo("Give these to the person by a safe way. They are shown this once.", err=True)
    click.echo(f"password      {password}")
    click.echo(f"authenticator {enrolment_address(seed or '', email.strip().lower())}")


def _offer(
    session: Session,
    reach: Reach,
    key: bytes,
    given: GivenRole,
    person_id: uuid.UUID,
    name: str,
    told: Mapping[str, str],
) -> None:
    """Offers a role on behalf of a provider; the ledger names the offer, and not whom it is made to.

    Raises:
        RefusedError: the role is not held there.
    """
    problems = role_problems(given, today())
    if problems:
        raise RefusedError(" ".join(problems.values()))
    made = new_id()
    offer(session, given, made, person_id=person_id, name=name)
    write_to_invited(session, key, provider_id=given.provider_id, person_id=person_id, told=told, at=now())
    note(
        session, reach, "role offered", provider_id=given.provider_id, service_id=given.service_id,
        subject=f"offer {made}", detail={"role": given.role},
    )  # fmt: skip


@person.command("disable")
@click.argument("email")
def disable_person(email: str) -> None:
    """Let nobody sign in with this EMAIL address any more; what they had open ends at once."""
    database = connect(Settings.from_environment())
    try:
        disable(database, email, at=now())
    finally:
        database.dispose()
    click.echo(f"{email} may sign in no more. Their sign-ins and tokens have ended.", err=True)


def _services(scopes: tuple[str, ...]) -> list[uuid.UUID]:
    """The services among the words of a scope.

    Raises:
        RefusedError: a word is neither a class nor an identifier.
    """
    found = []
    for word in scopes:
        if word in CLASSES:
            continue
        try:
            found.append(uuid.UUID(word))
        except ValueError as problem:
            known = ", ".join(CLASSES)
            raise RefusedError(
                f"{word!r} is no class and no identifier of a service. The classes are: {known}."
            ) from problem
    return found


@click.group()
def token() -> None:
    """Bearer tokens for the HTTP API.

    A token has the reach of its owner, or less, and is kept only as a fingerprint.
    """


@token.command("create")
@click.argument("email")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help=f"Last day; {_TOKEN_DAYS} days from now otherwise.")
@click.option("--label", default="command line", show_default=True, help="What it is for.")
@click.option("--read-only", is_flag=True, help="It may read what its owner reads, and write nothing.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="CLASS|SERVICE",
    help="Only a class of data, such as summary, or only a service by its identifier; may be repeated.",
)
def create(email: str, expires: datetime | None, label: str, read_only: bool, scopes: tuple[str, ...]) -> None:
    """Make a token for the person who signs in with EMAIL; it is printed this once, on standard output."""
    settings, at = Settings.from_environment(), now()
    last = expires.date() if expires else today() + timedelta(days=_TOKEN_DAYS)
    ends = datetime.combine(last + timedelta(days=1), time(), LONDON).astimezone(UTC)
    if ends <= at:
        raise RefusedError("That day is over. Give a day from today on.")
    database = connect(settings)
    try:
        made = create_token(
            database, settings.secret_key.encode(), email, label=label, at=at, expires_at=ends, may_write=not read_only,
            classes=[word for word in scopes if word in CLASSES] or None, service_ids=_services(scopes) or None,
        )  # fmt: skip
    finally:
        database.dispose()
    click.echo(f"Keep it safe: it is shown this once. It ends after {last:%d %B %Y}.", err=True)
    click.echo(made)
