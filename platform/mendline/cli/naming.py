"""Providers and services as people name them on the command line: by name or by identifier."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.config import Settings
from tenants.database import Database
from tenants.directory.model import Provider, Service
from tenants.errors import RefusedError


def connect(settings: Settings) -> Database:
    """The connections of one command."""
    return Database(settings.database_url, settings.role_passwords, pool_size=2, through_pooler=settings.through_pooler)


def find_provider(session: Session, named: str) -> tuple[uuid.UUID, str]:
    """The provider of this name or identifier, with its name.

    Raises:
        RefusedError: there is none, or more than one has the name.
    """
    found = session.execute(select(Provider.provider_id, Provider.name).order_by(Provider.name)).all()
    row = _one("provider", named, [(each.provider_id, each.name, "") for each in found])
    return row[0], row[1]


def find_service(session: Session, named: str, provider: str | None = None) -> tuple[uuid.UUID, uuid.UUID, str]:
    """The service of this name or identifier: its provider, itself, its name.

    Raises:
        RefusedError: there is none, or more than one has the name.
    """
    found = session.execute(
        select(Service.service_id, Service.name, Service.provider_id, Provider.name.label("provider"))
        .join(Provider, Provider.provider_id == Service.provider_id)
        .order_by(Service.name, Provider.name)
    ).all()
    rows = list(found)
    if provider is not None:
        provider_id, _ = find_provider(session, provider)
        rows = [row for row in rows if row.provider_id == provider_id]
    place = _one("service", named, [(row.service_id, row.name, row.provider) for row in rows])
    of = next(row.provider_id for row in rows if row.service_id == place[0] and row.provider == place[2])
    return of, place[0], place[1]


def _one(what: str, named: str, listed: Sequence[tuple[uuid.UUID, str, str]]) -> tuple[uuid.UUID, str, str]:
    wanted = named.strip().casefold()
    found = [one for one in listed if wanted in (str(one[0]), one[1].casefold())]
    if len(found) == 1:
        return found[0]
    if not found:
        raise RefusedError(f"There is no {what} “{named}”. {_near(wanted, listed)}")
    several = ", ".join(f"{one[0]}{f' ({one[2]})' if one[2] else ''}" for one in found[:5])
    raise RefusedError(f"{len(found)} {what}s are called “{named}”. Name one by its identifier: {several}.")


def _near(wanted: str, listed: Sequence[tuple[uuid.UUID, str, str]]) -> str:
    like = [one[1] for one in listed if wanted and wanted in one[1].casefold()] or [one[1] for one in listed]
    if not like:
        return "There is none yet: `mendline provider create` makes a provider."
    shown = ", ".join(dict.fromkeys(like[:5]))
    return f"There is: {shown}{' and others' if len(like) > 5 else ''}. Names and identifiers are taken whole."
