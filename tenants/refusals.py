"""The chain of the platform's own ledger: how often in each minute something was refused that no provider can be named for.

The relay seals each minute that is over (`reach.seal_refusals`). A link is a hash over the link before it, its number, its
minute and a digest of the minute's counts. The counts go after ninety days, their digest stays; a younger minute whose
counts are gone was tampered with.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from tenants.chain import Head, LedgerVerdict

KEPT = timedelta(days=90)
_SEALED_WITHIN = timedelta(minutes=10)
_START = bytes(32)

_LINKS = text("""
select k.sequence, k.counted_in, k.digest, k.chain_hash,
       (select json_agg(json_build_array(r.kind, r.network, r.times)) from reach.refusal r
         where r.counted_in = k.counted_in) as counts
from reach.refusal_link k order by k.sequence
""")
_WAITING = text("""
select count(distinct r.counted_in) as minutes, min(r.counted_in) as oldest from reach.refusal r
where not exists (select from reach.refusal_link k where k.counted_in = r.counted_in)
""")


def digest_of(counts: Iterable[tuple[str, str, int]]) -> bytes:
    """What stays of a minute: SHA-256 over its lines of kind, network and number of times, in the order of their bytes."""
    lines = (json.dumps(list(line), ensure_ascii=False) for line in sorted(counts))
    return hashlib.sha256("\n".join(lines).encode()).digest()


def linked(before: bytes, sequence: int, minute: datetime, digest: bytes) -> bytes:
    """A link of the chain: SHA-256 over the one before, its number and minute in seconds since 1970, and the digest.

    `reach.seal_refusals` makes the same in the database; what is said here is what a walk compares with.
    """
    return hashlib.sha256(before + f"{sequence} {int(minute.timestamp())}".encode() + digest).digest()


def verify(session: Session, known: Sequence[Head], at: datetime) -> LedgerVerdict:
    """Walks the platform's chain from its first link.

    Args:
        session: a transaction of the owner of the tables; nobody who runs reads the counts.
        known: heads that were kept outside at earlier times; the chain must still pass through each.
        at: the moment, by which counts may be gone.
    """
    outside = {head.sequence: head.chain_hash for head in known}
    sequence, link, gone = 0, _START, 0
    broken: str | None = None
    for row in session.execute(_LINKS):
        broken = _fault(row, sequence + 1, link, at - KEPT)
        if broken:
            break
        sequence, link = row.sequence, row.chain_hash
        gone += row.counts is None
        if outside.get(sequence, link) != link:
            broken = f"The chain no longer passes through link {sequence} as it was kept outside."
            break
    waiting = session.execute(_WAITING).one()
    beyond = [number for number in outside if number > sequence]
    if not broken and beyond:
        broken = f"The chain ends before link {min(beyond)}, which was kept outside."
    if not broken and waiting.oldest and waiting.oldest < at - _SEALED_WITHIN:
        broken = f"A minute of {waiting.oldest:%d %B %Y} has no link."
    return LedgerVerdict(broken, sequence, waiting.minutes, Head(sequence, link) if sequence else None, gone)


def _fault(row: Row[tuple[object, ...]], expected: int, before: bytes, oldest: datetime) -> str | None:
    if row.sequence != expected:
        return f"Link {expected} is missing; the next one is {row.sequence}."
    if row.counts is None and row.counted_in >= oldest:
        return f"The counts of link {expected} are gone."
    if row.counts is not None and digest_of(map(tuple, row.counts)) != row.digest:
        return f"Link {expected} does not hold: its counts of {row.counted_in:%d %B %Y} were changed."
    if linked(before, row.sequence, row.counted_in, row.digest) != row.chain_hash:
        return f"Link {expected} does not hold: it, or one before, was changed."
    return None
