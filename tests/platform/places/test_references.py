from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session
from support.facts import Home, two_providers

from mendline.evidence.model import Evidence
from mendline.places.references import next_reference
from tenants.database import Database
from tenants.ids import new_id


@pytest.fixture
def home(database: Database) -> Home:
    return two_providers(database)[0][0]


def add(session: Session, home: Home, reference: str) -> None:
    session.add(
        Evidence(
            provider_id=home.provider_id,
            service_id=home.service_id,
            evidence_id=new_id(),
            reference=reference,
            letter="R",
            title="Rota export",
            dated_on=date(2026, 1, 4),
            system="Rota",
            where_to_look="Report",
            recorded_at=datetime(2026, 1, 5, tzinfo=UTC),
        )
    )
    session.flush()


def asked(session: Session, home: Home) -> str:
    return next_reference(session, Evidence.reference, "E", provider_id=home.provider_id, service_id=home.service_id)


def test_the_first_reference_of_a_service_is_one(database: Database, home: Home) -> None:
    with database.administration() as session:
        assert asked(session, home) == "E-001"


def test_references_follow_the_highest_number_beyond_three_digits_too(database: Database, home: Home) -> None:
    with database.administration() as session:
        for reference in ("E-009", "E-1000", "E-046"):
            add(session, home, reference)
        assert asked(session, home) == "E-1001"


def test_a_reference_of_another_shape_is_passed_over(database: Database, home: Home) -> None:
    with database.administration() as session:
        for reference in ("E-007", "E-late", "E-99999999999"):
            add(session, home, reference)
        assert asked(session, home) == "E-008"
