import pytest

from mendline.statistics.targets import Target, assurance, meets, target_range


@pytest.mark.parametrize(
    ("target", "direction", "value", "met"),
    [
        (Target(">=", 90.0), 1, 90.0, True),
        (Target(">=", 90.0), 1, 89.999, False),
        (Target("<=", 0.0), -1, 0.0, True),
        (Target("<=", 0.0), -1, 1.0, False),
        (Target("==", 100.0), 1, 100.0, True),
        (Target("==", 0.0), -1, 0.0, True),
        (Target("==", 5.0), 0, 5.1, False),
        (Target("between", 2.0, 4.0), 0, 4.0, True),
        (Target("between", 2.0, 4.0), 0, 4.1, False),
        (Target("reduce_from_baseline_pct", 25.0, baseline=8.0), -1, 6.0, True),
        (Target("reduce_from_baseline_pct", 25.0, baseline=8.0), -1, 6.1, False),
        (Target(">=", 0.3), 1, 0.1 + 0.2, True),
        (Target("monitor_only"), 1, 5.0, None),
        (None, 1, 5.0, None),
    ],
)
def test_a_figure_meets_its_target(target: Target | None, direction: int, value: float, met: bool | None) -> None:
    assert meets(value, target_range(target, direction)) is met


def test_no_figure_neither_meets_nor_misses() -> None:
    assert meets(None, target_range(Target(">=", 1.0), 1)) is None


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [(91.0, 95.0, "pass"), (90.0, 95.0, "inconsistent"), (80.0, 90.0, "inconsistent"), (80.0, 89.0, "fail")],
)
def test_a_limit_on_the_target_is_hit_and_miss(lower: float, upper: float, expected: str) -> None:
    assert assurance(target_range(Target(">=", 90.0), 1), lower, upper) == expected


def test_a_range_is_passed_only_from_inside() -> None:
    wanted = target_range(Target("between", 10.0, 20.0), 0)
    assert assurance(wanted, 12.0, 18.0) == "pass"
    assert assurance(wanted, 5.0, 18.0) == "inconsistent"
    assert assurance(wanted, 21.0, 30.0) == "fail"
    assert assurance(wanted, None, None) is None
