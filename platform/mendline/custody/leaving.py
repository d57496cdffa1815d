"""A provider that leaves: read-only at once, exported, and erased for good no earlier than thirty days later.

Done from the command line by whoever owns the tables: no page and no worker can erase a provider.
"""

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from mendline.custody.model import LegalHold, LegalHoldRelease, ProviderLeaving
from mendline.custody.outside import CERTIFICATES, add_line
from mendline.custody.tables import tenant_tables
from mendline.evidence.files.stores import ObjectStore
from tenants.clock import now, today
from tenants.errors import RefusedError

WAIT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was erased of a provider, and that nothing is left.

    Attributes:
        rows: how many rows went, table by table.
        objects: how many files went.
        people: how many people lost their sign-in with it, since they belonged nowhere else.
        residue: what is left: nought in every table, and no files.
    """

    provider_id: uuid.UUID
    name: str
    at: str
    rows: Mapping[str, int]
    objects: int
    people: int
    residue: int

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the certificate, to be quoted."""
        return hashlib.sha256(json.dumps(self.as_line(), sort_keys=True).encode()).hexdigest()

    def as_line(self) -> dict[str, Any]:
        """As it is kept outside."""
        return {
            "provider_id": str(self.provider_id),
            "name": self.name,
            "at": self.at,
            "rows": dict(self.rows),
            "objects": self.objects,
            "people": self.people,
            "residue": self.residue,
        }


def leave(session: Session, provider_id: uuid.UUID, reason: str) -> date:
    """Makes a provider read-only and says from which day on it may be erased."""
    erase_from = today() + WAIT
    stands = session.get(ProviderLeaving, provider_id)
    if stands is not None and stands.withdrawn_at is None:
        raise RefusedError(f"This provider leaves already and may be erased from {stands.erase_from:%d %B %Y}.")
    if stands is not None:
        stands.reason, stands.erase_from, stands.recorded_at, stands.withdrawn_at = reason, erase_from, now(), None
    else:
        session.add(ProviderLeaving(provider_id=provider_id, reason=reason, erase_from=erase_from, recorded_at=now()))
    return erase_from


def stay(session: Session, provider_id: uuid.UUID) -> None:
    """Takes the leaving back: everything can be written again."""
    changed = session.execute(
        update(ProviderLeaving)
        .where(ProviderLeaving.provider_id == provider_id, ProviderLeaving.withdrawn_at.is_(None))
        .values(withdrawn_at=now())
        .returning(ProviderLeaving.provider_id)
    ).first()
    if changed is None:
        raise RefusedError("This provider does not leave.")


def may_be_erased(session: Session, provider_id: uuid.UUID, day: date) -> None:
    """Refuses where a provider may not be erased yet, or at all.

    Raises:
        RefusedError: it does not leave, its thirty days are not over, or a legal hold stands.
    """
    leaving = session.get(ProviderLeaving, provider_id)
    if leaving is None or leaving.withdrawn_at is not None:
        raise RefusedError("This provider does not leave. `mendline provider leave` comes first, then an export.")
    if day < leaving.erase_from:
        raise RefusedError(f"It may be erased from {leaving.erase_from:%d %B %Y}, not before.")
    released = select(LegalHoldRelease.hold_id).where(LegalHoldRelease.provider_id == provider_id)
    held = session.execute(
        select(func.count()).where(LegalHold.provider_id == provider_id, LegalHold.hold_id.not_in(released))
    ).scalar_one()
    if held:
        raise RefusedError(f"{held} legal hold{'' if held == 1 else 's'} stand. Nothing is erased until released.")


def erase_provider(
    session: Session, provider_id: uuid.UUID, name: str, state: Path, outside: Path, store: ObjectStore
) -> Certificate:
    """Erases every row and file of a provider, as the owner of the tables, and certifies it outside.

    Files lie below the state folder and in the store of evidence files, which may be a bucket elsewhere.

    The caller has asked `may_be_erased`, and commits. Whoever belonged nowhere else can sign in no more, and their name
    and address go too.
    """
    # Rows keep their constraints: children go before their parents.
    people = _people_of(session, provider_id)
    rows = {}
    tables = tenant_tables()
    for table in reversed(tables):
        gone = session.execute(delete(table).where(table.c.provider_id == provider_id).returning(text("1"))).all()
        if gone:
            rows[table.name] = len(gone)
    session.execute(text("set local role mendline_reach"))
    session.execute(
        text("delete from reach.ticket where provider_id = :p or person_id = any (:people)"),
        {"p": provider_id, "people": people},
    )
    session.execute(text("set local role mendline_owner"))
    forgotten = _forget_people(session, people)
    objects = store.remove_under(f"{provider_id}/") + _remove_files(state, provider_id)
    left = sum(
        session.execute(select(func.count()).select_from(table).where(table.c.provider_id == provider_id)).scalar_one()
        for table in tables
    )
    left += _files(state, provider_id) + store.remove_under(
        f"{provider_id}/"
    )  # what is still there after the first time
    made = Certificate(provider_id, name, now().isoformat(), rows, objects, forgotten, left)
    add_line(outside, CERTIFICATES, provider_id, made.as_line() | {"fingerprint": made.fingerprint})
    return made


def _people_of(session: Session, provider_id: uuid.UUID) -> list[uuid.UUID]:
    """People who hold a role at this provider and are nothing anywhere else."""
    found = text("""
        select distinct m.person_id from membership m
        where m.provider_id = :p
          and not exists (select 1 from membership o where o.person_id = m.person_id and o.provider_id <> :p)
          and not exists (select 1 from commissioner_officer c where c.person_id = m.person_id)
    """)
    return list(session.execute(found, {"p": provider_id}).scalars())


def _forget_people(session: Session, people: list[uuid.UUID]) -> int:
    for person_id in people:
        session.execute(
            text(
                "update signin.person set email = :email, name = 'Erased', password_hash = null, totp_seed = null,"
                " disabled_at = coalesce(disabled_at, now()) where person_id = :person"
            ),
            {"email": f"{uuid.uuid4()}@erased.invalid", "person": person_id},
        )
    return len(people)


def _folder(state: Path, provider_id: uuid.UUID) -> Path:
    return state / "objects" / str(provider_id)


def _files(state: Path, provider_id: uuid.UUID) -> int:
    folder = _folder(state, provider_id)
    return sum(1 for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0


def _remove_files(state: Path, provider_id: uuid.UUID) -> int:
    count = _files(state, provider_id)
    shutil.rmtree(_folder(state, provider_id), ignore_errors=True)
    return count
