import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import long_date
from mendline.indicators.decline import Response
from mendline.indicators.derivation import SERIES_LENGTH, derive_status, expected_periods
from mendline.indicators.evidence_marks import EvidenceFact
from mendline.indicators.facts import BaselineFact, DecisionFact, IndicatorFacts, ObservedPeriod
from mendline.indicators.marks import restated_words
from mendline.indicators.model import IndicatorStatus
from mendline.indicators.targets import TargetFact, misses_target, target_on

MAR = indicator_definition("mar_compliance_pct")
LAST = date(2026, 11, 9)
TODAY = date(2026, 11, 17)
STEADY = [90, 91, 89, 90, 92, 90, 88, 91, 90, 89, 91, 90, 90, 92, 89, 90]


def weeks(
    values: list[float | None], last: date = LAST, size: float = 100, **changes: Any
) -> tuple[ObservedPeriod, ...]:
    made = []
    for back, value in enumerate(reversed(values)):
        start = last - timedelta(weeks=back)
        at = datetime(start.year, start.month, start.day, 9, tzinfo=UTC) + timedelta(days=7)
        given = {
            "numerator": None if value is None else value * size / 100,
            "denominator": None if value is None else size,
            "state": "missing" if value is None else "final",
            "recorded_at": at,
            "first_recorded_at": at,
        }
        made.append(ObservedPeriod(period_start=start, value=None, **{**given, **changes}))
    return tuple(reversed(made))


def facts(values: list[float | None] | None = None, **changes: Any) -> IndicatorFacts:
    given: dict[str, Any] = {
        "provider_id": uuid.UUID(int=1),
        "service_id": uuid.UUID(int=2),
        "indicator_id": uuid.UUID(int=3),
        "definition": MAR,
        "cadence": "weekly",
        "started_on": date(2026, 7, 20),
        "review_every_days": 7,
        "observed": weeks(list(STEADY if values is None else values)),
        "baseline": BaselineFact(90, date(2026, 7, 20), date(2026, 8, 24)),
        "targets": (TargetFact(">=", 95, date(2026, 7, 1)),),
    }
    return IndicatorFacts(**{**given, **changes})


def test_every_column_of_the_table_is_worked_out() -> None:
    assert set(derive_status(facts(), TODAY)) == {column.name for column in IndicatorStatus.__table__.columns}


def test_a_steady_indicator_is_stable_with_its_current_position() -> None:
    row = derive_status(facts(), TODAY)
    assert (row["status"], row["reason"], row["is_stale"]) == ("stable", "steady", False)
    assert (row["value"], row["numerator"], row["denominator"], row["last_period"]) == (90, 90, 100, LAST)
    assert row["usable_points"] == 16
    assert row["lower"] < row["centre"] < row["upper"]


def test_the_same_facts_on_the_same_day_give_the_same_row() -> None:
    assert derive_status(facts(), TODAY) == derive_status(facts(), TODAY)


def test_a_fall_far_below_the_limits_is_deteriorating_and_marked() -> None:
    row = derive_status(facts([*STEADY, 70]), TODAY)
    assert (row["status"], row["basis"], row["strength"]) == ("deteriorating", "limits", "single")
    assert row["since"] == LAST
    assert row["series"]["marks"][-1] == "concern"
    assert row["declined_since"] == LAST + timedelta(days=7)
    assert "check it" in row["sentence"]


def test_eleven_figures_are_not_enough_to_say() -> None:
    row = derive_status(facts(STEADY[:11]), TODAY)
    assert (row["status"], row["reason"]) == ("insufficient", "too_few_points")
    assert set(row["series"]["marks"]) == {None}


def test_no_figures_at_all_still_give_a_row() -> None:
    row = derive_status(facts([]), TODAY)
    assert (row["status"], row["reason"], row["value"]) == ("insufficient", "no_figures", None)


def test_an_old_figure_is_out_of_date_and_its_following_weeks_stand_as_missing() -> None:
    late = derive_status(facts(), TODAY + timedelta(days=35))
    assert (late["status"], late["is_stale"]) == ("insufficient", True)
    assert late["series"]["states"][-3:] == ["missing"] * 3
    assert late["series"]["values"][-1] is None
    assert late["value"] == 90


def test_a_gap_in_the_middle_is_an_explicit_missing_week() -> None:
    seen = weeks([90, 91, 92])
    found = expected_periods(facts(observed=(seen[0], seen[2])), TODAY)
    assert [period.state for period in found] == ["final", "missing", "final"]


def test_nothing_is_expected_after_the_service_closed() -> None:
    closed = facts(closed_on=LAST + timedelta(days=6))
    assert expected_periods(closed, TODAY + timedelta(days=60))[-1].period_start == LAST


def test_only_the_newest_two_years_are_kept() -> None:
    row = derive_status(facts([90.0 + i % 3 for i in range(130)]), TODAY)
    lists = [value for value in row["series"].values() if isinstance(value, list) and len(value) > 10]
    assert {len(value) for value in lists} == {SERIES_LENGTH}


def test_the_running_week_is_drawn_and_not_judged() -> None:
    running = replace(weeks([20], last=date(2026, 11, 16))[0], state="provisional")
    row = derive_status(facts(observed=(*weeks(list(STEADY)), running)), TODAY)
    assert row["status"] == "stable"
    assert row["series"]["values"][-1] == 20
    assert row["last_period"] == LAST


def test_the_target_in_force_decides_and_a_later_one_waits() -> None:
    targets = (TargetFact(">=", 80, date(2026, 7, 1)), TargetFact(">=", 99, date(2026, 12, 1)))
    row = derive_status(facts(targets=targets), TODAY)
    assert (row["target_value"], row["assurance"]) == (80, "pass")


def test_a_target_of_zero_is_a_target() -> None:
    assert misses_target(1, TargetFact("<=", 0, date(2026, 1, 1)))
    assert not misses_target(0, TargetFact("==", 0, date(2026, 1, 1)))
    assert not misses_target(50, TargetFact("monitor_only", None, date(2026, 1, 1)))


def test_of_two_targets_that_begin_together_the_newer_version_counts() -> None:
    day = date(2026, 1, 1)
    assert target_on([TargetFact(">=", 1, day, version=2), TargetFact(">=", 9, day, version=1)], day) == TargetFact(
        ">=", 1, day, version=2
    )
    assert target_on([TargetFact(">=", 1, day)], date(2025, 12, 31)) is None


def test_a_review_moves_the_next_one_and_names_who_decided() -> None:
    held = DecisionFact("further_action", date(2026, 11, 11), "J Okafor", None, datetime(2026, 11, 11, tzinfo=UTC))
    row = derive_status(facts(decisions=(held,)), TODAY)
    assert (row["last_decision"], row["last_decision_by"]) == ("further_action", "J Okafor")
    assert row["review_due_on"] == date(2026, 11, 18)


def test_without_a_review_the_first_is_due_from_the_start() -> None:
    assert derive_status(facts(), TODAY)["review_due_on"] == date(2026, 7, 27)


def test_an_addendum_is_no_decision() -> None:
    note = DecisionFact("addendum", date(2026, 11, 16), "J Okafor", None, datetime(2026, 11, 16, tzinfo=UTC))
    assert derive_status(facts(decisions=(note,)), TODAY)["last_decision"] is None


def test_evidence_shows_as_a_level_and_four_marks() -> None:
    linked = tuple(EvidenceFact(letter, TODAY, out_of_hours=True) for letter in "RAP")
    row = derive_status(facts(evidence=linked), TODAY)
    assert row["evidence_level"] == "sufficient"
    assert row["evidence_marks"] == {"R": "current", "A": "current", "F": "missing", "P": "current"}


def test_days_without_an_answer_count_from_the_day_on_which_the_decline_could_be_seen() -> None:
    fallen = facts([*STEADY, 70, 70, 70])
    row = derive_status(fallen, TODAY)
    assert row["unescalated_days"] == (TODAY - row["declined_since"]).days == 15
    answered = replace(fallen, responses=(Response("escalation", TODAY),))
    assert derive_status(answered, TODAY)["unescalated_days"] is None
    assert derive_status(answered, TODAY)["series"]["decline"]["answered_on"] == TODAY.isoformat()


def test_correcting_a_bad_figure_to_another_bad_one_does_not_restart_the_clock() -> None:
    seen = weeks([*STEADY, 70, 70, 70])
    corrected = (*seen[:-3], replace(seen[-3], recorded_at=datetime(2026, 11, 16, tzinfo=UTC)), *seen[-2:])
    assert derive_status(facts(observed=corrected), TODAY)["unescalated_days"] == 15


def test_the_end_of_the_baseline_is_a_row_of_the_series() -> None:
    series = derive_status(facts(), TODAY)["series"]
    assert series["periods"][series["baseline_end"]] == "2026-08-24"


@pytest.mark.parametrize(("key", "expected"), [("medicines_admin_gap_rate", 20.0), ("mar_compliance_pct", 2.0)])
def test_a_figure_is_made_from_its_parts_in_the_unit_of_its_definition(key: str, expected: float) -> None:
    definition = indicator_definition(key)
    one = facts(observed=weeks([2], size=100), definition=definition)
    assert derive_status(one, TODAY)["series"]["values"] == [pytest.approx(expected)]


def test_the_newest_figure_carries_how_late_it_came_and_when_it_was_restated() -> None:
    assert derive_status(facts(), TODAY)["series"]["newest"] == {"late_days": 0, "restated_on": None}
    *before, newest = weeks(list(STEADY))
    first = newest.recorded_at + timedelta(days=9)
    late = replace(newest, first_recorded_at=first, recorded_at=first + timedelta(days=2))
    marks = derive_status(facts(observed=(*before, late)), TODAY + timedelta(days=20))["series"]["newest"]
    assert marks == {"late_days": 7, "restated_on": (first + timedelta(days=2)).date().isoformat()}
    assert derive_status(facts([]), TODAY)["series"]["newest"] is None
    assert derive_status(facts([]), TODAY)["series"]["restated"] == {}


def test_every_restated_figure_is_known_with_its_day_not_only_the_newest() -> None:
    *before, newest = weeks(list(STEADY))
    later = before[2].first_recorded_at + timedelta(days=3)
    earlier = replace(before[2], recorded_at=later)
    series = derive_status(facts(observed=(*before[:2], earlier, *before[3:], newest)), TODAY)["series"]
    assert series["restated"] == {earlier.period_start.isoformat(): later.date().isoformat()}
    assert series["newest"]["restated_on"] is None
    assert restated_words(series, "weekly").startswith(f"Restated: week of {long_date(earlier.period_start)} on ")
    assert restated_words(series, "weekly", newest.period_start.isoformat()) == ""


def test_a_figure_of_the_area_that_falls_or_stops_asks_nobody_in_the_service_for_an_answer() -> None:
    figures = [90.0] * 14 + [60.0] * 4 + [None, None]
    area = replace(MAR, contextual=True, of_area=True)
    assert derive_status(facts(figures), TODAY)["declined_since"] is not None
    row = derive_status(facts(figures, definition=area), TODAY)
    assert (row["declined_since"], row["unescalated_days"]) == (None, None)
