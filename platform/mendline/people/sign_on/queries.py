"""A provider's single sign-on settings, and the services that a first role can be given at."""

import uuid

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mendline.people.sign_on.rows import SignOnSettings
from tenants.directory.model import Provider, Service
from tenants.errors import NotFoundError
from tenants.reach import Reach
from tenants.signin.model import DomainProof, SingleSignOn


def provider_name(session: Session, reach: Reach, provider_id: uuid.UUID) -> str:
    """The provider's name, for whoever manages the people of all of it.

    Raises:
        NotFoundError: it is not in reach, or less than all of it is: these settings are no place of a service.
    """
    if not reach.may("manage_people", provider_id):
        raise NotFoundError("There is nothing here that your sign-in covers.")
    found = session.execute(select(Provider.name).where(Provider.provider_id == provider_id)).scalar_one_or_none()
    if found is None:
        raise NotFoundError("There is nothing here that your sign-in covers.")
    return found


def settings_of(session: Session, provider_id: uuid.UUID) -> SignOnSettings | None:
    """What was set last; None where nothing was."""
    proven = exists().where(
        DomainProof.provider_id == SingleSignOn.provider_id,
        DomainProof.connection_id == SingleSignOn.connection_id,
        DomainProof.domain == SingleSignOn.domain,
        DomainProof.proved_at.is_not(None),
    )
    row = session.execute(
        select(*SingleSignOn.__table__.columns, proven.label("is_proven"))
        .where(SingleSignOn.provider_id == provider_id)
        .order_by(SingleSignOn.recorded_at.desc(), SingleSignOn.revision.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return SignOnSettings(
        row.connection_id, row.revision, row.label, row.issuer, row.client_id, row.domain, row.default_role or "",
        row.default_service_id, tuple(row.strong_values), row.longest_minutes, row.enabled, row.is_proven,
    )  # fmt: skip


def services_of(session: Session, provider_id: uuid.UUID) -> tuple[tuple[uuid.UUID, str], ...]:
    """The provider's services by name."""
    rows = session.execute(
        select(Service.service_id, Service.name).where(Service.provider_id == provider_id).order_by(Service.name)
    )
    return tuple((row.service_id, row.name) for row in rows)
