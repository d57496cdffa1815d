import math

import pytest

from mendline.statistics.display import shown_figure


@pytest.mark.parametrize(
    ("value", "decimals", "against", "expected"),
    [
        (89.96, 1, (90.0,), "89.96"),
        (89.4, 0, (90.0,), "89"),
        (89.6, 0, (90.0,), "89.6"),
        (90.0, 1, (90.0,), "90.0"),
        (89.99996, 1, (90.0,), "89.99996"),
        (2.5, 0, (), "3"),
        (-0.04, 1, (), "0.0"),
        (1.25, 1, (None, math.nan), "1.3"),
        (None, 1, (), "\N{EN DASH}"),
        (math.inf, 1, (), "\N{EN DASH}"),
    ],
)
def test_rounding_never_contradicts_what_was_decided(
    value: float | None, decimals: int, against: tuple[float | None, ...], expected: str
) -> None:
    assert shown_figure(value, decimals=decimals, against=against) == expected


def test_huge_figures_are_shown_whole() -> None:
    assert shown_figure(1e20).startswith("1" + "0" * 20)
