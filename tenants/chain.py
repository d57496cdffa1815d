"""The chain of a provider's ledger: links that are added, walked, and compared with heads that were kept outside.

A link of the first form is a hash over the entry itself. A link of the second form is a hash over what of the entry
always stays (who, when, what kind of act) and a commitment to its words: keyed with the provider's own key and salted,
so that the words can be erased, the salt with them, and the chain still holds without giving them away. What was
erased must be told by an entry of the chain itself, with a digest of the entries that were erased.
"""

import hashlib
import hmac
import json
import secrets
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Result, Row, Table, func, select
from sqlalchemy.orm import Session

from tenants.clock import now
from tenants.database import in_turn, insert_many
from tenants.ledger import LedgerEntry, LedgerSeal, ProviderSecret

ERASED = "ledger words erased"


@dataclass(frozen=True, slots=True)
class Head:
    """A link of a chain. Kept outside, it shows a chain that was cut or written anew."""

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
        erased: entries whose words were erased, as the chain itself tells.
    """

    broken: str | None
    sealed: int
    unsealed: int
    head: Head | None
    erased: int = 0

    @property
    def holds(self) -> bool:
        """Whether the ledger is as it was written."""
        return self.broken is None


_START = bytes(32)
_SALT_BYTES = 16
# An entry is sealed within a minute; one that is older and has no link was put in behind the chain's back, or the
# sealing job has not run, which health tells apart.
_SEALED_WITHIN = timedelta(minutes=10)
_AT_ONCE = 10_000

# What of an entry may be erased, and what says that it was; everything else stays for good.
_WORDS = ("subject", "detail")
_MARKS = ("erased_at", "erased_under")
_COLUMNS = tuple(column.name for column in LedgerEntry.__table__.columns if column.name not in _MARKS)
# What links were made over from the start; a column that came later counts where it says something.
_ALWAYS = frozenset(
    {"provider_id", "entry_id", "recorded_at", "person_id", "actor", "act", "service_id", "subject", "detail"}
)
_SEALED = (
    select(LedgerSeal.entry_id)
    .where(LedgerSeal.provider_id == LedgerEntry.provider_id, LedgerSeal.entry_id == LedgerEntry.entry_id)
    .exists()
)


def seal(session: Session, provider_id: uuid.UUID) -> int:
    """Adds a link for each entry that has none, and says how many.

    Entries are linked in the order in which they can be seen, not in that of their time: a slow transaction commits an
    older entry later, and it is then the next link. Only one seals at a time, provider by provider.
    """
    in_turn(session, f"seal {provider_id}")
    entries = _unsealed(session, provider_id)
    if not entries:
        return 0
    key = _key_of(session, provider_id)
    head = newest(session, provider_id)
    sequence, link = (head.sequence, head.chain_hash) if head else (0, _START)
    at, links = now(), []
    for entry in entries:
        sequence += 1
        salt = secrets.token_bytes(_SALT_BYTES)
        commitment = committed(key, salt, entry)
        link = linked(link, entry, commitment)
        links.append(
            {
                "provider_id": provider_id,
                "sequence": sequence,
                "entry_id": entry.entry_id,
                "chain_hash": link,
                "sealed_at": at,
                "commitment": commitment,
                "salt": salt,
            }
        )
    insert_many(session, cast("Table", LedgerSeal.__table__), links)
    return len(links)


def newest(session: Session, provider_id: uuid.UUID) -> Head | None:
    """The newest link of a chain."""
    last = session.execute(
        select(LedgerSeal.sequence, LedgerSeal.chain_hash)
        .where(LedgerSeal.provider_id == provider_id)
        .order_by(LedgerSeal.sequence.desc())
        .limit(1)
    ).one_or_none()
    return Head(last.sequence, last.chain_hash) if last else None


def verify(session: Session, provider_id: uuid.UUID, known: Sequence[Head] = ()) -> LedgerVerdict:
    """Walks a provider's chain from its first link.

    Args:
        session: a transaction of a job or command, which may read the ledger and its key.
        provider_id: whose chain.
        known: heads that were kept outside at earlier times; the chain must still pass through each.
    """
    walk = _Walk(_key_of(session, provider_id, make=False), {head.sequence: head.chain_hash for head in known})
    with closing(_links(session, provider_id)) as links:
        for seal_row in links:
            walk.broken = walk.step(seal_row)
            if walk.broken:
                break
    unsealed, oldest = _waiting(session, provider_id)
    broken = walk.broken or walk.missed() or walk.untold()
    if not broken and oldest and oldest < now() - _SEALED_WITHIN:
        broken = f"An entry of {oldest:%d %B %Y} has no link."
    head = Head(walk.sequence, walk.link) if walk.sequence else None
    return LedgerVerdict(broken, walk.sequence, unsealed, head, sum(len(ids) for ids in walk.erased.values()))


def verify_newest(session: Session, provider_id: uuid.UUID, most: int = 200) -> str | None:
    """Walks the newest links of a chain, each time that more are added; what is wrong with the first that does not hold."""
    head = newest(session, provider_id)
    if head is None:
        return None
    first = max(head.sequence - most, 0)
    link = session.execute(
        select(LedgerSeal.chain_hash).where(LedgerSeal.provider_id == provider_id, LedgerSeal.sequence == first)
    ).scalar_one_or_none()
    if first and link is None:
        return f"Link {first} is missing."
    walk = _Walk(_key_of(session, provider_id, make=False), {}, first, link or _START)
    with closing(_links(session, provider_id, after=first)) as links:
        return next((fault for fault in map(walk.step, links) if fault), None)


def digest_of(entries: Iterable[uuid.UUID]) -> str:
    """What an entry of the chain tells of those whose words were erased."""
    return hashlib.sha256(",".join(sorted(str(each) for each in entries)).encode()).hexdigest()


def committed(key: bytes, salt: bytes, entry: Row[Any]) -> bytes:
    """A commitment to an entry's words: HMAC-SHA256 with the provider's key, over salt and words."""
    return hmac.digest(key, salt + _content(entry, _WORDS), hashlib.sha256)


def linked(before: bytes, entry: Row[Any], commitment: bytes) -> bytes:
    """A link of the second form: SHA-256 over the link before, what stays of the entry, and the commitment."""
    stays = _content(entry, [name for name in _COLUMNS if name not in _WORDS])
    return hashlib.sha256(before + hashlib.sha256(stays).digest() + commitment).digest()


def chained(before: bytes, entry: Row[Any]) -> bytes:
    """A link of the first form: SHA-256 over the link before it and the whole entry."""
    return hashlib.sha256(before + _content(entry, _COLUMNS)).digest()


def _content(entry: Row[Any], names: Iterable[str]) -> bytes:
    """An entry's columns in one fixed form."""
    told = {name: getattr(entry, name) for name in names if name in _ALWAYS or getattr(entry, name) is not None}
    if "recorded_at" in told:
        told["recorded_at"] = entry.recorded_at.astimezone(UTC).isoformat()
    return json.dumps(told, sort_keys=True, separators=(",", ":"), default=str).encode()


@dataclass(slots=True)
class _Walk:
    """Where a walk along a chain stands."""

    key: bytes | None
    known: Mapping[int, bytes]
    sequence: int = 0
    link: bytes = _START
    broken: str | None = None
    erased: dict[uuid.UUID | None, list[uuid.UUID]] = field(default_factory=lambda: defaultdict(list))
    told: set[str] = field(default_factory=set)

    def step(self, row: Row[Any]) -> str | None:
        """Goes to the next link; what is wrong with it, in words."""
        self.sequence += 1
        fault = self._fault(row)
        if fault:
            return fault
        self.link = row.chain_hash
        if self.known.get(self.sequence, self.link) != self.link:
            return f"The chain no longer passes through link {self.sequence} as it was kept outside."
        if row.erased_at is not None:
            self.erased[row.erased_under].append(row.entry_id)
        elif row.act == ERASED:
            self.told.add(str(row.detail.get("digest")))
        return None

    def missed(self) -> str | None:
        """A head that was kept outside and that the chain does not reach."""
        beyond = [sequence for sequence in self.known if sequence > self.sequence]
        return f"The chain ends before link {min(beyond)}, which was kept outside." if beyond else None

    def untold(self) -> str | None:
        """Words that are gone though no entry of the chain says that they were erased."""
        if all(digest_of(entries) in self.told for entries in self.erased.values()):
            return None
        return "Words of the ledger are gone, and no entry of the chain says who approved that."

    def _fault(self, row: Row[Any]) -> str | None:
        if row.sequence != self.sequence:
            return f"Link {self.sequence} is missing; the next one is {row.sequence}."
        if row.entry_id is None:
            return f"The entry of link {self.sequence} is gone."
        if not self._holds(row):
            return f"Link {self.sequence} does not hold: its entry of {row.recorded_at:%d %B %Y}, or one before, was changed."
        return None

    def _holds(self, row: Row[Any]) -> bool:
        if row.commitment is None:
            return bool(row.erased_at is None and chained(self.link, row) == row.chain_hash)
        if linked(self.link, row, row.commitment) != row.chain_hash:
            return False
        if row.erased_at is not None:
            return row.subject is None and row.detail == {}
        return bool(self.key and row.salt and committed(self.key, row.salt, row) == row.commitment)


def _key_of(session: Session, provider_id: uuid.UUID, *, make: bool = True) -> Any:
    """The provider's key, made with the first link."""
    found = session.execute(
        select(ProviderSecret.ledger_key).where(ProviderSecret.provider_id == provider_id)
    ).scalar_one_or_none()
    if found is None and make:
        found = secrets.token_bytes(32)
        session.add(ProviderSecret(provider_id=provider_id, ledger_key=found, made_at=now()))
        session.flush()
    return found


def _unsealed(session: Session, provider_id: uuid.UUID) -> list[Row[Any]]:
    entries = (
        select(*LedgerEntry.__table__.columns)
        .where(LedgerEntry.provider_id == provider_id, ~_SEALED)
        .order_by(LedgerEntry.recorded_at, LedgerEntry.entry_id)
        .limit(_AT_ONCE)
    )
    return list(session.execute(entries))


def _links(session: Session, provider_id: uuid.UUID, after: int = 0) -> Result[Any]:
    """Each link with its entry, in order; an entry that is gone leaves its columns empty."""
    e = LedgerEntry.__table__
    chain = (
        select(
            LedgerSeal.sequence,
            LedgerSeal.chain_hash,
            LedgerSeal.commitment,
            LedgerSeal.salt,
            LedgerSeal.entry_id.label("sealed_entry_id"),
            *e.columns,
        )
        .outerjoin(e, (e.c.provider_id == LedgerSeal.provider_id) & (e.c.entry_id == LedgerSeal.entry_id))
        .where(LedgerSeal.provider_id == provider_id, LedgerSeal.sequence > after)
        .order_by(LedgerSeal.sequence)
        .execution_options(yield_per=2_000)
    )
    return session.execute(chain)


def _waiting(session: Session, provider_id: uuid.UUID) -> tuple[int, datetime | None]:
    found = session.execute(
        select(func.count(), func.min(LedgerEntry.recorded_at)).where(LedgerEntry.provider_id == provider_id, ~_SEALED)
    ).one()
    return found[0], found[1]
