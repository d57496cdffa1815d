"""What PostgreSQL itself refuses: giving more than one holds, seeing what is about oneself, assuring what one entered."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from support.tenancy import (
    Groups,
    Place,
    add_body,
    add_grant,
    add_membership,
    add_officer,
    add_person,
    issue_ticket,
    make_groups,
    signed_in,
)

from mendline.evidence.model import Record
from mendline.indicators.model import Observation
from mendline.recovery.model import Escalation, Review
from tenants.classes import RECORD_CLASSES
from tenants.clock import now, today
from tenants.database import Database
from tenants.directory.access_model import Conflict, Release, RoleOffer, RoleRequest
from tenants.directory.model import CommissionerGrant, Membership, Service
from tenants.errors import NotPermittedError
from tenants.ids import new_id
from tenants.ledger import LedgerEntry, note
from tenants.reach import Reach
from tenants.roles import ROLES, gives

DAY = timedelta(days=1)
INSIDE = [role for role in ROLES.values() if role.level in ("service", "provider")]


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return make_groups(database)


def a_membership(place: Place, role: str, given_by: Reach, **changes: Any) -> Membership:
    whole = ROLES[role].level == "provider"
    told = {
        "provider_id": place.provider_id, "membership_id": new_id(), "person_id": uuid.uuid4(), "role": role,
        "service_id": None if whole else place.service_id, "display_name": "N. Ewcomer", "initials": "NE",
        "valid_from": today(), "granted_by": given_by.person_id, "recorded_at": now(),
    }  # fmt: skip
    return Membership(**(told | changes))


def gave(db: Database, reach: Reach, membership: Membership) -> bool:
    """Whether the database took it, for somebody who works for the provider already."""
    add_membership(
        db, membership.person_id, "carer", Place(membership.provider_id, membership.service_id, ""), whole_provider=True
    )
    try:
        with db.transaction(reach) as session:
            session.add(membership)
    except NotPermittedError:
        return False
    return True


def holder(db: Database, role: str, place: Place) -> Reach:
    return signed_in(db, role, place, whole_provider=ROLES[role].level == "provider")


@pytest.mark.parametrize("giver", [role.key for role in INSIDE])
def test_the_database_lets_nobody_give_more_than_they_hold(database: Database, groups: Groups, giver: str) -> None:
    reach = holder(database, giver, groups.first)
    for role in INSIDE:
        taken = gave(database, reach, a_membership(groups.first, role.key, reach))
        assert taken == gives(giver, role.key), role.key


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "inspector"},
        {"role": "platform_operator"},
        {"role": "no_such_role"},
        {"role": "provider_quality_lead"},
        {"role": "provider_quality_lead", "service_id": uuid.UUID(int=1)},
        {"role": "deputy_manager", "service_id": None},
        {"granted_by": uuid.uuid4()},
        {"granted_by": None},
    ],
)
def test_a_manager_gives_no_role_of_another_kind_place_or_name(
    database: Database, groups: Groups, changes: dict[str, Any]
) -> None:
    reach = holder(database, "registered_manager", groups.first)
    role = changes.get("role", "carer")
    rest = {name: value for name, value in changes.items() if name != "role"}
    made = a_membership(groups.first, role if role in ROLES else "carer", reach, **rest)
    made.role = role
    assert not gave(database, reach, made)


def test_a_manager_gives_nothing_at_a_sister_service_or_another_provider(database: Database, groups: Groups) -> None:
    reach = holder(database, "registered_manager", groups.first)
    for place in (groups.sister, groups.second, groups.twin):
        assert not gave(database, reach, a_membership(place, "carer", reach))


def test_nobody_gives_themselves_a_role_and_a_former_manager_gives_none(database: Database, groups: Groups) -> None:
    reach = holder(database, "registered_manager", groups.first)
    assert not gave(database, reach, a_membership(groups.first, "carer", reach, person_id=reach.person_id))
    person_id = add_person(database)
    add_membership(database, person_id, "registered_manager", groups.first, valid_until=today() - DAY)
    former = database.reach_of(issue_ticket(database, person_id))
    assert not gave(database, former, a_membership(groups.first, "carer", former))


def change(session: Session, membership_id: uuid.UUID, place: Place, until: Any) -> bool:
    found: bool = session.execute(
        text("select reach.change_membership(:provider, :membership, :until, 'Left')"),
        {"provider": place.provider_id, "membership": membership_id, "until": until},
    ).scalar_one()
    return found


def test_an_ended_role_sees_nothing_with_the_next_statement_of_the_same_transaction(
    database: Database, groups: Groups
) -> None:
    person_id = add_person(database)
    membership_id = add_membership(database, person_id, "carer", groups.first)
    carer = database.reach_of(issue_ticket(database, person_id))
    manager = holder(database, "registered_manager", groups.first)
    with database.transaction(carer) as session:
        assert session.scalars(select(Service.service_id)).all() == [groups.first.service_id]
        with database.transaction(manager) as other:
            assert change(other, membership_id, groups.first, today() - DAY)
        assert session.scalars(select(Service.service_id)).all() == []
    with database.administration() as session:
        told = session.execute(
            text("select kind, reason, recorded_by from membership_event where membership_id = :id"),
            {"id": membership_id},
        ).one()
    assert tuple(told) == ("ended", "Left", manager.person_id)


def test_only_whoever_may_give_a_role_lengthens_it_and_nobody_their_own(database: Database, groups: Groups) -> None:
    lead = add_membership(database, add_person(database), "medicines_lead", groups.first, valid_until=today() + 5 * DAY)
    person_id = add_person(database)
    own = add_membership(database, person_id, "registered_manager", groups.first, valid_until=today() + 5 * DAY)
    manager = database.reach_of(issue_ticket(database, person_id))
    administrator = holder(database, "provider_administrator", groups.first)
    with database.transaction(administrator) as session:
        assert not change(session, lead, groups.first, None)
        assert change(session, lead, groups.first, today() + DAY)
    with database.transaction(manager) as session:
        assert change(session, lead, groups.first, None)
        assert not change(session, own, groups.first, None)
        assert not change(session, own, groups.first, today() + 9 * DAY)


@pytest.mark.parametrize("role", ["carer", "deputy_manager", "provider_quality_lead"])
def test_whoever_does_not_manage_people_ends_nobody_s_role(database: Database, groups: Groups, role: str) -> None:
    theirs = add_membership(database, add_person(database), "carer", groups.first)
    with database.transaction(holder(database, role, groups.first)) as session:
        assert not change(session, theirs, groups.first, today() - DAY)


@pytest.mark.parametrize("works_here", [True, False])
def test_a_role_that_was_asked_for_is_given_by_somebody_who_holds_as_much(
    database: Database, groups: Groups, works_here: bool
) -> None:
    administrator = holder(database, "provider_administrator", groups.first)
    other = holder(database, "provider_administrator", groups.first)
    lead = holder(database, "nominated_individual", groups.first)
    asked, person_id = new_id(), uuid.uuid4()
    if works_here:
        add_membership(database, person_id, "carer", groups.first)
    with database.transaction(administrator) as session:
        session.add(
            RoleRequest(
                provider_id=groups.first.provider_id, request_id=asked, service_id=groups.first.service_id,
                person_id=person_id, role="registered_manager", kind="acting", display_name="A. Cting", initials="AC",
                valid_from=today(), valid_until=today() + 30 * DAY, reason="Post vacant",
                asked_by=administrator.person_id, recorded_at=now(),
            )
        )  # fmt: skip
    answer = text("select reach.answer_role_request(:provider, :request, true, 'Agreed')")
    values = {"provider": groups.first.provider_id, "request": asked}
    for refused in (administrator, other, holder(database, "carer", groups.first)):
        with pytest.raises(NotPermittedError), database.transaction(refused) as session:
            session.execute(answer, values)
    with database.transaction(lead) as session:
        made = session.execute(answer, values).scalar_one()
    with pytest.raises(NotPermittedError), database.transaction(lead) as session:
        session.execute(answer, values)
    with database.transaction(lead) as session:
        given = session.get(Membership, (groups.first.provider_id, made))
        offered = session.get(RoleOffer, (groups.first.provider_id, made))
    told = given if works_here else offered
    assert (given is None, offered is None) == (not works_here, works_here)
    assert told is not None
    assert (told.role, told.kind, told.person_id) == ("registered_manager", "acting", person_id)
    assert (given.granted_by if given else offered.offered_by if offered else None) == lead.person_id


# ------------------------------------------------------------------ conflicts of interest


def a_record(db: Database, place: Place, kind: str = "safeguarding_concern") -> uuid.UUID:
    record_id = new_id()
    with db.administration() as session:
        session.add(
            Record(
                provider_id=place.provider_id, service_id=place.service_id, record_id=record_id, revision=1,
                record_type=kind, type_version="1", happened_at=now(), payload={}, recorded_at=now(),
            )
        )  # fmt: skip
    return record_id


def sees(db: Database, reach: Reach, record_id: uuid.UUID) -> bool:
    with db.transaction(reach) as session:
        return session.scalar(select(Record.record_id).where(Record.record_id == record_id)) is not None


def name_subject(db: Database, by: Reach, place: Place, subject: uuid.UUID, record_id: uuid.UUID) -> None:
    with db.transaction(by) as session:
        session.add(
            Conflict(
                provider_id=place.provider_id, service_id=place.service_id, conflict_id=new_id(), person_id=subject,
                about_kind="record", about_id=record_id, reason="About them", recorded_by=by.person_id, recorded_at=now(),
            )
        )  # fmt: skip
        note(session, by, "conflict named", provider_id=place.provider_id, service_id=place.service_id,
             subject=f"record {record_id}")  # fmt: skip


def test_whoever_a_concern_is_about_does_not_see_it_even_the_manager_and_by_no_other_role(
    database: Database, groups: Groups
) -> None:
    place = groups.first
    person_id = add_person(database)
    add_membership(database, person_id, "registered_manager", place)
    manager = database.reach_of(issue_ticket(database, person_id))
    lead = holder(database, "nominated_individual", place)
    record_id, other = a_record(database, place), a_record(database, place)
    assert sees(database, manager, record_id)
    name_subject(database, lead, place, person_id, record_id)
    assert not sees(database, manager, record_id)
    assert sees(database, manager, other)
    assert sees(database, lead, record_id)
    # Two memberships that disagree: what they open adds up, and what one is cut from stays cut.
    add_membership(database, person_id, "nominated_individual", place, whole_provider=True)
    both = database.reach_of(issue_ticket(database, person_id))
    assert not sees(database, both, record_id)
    with database.transaction(both) as session:
        told = select(LedgerEntry.entry_id).where(LedgerEntry.subject == f"record {record_id}")
        assert session.scalars(told).all() == []
        assert session.scalars(select(Conflict.conflict_id).where(Conflict.person_id == person_id)).all() == []
    with database.transaction(lead) as session:
        assert len(session.scalars(told).all()) == 1


def test_the_subject_cannot_lift_what_cuts_them(database: Database, groups: Groups) -> None:
    place = groups.first
    person_id = add_person(database)
    add_membership(database, person_id, "registered_manager", place)
    manager = database.reach_of(issue_ticket(database, person_id))
    lead = holder(database, "nominated_individual", place)
    record_id = a_record(database, place)
    name_subject(database, lead, place, person_id, record_id)
    with database.transaction(lead) as session:
        conflict_id = session.scalars(select(Conflict.conflict_id).where(Conflict.about_id == record_id)).one()
    lifting = {
        "provider_id": place.provider_id, "service_id": place.service_id, "about_kind": "record", "about_id": record_id,
        "lifts": conflict_id, "reason": "x", "recorded_at": now(),
    }  # fmt: skip
    with pytest.raises(NotPermittedError), database.transaction(manager) as session:
        session.add(Conflict(**lifting, conflict_id=new_id(), person_id=person_id, recorded_by=person_id))
    with database.transaction(manager) as session:  # in another's name it lifts nothing
        session.add(Conflict(**lifting, conflict_id=new_id(), person_id=uuid.uuid4(), recorded_by=person_id))
    assert not sees(database, manager, record_id)
    with database.transaction(lead) as session:
        session.add(Conflict(**lifting, conflict_id=new_id(), person_id=person_id, recorded_by=lead.person_id))
    assert sees(database, manager, record_id)


def test_an_escalation_about_somebody_is_closed_to_them(database: Database, groups: Groups) -> None:
    place = groups.first
    person_id = add_person(database)
    add_membership(database, person_id, "deputy_manager", place)
    deputy = database.reach_of(issue_ticket(database, person_id))
    lead = holder(database, "nominated_individual", place)
    with database.transaction(deputy) as session:
        escalation_id = session.scalars(select(Escalation.escalation_id)).first()
    with database.transaction(lead) as session:
        session.add(
            Conflict(
                provider_id=place.provider_id, service_id=place.service_id, conflict_id=new_id(), person_id=person_id,
                about_kind="escalation", about_id=escalation_id, reason="About them", recorded_by=lead.person_id,
                recorded_at=now(),
            )
        )  # fmt: skip
    with database.transaction(deputy) as session:
        assert escalation_id not in session.scalars(select(Escalation.escalation_id)).all()


@pytest.mark.parametrize("role", [role.key for role in INSIDE])
@pytest.mark.parametrize("kind", ["daily_record", "medicines_audit", "rota_shift", "absence", "complaint"])
def test_each_kind_of_record_is_read_by_its_own_class(database: Database, groups: Groups, role: str, kind: str) -> None:
    record_id = a_record(database, groups.first, kind)
    may = ROLES[role].holds(RECORD_CLASSES.get(kind, "records"), "r")
    reach = holder(database, role, groups.first)
    assert sees(database, reach, record_id) == may
    assert reach.may_see_records(kind, groups.first.provider_id, groups.first.service_id) == may


# ------------------------------------------------------------------ who enters does not assure


def a_review(db: Database, reach: Reach, place: Place, decision: str) -> bool:
    with db.administration() as session:
        indicator_id = session.scalars(
            select(Observation.indicator_id).where(
                Observation.provider_id == place.provider_id, Observation.service_id == place.service_id
            )
        ).first()
    try:
        with db.transaction(reach) as session:
            session.add(
                Review(
                    provider_id=place.provider_id, service_id=place.service_id, indicator_id=indicator_id,
                    review_id=new_id(), forum="Weekly", held_on=today(), decision=decision, relied_on=[],
                    decided_by=reach.person_id, decided_label="A Other", decided_role="x", recorded_at=now(),
                )
            )  # fmt: skip
    except NotPermittedError:
        return False
    return True


@pytest.mark.parametrize(
    ("role", "assures", "reviews"),
    [
        ("registered_manager", True, True),
        ("nominated_individual", True, True),
        ("deputy_manager", False, True),
        ("provider_quality_lead", False, True),
        ("medicines_lead", False, False),
        ("provider_administrator", False, False),
    ],
)
def test_the_database_knows_who_may_assure_and_who_may_review(
    database: Database, groups: Groups, role: str, assures: bool, reviews: bool
) -> None:
    reach = holder(database, role, groups.sister)
    assert a_review(database, reach, groups.sister, "assured") == assures
    assert a_review(database, reach, groups.sister, "assured_with_exception") == assures
    assert a_review(database, reach, groups.sister, "further_action") == reviews


def test_whoever_entered_the_newest_figure_does_not_assure_it_and_somebody_else_does(
    database: Database, groups: Groups
) -> None:
    place = groups.first
    enterer = holder(database, "registered_manager", place)
    other = holder(database, "registered_manager", place)
    with database.administration() as session:
        before = session.scalars(
            select(Observation).where(
                Observation.provider_id == place.provider_id, Observation.service_id == place.service_id
            )
        ).first()
        session.add(
            Observation(
                provider_id=place.provider_id, service_id=place.service_id, indicator_id=before.indicator_id,
                period_start=before.period_start + 700 * DAY, revision=1, observation_id=new_id(), state="final",
                source="entered", recorded_by=enterer.person_id, recorded_at=now(),
            )
        )  # fmt: skip
    assert not a_review(database, enterer, place, "assured")
    assert a_review(database, enterer, place, "escalate")
    assert a_review(database, other, place, "assured")


# ------------------------------------------------------------------ commissioners


def a_grant(place: Place, by: Reach, body_id: uuid.UUID, **changes: Any) -> CommissionerGrant:
    told = {
        "provider_id": place.provider_id, "service_id": place.service_id, "grant_id": new_id(), "body_id": body_id,
        "classes": ["summary"], "show_name": False, "valid_from": today(), "valid_until": today() + 30 * DAY,
        "purpose": "Monitoring", "lawful_basis": "public_task", "approved_by": by.person_id, "recorded_at": now(),
    }  # fmt: skip
    return CommissionerGrant(**(told | changes))


def granted(db: Database, reach: Reach, grant: CommissionerGrant) -> bool:
    try:
        with db.transaction(reach) as session:
            session.add(grant)
    except NotPermittedError:
        return False
    return True


@pytest.mark.parametrize(
    ("role", "changes", "taken"),
    [
        ("nominated_individual", {}, True),
        ("nominated_individual", {"classes": ["summary", "actions", "evidence_index", "evidence_files"]}, True),
        ("nominated_individual", {"classes": ["records"]}, False),
        ("nominated_individual", {"classes": ["concerns"]}, False),
        ("nominated_individual", {"classes": []}, False),
        ("nominated_individual", {"approved_by": uuid.uuid4()}, False),
        ("provider_lead", {}, True),
        ("provider_lead", {"classes": ["evidence_files"]}, False),
        ("registered_manager", {}, False),
        ("provider_administrator", {}, False),
        ("provider_quality_lead", {}, False),
    ],
)
def test_nobody_grants_a_commissioner_more_than_they_see(
    database: Database, groups: Groups, role: str, changes: dict[str, Any], taken: bool
) -> None:
    reach = holder(database, role, groups.first)
    assert granted(database, reach, a_grant(groups.first, reach, groups.body_id, **changes)) == taken
    if taken:
        assert not granted(database, reach, a_grant(groups.second, reach, groups.body_id, **changes))


def an_officer(db: Database, place: Place, **grant: Any) -> tuple[Reach, uuid.UUID]:
    person_id, body_id = add_person(db), add_body(db)
    add_officer(db, body_id, person_id)
    grant_id = add_grant(db, place, body_id, **grant)
    return db.reach_of(issue_ticket(db, person_id)), grant_id


def test_a_grant_shows_what_was_released_and_nothing_else_unless_it_is_live(database: Database, groups: Groups) -> None:
    place = groups.first
    with database.administration() as session:
        for part in ("actions", "evidence_index"):
            session.add(
                Release(
                    provider_id=place.provider_id, service_id=place.service_id, release_id=new_id(), part=part,
                    content={}, recorded_label="A Other", recorded_at=now(),
                )
            )  # fmt: skip
    for live, figures in ((False, 0), (True, 1)):
        officer, _ = an_officer(database, place, classes=("summary", "actions"), live=live)
        with database.transaction(officer) as session:
            assert set(session.scalars(select(Release.part))) == {"summary", "actions"}
            assert bool(session.scalars(select(Observation.observation_id)).all()) == bool(figures)
            assert session.scalars(select(Record.record_id)).all() == []
        assert officer.may("see_indicators", place.provider_id, place.service_id) == live


def test_a_withdrawal_works_in_the_middle_of_a_transaction(database: Database, groups: Groups) -> None:
    officer, grant_id = an_officer(database, groups.first)
    lead = holder(database, "nominated_individual", groups.first)
    withdraw = text("select reach.withdraw_grant(:provider, :service, :grant, 'Contract over')")
    values = {"provider": groups.first.provider_id, "service": groups.first.service_id, "grant": grant_id}
    with database.transaction(officer) as session:
        assert session.scalars(select(Service.service_id)).all() == [groups.first.service_id]
        for refused in (
            holder(database, "registered_manager", groups.first),
            holder(database, "nominated_individual", groups.second),
        ):
            with database.transaction(refused) as other:
                assert not other.execute(withdraw, values).scalar_one()
        assert session.scalars(select(Service.service_id)).all() == [groups.first.service_id]
        with database.transaction(lead) as other:
            assert other.execute(withdraw, values).scalar_one()
        assert session.scalars(select(Service.service_id)).all() == []


def test_a_provider_s_own_grant_opens_nothing_to_somebody_who_works_there(database: Database, groups: Groups) -> None:
    person_id, body_id = add_person(database), add_body(database)
    add_officer(database, body_id, person_id)
    add_grant(database, groups.first, body_id)
    add_grant(database, groups.second, body_id)
    add_membership(database, person_id, "carer", groups.sister)
    both = database.reach_of(issue_ticket(database, person_id))
    assert {each.provider_id for each in both.granted} == {groups.second.provider_id}
    with database.transaction(both) as session:
        seen = set(session.scalars(select(Service.service_id)))
    assert groups.sister.service_id in seen
    assert not both.may("see_indicators", groups.first.provider_id, groups.first.service_id)
