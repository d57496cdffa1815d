"""Closing a high-risk action takes two people: every way that leads to its end, and those that do not."""

import pytest
from support.escalating import works_as
from support.facts import Home
from support.triggers import Recovering, a_recovering_service, rows_of

from mendline.evidence.model import Evidence
from mendline.recovery.queries import ActionLine, actions_of
from mendline.recovery.registers.action_commands import change_action, open_action
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.reach import Reach


@pytest.fixture
def at(database: Database) -> Recovering:
    found = a_recovering_service(database)
    with database.administration() as session:
        session.add(_evidence(found.home, "E-001"))
        session.add(_evidence(found.home, "E-002"))
    return found


def _evidence(home: Home, reference: str) -> Evidence:
    return Evidence(
        provider_id=home.provider_id, service_id=home.service_id, evidence_id=new_id(), reference=reference, letter="P",
        title="Two rounds watched", dated_on=today(), system="Folder", where_to_look="Page 3", sha256=None,
        sample_size=2, quality_statement=None, framework_version="saf-2023", recorded_by=None, recorded_initials="AO",
        recorded_at=now(),
    )  # fmt: skip


def opened(db: Database, reach: Reach, at: Recovering, *, high_risk: bool = True) -> str:
    with db.transaction(reach) as session:
        return open_action(
            session, reach, provider_id=at.home.provider_id, service_id=at.home.service_id,
            title="A second checker on every night round", owner="P Nowak", due_on=today(), today=today(),
            indicator_id=at.home.indicator_id, high_risk=high_risk,
        )  # fmt: skip


def change(db: Database, reach: Reach, at: Recovering, kind: str, *, evidence: str = "", words: str = "") -> str:
    with db.transaction(reach) as session:
        return change_action(
            session, reach, provider_id=at.home.provider_id, service_id=at.home.service_id, reference="A-001", kind=kind,
            today=today(), words=words, evidence_reference=evidence,
        )  # fmt: skip


def stands(db: Database, reach: Reach, at: Recovering) -> ActionLine:
    with db.transaction(reach) as session:
        (line,) = actions_of(session, at.home.provider_id, at.home.service_id)
    return line


def test_the_first_person_proposes_and_the_second_closes_on_the_same_evidence(
    database: Database, at: Recovering
) -> None:
    first, second = (works_as(database, "registered_manager", at.home) for _ in range(2))
    opened(database, first, at)
    assert change(database, first, at, "closed", evidence="E-001") == "closure_proposed"
    proposed = stands(database, first, at)
    assert (proposed.state, proposed.closing) == ("open", True)
    assert change(database, second, at, "closed") == "closed"
    closed = stands(database, first, at)
    assert (closed.state, closed.closing, closed.evidence_reference) == ("closed", False, "E-001")
    events = rows_of(database, at, "action_event")
    assert [(event.kind, event.recorded_by) for event in events] == [
        ("closure_proposed", first.person_id), ("closed", second.person_id),
    ]  # fmt: skip


def test_whoever_proposed_cannot_close_it_themselves(database: Database, at: Recovering) -> None:
    first = works_as(database, "registered_manager", at.home)
    opened(database, first, at)
    change(database, first, at, "closed", evidence="E-001")
    with pytest.raises(RefusedError) as refused:
        change(database, first, at, "closed", evidence="E-002")
    assert "closed by a second person" in refused.value.problems["kind"]
    assert stands(database, first, at).closing


def test_a_proposal_rests_on_evidence_that_exists(database: Database, at: Recovering) -> None:
    first = works_as(database, "registered_manager", at.home)
    opened(database, first, at)
    for evidence in ("", "E-404"):
        with pytest.raises(RefusedError) as refused:
            change(database, first, at, "closed", evidence=evidence)
        assert set(refused.value.problems) == {"evidence_reference"}
    assert not stands(database, first, at).closing


def test_the_second_person_may_close_on_better_evidence(database: Database, at: Recovering) -> None:
    first, second = (works_as(database, "registered_manager", at.home) for _ in range(2))
    opened(database, first, at)
    change(database, first, at, "closed", evidence="E-001")
    change(database, second, at, "closed", evidence="E-002")
    assert stands(database, first, at).evidence_reference == "E-002"


def test_a_refused_closure_leaves_it_open_and_is_proposed_anew(database: Database, at: Recovering) -> None:
    first, second = (works_as(database, "registered_manager", at.home) for _ in range(2))
    opened(database, first, at)
    change(database, first, at, "closed", evidence="E-001")
    assert change(database, second, at, "closure_refused", words="Nights were not watched") == "closure_refused"
    left = stands(database, first, at)
    assert (left.state, left.closing) == ("open", False)
    assert change(database, second, at, "closed", evidence="E-002") == "closure_proposed"
    assert change(database, first, at, "closed") == "closed"
    assert stands(database, first, at).state == "closed"


def test_once_opened_again_it_takes_two_people_again(database: Database, at: Recovering) -> None:
    first, second = (works_as(database, "registered_manager", at.home) for _ in range(2))
    opened(database, first, at)
    change(database, first, at, "closed", evidence="E-001")
    change(database, second, at, "closed")
    change(database, first, at, "reopened", words="Gaps came back on nights")
    assert stands(database, first, at).state == "reopened"
    assert change(database, second, at, "closed", evidence="E-002") == "closure_proposed"
    with pytest.raises(RefusedError):
        change(database, second, at, "closed")
    assert change(database, first, at, "closed") == "closed"


def test_an_ordinary_action_is_closed_by_one(database: Database, at: Recovering) -> None:
    first = works_as(database, "registered_manager", at.home)
    opened(database, first, at, high_risk=False)
    assert change(database, first, at, "closed", evidence="E-001") == "closed"
