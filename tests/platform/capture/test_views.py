"""Shift forms over HTTP: plain, by script, exactly once, in conflict, with a wrong clock."""

import json
import re
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from support.facts import Home, a_home, two_providers
from support.shifts import a_check, place_of
from support.visiting import Visitor, an_application, visit

from mendline.capture.model import Arrival, Conflict, Draft
from mendline.capture.queries import what_was
from mendline.evidence.model import Record
from mendline.secret_keys import KeyRing
from tenants.clock import now
from tenants.database import Database
from tenants.ids import new_id

FORM = "medicines_check"


@dataclass(frozen=True)
class House:
    """An application with two groups."""

    app: Flask
    db: Database
    home: Home
    foreign: Home

    def visit(self, role: str, home: Home | None = None) -> Visitor:
        return visit(self.app, self.db, role, place_of(home or self.home))

    def how_many(self, table: Any, record_id: uuid.UUID) -> int:
        with self.db.administration() as session:
            return session.execute(
                select(func.count()).select_from(table).where(table.record_id == record_id)
            ).scalar_one()


@pytest.fixture(scope="module")
def house(database: Database, state_folder: Path) -> House:
    mine, theirs = two_providers(database)
    return House(an_application(database, state_folder), database, mine[0], theirs[0])


def send(
    visitor: Visitor,
    home: Home,
    record_id: uuid.UUID,
    *,
    ahead: timedelta = timedelta(),
    waited: timedelta = timedelta(),
    unknown: tuple[str, ...] = (),
    form: str = FORM,
    **changes: str,
) -> tuple[int, dict[str, Any]]:
    """Sends a draft as script does; gives the status and what the server says."""
    told = json.loads(visitor.client.get("/capture/key").get_data(as_text=True))
    sent = now() + ahead
    body = {
        "form": form, "service_id": str(home.service_id), "record_id": str(record_id), "answers": a_check(**changes),
        "unknown": list(unknown), "finished_at": (sent - waited).isoformat(), "sent_at": sent.isoformat(),
    }  # fmt: skip
    answer = visitor.client.post("/capture/sendings", json=body, headers={"X-CSRF-Token": told["csrf"]})
    return answer.status_code, json.loads(answer.get_data(as_text=True))


def test_a_draft_that_a_phone_held_when_the_home_closed_is_taken_for_its_last_day_and_not_after(house: House) -> None:
    with house.db.administration() as session:
        closed = a_home(session, house.home.provider_id, "Larch Court")
    carer = house.visit("senior_carer", closed)
    half_done, late, after = new_id(), new_id(), new_id()
    assert send(carer, closed, half_done, unknown=("gaps_found",), gaps_found="")[1]["outcome"] == "open"
    with house.db.administration() as session:
        session.execute(
            text("update service set closed_on = '2026-01-17' where service_id = :s"), {"s": closed.service_id}
        )
    assert send(carer, closed, late)[1]["outcome"] == "sent"
    assert send(carer, closed, half_done)[1]["outcome"] == "sent"
    status, said = send(carer, closed, after, checked_at="2026-01-18T06:41", shift_on="2026-01-17")
    assert (status, house.how_many(Record, after)) == (422, 0)
    assert "The service closed on 17 January 2026" in json.dumps(said)
    assert f"/capture/{closed.service_id}/{FORM}" not in carer.get("/capture").text


def test_a_check_without_gaps_is_sent_as_a_plain_form_and_stands_under_sent_today(house: House) -> None:
    visitor = house.visit("senior_carer")
    page = visitor.get(f"/capture/{house.home.service_id}/{FORM}")
    assert page.status == 200, page.text
    assert page.says("If someone may have been harmed, get help first.")
    found = re.search(r'name="record_id" value="([^"]+)"', page.text)
    assert found
    fields = {**a_check(gaps_found="0"), "record_id": found[1]}
    answer = visitor.post(f"/capture/{house.home.service_id}/{FORM}", fields)
    assert (answer.status, answer.location) == (303, "/capture"), answer.text
    home = visitor.get("/capture")
    assert home.says("End-of-shift medicines check: sent.")
    assert home.says("Sent today")
    assert house.how_many(Record, uuid.UUID(found[1])) == 1


def test_counts_start_blank_and_the_shift_is_known(house: House) -> None:
    page = house.visit("senior_carer").get(f"/capture/{house.home.service_id}/{FORM}")
    assert re.search(r'name="charts_checked" value=""', page.text)
    assert re.search(r'name="gaps_found" value=""', page.text)
    assert re.search(r'name="shift_on" value="\d{4}', page.text)


def test_a_check_that_was_taken_back_says_nothing_of_the_unit_any_more(house: House) -> None:
    home, record_id = house.foreign, new_id()

    def people_on_unit() -> int | None:
        with house.db.transaction(house.db.command_reach(home.provider_id)) as session:
            return what_was(session, home.provider_id, home.service_id).people

    sent = {"gaps_found": "0", "people_on_unit": "33", "charts_checked": "33"}
    assert send(house.visit("senior_carer", home), home, record_id, **sent)[1]["outcome"] == "sent"
    assert people_on_unit() == 33
    with house.db.administration() as session:
        session.execute(
            text(
                "insert into record (provider_id, service_id, record_id, revision, record_type, type_version,"
                " happened_at, payload, reason, recorded_at, withdrawn_at)"
                " select provider_id, service_id, record_id, 2, record_type, type_version, happened_at, payload,"
                " 'Another home.', now(), now() from record where record_id = :record"
            ),
            {"record": record_id},
        )
    assert people_on_unit() is None


def test_gaps_are_asked_one_at_a_time_and_each_counts_once_however_often_it_is_sent(house: House) -> None:
    visitor, check = house.visit("senior_carer"), new_id()
    visitor.get(f"/capture/{house.home.service_id}/{FORM}")
    answer = visitor.post(f"/capture/{house.home.service_id}/{FORM}", {**a_check(), "record_id": str(check)})
    assert answer.location == f"/capture/{house.home.service_id}/gap?of={check}&n=1&total=2"
    first = visitor.get(answer.location)
    assert first.says("Gap 1 of 2")
    again = visitor.get(answer.location)
    ids = [re.search(r'name="record_id" value="([^"]+)"', page.text) for page in (first, again)]
    assert ids[0]
    assert ids[1]
    assert ids[0][1] == ids[1][1]
    gap = {
        "record_id": ids[0][1], "kind": "gap", "found_at": "2026-01-17T06:43", "person": "P-014", "person_safe": "checked",
        "medicine": "Co-careldopa", "round_slot": "night", "what_is_known": "unknown", "done_so_far": "Told the GP.",
        "told": ["manager"], "harm_level": "none", "found_by": "AO",
    }  # fmt: skip
    sent = [visitor.post(answer.location, gap) for _ in range(2)]
    assert {one.location for one in sent} == {f"/capture/{house.home.service_id}/gap?of={check}&n=2&total=2"}
    assert house.how_many(Record, uuid.UUID(ids[0][1])) == 1


def test_what_is_not_known_yet_is_kept_for_its_writer_alone_and_counts_when_it_is_finished(house: House) -> None:
    visitor, record_id = house.visit("senior_carer"), new_id()
    status, said = send(visitor, house.home, record_id, unknown=("cd_balance_agrees",), cd_balance_agrees="")
    assert (status, said["outcome"]) == (200, "open")
    assert house.how_many(Record, record_id) == 0
    page = visitor.get("/capture")
    assert page.says("1 question open: Do the controlled drugs match the register.")
    assert not house.visit("senior_carer").get("/capture").says("1 question open")
    form = visitor.get(f"/capture/{house.home.service_id}/{FORM}?draft={record_id}")
    assert f'name="record_id" value="{record_id}"' in form.text
    assert 'name="charts_checked" value="14"' in form.text
    assert send(visitor, house.home, record_id)[1]["outcome"] == "sent"
    assert (house.how_many(Record, record_id), house.how_many(Draft, record_id)) == (1, 0)


def test_what_is_left_blank_without_saying_so_is_refused_beside_its_question(house: House) -> None:
    visitor = house.visit("senior_carer")
    status, said = send(visitor, house.home, new_id(), cd_balance_agrees="")
    assert (status, said["outcome"]) == (422, "refused")
    assert set(said["problems"]) == {"cd_balance_agrees"}


def test_the_same_draft_sent_again_counts_once(house: House) -> None:
    visitor, record_id = house.visit("senior_carer"), new_id()
    outcomes = [send(visitor, house.home, record_id)[1]["outcome"] for _ in range(3)]
    assert outcomes == ["sent", "again", "again"]
    assert (house.how_many(Record, record_id), house.how_many(Arrival, record_id)) == (1, 1)


def test_two_devices_with_one_draft_leave_both_versions_and_a_manager_chooses(house: House) -> None:
    visitor, record_id = house.visit("senior_carer"), new_id()
    assert send(visitor, house.home, record_id)[1]["outcome"] == "sent"
    for _ in range(2):
        assert send(visitor, house.home, record_id, gaps_found="1")[1]["outcome"] == "conflict"
    assert house.how_many(Conflict, record_id) == 1
    assert visitor.get("/capture").says("Both are kept, and a manager chooses one.")
    assert visitor.get(f"/capture/{house.home.service_id}/arrivals").status == 403
    manager = house.visit("registered_manager")
    page = manager.get(f"/capture/{house.home.service_id}/arrivals")
    assert page.says("Choose one: End-of-shift medicines check")
    assert page.says("<b>1</b>")
    found = re.search(rf'action="(/capture/[^"]+/versions/{record_id}/[^"]+)"', page.text)
    assert found
    assert manager.post(found[1], {"chosen": "second"}).status == 303
    assert manager.post(found[1], {"chosen": "first"}).status == 404
    with house.db.administration() as session:
        revisions = session.execute(
            select(Record.revision, Record.payload).where(Record.record_id == record_id).order_by(Record.revision)
        ).all()
    assert [(row.revision, row.payload["gaps_found"]) for row in revisions] == [(1, 2), (2, 1)]


@pytest.mark.parametrize("minutes", [-61, 61])
def test_a_clock_an_hour_wrong_is_marked_and_not_refused(house: House, minutes: int) -> None:
    visitor, record_id = house.visit("senior_carer"), new_id()
    ahead = timedelta(minutes=minutes)
    local = (now() + ahead).astimezone().replace(tzinfo=None)
    status, said = send(visitor, house.home, record_id, ahead=ahead, checked_at=f"{local:%Y-%m-%dT%H:%M}")
    assert (status, said["outcome"], said["clock"]) == (200, "sent", True), said
    with house.db.administration() as session:
        arrival = session.execute(select(Arrival).where(Arrival.record_id == record_id)).scalar_one()
        happened = session.execute(select(Record.happened_at).where(Record.record_id == record_id)).scalar_one()
        assert abs(arrival.clock_seconds - minutes * 60) <= 5
        assert arrival.is_moved == (minutes > 0)
        assert abs(arrival.sent_at - arrival.received_at) > timedelta(minutes=60)
        assert happened <= arrival.received_at
    way = "ahead" if minutes > 0 else "behind"
    assert re.search(rf"The device(&#39;|')s clock was 6[01] minutes {way}[.]", visitor.get("/capture").text)


def test_a_late_arrival_is_marked(house: House) -> None:
    visitor, record_id = house.visit("senior_carer"), new_id()
    status, said = send(visitor, house.home, record_id, waited=timedelta(hours=9))
    assert (status, said["outcome"], said["late"]) == (200, "sent", True)
    assert visitor.get("/capture").says("Late: finished on the device")


def test_a_record_in_the_future_that_no_clock_explains_is_refused(house: House) -> None:
    later = f"{now() + timedelta(days=2):%Y-%m-%dT%H:%M}"
    status, said = send(house.visit("senior_carer"), house.home, new_id(), checked_at=later)
    assert status == 422
    assert "future" in said["problems"]["checked_at"]


def test_another_providers_service_is_not_there_and_a_carer_sends_no_medicines_check(house: House) -> None:
    visitor = house.visit("senior_carer")
    assert visitor.get(f"/capture/{house.foreign.service_id}/{FORM}").status == 404
    assert house.visit("carer").get(f"/capture/{house.home.service_id}/{FORM}").status == 403


def test_what_a_phone_keeps_for_when_there_is_no_signal_names_nobody(house: House) -> None:
    visitor = house.visit("senior_carer")
    client = house.app.test_client()
    for path in ("/capture/away", "/capture/away/medicines_check", "/capture/away/gap"):
        page = client.get(path).get_data(as_text=True)
        assert 'data-person=""' in page
        assert "Rowan House" not in page
        assert 'class="who"' not in page
    worker = client.get("/capture/worker.js")
    assert worker.headers["Service-Worker-Allowed"] == "/capture"
    assert "/capture/away/medicines_check" in worker.get_data(as_text=True)
    assert visitor.get("/capture/nothing").status == 404


def test_a_key_opens_one_persons_drafts_and_no_others(house: House) -> None:
    keys = [
        json.loads(visitor.client.get("/capture/key").get_data(as_text=True))
        for visitor in (house.visit("senior_carer"), house.visit("senior_carer"))
    ]
    assert keys[0]["secret"] != keys[1]["secret"]
    assert keys[0]["person"] != keys[1]["person"]
    assert list(keys[0]["places"]) == [str(house.home.service_id)]
    assert [each["former"] for each in keys] == [[], []]
    outsider = house.visit("provider_quality_lead")
    assert json.loads(outsider.client.get("/capture/key").get_data(as_text=True))["places"] == {}


def test_after_a_renewal_of_the_installation_s_key_what_it_sealed_before_can_still_be_opened(house: House) -> None:
    visitor = house.visit("senior_carer")
    before = json.loads(visitor.client.get("/capture/key").get_data(as_text=True))
    as_it_was = house.app.extensions["mendline"]
    renewed = KeyRing("what the installation signs with from now on", as_it_was.settings.secret_key)
    house.app.extensions["mendline"] = replace(as_it_was, keys=renewed)
    try:
        after = json.loads(visitor.client.get("/capture/key").get_data(as_text=True))
    finally:
        house.app.extensions["mendline"] = as_it_was
    assert after["secret"] != before["secret"]
    assert after["former"] == [{"person": before["person"], "secret": before["secret"]}]
