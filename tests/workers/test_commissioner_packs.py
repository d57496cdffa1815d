"""A pack for a commissioner: made by the real worker of what was released, shared with one grant, opened, taken back."""

import hashlib
import io
import os
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from support.application import WEEKS, a_world, an_application_over, monday
from support.commissioned import ALL, Officer, an_officer, ask, make, release, share, take_back
from support.custody import settle
from support.facts import an_indicator, figures
from support.pdf import words_of
from support.tenancy import Groups, Place, add_grant, revoke
from support.visiting import Visitor, visit

from mendline.cli.embedded import embedded_files
from mendline.cli.verify import _examine as examine
from mendline.comparison.granted import grant_at, seen_of
from mendline.comparison.rebuild import rebuild
from mendline.comparison.releasing import newest_releases
from mendline.config import state_folder as installed_state
from mendline.packs.commands import request_pack
from mendline.packs.commissioned.queries import made_for, read_release
from mendline.packs.commissioned.rows import MadeFor
from mendline.places.queries import find_place
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import NotPermittedError
from tenants.reach import Reach

DAY = timedelta(days=1)
STEADY = "call_bell_within_standard_pct"
OUTSIDE_TABLES = ("pack", "pack_file", "commissioner_pack", "inspector_link", "record", "evidence", "membership")


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    """The world of the walk, with one indicator in which no number is small."""
    made = a_world(database, without=("release", "pack_share", "commissioner_pack"))
    first = monday(WEEKS)
    with database.administration() as session:
        session.execute(text("update service set people_count = 40"))
        home = an_indicator(session, made.first.provider_id, made.first.service_id, STEADY, started_on=first)
        figures(
            session, home, [(400.0 + 5 * week, 700.0) for week in range(WEEKS)], first=first, recorded_at=now() - DAY
        )
    rebuild(database)
    return made


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    (folder / "frontend").symlink_to(installed_state(os.environ) / "frontend")
    return folder


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, state: Path) -> Flask:
    return an_application_over(database, groups, state)


@pytest.fixture(scope="module")
def manager(app: Flask, database: Database, groups: Groups) -> Visitor:
    return visit(app, database, "registered_manager", groups.first)


@pytest.fixture(scope="module")
def made(
    app: Flask, database: Database, groups: Groups, manager: Visitor, state: Path
) -> Iterator[tuple[Officer, str]]:
    """An officer, and the path of a finished pack for their body that is shared with nobody yet."""
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, state)
        officer = an_officer(app, database, groups.first)
        assert ask(manager, groups.first, officer).says("Release the figures first")
        release(manager, groups.first)
        path = ask(manager, groups.first, officer).location
        assert path.startswith("/packs/")
        assert share(manager, path, officer).status == 409
        make(database, path.rpartition("/")[2])
        yield officer, path


def place_of(pack_path: str, db: Database) -> tuple[MadeFor, Reach]:
    pack_id = uuid.UUID(pack_path.rpartition("/")[2])
    with db.administration() as session:
        provider_id, service_id = session.execute(
            text("select provider_id, service_id from pack where pack_id = :id"), {"id": pack_id}
        ).one()
    reach = db.command_reach(provider_id)
    with db.transaction(reach) as session:
        found = made_for(session, provider_id, service_id, pack_id)
    assert found
    return found, reach


def pages_of(content: bytes) -> Iterator[pikepdf.Page]:
    with pikepdf.open(io.BytesIO(content)) as document:
        for each in document.pages:
            each.contents_coalesce()
            yield each


def rows(db: Database, reach: Reach, table: str, place: Place) -> int:
    with db.transaction(reach) as session:
        return session.execute(
            text(f"select count(*) from {table} where provider_id = :p"), {"p": place.provider_id}
        ).scalar_one()


# ------------------------------------------------------------------ from asking to taking back


def test_a_pack_is_shared_with_one_grant_opened_marked_told_and_taken_back_at_once(
    database: Database, manager: Visitor, made: tuple[Officer, str]
) -> None:
    officer, path = made
    assert manager.get(path).says("Nobody outside sees this pack.")
    assert not officer.get().says("Packs")
    assert share(manager, path, officer, purpose="").status == 422
    assert share(manager, path, officer).location == path
    assert share(manager, path, officer).status == 409
    page = officer.get()
    way = re.search(r'href="(/portfolio/[^"]+/packs/[0-9a-f-]+)"', page.text)
    assert way
    assert page.says("Packs")
    one = officer.visitor.get(way[1])
    assert one.says("You see this pack until")
    assert one.says("Contract meeting in June")
    answer = officer.download(f"{way[1]}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    copy = answer.get_data()
    for page_ in pages_of(copy):
        assert b"(For Ann Other, Eastshire" in page_.Contents.read_bytes()
    with database.administration() as session:
        told = session.execute(
            text("select subject, detail ->> 'sha256' as sha256 from ledger_entry where act = 'external look'"
                 " and detail ->> 'share' = :share order by recorded_at"),
            {"share": way[1].rpartition("/")[2]},
        ).all()  # fmt: skip
        good, said = examine(session, copy)
        changed = examine(session, copy + b"\n")
    assert (changed[0], changed[1][1]) == (False, "THE FILE WAS CHANGED since it was made.")
    assert changed[1][3].startswith("Such a copy was handed to an officer of Eastshire")
    assert [row.sha256 for row in told] == [None, hashlib.sha256(copy).hexdigest()]
    assert (good, "the copy that was handed to an officer of Eastshire" in said[1]) == (True, True)
    assert manager.get(path).says("2 looks, the last on")
    with database.transaction(officer.visitor.reach) as session:
        counted = text("select count(*) from pack_share")
        assert session.execute(counted).scalar_one() == 1
        assert take_back(manager, path).location == path
        assert session.execute(counted).scalar_one() == 0
    assert officer.visitor.get(way[1]).status == 404
    assert officer.download(f"{way[1]}.pdf").status_code == 404
    assert not officer.get().says("Packs")
    assert manager.get(path).says("Taken back on")


@pytest.mark.usefixtures("made")
def test_what_a_pack_holds_is_only_what_the_officer_s_own_reach_reads(
    app: Flask, database: Database, groups: Groups, manager: Visitor
) -> None:
    for classes in (("summary",), ("summary", "actions"), ("summary", "evidence_index"), ALL):
        officer = an_officer(app, database, groups.first, classes=classes)
        found, reach = place_of(ask(manager, groups.first, officer).location, database)
        with database.transaction(reach) as session:
            place = find_place(session, reach, groups.first.service_id)
            read = read_release(session, place, found)
        held = officer.visitor.reach
        grant = grant_at(held, groups.first.service_id)
        assert grant
        with database.transaction(held) as session:
            seen = seen_of(session, held, grant)
            here = (groups.first.provider_id, groups.first.service_id)
            parts = newest_releases(session, [here])[here].parts
        assert set(read.parts) == set(classes)
        assert read.parts == parts
        assert seen.released
        assert read.recorded_at == seen.released.recorded_at


def test_a_pack_holds_no_word_of_the_service_no_count_and_no_revision(
    database: Database, groups: Groups, made: tuple[Officer, str], state: Path
) -> None:
    _, path = made
    with database.administration() as session:
        key = session.execute(
            text("select object_key from pack_file where pack_id = :id"), {"id": path.rpartition("/")[2]}
        ).scalar_one()
    content = (state / "objects" / key).read_bytes()
    inside = embedded_files(content)
    assert set(inside) == {"facts.csv", "manifest.json"}
    header, *figures_ = inside["facts.csv"].decode().splitlines()
    assert header == "indicator,definition,period_start,value"
    assert len(figures_) > 20
    every = " ".join(words_of(each) for each in pages_of(content)) + "".join(each.decode() for each in inside.values())
    for place in groups.places:
        assert place.canary not in every
    assert f"Service {str(groups.first.service_id)[:4].upper()}" in every
    with database.administration() as session:
        good, said = examine(session, content)
    assert good, said
    assert said[1] == "The file is unchanged."


# ------------------------------------------------------------------ who does not see it


@pytest.fixture
def shared(database: Database, manager: Visitor, made: tuple[Officer, str]) -> Iterator[tuple[Officer, str, str]]:
    """An officer, the pack's path at the provider, and at the officer, while it is shared."""
    officer, path = made
    assert share(manager, path, officer).location == path
    way = re.search(r'href="(/portfolio/[^"]+/packs/[0-9a-f-]+)"', officer.get().text)
    assert way
    yield officer, path, way[1]
    with database.administration() as session:
        session.execute(text("update pack_share set withdrawn_at = coalesce(withdrawn_at, now())"))


def test_nobody_but_officers_of_that_grant_opens_it(
    app: Flask, database: Database, groups: Groups, shared: tuple[Officer, str, str]
) -> None:
    officer, path, way = shared
    share_id = way.rpartition("/")[2]
    others = [
        an_officer(app, database, groups.first),
        an_officer(app, database, groups.sister),
        an_officer(app, database, groups.second),
        an_officer(app, database, groups.first, body_id=officer.body_id, classes=("evidence_files",)),
    ]
    for other in others[:3]:
        assert other.visitor.get(way).status == 404
        assert other.visitor.client.get(f"{way}.pdf").status_code == 404
        assert rows(database, other.visitor.reach, "pack_share", groups.first) == 0
    # Somebody else of the same body may: the grant is the body's.
    assert others[3].visitor.get(way).status == 200
    for place in (groups.sister, groups.second):
        assert officer.visitor.get(f"/portfolio/{place.service_id}/packs/{share_id}").status == 404
    for role, where in (
        ("carer", groups.first),
        ("registered_manager", groups.sister),
        ("registered_manager", groups.second),
    ):
        assert visit(app, database, role, where).get(way).status in (403, 404)
    assert app.test_client().get(way).status_code == 302
    assert officer.visitor.get(path).status in (403, 404)


def test_an_officer_is_shown_no_other_table_of_packs(
    database: Database, groups: Groups, shared: tuple[Officer, str, str]
) -> None:
    officer, _, _ = shared
    assert {
        table: rows(database, officer.visitor.reach, table, groups.first) for table in OUTSIDE_TABLES
    } == dict.fromkeys(OUTSIDE_TABLES, 0)
    assert rows(database, officer.visitor.reach, "pack_share", groups.first) == 1


@pytest.mark.parametrize(
    "ends",
    [
        "update commissioner_grant set withdrawn_at = now() where grant_id = :grant",
        "update commissioner_grant set valid_until = current_date - 1 where grant_id = :grant",
        "update commissioner_officer set valid_until = current_date - 1 where body_id = :body",
        "update commissioner_grant set classes = array['actions'] where grant_id = :grant",
    ],
)
def test_what_ends_the_grant_ends_the_pack_with_the_next_statement(
    database: Database, shared: tuple[Officer, str, str], ends: str
) -> None:
    officer, _, way = shared
    values = {"grant": officer.grant_id, "body": officer.body_id}
    before = text("select valid_until, classes from commissioner_grant where grant_id = :grant")
    with database.administration() as session:
        until, classes = session.execute(before, values).one()
    try:
        with database.transaction(officer.visitor.reach) as session:
            assert session.execute(text("select count(*) from pack_share")).scalar_one() == 1
            with database.administration() as owner:
                owner.execute(text(ends), {name: value for name, value in values.items() if f":{name}" in ends})
            assert session.execute(text("select count(*) from pack_share")).scalar_one() == 0
        assert officer.visitor.get(way).status in (302, 403, 404)
    finally:
        with database.administration() as owner:
            owner.execute(
                text("update commissioner_grant set withdrawn_at = null, valid_until = :until, classes = :classes"
                     " where grant_id = :grant"),
                {"grant": officer.grant_id, "until": until, "classes": classes},
            )  # fmt: skip
            owner.execute(
                text("update commissioner_officer set valid_until = null where body_id = :body"),
                {"body": officer.body_id},
            )


def test_a_correction_closes_a_pack_to_whoever_sees_the_figures_as_they_stand(
    database: Database, groups: Groups, shared: tuple[Officer, str, str]
) -> None:
    officer, _, way = shared
    with database.administration() as session:
        session.execute(
            text("insert into observation (provider_id, service_id, indicator_id, period_start, revision, observation_id,"
                 " numerator, denominator, value, state, source, recorded_at)"
                 " select provider_id, service_id, indicator_id, period_start, 2, gen_random_uuid(), numerator - 40,"
                 " denominator, value, state, source, now() from observation where provider_id = :p and service_id = :s"
                 " and revision = 1 order by period_start desc limit 1"),
            {"p": groups.first.provider_id, "s": groups.first.service_id},
        )  # fmt: skip
    assert officer.visitor.get(way).status == 200
    live = add_grant(database, groups.first, officer.body_id, live=True)
    try:
        assert officer.visitor.get(way).status == 404
    finally:
        with database.administration() as session:
            session.execute(text("update commissioner_grant set withdrawn_at = now() where grant_id = :g"), {"g": live})
    assert officer.visitor.get(way).status == 200


# ------------------------------------------------------------------ what is refused


def test_what_is_wrong_is_said_at_its_field(
    app: Flask, database: Database, groups: Groups, manager: Visitor, made: tuple[Officer, str]
) -> None:
    officer, path = made
    here = f"/services/{groups.first.service_id}/packs/commissioner"
    manager.get(here)
    assert manager.post(here, {"grant": str(uuid.uuid4()), "weeks": "26"}).says("Choose the commissioner it is for")
    assert manager.post(here, {"grant": str(officer.grant_id), "weeks": "3"}).says("Choose from the periods")
    narrower = an_officer(app, database, groups.first, classes=("summary",), body_id=officer.body_id)
    other = an_officer(app, database, groups.first)
    for each in (narrower, other):
        assert share(manager, path, each).says("Choose a grant of the same commissioner")


def test_a_pack_for_the_regulator_is_never_shared(
    database: Database, groups: Groups, manager: Visitor, made: tuple[Officer, str]
) -> None:
    officer, _ = made
    with database.transaction(manager.reach) as session:
        place = find_place(session, manager.reach, groups.first.service_id)
        pack_id = request_pack(session, manager.reach, place)
    assert share(manager, f"/packs/{pack_id}", officer).status == 404
    with database.transaction(manager.reach) as session:
        done = session.execute(
            text("select reach.share_pack(:p, :s, gen_random_uuid(), :pack, :grant, 'Why', 'Who')"),
            {"p": place.provider_id, "s": place.service_id, "pack": pack_id, "grant": officer.grant_id},
        ).scalar_one()
    assert done is False


@pytest.mark.parametrize(
    ("role", "whole"), [("deputy_manager", False), ("provider_quality_lead", True), ("carer", False)]
)
def test_whoever_releases_nothing_makes_and_shares_none(
    app: Flask, database: Database, groups: Groups, made: tuple[Officer, str], role: str, whole: bool
) -> None:
    officer, path = made
    visitor = visit(app, database, role, groups.first, whole_provider=whole)
    visitor.get("/account")
    here = f"/services/{groups.first.service_id}/packs/commissioner"
    assert visitor.post(here, {"grant": str(officer.grant_id), "weeks": "26"}).status == 403
    assert visitor.post(f"{path}/shares", {"grant": str(officer.grant_id), "purpose": "Meeting"}).status == 403


def test_sharing_asks_for_a_fresh_factor_and_taking_back_does_not(app: Flask) -> None:
    fresh = app.extensions["mendline.step_up"]
    assert "commissioned_packs.share_it" in fresh
    assert "commissioned_packs.take_back" not in fresh


# In somebody else's name.
_ANOTHER = (
    "select p.provider_id, p.service_id, p.pack_id, g.body_id, 'A', g.grant_id, gen_random_uuid(), array['summary'], true,"
    " null, gen_random_uuid(), 'A', now() from pack p, commissioner_grant g"
)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into pack_share select * from pack_share",
        "update pack_share set withdrawn_at = null",
        "delete from pack_share",
        f"insert into commissioner_pack {_ANOTHER}",
    ],
)
@pytest.mark.usefixtures("made")
def test_the_database_writes_a_share_by_its_function_alone(
    database: Database, manager: Visitor, statement: str
) -> None:
    with pytest.raises((NotPermittedError, ProgrammingError)), database.transaction(manager.reach) as session:
        session.execute(text(statement))


def test_a_job_that_is_claimed_after_its_requester_left_makes_no_pack(
    app: Flask, database: Database, groups: Groups, made: tuple[Officer, str]
) -> None:
    officer, _ = made
    leaver = visit(app, database, "registered_manager", groups.first)
    path = ask(leaver, groups.first, officer).location
    with database.administration() as session:
        session.execute(
            text("update membership set valid_until = :gone where person_id = :id"),
            {"gone": today() - DAY, "id": leaver.reach.person_id},
        )
        job_id = session.execute(
            text("select job_id from pack where pack_id = :id"), {"id": path.rpartition("/")[2]}
        ).scalar_one()
    assert database.claim(job_id, worker="test", lease_seconds=30, kind="make_pack") is None
    revoke(database, leaver.reach.ticket)
