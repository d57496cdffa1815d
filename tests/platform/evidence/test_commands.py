import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from support.facts import Home, an_indicator, two_providers
from support.shifts import place_of
from support.tenancy import signed_in

from mendline.evidence.commands import add_evidence, record_check
from mendline.evidence.model import Evidence, EvidenceCheck, EvidenceLink
from mendline.evidence.rules import GivenEvidence
from mendline.indicators.model import StaleMark
from tenants.database import Database
from tenants.errors import ConflictError, NotFoundError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.jobs import Job
from tenants.ledger import LedgerEntry
from tenants.reach import Reach
from tenants.tables import ProviderKey

TODAY = date(2026, 1, 20)
AT = datetime(2026, 1, 20, 9, tzinfo=UTC)


@pytest.fixture
def homes(database: Database) -> tuple[list[Home], list[Home]]:
    return two_providers(database)


@pytest.fixture
def home(homes: tuple[list[Home], list[Home]]) -> Home:
    return homes[0][0]


def given(*supports: uuid.UUID) -> GivenEvidence:
    return GivenEvidence(
        "A", "Medicines audit, Primrose unit", TODAY, "Governance folder", "Audits", None, 40, supports
    )


def add(db: Database, reach: Reach, home: Home, evidence: GivenEvidence, evidence_id: uuid.UUID | None = None) -> str:
    with db.transaction(reach) as session:
        return add_evidence(
            session,
            reach,
            provider_id=home.provider_id,
            service_id=home.service_id,
            evidence_id=evidence_id or new_id(),
            given=evidence,
            today=TODAY,
            at=AT,
        )


def look(db: Database, reach: Reach, home: Home, evidence_id: uuid.UUID, result: str, reason: str = "") -> str:
    with db.transaction(reach) as session:
        return record_check(
            session,
            reach,
            provider_id=home.provider_id,
            service_id=home.service_id,
            evidence_id=evidence_id,
            result=result,
            at=datetime.now(UTC),
            reason=reason,
        )


def counted(db: Database, home: Home, model: type[ProviderKey]) -> int:
    with db.administration() as session:
        statement = select(func.count()).select_from(model).where(model.provider_id == home.provider_id)
        return session.execute(statement).scalar_one()


def marked(db: Database, home: Home) -> list[uuid.UUID]:
    with db.administration() as session:
        found = select(StaleMark.indicator_id).where(StaleMark.provider_id == home.provider_id)
        return list(session.execute(found).scalars())


def test_evidence_gets_its_reference_its_links_and_its_figures_are_judged_again(database: Database, home: Home) -> None:
    with database.administration() as session:
        second = an_indicator(session, home.provider_id, home.service_id, "safeguarding_referral_within_24h_pct")
    reach = signed_in(database, "registered_manager", place_of(home))
    assert add(database, reach, home, given(home.indicator_id, second.indicator_id)) == "E-001"
    assert add(database, reach, home, given()) == "E-002"
    assert sorted(marked(database, home)) == sorted([home.indicator_id, second.indicator_id])
    assert (counted(database, home, EvidenceLink), counted(database, home, Job)) == (2, 1)
    with database.administration() as session:
        noted = select(LedgerEntry.act, LedgerEntry.subject).where(LedgerEntry.provider_id == home.provider_id)
        assert [tuple(row) for row in session.execute(noted.order_by(LedgerEntry.subject))] == [
            ("evidence added", "evidence E-001"),
            ("evidence added", "evidence E-002"),
        ]


def test_a_form_sent_twice_adds_one_and_another_under_its_number_is_a_conflict(database: Database, home: Home) -> None:
    reach, evidence_id = signed_in(database, "medicines_lead", place_of(home)), new_id()
    assert [add(database, reach, home, given(), evidence_id) for _ in range(2)] == ["E-001", "E-001"]
    with pytest.raises(ConflictError, match="sent before"):
        add(database, reach, home, replace(given(), title="Another audit"), evidence_id)
    assert counted(database, home, Evidence) == 1


def test_who_only_records_or_only_reads_adds_no_evidence(database: Database, home: Home) -> None:
    for role, whole in (("senior_carer", False), ("shift_leader", False), ("provider_lead", True)):
        with pytest.raises(NotPermittedError):
            add(database, signed_in(database, role, place_of(home), whole_provider=whole), home, given())
    assert counted(database, home, Evidence) == 0
    quality = signed_in(database, "provider_quality_lead", place_of(home), whole_provider=True)
    assert add(database, quality, home, given()) == "E-001"


def test_evidence_stays_within_its_service_and_supports_only_its_indicators(
    database: Database, homes: tuple[list[Home], list[Home]]
) -> None:
    (home, sister), (foreign, _) = homes
    reach = signed_in(database, "registered_manager", place_of(home))
    for elsewhere in (sister, foreign):
        with pytest.raises(NotFoundError):
            add(database, reach, elsewhere, given())
        with pytest.raises(RefusedError) as refused:
            add(database, reach, home, given(home.indicator_id, elsewhere.indicator_id))
        assert set(refused.value.problems) == {"supports"}
    assert counted(database, home, Evidence) == 0
    assert add(database, reach, home, given(home.indicator_id)) == "E-001"


def test_a_look_is_recorded_and_the_figures_that_lean_on_it_are_judged_again(database: Database, home: Home) -> None:
    reach, evidence_id = signed_in(database, "deputy_manager", place_of(home)), new_id()
    add(database, reach, home, given(home.indicator_id), evidence_id)
    assert look(database, reach, home, evidence_id, "changed") == "E-001"
    assert marked(database, home) == [home.indicator_id] * 2
    with database.administration() as session:
        found = select(EvidenceCheck.result, EvidenceCheck.checked_initials).filter_by(evidence_id=evidence_id)
        assert [tuple(row) for row in session.execute(found)] == [("changed", "AO")]


def test_noted_is_not_a_result_and_what_was_withdrawn_stays_withdrawn(database: Database, home: Home) -> None:
    reach, evidence_id = signed_in(database, "deputy_manager", place_of(home)), new_id()
    add(database, reach, home, given(), evidence_id)
    with pytest.raises(RefusedError):
        look(database, reach, home, evidence_id, "noted")
    with pytest.raises(RefusedError) as unexplained:
        look(database, reach, home, evidence_id, "withdrawn")
    assert set(unexplained.value.problems) == {"reason"}
    look(database, reach, home, evidence_id, "withdrawn", "It was of another unit")
    with pytest.raises(RefusedError) as refused:
        look(database, reach, home, evidence_id, "unchanged")
    assert "withdrawn" in refused.value.problems["result"]
    assert counted(database, home, EvidenceCheck) == 1


def test_evidence_of_another_provider_cannot_be_looked_at(
    database: Database, homes: tuple[list[Home], list[Home]]
) -> None:
    home, foreign = homes[0][0], homes[1][0]
    evidence_id = new_id()
    add(database, signed_in(database, "registered_manager", place_of(foreign)), foreign, given(), evidence_id)
    reach = signed_in(database, "registered_manager", place_of(home))
    for place in (home, foreign):
        with pytest.raises(NotFoundError):
            look(database, reach, place, evidence_id, "withdrawn")
    assert counted(database, foreign, EvidenceCheck) == 0
