"""What somebody is cut from is cut wherever it would come back to them: its file, and the packs that a manager reads."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from support.tenancy import Groups, Place, add_job, add_membership, add_person, issue_ticket, make_groups, signed_in

from tenants.clock import now
from tenants.database import Database
from tenants.directory.access_model import Conflict
from tenants.ids import new_id
from tenants.reach import Reach

# Kind of thing -> its table and the name of its identifier.
THINGS = {
    "action": ("action", "action_id"),
    "escalation": ("escalation", "escalation_id"),
    "evidence": ("evidence", "evidence_id"),
    "risk": ("risk", "risk_id"),
    "review": ("review", "review_id"),
    "record": ("record", "record_id"),
}


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return make_groups(database)


@pytest.fixture
def manager(database: Database, groups: Groups) -> Reach:
    person_id = add_person(database)
    add_membership(database, person_id, "registered_manager", groups.first)
    return database.reach_of(issue_ticket(database, person_id))


def one_of(db: Database, kind: str, place: Place) -> uuid.UUID:
    table, column = THINGS[kind]
    with db.administration() as session:
        found = session.execute(
            text(f"select {column} from {table} where provider_id = :provider and service_id = :service limit 1"),
            {"provider": place.provider_id, "service": place.service_id},
        )
        return uuid.UUID(str(found.scalar_one()))


def cut(
    db: Database, place: Place, subject: Reach, kind: str, about_id: uuid.UUID, *, lifts: uuid.UUID | None = None
) -> uuid.UUID:
    """Cuts somebody from a thing, or takes that back."""
    lead, conflict_id = signed_in(db, "nominated_individual", place, whole_provider=True), new_id()
    with db.transaction(lead) as session:
        session.add(
            Conflict(
                provider_id=place.provider_id, service_id=place.service_id, conflict_id=conflict_id,
                person_id=subject.person_id, about_kind=kind, about_id=about_id, lifts=lifts, reason="About them",
                recorded_by=lead.person_id, recorded_at=now(),
            )
        )  # fmt: skip
    return conflict_id


def packs_reach(db: Database, place: Place) -> Iterator[Reach]:
    """The reach of a job that makes a pack of the place, and of one that works its statuses out."""
    for kind, service_id in (("make_pack", place.service_id), ("derive", None)):
        claimed = db.claim(add_job(db, place, kind=kind, service_id=service_id), worker="test", lease_seconds=60)
        assert claimed is not None
        yield claimed[0]


def is_seen(db: Database, by: Reach, kind: str, about_id: uuid.UUID) -> bool:
    table, column = THINGS[kind]
    with db.transaction(by) as session:
        return session.scalar(text(f"select 1 from {table} where {column} = :id limit 1"), {"id": about_id}) == 1


@pytest.mark.parametrize("kind", sorted(THINGS))
def test_what_anybody_is_cut_from_goes_into_no_pack_and_into_every_status(
    database: Database, groups: Groups, manager: Reach, kind: str
) -> None:
    about_id = one_of(database, kind, groups.first)
    pack, status = packs_reach(database, groups.first)
    assert is_seen(database, pack, kind, about_id)
    named = cut(database, groups.first, manager, kind, about_id)
    assert not is_seen(database, manager, kind, about_id)
    assert not is_seen(database, pack, kind, about_id)
    assert is_seen(database, status, kind, about_id)
    cut(database, groups.first, manager, kind, about_id, lifts=named)
    assert is_seen(database, pack, kind, about_id)


def test_what_somebody_is_cut_from_elsewhere_is_in_the_pack_of_this_service(
    database: Database, groups: Groups, manager: Reach
) -> None:
    about_id = one_of(database, "action", groups.first)
    named = cut(database, groups.sister, manager, "action", about_id)
    pack, _ = packs_reach(database, groups.first)
    assert is_seen(database, pack, "action", about_id)
    cut(database, groups.sister, manager, "action", about_id, lifts=named)


def test_the_file_of_evidence_is_cut_with_it(database: Database, groups: Groups, manager: Reach) -> None:
    with database.administration() as session:
        evidence_id, file_id = session.execute(
            text(
                "select evidence_id, file_id from evidence_file where provider_id = :provider and service_id = :service"
            ),
            {"provider": groups.first.provider_id, "service": groups.first.service_id},
        ).one()

    def seen() -> list[int]:
        with database.transaction(manager) as session:
            return [
                session.execute(text(f"select count(*) from {table} where file_id = :id"), {"id": file_id}).scalar_one()
                for table in ("evidence_file", "evidence_file_verdict")
            ]

    assert seen() == [1, 1]
    named = cut(database, groups.first, manager, "evidence", evidence_id)
    assert seen() == [0, 0]
    cut(database, groups.first, manager, "evidence", evidence_id, lifts=named)
    assert seen() == [1, 1]
