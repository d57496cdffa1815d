"""Naming a conflict of interest: by whom, about what, and what follows on their pages."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import text
from support.application import identifiers_of
from support.tenancy import Groups, Place, add_membership, add_person
from support.visiting import Page, Visitor, visit, visit_as

from tenants.clock import now
from tenants.database import Database
from tenants.directory.access_model import Conflict
from tenants.errors import NotPermittedError
from tenants.ids import new_id

CONFLICTS = "/access/conflicts"


def name(visitor: Visitor, place: Place, person_id: object, kind: str, about: object, **changed: str) -> Page:
    visitor.get("/account" if visitor.get(CONFLICTS).status != 200 else CONFLICTS)
    fields = {
        "place": str(place.service_id), "about_kind": kind, "about": str(about), "person": str(person_id),
        "reason": "It is about them",
    }  # fmt: skip
    return visitor.post(CONFLICTS, fields | changed)


def reference_of(db: Database, table: str, place: Place) -> tuple[uuid.UUID, str]:
    with db.administration() as session:
        found = session.execute(
            text(f"select {table}_id, reference from {table} where provider_id = :p and service_id = :s limit 1"),
            {"p": place.provider_id, "s": place.service_id},
        ).one()
    return found[0], found[1]


def subject_at(app: Flask, db: Database, place: Place) -> tuple[uuid.UUID, Visitor]:
    person_id = add_person(db)
    add_membership(db, person_id, "registered_manager", place)
    return person_id, visit_as(app, db, person_id)


@pytest.mark.parametrize("kind", ["action", "risk", "evidence"])
def test_a_thing_is_named_by_its_reference_or_the_address_of_its_page(
    app: Flask, database: Database, groups: Groups, kind: str
) -> None:
    place = groups.first
    _, reference = reference_of(database, kind, place)
    lead = visit(app, database, "nominated_individual", place, whole_provider=True)
    for about in (reference.lower(), f"https://mendline.example/services/{place.service_id}/{kind}s/{reference}#it"):
        person_id, manager = subject_at(app, database, place)
        before = manager.get(f"/services/{place.service_id}/{'evidence' if kind == 'evidence' else kind + 's'}")
        assert reference in before.text
        assert name(lead, place, person_id, kind, about).location == CONFLICTS
        after = manager.get(f"/services/{place.service_id}/{'evidence' if kind == 'evidence' else kind + 's'}")
        assert reference not in after.text
        assert name(lead, place, person_id, kind, about).says("They are cut from it already.")
    assert lead.get(CONFLICTS).says(reference)
    assert not manager.get(CONFLICTS).says(reference)


def test_of_two_whom_a_thing_is_about_neither_sees_that_the_other_is_cut(
    app: Flask, database: Database, groups: Groups
) -> None:
    place = groups.first
    risk_id, reference = reference_of(database, "risk", place)
    lead = visit(app, database, "nominated_individual", place, whole_provider=True)
    (first, manager), (second, _) = subject_at(app, database, place), subject_at(app, database, place)
    assert name(lead, place, second, "risk", reference, reason="Both of them").location == CONFLICTS
    assert manager.get(CONFLICTS).says("Both of them")
    assert name(lead, place, first, "risk", reference).location == CONFLICTS
    page = manager.get(CONFLICTS)
    assert not page.says("Both of them")
    assert str(risk_id) not in page.text


def test_what_is_not_there_is_refused_by_field(app: Flask, database: Database, groups: Groups) -> None:
    place = groups.first
    person_id, _ = subject_at(app, database, place)
    deputy = visit(app, database, "deputy_manager", place)
    foreign = identifiers_of(groups.second)["record_id"]
    for kind, about in (
        ("risk", "R-999999"),
        ("record", foreign),
        ("record", uuid.uuid4()),
        ("risk", ""),
        ("x", "R-1"),
    ):
        assert name(deputy, place, person_id, kind, about).status == 422, (kind, about)
    record_id = identifiers_of(place)["record_id"]
    for whom in (uuid.uuid4(), "", deputy.reach.person_id):
        assert name(deputy, place, whom, "record", record_id).status == 422, whom
    assert name(deputy, place, person_id, "record", record_id).location == CONFLICTS


@pytest.mark.parametrize("role", ["carer", "key_worker"])
def test_who_reads_no_concerns_cuts_nobody_from_what_they_did_not_record(
    app: Flask, database: Database, groups: Groups, role: str
) -> None:
    place = groups.first
    person_id, _ = subject_at(app, database, place)
    visitor = visit(app, database, role, place)
    risk_id, reference = reference_of(database, "risk", place)
    action_id, _ = reference_of(database, "action", place)
    record_id = identifiers_of(place)["record_id"]
    for kind, about in (("risk", risk_id), ("risk", reference), ("action", action_id), ("record", record_id)):
        assert name(visitor, place, person_id, kind, about).status == 422
        with pytest.raises(NotPermittedError), database.transaction(visitor.reach) as session:
            session.add(
                Conflict(
                    provider_id=place.provider_id, service_id=place.service_id, conflict_id=new_id(), person_id=person_id,
                    about_kind=kind, about_id=action_id if kind == "action" else risk_id, lifts=None, reason="Spite",
                    recorded_by=visitor.reach.person_id, recorded_at=now(),
                )
            )  # fmt: skip
    with database.administration() as session:
        session.execute(
            text("update record set recorded_by = :me where provider_id = :p and service_id = :s and record_id = :id"),
            {"me": visitor.reach.person_id, "p": place.provider_id, "s": place.service_id, "id": record_id},
        )
    assert name(visitor, place, person_id, "record", record_id).location == "/work"


def test_the_form_of_a_record_fills_in_what_it_is(app: Flask, database: Database, groups: Groups) -> None:
    place = groups.first
    record_id = identifiers_of(place)["record_id"]
    lead = visit(app, database, "nominated_individual", place, whole_provider=True)
    page = lead.get(f"{CONFLICTS}?place={place.service_id}&about_kind=record&about={record_id}")
    assert page.status == 200, page.text
    assert page.answers()["about"] == str(record_id), page.answers()
