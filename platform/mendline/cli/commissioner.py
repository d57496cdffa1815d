"""`mendline commissioner` and `mendline operator`: people from outside the providers, set up without a browser."""

import secrets
import uuid
from datetime import timedelta

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.cli.naming import connect
from mendline.config import Settings
from tenants.clock import today
from tenants.directory.model import CommissioningBody
from tenants.directory.onboarding import (
    add_commissioning_body,
    add_officer,
    add_operator,
    add_person,
    end_officer,
    end_operator,
)
from tenants.errors import RefusedError
from tenants.signin.factors import enrolment_address
from tenants.signin.model import Person

_AT_ONCE = timedelta(days=1)


@click.group()
def commissioner() -> None:
    """Councils and integrated care boards with their officers.

    They see nothing until a provider grants it to them.
    """


@commissioner.command()
@click.argument("name")
def create(name: str) -> None:
    """Make a commissioning body called NAME; prints its identifier."""
    if not name.strip():
        raise RefusedError("A commissioning body needs a name.")
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            if session.scalar(select(CommissioningBody.body_id).where(CommissioningBody.name == name.strip())):
                raise RefusedError("There is a commissioning body of that name already.")
            made = add_commissioning_body(session, name.strip())
    finally:
        database.dispose()
    click.echo(f"Made the commissioning body {name.strip()}.", err=True)
    click.echo(made)


@commissioner.command("add-officer")
@click.argument("body")
@click.argument("email")
@click.option("--name", required=True, help="First name and surname.")
def add(body: str, email: str, name: str) -> None:
    """Let the person with this EMAIL address work for a BODY (its name or identifier)."""
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            person_id = _known_or_new(session, email, name)
            add_officer(session, _body(session, body), person_id, valid_from=today())
    finally:
        database.dispose()
    click.echo(f"{name.strip()} works for {body}. They see what providers grant to it.", err=True)


@commissioner.command("end-officer")
@click.argument("body")
@click.argument("email")
def end(body: str, email: str) -> None:
    """End at once that the person with this EMAIL address works for a BODY."""
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            end_officer(session, _body(session, body), _person(session, email), last_day=today() - _AT_ONCE)
    finally:
        database.dispose()
    click.echo("They see nothing of any provider through it any more.", err=True)


@click.group()
def operator() -> None:
    """People who run the platform, without seeing care content."""


@operator.command("add")
@click.argument("email")
@click.option("--name", required=True, help="First name and surname.")
def add_one(email: str, name: str) -> None:
    """Let the person with this EMAIL address run the platform."""
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            add_operator(session, _known_or_new(session, email, name), valid_from=today())
    finally:
        database.dispose()
    click.echo(f"{name.strip()} sees names, plans and queues.", err=True)


@operator.command("end")
@click.argument("email")
def end_one(email: str) -> None:
    """End at once that the person with this EMAIL address runs the platform."""
    database = connect(Settings.from_environment())
    try:
        with database.administration() as session:
            end_operator(session, _person(session, email), last_day=today() - _AT_ONCE)
    finally:
        database.dispose()
    click.echo("They run the platform no more.", err=True)


def _known_or_new(session: Session, email: str, name: str) -> uuid.UUID:
    """Somebody who signs in already, or somebody new, whose password is printed this once."""
    known = session.scalar(select(Person.person_id).where(Person.email == email.strip().lower()))
    if known is not None:
        return known
    password = secrets.token_urlsafe(15)
    person_id, seed = add_person(session, email, name, password)
    click.echo(f"Password, shown this once: {password}")
    if seed:
        click.echo(f"For their authenticator app: {enrolment_address(seed, email.strip().lower())}")
    return person_id


def _person(session: Session, email: str) -> uuid.UUID:
    found = session.scalar(select(Person.person_id).where(Person.email == email.strip().lower()))
    if found is None:
        raise RefusedError(f"Nobody signs in with {email}.")
    return found


def _body(session: Session, given: str) -> uuid.UUID:
    found = session.scalar(select(CommissioningBody.body_id).where(CommissioningBody.name == given.strip()))
    if found is None:
        try:
            found = session.scalar(
                select(CommissioningBody.body_id).where(CommissioningBody.body_id == uuid.UUID(given.strip()))
            )
        except ValueError:
            found = None
    if found is None:
        raise RefusedError(f"There is no commissioning body {given!r}. Make it first: mendline commissioner create.")
    return found
