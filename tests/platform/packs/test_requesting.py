"""Asking for a pack on a real database: its number, its job in the same transaction, and who may."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from support.facts import Home, two_providers
from support.tenancy import Place, signed_in

from mendline.packs.commands import initials_of, request_pack
from mendline.packs.composing_story import KINDS
from mendline.packs.queries import find_pack, packs_in_reach, packs_of_service
from mendline.packs.reading import read_pack_facts
from mendline.packs.storage import object_key
from mendline.places.queries import find_place
from mendline.recovery.registers.action_commands import open_action
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import NotFoundError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.reach import Reach


@pytest.fixture
def homes(database: Database) -> tuple[Home, Home]:
    mine, theirs = two_providers(database, services=1)
    return mine[0], theirs[0]


def at(home: Home) -> Place:
    return Place(home.provider_id, home.service_id, "")


def ask(database: Database, reach: Reach, home: Home):
    with database.transaction(reach) as session:
        return request_pack(session, reach, find_place(session, reach, home.service_id))


def test_packs_of_a_day_are_numbered_and_each_has_its_job(database: Database, homes: tuple[Home, Home]) -> None:
    mine, _ = homes
    reach = signed_in(database, "registered_manager", at(mine))
    made = [ask(database, reach, mine) for _ in range(2)]
    with database.transaction(reach) as session:
        lines = packs_of_service(session, reach, mine.service_id)
    start = f"HO-{today().isoformat()}-"
    assert sorted(line.reference for line in lines) == [f"{start}01", f"{start}02"]
    assert {line.pack_id for line in lines} == set(made)
    assert {line.job_state for line in lines} == {"queued"}
    with database.administration() as session:
        found = session.execute(
            text(
                "select arguments ->> 'pack_id' as pack, kind, requested_by, service_id from job where provider_id = :id"
            ),
            {"id": mine.provider_id},
        ).all()
        acts = session.execute(
            text("select act, subject from ledger_entry where provider_id = :id"), {"id": mine.provider_id}
        ).all()
    packs = [row for row in found if row.kind == "make_pack"]
    assert {row.pack for row in packs} == {str(pack_id) for pack_id in made}
    assert {(row.requested_by, row.service_id) for row in packs} == {(reach.person_id, mine.service_id)}
    assert [row.act for row in acts] == ["pack requested"] * 2


def test_two_who_ask_at_once_get_two_numbers(database: Database, homes: tuple[Home, Home]) -> None:
    reach = signed_in(database, "registered_manager", at(homes[0]))
    threads = [threading.Thread(target=ask, args=(database, reach, homes[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.transaction(reach) as session:
        numbers = [line.reference[-2:] for line in packs_in_reach(session, reach)]
    assert sorted(numbers) == ["01", "02", "03", "04"]


def test_what_goes_wrong_after_asking_leaves_neither_pack_nor_job(database: Database, homes: tuple[Home, Home]) -> None:
    reach = signed_in(database, "registered_manager", at(homes[0]))

    def ask_and_fail() -> None:
        with database.transaction(reach) as session:
            request_pack(session, reach, find_place(session, reach, homes[0].service_id))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()
    with database.administration() as session:
        left = session.execute(
            text("select 1 from pack where provider_id = :id union all"
                 " select 1 from job where provider_id = :id and kind = 'make_pack'"),
            {"id": homes[0].provider_id},
        ).all()  # fmt: skip
    assert left == []


def test_whoever_may_only_read_packs_asks_for_none(database: Database, homes: tuple[Home, Home]) -> None:
    deputy = signed_in(database, "deputy_manager", at(homes[0]))
    with pytest.raises(NotPermittedError):
        ask(database, deputy, homes[0])
    pack_id = ask(database, signed_in(database, "registered_manager", at(homes[0])), homes[0])
    with database.transaction(deputy) as session:
        assert find_pack(session, deputy, pack_id).service == "Home 0"


def test_a_pack_of_another_provider_is_not_there(database: Database, homes: tuple[Home, Home]) -> None:
    mine, theirs = homes
    pack_id = ask(database, signed_in(database, "registered_manager", at(mine)), mine)
    foreign = signed_in(database, "registered_manager", at(theirs))
    with database.transaction(foreign) as session:
        assert packs_in_reach(session, foreign) == ()
        assert packs_of_service(session, foreign, mine.service_id) == ()
        for wanted in (pack_id, new_id()):
            with pytest.raises(NotFoundError):
                find_pack(session, foreign, wanted)
    with pytest.raises(NotFoundError):
        ask(database, foreign, mine)
    with pytest.raises(ValueError, match="within reach"):
        object_key(foreign, mine.provider_id, pack_id)
    assert object_key(foreign, theirs.provider_id, pack_id).startswith(f"{theirs.provider_id}/packs/")


def test_a_pack_lists_what_was_recorded_by_its_moment_and_nothing_later(
    database: Database, homes: tuple[Home, Home]
) -> None:
    mine, _ = homes
    reach = signed_in(database, "registered_manager", at(mine))
    with database.transaction(reach) as session:
        open_action(session, reach, provider_id=mine.provider_id, service_id=mine.service_id, today=today(),
                    title="Induct agency seniors", owner="P Nowak", due_on=today())  # fmt: skip
    with database.transaction(reach) as session:
        after = read_pack_facts(session, reach, mine.service_id, now())
        before = read_pack_facts(session, reach, mine.service_id, now() - timedelta(hours=1))
    assert [row.reference for row in after.actions] == ["A-001"]
    assert before.actions == ()


def test_a_pack_tells_the_kinds_of_story_that_were_chosen(database: Database, homes: tuple[Home, Home]) -> None:
    mine, _ = homes
    reach = signed_in(database, "registered_manager", at(mine))
    with database.transaction(reach) as session:
        open_action(session, reach, provider_id=mine.provider_id, service_id=mine.service_id, today=today(),
                    title="Induct agency seniors", owner="P Nowak", due_on=today())  # fmt: skip
    with database.transaction(reach) as session:
        place = find_place(session, reach, mine.service_id)
        whole = request_pack(session, reach, place)
        pack_id = request_pack(session, reach, place, story=["plan", "decision"])
        assert find_pack(session, reach, whole).options["story"] == list(KINDS)
        assert find_pack(session, reach, pack_id).options["story"] == ["decision", "plan"]
        told = [
            {line.kind for line in read_pack_facts(session, reach, mine.service_id, now(), kinds).story}
            for kinds in (KINDS, ("decision", "plan"), ())
        ]
    assert told == [{"action"}, set(), set()]


def test_a_kind_that_no_pack_tells_is_refused(database: Database, homes: tuple[Home, Home]) -> None:
    reach = signed_in(database, "registered_manager", at(homes[0]))
    with database.transaction(reach) as session, pytest.raises(RefusedError) as refused:
        request_pack(session, reach, find_place(session, reach, homes[0].service_id), story=["rumour"])
    assert refused.value.problems == {"story": "Choose from the kinds that are offered."}


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Rosewood House", "RH"),
        ("Fernleigh", "FE"),
        ("Łódź Ünal", "OU"),
        ("The Old Rectory Care and Nursing Home", "TORCAN"),
        ('"><script>', "SC"),
        ("24 / 7", "24"),
        ("%_", "SERVICE"),
        ("日本", "SERVICE"),
    ],
)
def test_a_packs_number_is_made_of_plain_letters(name: str, initials: str) -> None:
    assert initials_of(name) == initials


def test_the_number_of_a_pack_does_not_depend_on_who_asks(database: Database, homes: tuple[Home, Home]) -> None:
    reach = signed_in(database, "registered_manager", at(homes[0]))
    with database.transaction(reach) as session:
        place = replace(find_place(session, reach, homes[0].service_id), name="Ünal % House")
        pack_id = request_pack(session, reach, place)
        assert find_pack(session, reach, pack_id).reference.startswith("UH-")
