"""Trusting a tablet of a home, and trusting it no longer."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from mendline.indicators.closing import refuse_if_closed
from tenants import ledger
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.reach import Reach
from tenants.signin.links import secret_hash
from tenants.signin.model import SharedDevice, SharedDeviceEnd

LONGEST_LABEL = 60


def trust_tablet(
    session: Session, reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, *, label: str, device: str
) -> uuid.UUID:
    """Trusts the browser that asks: people who work at the service may set a PIN on it after a full sign-in.

    Raises:
        RefusedError: it has no name.
    """
    reach.require("manage_people", provider_id, service_id)
    refuse_if_closed(session, provider_id, service_id, "tablet")
    name = " ".join(label.split())
    if not name or len(name) > LONGEST_LABEL:
        raise RefusedError(
            "The tablet was not registered.", {"label": "Give the tablet a name, such as Medicines room tablet."}
        )
    made = new_id()
    session.add(
        SharedDevice(
            provider_id=provider_id, service_id=service_id, shared_device_id=made, device_hash=secret_hash(device),
            label=name, registered_by=reach.person_id, registered_at=now(),
        )
    )  # fmt: skip
    ledger.note(
        session, reach, "tablet trusted", provider_id=provider_id, service_id=service_id, subject=f"tablet {made}",
        detail={"label": name},
    )  # fmt: skip
    return made


def distrust_tablet(
    session: Session, reach: Reach, provider_id: uuid.UUID, service_id: uuid.UUID, shared_device_id: uuid.UUID
) -> bytes:
    """From now on no PIN opens anything on it.

    Returns:
        The fingerprint of its browser, for ending what is open there.

    Raises:
        NotFoundError: the service has no such tablet.
    """
    reach.require("manage_people", provider_id, service_id)
    key = (
        SharedDevice.provider_id == provider_id,
        SharedDevice.service_id == service_id,
        SharedDevice.shared_device_id == shared_device_id,
    )
    device = session.execute(select(SharedDevice.device_hash).where(*key)).scalar_one_or_none()
    if device is None:
        raise NotFoundError("There is no such tablet.")
    ended = session.execute(
        select(SharedDeviceEnd.ended_at).where(
            SharedDeviceEnd.provider_id == provider_id,
            SharedDeviceEnd.service_id == service_id,
            SharedDeviceEnd.shared_device_id == shared_device_id,
        )
    ).first()
    if ended is not None:
        return device
    session.add(
        SharedDeviceEnd(
            provider_id=provider_id, service_id=service_id, shared_device_id=shared_device_id, ended_by=reach.person_id,
            ended_at=now(),
        )
    )  # fmt: skip
    ledger.note(
        session, reach, "tablet trusted no longer", provider_id=provider_id, service_id=service_id,
        subject=f"tablet {shared_device_id}",
    )  # fmt: skip
    return device
