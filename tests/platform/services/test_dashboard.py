"""The dashboard and the indicator's page, from rows to words."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.standings import MAR, TODAY, a_place, a_series, a_standing, at_address

from mendline.indicators.pages import IndicatorRow
from mendline.places.head import Offers
from mendline.services.dashboard import attention, dashboard_page, decline_note, indicator_row, tally_items
from mendline.services.rows import OpenAction, OpenEscalation

FALLEN = {"status": "deteriorating", "declined_since": TODAY - timedelta(days=9), "unescalated_days": 9}


def a_page(*standings: Any, actions: Any = (), escalations: Any = (), offers: Offers | None = None) -> Any:
    return dashboard_page(
        a_place(), standings, actions, escalations, today=TODAY, offers=offers or Offers(see_actions=True), address=at_address
    )  # fmt: skip


def a_row(offers: Offers | None = None, **changes: Any) -> IndicatorRow:
    see = bool(offers and offers.see_evidence)
    return indicator_row(
        a_standing(**changes), a_place().service_id, "saf-2023", today=TODAY, see_evidence=see, address=at_address
    )


def test_undecided_declines_come_first_the_oldest_before_all() -> None:
    order = [
        a_standing(**(FALLEN | {"unescalated_days": 12}), display_order=9),
        a_standing(**FALLEN, display_order=1),
        a_standing(status="deteriorating", display_order=2),
        a_standing(evidence_level="not_supported", display_order=0),
        a_standing(status="insufficient", display_order=3),
        a_standing(display_order=4),
        a_standing(status="improving", display_order=0),
    ]
    mixed = [*order[3:], *order[:3]]
    assert sorted(mixed, key=attention) == order


@given(st.permutations(range(6)))
def test_the_order_of_rows_does_not_depend_on_the_order_in_which_they_come(order: list[int]) -> None:
    rows = [a_standing(display_order=number, status="stable" if number % 2 else "improving") for number in range(6)]
    assert sorted((rows[number] for number in order), key=attention) == sorted(rows, key=attention)


def test_every_decline_without_a_decision_stands_at_the_top_with_its_age() -> None:
    page = a_page(a_standing(), a_standing(**FALLEN), a_standing(**(FALLEN | {"unescalated_days": 1})))
    assert len(page.alerts) == 2
    assert "It could be seen from 8 November 2026: 9 days without a decision." in page.alerts[0].text
    assert "1 day without" in page.alerts[1].text


def test_a_decision_before_the_decline_is_named_as_that() -> None:
    decided = FALLEN | {"last_decision": "assured"}
    before = a_standing(**decided, last_decision_on=TODAY - timedelta(days=20))
    after = a_standing(**decided, last_decision_on=TODAY - timedelta(days=2))
    told = [decline_note(each, a_place(), Offers(), at_address).text for each in (before, after)]
    assert "28 October 2026, before the decline." in told[0]
    assert "before the decline" not in told[1]


def test_a_decision_is_offered_to_whoever_may_record_it() -> None:
    standing = a_standing(**FALLEN)
    assert decline_note(standing, a_place(), Offers(), at_address).button is None
    offered = decline_note(standing, a_place(), Offers(decide=True), at_address).button
    assert offered is not None
    assert offered.href.startswith("/recovery.decide/")


def test_an_unproven_or_old_figure_is_hollow_and_has_no_trend_word() -> None:
    for changes in ({"evidence_level": "not_supported"}, {"is_stale": True}):
        row = a_row(status="improving", **changes)
        assert row.hollow
        assert row.trend.word == "Not supported"
        assert row.assurance.word == "Not judged"
    assert not a_row(status="improving").hollow
    assert a_row(status="improving").trend.word == "Improving"


@pytest.mark.parametrize(
    ("operator", "goal", "said"),
    [(">=", 90.0, "90%"), ("<=", 5.0, "\N{LESS-THAN OR EQUAL TO} 5%"), (None, None, "No target")],
)
def test_a_target_is_written_with_its_side(operator: str | None, goal: float | None, said: str) -> None:
    assert a_row(target_operator=operator, target_value=goal).target == said


def test_a_missing_figure_is_a_dash_and_never_a_nought() -> None:
    row = a_row(value=None, baseline_value=None, last_period=None)
    assert row.now == row.baseline == "\N{EN DASH}"
    assert a_row(value=0.0).now == "0.0%"


def test_evidence_is_linked_for_whoever_may_see_it() -> None:
    assert a_row().evidence_href == ""
    assert a_row(Offers(see_evidence=True)).evidence_href.startswith("/evidence.listing/")


def test_a_review_past_its_date_is_late_by_days() -> None:
    decided = {
        "last_decision": "assured",
        "last_decision_on": TODAY - timedelta(days=12),
        "last_decision_by": "D Hartley",
    }
    assert a_row(**decided, review_due_on=TODAY - timedelta(days=5)).decided == "5 Nov, D Hartley, next 5 days late"
    assert a_row(**decided, review_due_on=TODAY).decided == "5 Nov, D Hartley"


@pytest.mark.parametrize(
    ("standings", "note"),
    [
        ((a_standing(),), "none at present"),
        ((a_standing(status="deteriorating"),), "all with a decision"),
        ((a_standing(**FALLEN),), "1 not escalated"),
    ],
)
def test_the_tally_says_whether_declines_were_decided(standings: tuple[Any, ...], note: str) -> None:
    assert tally_items(standings)[2].note == note


def test_the_rail_shows_open_work_and_is_empty_for_whoever_may_not_see_it() -> None:
    standing = a_standing()
    actions = tuple(
        OpenAction(standing.indicator_id, f"A-{number:03}", f"Action {number}", "P Nowak", TODAY + timedelta(days=number - 1),
                   TODAY, standing.indicator_id)
        for number in range(7)
    )  # fmt: skip
    waiting = OpenEscalation(standing.indicator_id, "decision", "nominated_individual", None, "Two posts, please.",
                             TODAY, TODAY - timedelta(days=1))  # fmt: skip
    page = a_page(standing, actions=actions, escalations=(waiting,))
    first, _, escalated = page.rail
    assert [item.due for item in first.items[:3]] == ["1 day late", "Due today", "Due Wednesday 18 November"]
    assert first.more is not None
    assert first.more.label == "All 7"
    assert escalated.items[0].text == "To the nominated individual on 17 Nov. Two posts, please."
    assert escalated.items[0].late
    assert a_page(standing, actions=actions, offers=Offers()).rail == ()


def test_a_service_without_indicators_says_what_would_be_there() -> None:
    page = a_page()
    assert page.empty is not None
    assert page.rows == page.alerts == ()
    assert a_page(a_standing()).empty is None


def test_the_small_chart_is_of_the_newest_weeks_and_of_none_before_the_first_figure() -> None:
    assert a_row().spark is None
    drawn = a_row(definition_key=MAR, series=a_series(*[(190, 200)] * 30)).spark
    assert drawn is not None


def test_a_figure_that_was_restated_or_came_late_says_so_in_its_row() -> None:
    newest = {"newest": {"late_days": 2, "restated_on": None}}
    assert a_row(series=a_series((190, 200), (180, 200)) | newest).mark == "Came 2 days late"
    assert a_row(series=a_series((190, 200), (180, 200))).mark == ""
