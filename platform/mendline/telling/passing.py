"""One look at a provider: writes what is new for each person, and puts the mails that are due into the outbox.

All of it is one transaction with the end of the job. A notice is written once by its key, and carries the letter that
told of it; so a look that is killed anywhere and repeated neither tells twice nor forgets.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from mendline.catalogue.closing import is_told
from mendline.telling.finding import Finder
from mendline.telling.kinds import KINDS
from mendline.telling.mail import Fact, send
from mendline.telling.model import Notice, TellingPass
from mendline.telling.queries import wish_of
from mendline.telling.stopping import Stop
from mendline.telling.timing import Wish, goes_out, next_look
from mendline.telling.told import Told
from tenants.database import in_turn
from tenants.ids import new_id

MOST_MAILS = 400  # of one look: below what the outbox takes from one provider within an hour
MOST_LINES = 20  # of one mail; how many more there are is said
_AT_ONCE = 1_000
_NOTICE = cast("Table", Notice.__table__)

_WAITING = text("""
select n.notice_id, n.person_id, n.kind, n.title, n.path, n.presses, n.made_at, n.read_at, p.name as provider,
       s.closed_on, t.ways, t.quiet_from, t.quiet_until, t.presses_through, t.digest_hour, t.digest_weekday,
       exists (select 1 from membership m where m.provider_id = n.provider_id and m.person_id = n.person_id
           and m.valid_from <= :today and (m.valid_until is null or m.valid_until >= :today)) as works_here
from notice n
join provider p on p.provider_id = n.provider_id
left join service s on s.provider_id = n.provider_id and s.service_id = n.service_id
left join telling_setting t on t.provider_id = n.provider_id and t.person_id = n.person_id
where n.provider_id = :provider and n.mailed_at is null
order by n.person_id, n.made_at, n.notice_id
for update of n
""")


@dataclass(frozen=True, slots=True)
class Done:
    """What a look did."""

    noticed: int
    mails: int


def look(session: Session, provider_id: uuid.UUID, *, at: datetime, today: Any, most_mails: int = MOST_MAILS) -> Done:
    """Tells a provider's people what there is to tell now.

    Args:
        session: the transaction in which the job ends.
        provider_id: the provider.
        at: the moment.
        today: the date in England.
        most_mails: how many mails may go out; the rest goes with the next look.
    """
    in_turn(session, f"tell:{provider_id}")
    noticed = write(session, provider_id, Finder(session, provider_id, at).everything(), at)
    mails = _mail(session, provider_id, at, today, most_mails)
    passed = insert(TellingPass).values(provider_id=provider_id, passed_at=at, next_at=next_look(at))
    session.execute(
        passed.on_conflict_do_update(
            index_elements=["provider_id"],
            set_={"passed_at": passed.excluded.passed_at, "next_at": passed.excluded.next_at},
        )
    )
    return Done(noticed, mails)


def write(session: Session, provider_id: uuid.UUID, found: Sequence[Told], at: datetime) -> int:
    """Writes what is new; says how many notices that were."""
    new = 0
    for start in range(0, len(found), _AT_ONCE):
        rows = [
            {
                "provider_id": provider_id,
                "notice_id": new_id(),
                "person_id": each.person_id,
                "service_id": each.service_id,
                "kind": each.kind,
                "key": each.key,
                "title": each.title,
                "path": each.path,
                "presses": each.presses,
                "made_at": at,
            }
            for each in found[start : start + _AT_ONCE]
        ]
        wanted = insert(_NOTICE).values(rows).on_conflict_do_nothing(constraint="uq_notice_key")
        new += len(session.execute(wanted.returning(_NOTICE.c.notice_id)).all())
    return new


def _mail(session: Session, provider_id: uuid.UUID, at: datetime, today: Any, most: int) -> int:
    """Puts one letter for each person and way into the outbox, for all that is due to them."""
    due: dict[tuple[uuid.UUID, str], list[Any]] = defaultdict(list)
    settled: list[uuid.UUID] = []
    for row in session.execute(_WAITING, {"provider": provider_id, "today": today}):
        wish = wish_of(row)
        over = row.read_at is not None or not is_told(row.kind, row.closed_on)
        if not row.works_here or over or wish.way(row.kind) == "never" or row.kind not in KINDS:
            settled.append(row.notice_id)
        elif goes_out(wish, row.kind, presses=row.presses, made_at=row.made_at, at=at):
            due[row.person_id, _sort(wish, row.kind)].append(row)
    _mark(session, provider_id, settled, None, at)
    sent = 0
    for (person_id, way), rows in sorted(due.items(), key=lambda item: (item[0][1], str(item[0][0]))):
        if sent >= most:
            break
        try:
            with session.begin_nested():
                mail_id = _letter(session, provider_id, person_id, way, rows)
                _mark(session, provider_id, [row.notice_id for row in rows], mail_id, at)
        except ProgrammingError:  # more than the outbox takes within an hour: the next look sends them
            break
        sent += 1
    return sent


def _sort(wish: Wish, kind: str) -> str:
    """What goes out at once has a letter for each kind, so that the link in it stops just that; digests join kinds."""
    way = wish.way(kind)
    return f"at_once:{kind}" if way == "at_once" else way


def _letter(session: Session, provider_id: uuid.UUID, person_id: uuid.UUID, way: str, rows: Sequence[Any]) -> uuid.UUID:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.kind] += 1
    words = [f"{count} {KINDS[kind].one if count == 1 else KINDS[kind].many}" for kind, count in counts.items()]
    shown = rows[:MOST_LINES]
    facts: Mapping[str, Fact] = {
        "provider": rows[0].provider,
        "summary": _listed(words),
        "lines": [{"title": row.title, "path": row.path} for row in shown],
        "more": len(rows) - len(shown),
        "often": {"daily": "day", "weekly": "week"}.get(way, ""),
        "stops": [
            {"label": KINDS[kind].label, "words": Stop(provider_id, person_id, kind).words} for kind in sorted(counts)
        ],
    }
    return send(session, "telling", provider_id=provider_id, person_id=person_id, facts=facts)


def _mark(
    session: Session, provider_id: uuid.UUID, notices: Sequence[uuid.UUID], mail_id: uuid.UUID | None, at: datetime
) -> None:
    if notices:
        session.execute(
            update(_NOTICE)
            .where(_NOTICE.c.provider_id == provider_id, _NOTICE.c.notice_id.in_(notices))
            .values(mail_id=mail_id, mailed_at=at)
        )


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
