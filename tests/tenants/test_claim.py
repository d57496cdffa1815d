"""Taking a job: one lease at a time, eight tries, and no more reach than the work and its requester have now."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from support.tenancy import Groups, add_job, add_membership, add_person, make_groups

from mendline.indicators.model import Observation
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import NoReachError
from tenants.jobs import Job


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return make_groups(database)


def take(db: Database, job_id: uuid.UUID):
    return db.claim(job_id, worker="test", lease_seconds=60)


def job(db: Database, job_id: uuid.UUID) -> Job:
    with db.administration() as session:
        return session.scalars(select(Job).where(Job.job_id == job_id)).one()


def lapse(db: Database, job_id: uuid.UUID) -> None:
    with db.administration() as session:
        session.execute(text("update job set lease_until = now() - interval '1 s' where job_id = :id"), {"id": job_id})


def test_a_claim_takes_the_lease_and_counts_the_attempt(database: Database, groups: Groups) -> None:
    job_id = add_job(database, groups.first)
    reach, told = take(database, job_id)
    assert (told["job_id"], told["attempts"], told["state"]) == (str(job_id), 1, "running")
    assert reach.kind == "job"
    row = job(database, job_id)
    assert row.claimed_by == "test"
    assert now() < row.lease_until < now() + timedelta(seconds=61)


def test_a_job_reaches_its_provider_alone(database: Database, groups: Groups) -> None:
    reach, _ = take(database, add_job(database, groups.first))
    assert reach.provider_ids == (groups.first.provider_id,)
    with database.transaction(reach) as session:
        seen = {tuple(row) for row in session.execute(select(Observation.provider_id, Observation.service_id))}
    assert seen == {(place.provider_id, place.service_id) for place in (groups.first, groups.sister)}


def test_a_pack_reaches_its_service_alone(database: Database, groups: Groups) -> None:
    place = groups.first
    reach, _ = take(database, add_job(database, place, kind="make_pack", service_id=place.service_id))
    with database.transaction(reach) as session:
        assert set(session.scalars(select(Observation.service_id))) == {place.service_id}


def test_a_held_lease_is_not_taken_and_a_lapsed_one_is(database: Database, groups: Groups) -> None:
    job_id = add_job(database, groups.first)
    assert take(database, job_id) is not None
    assert take(database, job_id) is None
    lapse(database, job_id)
    _, told = take(database, job_id)
    assert told["attempts"] == 2


def test_whoever_lost_the_lease_has_lost_the_reach(database: Database, groups: Groups) -> None:
    job_id = add_job(database, groups.first)
    slow, _ = take(database, job_id)
    with database.transaction(slow) as session:
        assert session.scalars(select(Observation.service_id)).all()
        lapse(database, job_id)
        quick, _ = take(database, job_id)
        assert session.scalars(select(Observation.service_id)).all() == []
        assert session.execute(text("update job set state = 'done' where job_id = :id"), {"id": job_id}).rowcount == 0
    with pytest.raises(NoReachError), database.transaction(slow) as session:
        session.execute(text("select 1"))
    with database.transaction(quick) as session:
        done = session.execute(text("update job set state = 'done' where job_id = :id"), {"id": job_id})
        assert done.rowcount == 1


def test_after_eight_attempts_a_job_is_dead_and_says_so(database: Database, groups: Groups) -> None:
    job_id = add_job(database, groups.first, attempts=7)
    assert take(database, job_id) is not None
    lapse(database, job_id)
    assert take(database, job_id) is None
    row = job(database, job_id)
    assert (row.state, row.attempts) == ("dead", 8)
    assert "8 times" in row.error
    assert take(database, job_id) is None


@pytest.mark.parametrize("state", ["done", "failed", "dead"])
def test_what_is_finished_is_not_taken_again(database: Database, groups: Groups, state: str) -> None:
    job_id = add_job(database, groups.first, state=state)
    assert take(database, job_id) is None
    assert job(database, job_id).attempts == 0


def test_forged_identifiers_take_nothing(database: Database, groups: Groups) -> None:
    with database.administration() as session:
        before = session.execute(text("select md5(string_agg(j::text, '' order by job_id)) from job j")).scalar_one()
    known = (groups.first.provider_id, groups.first.service_id)
    for job_id in (*known, *(uuid.uuid4() for _ in range(200))):
        assert take(database, job_id) is None
    with database.administration() as session:
        after = session.execute(text("select md5(string_agg(j::text, '' order by job_id)) from job j")).scalar_one()
    assert after == before


@pytest.mark.parametrize(
    ("role", "kind", "whole_provider", "taken"),
    [
        ("registered_manager", "make_pack", False, True),
        ("nominated_individual", "make_pack", True, True),
        ("deputy_manager", "make_pack", False, False),  # reads packs, asks for none
        ("carer", "make_pack", False, False),
        ("provider_quality_lead", "import_facts", True, True),
        ("registered_manager", "import_facts", False, False),
    ],
)
def test_a_job_does_what_its_requester_may_do_now(
    database: Database, groups: Groups, role: str, kind: str, *, whole_provider: bool, taken: bool
) -> None:
    person = add_person(database)
    add_membership(database, person, role, groups.first, whole_provider=whole_provider)
    service_id = groups.first.service_id if kind == "make_pack" else None
    job_id = add_job(database, groups.first, kind=kind, service_id=service_id, requested_by=person)
    assert (take(database, job_id) is not None) is taken
    assert (job(database, job_id).state == "failed") is not taken


def test_a_requester_who_lost_access_or_was_disabled_gets_nothing_made(database: Database, groups: Groups) -> None:
    former, disabled = add_person(database), add_person(database, disabled=True)
    add_membership(database, former, "registered_manager", groups.first, valid_until=today() - timedelta(days=1))
    add_membership(database, disabled, "registered_manager", groups.first)
    elsewhere = add_person(database)
    add_membership(database, elsewhere, "registered_manager", groups.sister)
    for person in (former, disabled, elsewhere, uuid.uuid4()):
        job_id = add_job(
            database, groups.first, kind="make_pack", service_id=groups.first.service_id, requested_by=person
        )
        assert take(database, job_id) is None
        row = job(database, job_id)
        assert (row.state, row.attempts) == ("failed", 0)
        assert "no longer has access" in row.error


def test_a_jobs_ticket_ends_some_time_after_its_lease(database: Database, groups: Groups) -> None:
    reach, _ = database.claim(add_job(database, groups.first), worker="test", lease_seconds=-700)
    with pytest.raises(NoReachError), database.transaction(reach) as session:
        session.execute(text("select 1"))
