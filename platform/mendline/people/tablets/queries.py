"""The tablets that a service trusts."""

import uuid

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from mendline.people.tablets.rows import TabletLine
from tenants.directory.model import Membership
from tenants.reach import Reach
from tenants.signin.links import secret_hash
from tenants.signin.model import SharedDevice, SharedDeviceEnd


def tablets(
    session: Session, reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, device: str
) -> tuple[TabletLine, ...]:
    """The tablets that a service trusts now, the newest first.

    Args:
        session: of whoever asks.
        reach: theirs.
        provider_id: the provider.
        service_id: its service.
        device: the cookie of the browser that asks, to mark it in the list.
    """
    reach.require("manage_people", provider_id, service_id)
    ended = exists().where(
        SharedDeviceEnd.provider_id == SharedDevice.provider_id,
        SharedDeviceEnd.service_id == SharedDevice.service_id,
        SharedDeviceEnd.shared_device_id == SharedDevice.shared_device_id,
    )
    by = (
        select(Membership.initials)
        .where(and_(Membership.provider_id == provider_id, Membership.person_id == SharedDevice.registered_by))
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            SharedDevice.shared_device_id, SharedDevice.label, SharedDevice.registered_at, SharedDevice.device_hash,
            by.label("by"),
        )
        .where(SharedDevice.provider_id == provider_id, SharedDevice.service_id == service_id, ~ended)
        .order_by(SharedDevice.registered_at.desc())
    )  # fmt: skip
    own = secret_hash(device) if device else None
    return tuple(
        TabletLine(row.shared_device_id, row.label, row.registered_at, row.by or "", row.device_hash == own)
        for row in rows
    )
