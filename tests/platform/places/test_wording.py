"""Sentences, tallies and the regulator's strip, from rows alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.standings import MONDAY, TODAY, a_place, a_plan, a_rating, a_service_line, a_standing, at_address

from mendline.indicators.standing import Standing
from mendline.places.head import Offers, figures_to, service_head
from mendline.places.regulator import regulator_cells
from mendline.places.rows import Requirement
from mendline.places.wording import (
    key_question_words,
    listing_sentence,
    plan_week,
    rating_term,
    service_line,
    summary_sentence,
    tallied,
)

STATUSES = ("improving", "stable", "deteriorating", "changed", "insufficient")
EVIDENCE = ("strong", "sufficient", "partial", "not_supported")
any_standing = st.builds(
    a_standing,
    status=st.sampled_from(STATUSES),
    evidence_level=st.sampled_from(EVIDENCE),
    is_stale=st.booleans(),
)


@pytest.mark.parametrize(
    ("changes", "supported"),
    [
        ({}, True),
        ({"evidence_level": "partial"}, True),
        ({"evidence_level": "not_supported"}, False),
        ({"is_stale": True}, False),
    ],
)
def test_a_figure_is_supported_by_current_evidence_and_current_figures(
    changes: dict[str, Any], supported: bool
) -> None:
    assert a_standing(**changes).is_supported is supported


@given(st.lists(any_standing, max_size=30))
def test_each_indicator_is_counted_once_and_an_unproven_one_never_as_good_or_stable(standings: list[Standing]) -> None:
    counts = tallied(tuple(standings))
    assert sum(counts.values()) == len(standings)
    unproven = [each for each in standings if not each.is_supported or each.status == "insufficient"]
    assert counts["not_supported"] == len(unproven)
    assert counts["improving"] == sum(each.status == "improving" and each.is_supported for each in standings)


def of(*statuses: str) -> tuple[Standing, ...]:
    unproven = {"status": "stable", "evidence_level": "not_supported"}
    return tuple(a_standing(**(unproven if each == "unproven" else {"status": each})) for each in statuses)


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ((), "No indicators have been chosen for this service yet."),
        (("improving",), "1 of 1 indicator is improving. None is getting worse, and all can be relied on."),
        (("stable",), "None of 1 indicator is improving. None is getting worse, and all can be relied on."),
        (
            ("improving", "improving", "deteriorating"),
            "2 of 3 indicators are improving. 1 is getting worse, and all can be relied on.",
        ),
        (
            ("stable", "deteriorating", "deteriorating", "unproven"),
            "None of 4 indicators is improving. 2 are getting worse, and 1 cannot be relied on yet.",
        ),
    ],
)
def test_a_dashboard_opens_with_what_improves_what_worsens_and_what_cannot_be_relied_on(
    statuses: tuple[str, ...], said: str
) -> None:
    assert summary_sentence(of(*statuses)) == said


def test_a_list_of_services_says_what_gets_worse_and_where_a_decision_is_missing() -> None:
    quiet, loud = a_service_line(), a_service_line(deteriorating=2, unescalated=3)
    assert listing_sentence(()) == "Your sign-in covers no service at present."
    assert listing_sentence((quiet,)) == "No result is getting worse across 1 service."
    assert listing_sentence((quiet, loud)) == (
        "2 results are getting worse across 2 services. 1 service has a decline without a decision."
    )


@pytest.mark.parametrize(
    ("today", "week"),
    [
        (date(2026, 10, 4), 0),
        (date(2026, 10, 5), 1),
        (date(2026, 10, 11), 1),
        (date(2026, 10, 12), 2),
        (date(2026, 12, 27), 12),
        (date(2027, 3, 1), 12),
    ],
)
def test_a_plan_counts_monday_weeks_from_one_and_stays_at_its_last(today: date, week: int) -> None:
    assert plan_week(date(2026, 10, 5), 12, today) == week


def test_the_strip_shows_rating_breaches_nearest_notice_and_week_of_the_plan() -> None:
    requirements = (
        Requirement("warning_notice", "hsca-12", "Medicines", date(2026, 12, 14)),
        Requirement("breach", "hsca-17", "Governance", None),
        Requirement("breach", "hsca-9a", "Visiting", None),
        Requirement("breach", "hsca-12", "Medicines", None),
    )
    rating, breaches, notice, plan = regulator_cells(a_place(requirements=requirements), TODAY)
    assert (rating.term, rating.value) == ("CQC rating, published 11 September 2026", "Requires improvement")
    assert (breaches.value, breaches.detail) == ("3 open", "Regulations 9A, 12 and 17")
    assert (notice.term, notice.value, notice.detail) == (
        "Warning notice, Regulation 12", "27 days left", "Comply by 14 December 2026.",
    )  # fmt: skip
    assert (plan.value, plan.detail) == ("Week 7 of 12", "Ends 27 December 2026")


def test_a_notice_past_its_date_is_late_and_not_left() -> None:
    notice = Requirement("warning_notice", "hsca-12", "Medicines", TODAY - timedelta(days=3))
    cells = regulator_cells(a_place(requirements=(notice,), plan=None), TODAY)
    assert cells[2].value == "3 days late"


def test_what_there_is_not_is_left_out_of_the_strip() -> None:
    assert regulator_cells(a_place(rating=None, plan=None), TODAY) == ()
    (plan,) = regulator_cells(a_place(rating=None, plan=a_plan(starts_on=date(2026, 12, 7))), TODAY)
    assert plan.value == "Starts 7 December 2026"
    (ended,) = regulator_cells(a_place(rating=None, plan=a_plan(starts_on=date(2026, 1, 5))), TODAY)
    assert ended.detail == "Ended 29 March 2026"


def test_key_questions_begin_with_the_worst() -> None:
    lowest, rest = key_question_words(a_rating())
    assert lowest == "Safe: Inadequate"
    assert rest == "Effective, Responsive and Well-led: Requires improvement. Caring: Good"
    assert key_question_words(a_rating(key_questions={})) == ("", "")
    assert key_question_words(a_rating(key_questions={"safe": "not_rated"})) == ("Safe: Not rated", "")


def test_a_rating_that_is_not_published_yet_is_dated_by_its_visit() -> None:
    assert rating_term(a_rating(published_on=None)) == "CQC rating, visit of 15 July 2026"


def test_what_is_not_known_of_a_service_is_not_made_up() -> None:
    bare = a_place(people_count=None, registered_manager=None, kind="something_new")
    assert service_line(bare, "") == "Service. No figures yet."
    known = service_line(a_place(), "Sunday 15 November 2026")
    assert known == (
        "Residential care home, 42 people. Registered manager Denise Hartley. Figures to Sunday 15 November 2026."
    )


def test_figures_go_as_far_as_the_newest_of_them() -> None:
    older = a_standing(last_period=MONDAY - timedelta(weeks=3))
    assert figures_to((older, a_standing())) == "Sunday 15 November 2026"
    assert figures_to((a_standing(last_period=None),)) == ""
    monthly = a_standing(cadence="monthly", last_period=date(2026, 11, 1))
    assert figures_to((monthly,)) == "Monday 30 November 2026"


ALL = Offers(decide=True, pack=True, enter=True, see_actions=True, see_evidence=True)


@pytest.mark.parametrize(
    ("offers", "tabs", "buttons"),
    [
        (Offers(), ["Dashboard", "Plan"], []),
        (Offers(see_actions=True), ["Dashboard", "Plan", "Actions", "Risks", "Reviews"], []),
        (Offers(see_evidence=True), ["Dashboard", "Plan", "Evidence", "Coverage"], []),
        (
            ALL,
            ["Dashboard", "Plan", "Actions", "Risks", "Evidence", "Coverage", "Reviews", "Packs"],
            ["Make a pack", "Record weekly review"],
        ),
    ],
)
def test_the_head_offers_what_may_be_done_and_nothing_else(offers: Offers, tabs: list[str], buttons: list[str]) -> None:
    head = service_head(a_place(), (), offers=offers, address=at_address)
    assert [tab.label for tab in head.tabs] == tabs
    assert [button.label for button in head.buttons] == buttons
    assert [tab.current for tab in head.tabs].count(True) == 1
