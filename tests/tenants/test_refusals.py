"""The platform's own count of refusals is sealed minute by minute, and every tampering is found."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mendline.custody.outside import PLATFORM, anchored_heads
from tenants.chain import Head, LedgerVerdict
from tenants.clock import now
from tenants.database import Database
from tenants.refusals import digest_of, linked, verify
from workers.watching import Watch


def as_owner(db: Database, *statements: str, **values: Any) -> None:
    with db.administration() as session:
        for statement in statements:
            session.execute(text(statement), values)


def read(db: Database, statement: str, **values: Any) -> list[Any]:
    with db.administration() as session:
        return list(session.execute(text(statement), values))


def minutes_ago(db: Database, minutes: int, more: int = 0) -> None:
    """Counts of two kinds in a minute that is over and has no link yet, or in one to come where it is less than none."""
    as_owner(
        db,
        "insert into reach.refusal (counted_in, kind, network, times) values"
        " (date_trunc('minute', now()) - make_interval(mins => :m), 'token of the API', 'b\"\\ü', 7 + :more),"
        " (date_trunc('minute', now()) - make_interval(mins => :m), 'cookie of a sign-in', 'a', 2),"
        " (date_trunc('minute', now()) - make_interval(mins => :m), 'cookie of a sign-in', 'B', 1)",
        m=minutes,
        more=more,
    )


def walked(db: Database, *known: Head) -> LedgerVerdict:
    with db.administration() as session:
        return verify(session, known, now())


@pytest.fixture
def watch(database: Database, tmp_path: Path) -> Watch:
    for table in ("refusal_anchor", "refusal_link", "refusal"):
        as_owner(database, f"delete from reach.{table}")
    return Watch(database, tmp_path)


def test_each_minute_that_is_over_gets_one_link_and_the_chain_holds(database: Database, watch: Watch) -> None:
    for minutes in (5, 4, 3):
        minutes_ago(database, minutes)
    minutes_ago(database, -10)
    assert [watch.seal(), watch.seal()] == [3, 0]
    verdict = walked(database)
    assert (verdict.holds, verdict.sealed, verdict.unsealed) == (True, 3, 1)


@pytest.mark.usefixtures("watch")
def test_a_minute_that_was_sealed_takes_nothing_more(database: Database) -> None:
    minutes_ago(database, 0)  # as if the clock were set back after sealing
    as_owner(database, "update reach.refusal set counted_in = counted_in + interval '1 minute'")
    before = read(database, "select counted_in from reach.refusal limit 1")[0].counted_in
    as_owner(
        database,
        "insert into reach.refusal_link (sequence, counted_in, digest, chain_hash, sealed_at) values"
        " (1, :minute, '', '', now()), (2, date_trunc('minute', now()), '', '', now())",
        minute=before,
    )
    with database.as_role("signin") as connection:
        connection.execute(text("select reach.count_refusal('cookie of a sign-in', 'ab12', false)"))
    counted = read(database, "select max(counted_in) as newest, sum(times) as times from reach.refusal")[0]
    assert (counted.newest > before, counted.times) == (True, 11)


def test_a_minute_in_which_somebody_counts_still_is_sealed_afterwards(database: Database, watch: Watch) -> None:
    minutes_ago(database, 2)
    with database.as_role("signin") as slow:
        slow.execute(
            text(
                "select pg_advisory_xact_lock_shared(hashtextextended("
                "'refusals of ' || extract(epoch from date_trunc('minute', now()) - interval '2 minutes'), 0))"
            )
        )
        assert watch.seal() == 0
    assert watch.seal() == 1


def test_the_head_is_written_down_outside_once_a_day(database: Database, watch: Watch, tmp_path: Path) -> None:
    watch.write_head(now())
    assert anchored_heads(tmp_path, PLATFORM) == []
    minutes_ago(database, 3)
    watch.seal()
    watch.write_head(now())
    minutes_ago(database, 2)
    watch.seal()
    watch.write_head(now())
    kept = anchored_heads(tmp_path, PLATFORM)
    assert [head.sequence for head in kept] == [1]
    assert walked(database, *kept).holds


def test_counts_go_after_ninety_days_and_the_chain_holds(database: Database, watch: Watch) -> None:
    minutes_ago(database, 3)
    watch.seal()
    old = timedelta(days=91)
    as_owner(database, "update reach.refusal set counted_in = counted_in - cast(:old as interval)", old=old)
    as_owner(database, "delete from reach.refusal_link")
    watch.seal()
    with database.as_role("relay") as connection:
        connection.execute(text("select reach.sweep_custody()"))
    assert read(database, "select 1 from reach.refusal") == []
    verdict = walked(database)
    assert (verdict.holds, verdict.sealed, verdict.erased) == (True, 1, 1)


def _rechain(db: Database) -> None:
    """What somebody with every right would do: change a count and write all links anew."""
    as_owner(db, "update reach.refusal set times = 1")
    links = read(db, "select sequence, counted_in from reach.refusal_link order by sequence")
    before = bytes(32)
    for row in links:
        counts = read(
            db, "select kind, network, times from reach.refusal where counted_in = :minute", minute=row.counted_in
        )
        digest = digest_of([tuple(each) for each in counts])
        before = linked(before, row.sequence, row.counted_in, digest)
        as_owner(
            db, "update reach.refusal_link set digest = :digest, chain_hash = :hash where sequence = :n",
            digest=digest, hash=before, n=row.sequence,
        )  # fmt: skip


_THIRD = "counted_in = (select counted_in from reach.refusal_link where sequence = 3)"
_TAIL = "delete from reach.refusal where counted_in >= (select counted_in from reach.refusal_link where sequence = 4)"
TAMPERINGS: dict[str, Callable[[Database], None]] = {
    "edit": lambda db: as_owner(db, f"update reach.refusal set times = 1 where {_THIRD}"),
    "delete": lambda db: as_owner(db, f"delete from reach.refusal where {_THIRD}"),
    "delete one line": lambda db: as_owner(db, f"delete from reach.refusal where {_THIRD} and network = 'a'"),
    "insert": lambda db: as_owner(
        db, "insert into reach.refusal (counted_in, kind, network) values (now() - interval '2 hours', 'x', 'y')"
    ),
    "swap": lambda db: as_owner(
        db,
        "update reach.refusal r set times = o.times from reach.refusal o, reach.refusal_link a, reach.refusal_link b"
        " where a.sequence + b.sequence = 5 and a.sequence in (2, 3) and r.counted_in = a.counted_in"
        " and o.counted_in = b.counted_in and (r.kind, r.network) = (o.kind, o.network)",
    ),
    "cut the tail": lambda db: as_owner(db, _TAIL, "delete from reach.refusal_link where sequence >= 4"),
    "rewrite all": _rechain,
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_each_tampering_is_found_with_the_head_that_was_kept_outside(
    database: Database, watch: Watch, tmp_path: Path, figure: Callable[[str], None], how: str
) -> None:
    for number, minutes in enumerate((8, 7, 6, 5)):
        minutes_ago(database, minutes, number)
    assert watch.seal() == 4
    watch.write_head(now())
    known = anchored_heads(tmp_path, PLATFORM)
    assert walked(database, *known).holds
    TAMPERINGS[how](database)
    verdict = walked(database, *known)
    figure(f"platform's count of refusals, {how}: {verdict.broken}")
    assert not verdict.holds
