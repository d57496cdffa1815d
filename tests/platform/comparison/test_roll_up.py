import uuid
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.comparison.roll_up import ServiceFigure, cadence_of, part_in, roll_up_of
from mendline.indicators.targets import TargetFact

MAR = indicator_definition("mar_compliance_pct")
GAPS = indicator_definition("medicines_admin_gap_rate")
MONDAY = date(2026, 11, 9)


def figure(numerator: float | None, denominator: float | None, number: int = 1, **changes: Any) -> ServiceFigure:
    given: dict[str, Any] = {
        "service_id": uuid.UUID(int=number),
        "indicator_id": uuid.UUID(int=100 + number),
        "version": MAR.version,
        "cadence": "weekly",
        "expected": True,
        "state": "final",
        "numerator": numerator,
        "denominator": denominator,
        "targets": (TargetFact(">=", 80, date(2026, 1, 1)),),
    }
    return ServiceFigure(**{**given, **changes})


def rolled(*figures: ServiceFigure, definition: IndicatorDefinition = MAR, period: date = MONDAY) -> dict[str, Any]:
    row = roll_up_of(definition, "residential", period, figures)
    assert row is not None
    return row


def test_percentages_are_pooled_and_never_averaged() -> None:
    row = rolled(figure(50, 60, 1), figure(200, 600, 2))
    assert (row["numerator"], row["denominator"]) == (250, 660)
    assert row["value"] == pytest.approx(37.8788, abs=1e-4)  # the average of 83% and 33% would say 58%


def test_a_rate_is_pooled_in_its_scale() -> None:
    row = rolled(figure(3, 1000, 1), figure(1, 3000, 2), definition=GAPS)
    assert row["value"] == pytest.approx(1.0)


def test_a_missing_figure_is_expected_and_not_counted_as_zero() -> None:
    row = rolled(figure(90, 100, 1), figure(None, None, 2, state="missing"), figure(None, None, 3, state=None))
    assert (row["services_expected"], row["services_reporting"], row["value"]) == (3, 1, 90)


def test_a_real_zero_counts() -> None:
    assert rolled(figure(0, 100, 1), figure(100, 100, 2))["value"] == 50


def test_a_service_that_did_not_run_then_is_not_expected_unless_it_reported() -> None:
    row = rolled(
        figure(90, 100, 1), figure(None, None, 2, state=None, expected=False), figure(80, 100, 3, expected=False)
    )
    assert (row["services_expected"], row["services_reporting"]) == (2, 2)


def test_the_worst_service_is_on_the_bad_side_of_this_indicator() -> None:
    row = rolled(figure(95, 100, 1), figure(60, 100, 2))
    assert (row["worst_service_id"], row["worst_value"]) == (uuid.UUID(int=2), 60)
    most = rolled(figure(1, 1000, 1), figure(9, 1000, 2), definition=GAPS)
    assert most["worst_service_id"] == uuid.UUID(int=2)


def test_a_service_too_small_to_judge_is_pooled_but_never_called_worst() -> None:
    row = rolled(figure(95, 100, 1), figure(0, 2, 2))
    assert row["worst_service_id"] == uuid.UUID(int=1)
    assert row["numerator"] == 95
    assert row["denominator"] == 102
    assert row["spread"]["too_small"] == 1


def test_a_figure_misses_the_target_that_was_in_force_in_its_period() -> None:
    stricter = (TargetFact(">=", 80, date(2026, 1, 1)), TargetFact(">=", 99, date(2026, 11, 16), version=2))
    row = rolled(figure(90, 100, 1, targets=stricter), figure(70, 100, 2, targets=stricter))
    assert row["below_target"] == 1


def test_only_figures_of_one_definition_and_cadence_are_like_ones() -> None:
    row = rolled(figure(90, 100, 1), figure(1, 100, 2, version="0"), figure(1, 100, 3, cadence="monthly"))
    assert (row["services_expected"], row["value"]) == (1, 90)


def test_what_is_not_rolled_up_has_no_row() -> None:
    assert roll_up_of(replace(MAR, rollup="not_rolled_up"), "residential", MONDAY, [figure(1, 2)]) is None


def test_a_median_of_medians_is_never_made() -> None:
    days = replace(MAR, rollup="median", measure_type="duration", minimum_n=0)
    row = rolled(figure(None, None, 1, value=2.0), figure(None, None, 2, value=8.0), definition=days)
    assert row["value"] is None
    assert (row["spread"]["lowest"], row["spread"]["highest"]) == (2.0, 8.0)


def test_counts_are_added_up() -> None:
    counts = replace(MAR, rollup="sum_count", measure_type="count", minimum_n=0)
    assert rolled(figure(2, None, 1), figure(3, None, 2), definition=counts)["value"] == 5


def test_a_roll_up_without_any_service_goes() -> None:
    assert roll_up_of(MAR, "residential", MONDAY, []) is None


def test_the_first_of_a_month_that_is_a_monday_means_what_the_catalogue_says() -> None:
    both = date(2026, 6, 1)
    assert cadence_of(both, MAR) == MAR.cadence == "weekly"
    assert cadence_of(both, replace(MAR, cadence="monthly")) == "monthly"
    assert cadence_of(date(2026, 7, 1), MAR) == "monthly"


counted = st.tuples(st.integers(0, 400), st.integers(1, 400)).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(counted, min_size=1, max_size=8), st.randoms())
def test_splitting_a_service_in_two_changes_no_pooled_figure(parts: list[tuple[int, int]], chance: Any) -> None:
    whole = rolled(*(figure(top, bottom, number) for number, (top, bottom) in enumerate(parts)))
    top, bottom = parts[0]
    cut = chance.randint(0, bottom)
    inside = max(0, min(top, cut) - max(0, 0))
    halves = [(min(inside, cut), cut), (top - min(inside, cut), bottom - cut)]
    split = rolled(*(figure(a, b, number) for number, (a, b) in enumerate([*halves, *parts[1:]])))
    assert (split["numerator"], split["denominator"]) == (whole["numerator"], whole["denominator"])
    assert split["value"] == whole["value"]


@given(st.lists(counted, min_size=1, max_size=8), st.randoms())
def test_the_order_of_services_changes_nothing(parts: list[tuple[int, int]], chance: Any) -> None:
    made = [figure(top, bottom, number) for number, (top, bottom) in enumerate(parts)]
    assert rolled(*made) == rolled(*sorted(made, key=lambda _: chance.random()))


@given(st.lists(counted, min_size=1, max_size=8))
def test_a_pooled_percentage_lies_between_the_lowest_and_the_highest(parts: list[tuple[int, int]]) -> None:
    row = rolled(
        *(figure(top, bottom, number) for number, (top, bottom) in enumerate(parts)),
        definition=replace(MAR, minimum_n=0),
    )
    assert row["spread"]["lowest"] - 1e-9 <= row["value"] <= row["spread"]["highest"] + 1e-9


@pytest.mark.parametrize(
    ("one", "part"),
    [
        (figure(8, 10), "pooled"),
        (figure(None, None, value=80.0), "beside"),
        (figure(0, 0, state="not_applicable"), "without"),
        (figure(None, None, state="missing"), "without"),
        (figure(None, None, state=None), "none"),
        (figure(None, None, state=None, expected=False), "not_expected"),
        (figure(8, 10, cadence="monthly"), "unlike"),
        (figure(8, 10, version="0"), "unlike"),
    ],
)
def test_each_figure_is_in_the_pool_or_says_why_not(one: ServiceFigure, part: str) -> None:
    assert part_in(MAR, MONDAY, one) == part
    row = roll_up_of(MAR, "residential", MONDAY, [one, figure(50, 60, 2)])
    assert row is not None
    assert (row["denominator"] == 70) is (part == "pooled")
