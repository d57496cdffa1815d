from typing import Any

import numpy as np
import pytest

from mendline.statistics.chooser import choose_chart

MONTHS = 24


def poisson(mean: float, seed: int = 1) -> list[float]:
    return np.random.default_rng(seed).poisson(mean, MONTHS).astype(float).tolist()


def binomial(size: int, share: float) -> list[float]:
    return np.random.default_rng(2).binomial(size, share, MONTHS).astype(float).tolist()


@pytest.mark.parametrize(
    ("facts", "chart"),
    [
        ({"measure": "proportion", "numerators": binomial(40, 0.7), "denominators": [40.0] * MONTHS}, "p"),
        ({"measure": "proportion", "numerators": binomial(5000, 0.7), "denominators": [5000.0] * MONTHS}, "pp"),
        ({"measure": "proportion", "numerators": [10.0, 30.0] * 12, "denominators": [40.0] * MONTHS}, "pp"),
        ({"measure": "proportion", "numerators": [30.0] * 23 + [29.0], "denominators": [30.0] * MONTHS}, "g"),
        ({"measure": "proportion", "numerators": [4.0, 3.0, 2.0] * 8, "denominators": [6.0] * MONTHS}, "xmr"),
        ({"measure": "proportion", "numerators": [4.0] * 8, "denominators": [6.0] * 8}, "run"),
        ({"measure": "rate", "numerators": poisson(12), "denominators": [900.0, 1000.0] * 12}, "u"),
        ({"measure": "rate", "numerators": [5.0, 25.0] * 12, "denominators": [900.0] * MONTHS}, "up"),
        ({"measure": "rate", "numerators": poisson(0.5), "denominators": [900.0] * MONTHS}, "t"),
        ({"measure": "rate", "numerators": poisson(0.5), "denominators": [900.0] * MONTHS,
          "exposure_between_events": True}, "g"),
        ({"measure": "count", "numerators": poisson(9)}, "c"),
        ({"measure": "count", "numerators": poisson(9), "denominators": [100.0, 105.0] * 12}, "c"),
        ({"measure": "count", "numerators": [9.0, 13.0] * 12, "denominators": [100.0, 150.0] * 12}, "u"),
        ({"measure": "count", "numerators": poisson(0.4)}, "t"),
        ({"measure": "percentage", "values": [80.0, 90.0] * 12}, "xmr"),
        ({"measure": "score", "values": [80.0, 90.0] * 12, "several_per_period": True}, "xbar"),
        ({"measure": "score", "values": [80.0] * 11}, "run"),
        ({"measure": "duration", "values": [0.0, 1.0, 2.0] * 7 + [90.0] * 3}, "run"),
    ],
)  # fmt: skip
def test_the_figures_choose_the_chart(facts: dict[str, Any], chart: str) -> None:
    choice = choose_chart(**facts)
    assert choice.chart == chart
    assert choice.reason


def test_skewed_durations_are_judged_on_the_log_scale() -> None:
    choice = choose_chart("duration", values=[1.0, 2.0, 3.0] * 7 + [90.0] * 3)
    assert (choice.chart, choice.log_scale) == ("xmr", True)


def test_the_inputs_of_the_choice_are_kept() -> None:
    choice = choose_chart("proportion", numerators=[5.0] * 12, denominators=[20.0] * 12)
    assert (choice.usable_periods, choice.mean_denominator, choice.pooled_share) == (12, 20.0, 0.25)


def test_a_yearly_pattern_is_noted() -> None:
    months = np.arange(36)
    values = (50 + 10 * np.cos(months * np.pi / 6)).tolist()
    assert choose_chart("score", values=values, months=True).seasonal
    assert not choose_chart("score", values=[80.0, 90.0, 85.0] * 5, months=True).seasonal
    assert not choose_chart("score", values=[80.0] * 36, months=True).seasonal


def test_missing_and_empty_periods_do_not_count() -> None:
    choice = choose_chart("rate", numerators=[3.0] * 11 + [None, 5.0], denominators=[10.0] * 11 + [10.0, 0.0])
    assert (choice.chart, choice.usable_periods) == ("run", 11)


def test_figures_that_do_not_fit_the_measure_are_refused() -> None:
    with pytest.raises(ValueError, match="needs"):
        choose_chart("proportion", numerators=[1.0])
    with pytest.raises(ValueError, match="needs"):
        choose_chart("score")
    with pytest.raises(ValueError, match="denominators"):
        choose_chart("rate", numerators=[1.0], denominators=[1.0, 2.0])
