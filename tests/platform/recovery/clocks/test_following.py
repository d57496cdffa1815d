"""Clocks that follow from a notice or report as it is recorded."""

from datetime import timedelta

import pytest
from support.escalating import works_as
from support.facts import Home, two_providers

from mendline.recovery.clocks.following import start_following
from mendline.recovery.clocks.queries import clocks_of
from mendline.recovery.plans.requiring import GivenRequirement, add_requirement
from tenants.clock import today
from tenants.database import Database


@pytest.fixture
def home(database: Database) -> Home:
    return two_providers(database, services=1)[0][0]


def started(
    db: Database, home: Home, what: str, *, role: str = "registered_manager", days: int = 1, **more
) -> set[str]:
    reach = works_as(db, role, home)
    with db.transaction(reach) as session:
        start_following(
            session, reach, provider_id=home.provider_id, service_id=home.service_id, what=what,
            summary="Safe management of medicines.", on=today() - timedelta(days=days), owner="D Hartley", today=today(),
            **more,
        )  # fmt: skip
    with db.transaction(works_as(db, "registered_manager", home)) as session:
        return {line.kind for line in clocks_of(session, home.provider_id, home.service_id)}


@pytest.mark.parametrize(
    ("what", "kinds"),
    [
        ("requirement_notice", {"action_report"}),
        ("warning_notice", {"warning_representations"}),
        ("condition", {"tribunal_appeal"}),
        ("report", {"rating_display", "rating_review"}),
        ("breach", set()),
    ],
)
def test_each_notice_starts_what_follows_from_it(database: Database, home: Home, what: str, kinds: set[str]) -> None:
    assert started(database, home, what) == kinds


def test_a_date_in_the_notice_is_a_clock_of_its_own(database: Database, home: Home) -> None:
    by = today() + timedelta(days=40)
    assert started(database, home, "warning_notice", comply_by=by) == {"warning_representations", "warning_comply"}


def test_a_notice_whose_dates_are_over_starts_nothing(database: Database, home: Home) -> None:
    assert started(database, home, "requirement_notice", days=200) == set()


def test_whoever_may_not_start_clocks_records_a_notice_without_any(database: Database, home: Home) -> None:
    assert started(database, home, "requirement_notice", role="provider_quality_lead") == set()


def test_recording_a_notice_on_the_plan_starts_its_clocks_and_links_them(database: Database, home: Home) -> None:
    reach = works_as(database, "registered_manager", home)
    given = GivenRequirement(
        "requirement_notice", "hsca-12", "Safe management of medicines.", today() - timedelta(days=2), None
    )
    with database.transaction(reach) as session:
        found = add_requirement(
            session, reach, provider_id=home.provider_id, service_id=home.service_id, given=given, today=today()
        )
        (line,) = clocks_of(session, home.provider_id, home.service_id)
    assert (line.kind, line.requirement_id) == ("action_report", found)
