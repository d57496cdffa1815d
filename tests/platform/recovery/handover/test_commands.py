"""Hand-over on a real database: everything of somebody who leaves passes in one step, on the record of each."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from support.escalating import an_escalation, works_as
from support.facts import Home, two_providers
from support.tenancy import Place, add_membership, add_person, issue_ticket

from mendline.recovery.clocks.commands import GivenEvent, start_clocks
from mendline.recovery.handover.commands import GivenPassing, pass_on
from mendline.recovery.handover.owning import ownership
from mendline.recovery.handover.queries import everything_owned, members, passed
from mendline.recovery.handover.rows import Owned
from mendline.recovery.registers.action_commands import open_action
from mendline.recovery.registers.risks import GivenRisk, GivenScore, add_risk
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import NotFoundError, NotPermittedError, RefusedError
from tenants.reach import Reach

WHY = "Left on the last day of the month."


@pytest.fixture
def home(database: Database) -> Home:
    return two_providers(database, services=1)[0][0]


def somebody(
    db: Database, home: Home, name: str, role: str = "registered_manager", *, gone_days: int | None = None
) -> uuid.UUID:
    person_id = add_person(db, name=name)
    until = today() - timedelta(days=gone_days) if gone_days is not None else None
    place = Place(home.provider_id, home.service_id, "")
    membership = add_membership(db, person_id, role, place, valid_from=today() - timedelta(days=60), valid_until=until)
    with db.administration() as session:
        session.execute(
            text("update membership set display_name = :name where membership_id = :id"),
            {"name": name, "id": membership},
        )
    return person_id


def forty_things(db: Database, reach: Reach, home: Home, owner: str = "D Hartley") -> None:
    here = {"provider_id": home.provider_id, "service_id": home.service_id}
    with db.transaction(reach) as session:
        for number in range(30):
            open_action(
                session, reach, **here, title=f"A second checker on round {number}", owner=owner,
                due_on=today() + timedelta(days=9), today=today(),
            )  # fmt: skip
        for number in range(9):
            add_risk(
                session, reach, **here, given=GivenRisk(f"Nights have no checker {number}", owner, "A daily look.", None),
                score=GivenScore(3, 4, "Gaps come back on nights.", today() + timedelta(days=20)), today=today(),
            )  # fmt: skip
        start_clocks(
            session, reach, **here,
            given=GivenEvent("complaint", "A complaint about nights", now(), ["complaint_answered"], owner),
        )  # fmt: skip


def owned_by(db: Database, reach: Reach, home: Home) -> dict[str, set[str]]:
    with db.transaction(reach) as session:
        found: dict[str, set[str]] = {}
        for each in everything_owned(session, [home.provider_id]):
            found.setdefault(each.owner, set()).add(f"{each.kind} {each.subject}")
    return found


def hands_over(db: Database, reach: Reach, home: Home, to: uuid.UUID, **more) -> uuid.UUID:
    given = GivenPassing("D Hartley", to, more.get("other", {}), more.get("reason", WHY))
    with db.transaction(reach) as session:
        return pass_on(session, reach, [home.provider_id], given, today())


def test_forty_things_of_a_manager_who_left_pass_in_one_step(database: Database, home: Home) -> None:
    somebody(database, home, "Denise Hartley", gone_days=12)
    successor = somebody(database, home, "Priya Shah")
    reach = database.reach_of(issue_ticket(database, successor))
    forty_things(database, reach, home)
    before = owned_by(database, reach, home)["D Hartley"]
    assert len(before) >= 40
    done = hands_over(database, reach, home, successor)
    after = owned_by(database, reach, home)
    assert "D Hartley" not in after
    assert before <= after["P Shah"]
    with database.transaction(reach) as session:
        lines = passed(session, [home.provider_id], done)
    assert len(lines) == len(before)
    assert {line.days_without for line in lines} == {12}
    assert {line.reason for line in lines} == {WHY}


def test_single_things_go_to_somebody_else(database: Database, home: Home) -> None:
    successor, deputy = somebody(database, home, "Priya Shah"), somebody(database, home, "Tom Ellis", "deputy_manager")
    reach = database.reach_of(issue_ticket(database, successor))
    forty_things(database, reach, home)
    with database.transaction(reach) as session:
        risk = next(each for each in everything_owned(session, [home.provider_id]) if each.kind == "risk")
    hands_over(database, reach, home, successor, other={risk.item_id: deputy})
    assert owned_by(database, reach, home)["T Ellis"] == {f"risk {risk.subject}"}


def test_an_escalation_passes_to_the_takers_role(database: Database, home: Home) -> None:
    leaver = somebody(database, home, "Denise Hartley")
    reach = database.reach_of(issue_ticket(database, leaver))
    an_escalation(database, reach, home)
    lead = somebody(database, home, "Tom Ellis", "deputy_manager")
    hands_over(database, reach, home, lead)
    with database.transaction(reach) as session:
        assert session.execute(text("select to_role from escalation_step")).scalars().all() == ["deputy_manager"]


def test_nobody_who_works_elsewhere_takes_anything_and_nothing_is_half_done(database: Database, home: Home) -> None:
    successor = somebody(database, home, "Priya Shah")
    reach = database.reach_of(issue_ticket(database, successor))
    forty_things(database, reach, home)
    with pytest.raises(RefusedError) as refused:
        hands_over(database, reach, home, add_person(database), reason="No")
    assert set(refused.value.problems) == {"to_person", "reason"}
    assert len(owned_by(database, reach, home)["D Hartley"]) >= 40


def test_whoever_manages_no_actions_hands_nothing_over(database: Database, home: Home) -> None:
    successor = somebody(database, home, "Priya Shah")
    forty_things(database, database.reach_of(issue_ticket(database, successor)), home)
    with pytest.raises(NotPermittedError):
        hands_over(database, works_as(database, "medicines_lead", home), home, successor)


def test_what_is_another_providers_cannot_be_handed_over(database: Database, home: Home) -> None:
    successor = somebody(database, home, "Priya Shah")
    forty_things(database, database.reach_of(issue_ticket(database, successor)), home)
    other = two_providers(database, services=1)[0][0]
    with pytest.raises(NotFoundError):
        hands_over(database, works_as(database, "registered_manager", other), home, successor)


def test_days_without_an_owner_count_from_the_last_day(database: Database, home: Home) -> None:
    somebody(database, home, "Denise Hartley", gone_days=5)
    reach = works_as(database, "registered_manager", home)
    with database.transaction(reach) as session:
        everybody = members(session, [home.provider_id])

    def thing(owner: str) -> Owned:
        return Owned(
            home.provider_id, home.service_id, "Home", "action", "A-001", uuid.uuid4(), "Act", owner, None, today()
        )

    assert ownership(thing("D Hartley"), everybody, today()).days_without == 5
    assert ownership(thing("D Hartley"), everybody, today()).needs_owner
    assert not ownership(thing("Q Nobody"), everybody, today()).is_known
    somebody(database, home, "Dora Hartley")
    with database.transaction(reach) as session:
        everybody = members(session, [home.provider_id])
    assert ownership(thing("D Hartley"), everybody, today()).days_without is None
