"""Who did what, and who read what: append-only, chained per provider by the sealing job."""

import hashlib
import json
import uuid
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Index, LargeBinary, Result, Row, Table, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from tenants.clock import now
from tenants.database import insert_many
from tenants.ids import new_id
from tenants.reach import Reach
from tenants.tables import Base, ProviderKey, of_provider


class LedgerEntry(ProviderKey, Base):
    """One act. The database grants nobody that runs an UPDATE or DELETE here."""

    __tablename__ = "ledger_entry"
    __table_args__ = (of_provider(), Index("ix_ledger_entry_provider_id_recorded_at", "provider_id", "recorded_at"))

    entry_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None]
    actor: Mapped[str]  # a role or a part of Mendline, never a name
    act: Mapped[str]
    service_id: Mapped[uuid.UUID | None]
    subject: Mapped[str | None]  # kind and identifier of what was touched
    detail: Mapped[dict[str, Any]]
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
) -> None:
    """Appends one act to the provider's ledger, in the transaction of the act itself."""
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
            detail=detail or {},
        )
    )


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of a chain. Kept outside, it shows a chain that was cut or written anew."""

    sequence: int
    chain_hash: bytes


@dataclass(frozen=True, slots=True)
class LedgerVerdict:
    """What a walk along a provider's chain found.

    Attributes:
        broken: what is wrong with the first link that does not hold, in words; None where all hold.
        sealed: links that were walked.
        unsealed: entries that wait for the sealing job.
        head: the newest link; None for an empty chain.
    """

    broken: str | None
    sealed: int
    unsealed: int
    head: Head | None

    @property
    def holds(self) -> bool:
        """Whether the ledger is as it was written."""
        return self.broken is None


_START = bytes(32)
# An entry is sealed within a minute; one that is older and has no link was put in behind the chain's back, or the
# sealing job has not run, which health tells apart.
_SEALED_WITHIN = timedelta(minutes=10)


def seal(session: Session, provider_id: uuid.UUID) -> int:
    """Adds a link for each entry that has none, and says how many.

    Entries are linked in the order in which they can be seen, not in that of their time: a slow transaction commits an
    older entry later, and it is then the next link. Only one seals at a time.
    """
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended('seal ' || :provider, 0))"), {"provider": str(provider_id)}
    )
    last = session.execute(
        select(LedgerSeal.sequence, LedgerSeal.chain_hash)
        .where(LedgerSeal.provider_id == provider_id)
        .order_by(LedgerSeal.sequence.desc())
        .limit(1)
    ).one_or_none()
    sequence, link = (last.sequence, last.chain_hash) if last else (0, _START)
    at = now()
    links = []
    for entry in _unsealed(session, provider_id):
        sequence += 1
        link = chained(link, entry)
        links.append(
            {
                "provider_id": provider_id,
                "sequence": sequence,
                "entry_id": entry.entry_id,
                "chain_hash": link,
                "sealed_at": at,
            }
        )
    insert_many(session, cast("Table", LedgerSeal.__table__), links)
    return len(links)


def verify(session: Session, provider_id: uuid.UUID, known: Head | None = None) -> LedgerVerdict:
    """Walks a provider's chain from its first link.

    Args:
        session: a transaction that may read the ledger.
        provider_id: whose chain.
        known: a head that was kept outside at an earlier time; the chain must still pass through it.
    """
    link, sequence, broken = _START, 0, None
    passed_known = known is None
    with closing(_links(session, provider_id)) as links:
        for seal_row in links:
            sequence += 1
            broken = _fault(seal_row, sequence, link)
            if broken:
                break
            link = seal_row.chain_hash
            if known and known.sequence == sequence:
                passed_known = known.chain_hash == link
    unsealed, oldest = _waiting(session, provider_id)
    if not broken and not passed_known and known:
        broken = f"The chain no longer passes through link {known.sequence} as it was kept outside."
    if not broken and oldest and oldest < now() - _SEALED_WITHIN:
        broken = f"An entry of {oldest:%d %B %Y} has no link."
    return LedgerVerdict(broken, sequence, unsealed, Head(sequence, link) if sequence else None)


def chained(before: bytes, entry: Row[Any]) -> bytes:
    """The link of an entry: SHA-256 over the link before it and every column of the entry, in one fixed form."""
    told = {name: getattr(entry, name) for name in _COLUMNS if name in _ALWAYS or getattr(entry, name) is not None}
    told["recorded_at"] = entry.recorded_at.astimezone(UTC).isoformat()
    content = json.dumps(told, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(before + content.encode()).digest()


_COLUMNS = tuple(
    column.name for column in LedgerEntry.__table__.columns if column.name not in ("erased_at", "erased_under")
)
# What every link was made over; a column that came later counts where it says something.
_ALWAYS = frozenset(
    {"provider_id", "entry_id", "recorded_at", "person_id", "actor", "act", "service_id", "subject", "detail"}
)
_SEALED = (
    select(LedgerSeal.entry_id)
    .where(LedgerSeal.provider_id == LedgerEntry.provider_id, LedgerSeal.entry_id == LedgerEntry.entry_id)
    .exists()
)


def _unsealed(session: Session, provider_id: uuid.UUID) -> list[Row[Any]]:
    entries = (
        select(*LedgerEntry.__table__.columns)
        .where(LedgerEntry.provider_id == provider_id, ~_SEALED)
        .order_by(LedgerEntry.recorded_at, LedgerEntry.entry_id)
        .limit(10_000)
    )
    return list(session.execute(entries))


def _links(session: Session, provider_id: uuid.UUID) -> Result[Any]:
    """Each link with its entry, in order; an entry that is gone leaves its columns empty."""
    e = LedgerEntry.__table__
    chain = (
        select(LedgerSeal.sequence, LedgerSeal.chain_hash, LedgerSeal.entry_id.label("sealed_entry_id"), *e.columns)
        .outerjoin(e, (e.c.provider_id == LedgerSeal.provider_id) & (e.c.entry_id == LedgerSeal.entry_id))
        .where(LedgerSeal.provider_id == provider_id)
        .order_by(LedgerSeal.sequence)
        .execution_options(yield_per=2_000)
    )
    return session.execute(chain)


def _fault(link: Row[Any], expected: int, before: bytes) -> str | None:
    if link.sequence != expected:
        return f"Link {expected} is missing; the next one is {link.sequence}."
    if link.entry_id is None:
        return f"The entry of link {expected} is gone."
    if chained(before, link) != link.chain_hash:
        return (
            f"Link {expected} does not hold: its entry of {link.recorded_at:%d %B %Y}, or one before it, was changed."
        )
    return None


def _waiting(session: Session, provider_id: uuid.UUID) -> tuple[int, datetime | None]:
    found = session.execute(
        select(func.count(), func.min(LedgerEntry.recorded_at)).where(LedgerEntry.provider_id == provider_id, ~_SEALED)
    ).one()
    return found[0], found[1]
