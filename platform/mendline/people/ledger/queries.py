"""What the pages of the ledger read: one bounded statement, by cursor."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

PAGE = 100
MOST_EXPORTED = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One act as it stands in the ledger, with the names that identifiers stand for."""

    entry_id: uuid.UUID
    recorded_at: datetime
    person: str | None
    actor: str
    act: str
    service: str | None
    subject: str | None
    detail: dict[str, Any]
    origin: dict[str, Any] | None
    sequence: int | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after this moment and entry."""

    recorded_at: datetime
    entry_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for.

    Attributes:
        words: text in the act, the subject or the details.
        kind: looks, changes, access or refused; all where empty.
    """

    words: str = ""
    person_id: uuid.UUID | None = None
    service_id: uuid.UUID | None = None
    first: date | None = None
    last: date | None = None
    kind: str = ""


# What an act belongs to, told by its words: reads of identifiable things, outsiders, access, refusals.
KINDS = {
    "looks": "look|download|opened|read|export",
    "access": "role|grant|link|support|sign|factor|session|code|conflict|invit",
    "outside": "external|inspector|support",
    "refused": "refused",
}

_ENTRIES = text("""
select e.entry_id, e.recorded_at, e.actor, e.act, e.subject, e.detail, e.origin, s.name as service, k.sequence,
       (select m.display_name from membership m
         where m.provider_id = e.provider_id and m.person_id = e.person_id
         order by m.valid_from desc limit 1) as person
from ledger_entry e
left join service s on s.provider_id = e.provider_id and s.service_id = e.service_id
left join ledger_seal k on k.provider_id = e.provider_id and k.entry_id = e.entry_id
where e.provider_id = :provider
  and (cast(:at as timestamptz) is null or (e.recorded_at, e.entry_id) < (:at, cast(:id as uuid)))
  and (cast(:person as uuid) is null or e.person_id = :person)
  and (cast(:service as uuid) is null or e.service_id = :service)
  and (cast(:first as date) is null or e.recorded_at >= (cast(:first as date))::timestamp at time zone 'Europe/London')
  and (cast(:last as date) is null
       or e.recorded_at < (cast(:last as date) + 1)::timestamp at time zone 'Europe/London')
  and (:kind = '' or e.act ~ :kind)
  and (:words = '' or strpos(lower(e.act || ' ' || coalesce(e.subject, '') || ' ' || e.detail::text), lower(:words)) > 0)
order by e.recorded_at desc, e.entry_id desc
limit :most
""")


def entries(
    session: Session, provider_id: uuid.UUID, wanted: Wanted, *, cursor: Cursor | None = None, most: int = PAGE
) -> tuple[tuple[Entry, ...], Cursor | None]:
    """A page of a provider's ledger, newest first, and where the next begins.

    Args:
        session: a transaction in the reader's reach.
        provider_id: whose ledger.
        wanted: what is looked for.
        cursor: where the page begins; the newest where None.
        most: entries on a page.
    """
    values = {
        "provider": provider_id, "at": cursor.recorded_at if cursor else None, "id": cursor.entry_id if cursor else None,
        "person": wanted.person_id, "service": wanted.service_id, "first": wanted.first, "last": wanted.last,
        "kind": KINDS.get(wanted.kind, ""), "words": wanted.words, "most": most + 1,
    }  # fmt: skip
    found = [Entry(**row) for row in session.execute(_ENTRIES, values).mappings()]
    shown = tuple(found[:most])
    more = len(found) > most
    return shown, Cursor(shown[-1].recorded_at, shown[-1].entry_id) if more else None
