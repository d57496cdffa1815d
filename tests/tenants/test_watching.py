"""The rule by which counts are unlike an ordinary day."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.watching import COUNTINGS, KINDS, Signal, alerts, what_to_do, words_of

HERE, SOMEBODY = uuid.UUID(int=1), uuid.UUID(int=2)


def signal(kind: str, times: int, usual: int = 0, provider: uuid.UUID | None = HERE) -> Signal:
    return Signal(kind, provider, SOMEBODY, str(SOMEBODY), times, usual)


def raised(*signals: Signal) -> list[str]:
    return [each.kind for each in alerts(signals)]


@pytest.mark.parametrize(
    ("kind", "times", "usual", "provider", "is_raised"),
    [
        ("foreign", 19, 0, HERE, False),
        ("foreign", 20, 0, HERE, True),
        ("foreign", 20, 0, None, True),
        ("reads", 59, 0, HERE, False),
        ("reads", 60, 20, HERE, False),
        ("reads", 61, 20, HERE, True),
        ("exports", 12, 0, HERE, True),
        ("exports", 12, 4, HERE, False),
        ("looks", 239, 0, HERE, False),
        ("sign_in", 59, 0, None, False),
        ("sign_in", 60, 30, None, False),
        ("sign_in", 61, 30, None, True),
        ("forged", 49, 0, None, False),
        ("forged", 50, 0, None, True),
        ("ledger_gap", 1, 0, HERE, True),
        ("ledger_broken", 1, 0, HERE, True),
        ("break_glass", 1, 0, HERE, True),
    ],
)
def test_an_alert_needs_more_than_the_floor_and_more_than_is_usual(
    kind: str, times: int, usual: int, provider: uuid.UUID | None, is_raised: bool
) -> None:
    assert raised(signal(kind, times, usual, provider)) == ([kind] if is_raised else [])


def test_nothing_counted_raises_nothing() -> None:
    assert raised() == []


@given(st.sampled_from(sorted(KINDS)), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 1_000))
def test_more_of_the_same_never_ends_an_alert(kind: str, times: int, usual: int, more: int) -> None:
    assert not raised(signal(kind, times, usual)) or raised(signal(kind, times + more, usual))


def test_the_same_person_at_two_providers_is_two_alerts() -> None:
    found = list(alerts([signal("reads", 100), signal("reads", 100, provider=uuid.UUID(int=9))]))
    assert len({each.key for each in found}) == 2


def test_every_counting_is_of_a_kind_that_has_words() -> None:
    assert {each.signal for each in COUNTINGS} <= set(KINDS)
    assert all(words_of(kind) and what_to_do(kind) and not words_of(kind).endswith(".") for kind in (*KINDS, "of old"))
