"""The pages of custody as those see them who keep it, and as those do not who do not."""

import uuid
from pathlib import Path

import pytest
from flask import Flask
from support.custody import NAME, PERSON, Keepers, a_kept_provider, do_jobs, rows, settle
from support.tenancy import Place
from support.visiting import Visitor, an_application, visit, visit_as

from tenants.database import Database


@pytest.fixture(scope="module")
def app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application(database, tmp_path_factory.mktemp("state"))


@pytest.fixture
def keepers(database: Database, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Keepers:
    settle(monkeypatch, Path(app.extensions["mendline"].settings.state))
    return a_kept_provider(database)


def as_administrator(app: Flask, database: Database, keepers: Keepers) -> Visitor:
    assert keepers.administrator.person_id is not None
    return visit_as(app, database, keepers.administrator.person_id)


def as_nominated(app: Flask, database: Database, keepers: Keepers) -> Visitor:
    assert keepers.nominated.person_id is not None
    return visit_as(app, database, keepers.nominated.person_id)


def test_an_archive_is_asked_for_made_and_collected(app: Flask, database: Database, keepers: Keepers) -> None:
    visitor = as_administrator(app, database, keepers)
    base = f"/providers/{keepers.provider_id}/custody"
    assert visitor.get("/custody").says("Harbour Care")
    assert visitor.get(base).status == 200
    sent = {"x_person_reference": PERSON.lower(), "x_also_named": NAME, "x_service_id": "", "x_reason": "She asked."}
    asked = visitor.post(f"{base}/exports", sent)
    assert asked.status == 303
    assert visitor.get(asked.location).says("Being done")
    do_jobs(database, keepers.provider_id, "custody_request")
    page = visitor.get(asked.location)
    assert page.says("Whoever reads the records of the whole provider collects it.")
    assert not page.says("Download the archive")
    assert visitor.get(f"{asked.location}.zip").status == 403  # an administrator sees no care content
    collector = as_nominated(app, database, keepers)
    page = collector.get(asked.location)
    assert page.says("Download the archive")
    assert page.says("Record")
    assert collector.client.get(f"{asked.location}.zip").data[:2] == b"PK"
    acts = {
        row.act for row in rows(database, "select act from ledger_entry where provider_id = :p", p=keepers.provider_id)
    }
    assert "archive of a person's data downloaded" in acts


def test_an_erasure_is_asked_for_by_one_and_approved_by_another(
    app: Flask, database: Database, keepers: Keepers
) -> None:
    visitor, other = as_administrator(app, database, keepers), as_nominated(app, database, keepers)
    base = f"/providers/{keepers.provider_id}/custody"
    visitor.get(base)
    sent = {"e_person_reference": PERSON, "e_also_named": "", "e_service_id": "", "e_reason": "She asked."}
    asked = visitor.post(f"{base}/erasures", sent)
    own = visitor.get(asked.location)
    assert own.says("Somebody else decides")
    assert not own.says("Approve the erasure")
    assert visitor.post(f"{asked.location}/approve", {}).status == 403
    assert other.get(asked.location).says("Approve the erasure")
    assert other.post(f"{asked.location}/approve", {}).status == 303
    do_jobs(database, keepers.provider_id, "custody_request")
    assert other.get(asked.location).says("Not named any more")


def test_what_cannot_be_is_told_beside_its_field_and_keeps_what_was_typed(
    app: Flask, database: Database, keepers: Keepers
) -> None:
    visitor = as_administrator(app, database, keepers)
    base = f"/providers/{keepers.provider_id}/custody"
    visitor.get(base)
    page = visitor.post(f"{base}/exports", {"x_person_reference": "Edith", "x_reason": "She asked."})
    assert page.status == 422
    assert page.says("such as P-014")
    assert page.says("She asked.")
    visitor.get(f"{base}/schedule")
    page = visitor.post(f"{base}/schedule", {"record_type": "incident", "years": "lots", "reason": "Ours"})
    assert (page.status, page.says("whole number of years")) == (422, True)
    assert visitor.post(f"{base}/schedule", {"record_type": "incident", "years": "25", "reason": "Ours"}).status == 303
    assert visitor.get(f"{base}/schedule").says("25 years")


def test_a_hold_is_placed_shown_and_released(app: Flask, database: Database, keepers: Keepers) -> None:
    visitor = as_administrator(app, database, keepers)
    base = f"/providers/{keepers.provider_id}/custody/holds"
    visitor.get(base)
    assert visitor.post(base, {"person_reference": PERSON, "service_id": "", "reason": "An inquest"}).status == 303
    assert visitor.get(base).says("An inquest")
    (hold,) = rows(database, "select hold_id from legal_hold where provider_id = :p", p=keepers.provider_id)
    assert visitor.post(f"{base}/{hold.hold_id}/release", {"reason": "It ended"}).status == 303
    assert visitor.get(base).says("Released: It ended")
    assert visitor.post(f"{base}/{hold.hold_id}/release", {"reason": "Again"}).status == 409


def test_a_transfer_is_offered_with_a_code_that_is_shown_once(app: Flask, database: Database, keepers: Keepers) -> None:
    taker = a_kept_provider(database, "Kelso Care", records=False)
    visitor, other = as_administrator(app, database, keepers), as_administrator(app, database, taker)
    base = f"/providers/{keepers.provider_id}/custody/transfers"
    visitor.get(base)
    offered = visitor.post(base, {"service_id": str(keepers.home.service_id), "classes": "records", "reason": "Sold"})
    assert offered.status == 200
    code = offered.text.split("The code")[1].split("works once")[0].split()[-1].split(">")[-1]
    (transfer,) = rows(
        database, "select transfer_id from service_transfer where provider_id = :p", p=keepers.provider_id
    )
    assert code not in visitor.get(f"{base}/{transfer.transfer_id}").text
    there = f"/providers/{taker.provider_id}/custody/transfers"
    other.get(there)
    assert other.post(f"{there}/taking", {"code": "wrong"}).status == 422
    assert other.post(f"{there}/taking", {"code": code}).status == 303
    for one, where in ((other, there), (visitor, base)):
        assert one.get(f"{where}/{transfer.transfer_id}").says("Approve for our side")
        assert one.post(f"{where}/{transfer.transfer_id}/approve", {}).status == 303
    do_jobs(database, taker.provider_id, "transfer_service")
    assert visitor.get(f"{base}/{transfer.transfer_id}").says("Done")
    assert other.get(f"{there}/{transfer.transfer_id}").says("rows of")


@pytest.mark.parametrize("role", ["carer", "registered_manager", "provider_quality_lead"])
def test_whoever_keeps_no_custody_sees_none(app: Flask, database: Database, keepers: Keepers, role: str) -> None:
    place = Place(keepers.provider_id, keepers.home.service_id, "")
    visitor = visit(app, database, role, place, whole_provider=role == "provider_quality_lead")
    for path in ("/custody", f"/providers/{keepers.provider_id}/custody", f"/providers/{uuid.uuid4()}/custody/holds"):
        assert visitor.get(path).status == 403
