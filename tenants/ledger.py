"""Who did what, and who read what: append-only, chained per provider by the sealing job (`tenants.chain`)."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, Session, mapped_column

from tenants.clock import now
from tenants.events import OF_ACTS, Event, announce
from tenants.ids import new_id
from tenants.reach import Reach
from tenants.tables import Base, ProviderKey, of_provider


class LedgerEntry(ProviderKey, Base):
    """One act. The database grants nobody that runs an UPDATE or DELETE here."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        of_provider(),
        Index("ix_ledger_entry_provider_id_recorded_at", "provider_id", "recorded_at"),
        Index("ix_ledger_entry_newest", "provider_id", "recorded_at", "entry_id"),
    )

    entry_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None]
    actor: Mapped[str]  # a role or a part of Mendline, never a name
    act: Mapped[str]
    service_id: Mapped[uuid.UUID | None]
    subject: Mapped[str | None]  # kind and identifier of what was touched
    detail: Mapped[dict[str, Any]]  # `why` is the reason that whoever acted gave
    origin: Mapped[dict[str, Any] | None]  # from where: a hash of the address, and the kind of device
    erased_at: Mapped[datetime | None]  # when its words were erased; the chain commits to them and still holds
    erased_under: Mapped[uuid.UUID | None]  # the request of custody that was approved


class LedgerSeal(ProviderKey, Base):
    """A link of a provider's chain: the hash of an entry together with the link before it."""

    __tablename__ = "ledger_seal"
    __table_args__ = (of_provider(), Index("ix_ledger_seal_entry", "provider_id", "entry_id"))

    sequence: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[uuid.UUID]
    chain_hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]
    commitment: Mapped[bytes | None] = mapped_column(LargeBinary)  # none: a link of the first form
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)  # gone with the words that it salted


class ProviderSecret(ProviderKey, Base):
    """What a provider's ledger is committed with; destroyed with the provider."""

    __tablename__ = "provider_key"
    __table_args__ = (of_provider(),)

    ledger_key: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]


class LedgerAnchor(ProviderKey, Base):
    """That the head of a chain was written down outside on a day, and where."""

    __tablename__ = "ledger_anchor"
    __table_args__ = (of_provider(),)

    anchored_on: Mapped[date] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    chain_hash: Mapped[bytes] = mapped_column(LargeBinary)
    kept_in: Mapped[str]
    recorded_at: Mapped[datetime]


def note(
    session: Session,
    reach: Reach,
    act: str,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID | None = None,
    subject: str | None = None,
    detail: dict[str, Any] | None = None,
    why: str = "",
) -> None:
    """Appends one act to the provider's ledger, in the transaction of the act itself.

    From where it was done is taken from the session, to which the request's transaction gave it.

    Args:
        session: the transaction of the act.
        reach: who acts.
        act: what is done, in a few plain words.
        provider_id: whose ledger.
        service_id: the service that it touches, where it touches one.
        subject: kind and identifier of what is touched, such as `record 0199...`.
        detail: what else is worth knowing; identifiers rather than words.
        why: the reason that whoever acts gave.
    """
    session.add(
        LedgerEntry(
            provider_id=provider_id,
            entry_id=new_id(),
            recorded_at=now(),
            person_id=reach.person_id,
            actor=reach.actor,
            act=act,
            service_id=service_id,
            subject=subject,
            detail=(detail or {}) | ({"why": why} if why else {}),
            origin=session.info.get("origin"),
        )
    )
    if act in OF_ACTS:
        announce(session, provider_id, [Event(OF_ACTS[act], service_id, {"subject": subject})])
