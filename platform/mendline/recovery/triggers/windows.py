"""What has to be read for some rules: which figures, which types of record and how far back."""

from collections.abc import Iterable
from dataclasses import dataclass

from mendline.catalogue.conditions import ACTIONS, CHANGES, RECORD, REVIEWS, WORK, Condition
from mendline.catalogue.rules import Rule

# Types whose newest state counts however old it is, by how far back that can lie; two years holds every cadence.
STANDING = {"staff_member": 3650, "dependency_assessment": 730}
WHOLE_WINDOW = 365  # a test without a window: what still waits is looked for this far back, in days


@dataclass(frozen=True, slots=True)
class Needs:
    """What the facts of a round must hold.

    Attributes:
        records: types of record, and how many days of each.
        typed_days: how many days back figures that were typed in are looked at, by when that was; 0 for none.
    """

    records: dict[str, int]
    actions: bool
    reviews: bool
    changes: bool
    work: bool = False
    typed_days: int = 0


def needs_of(rules: Iterable[Rule], own: dict[str, dict[str, float]] | None = None) -> Needs:
    """Everything that the conditions of these rules look at.

    Args:
        rules: that are asked.
        own: the provider's thresholds, since a window can be one.
    """
    days: dict[str, int] = {}
    reads: set[str] = set()
    typed_days = 0
    for rule in rules:
        reads |= rule.reads
        thresholds = {**rule.thresholds, **(own or {}).get(rule.key, {})}
        for test in rule.condition.tests():
            for kind in _types(test):
                days[kind] = max(days.get(kind, 0), _days(test, kind, thresholds))
            if test.given.get("typed"):
                typed_days = max(typed_days, _days(test, "", thresholds))
    return Needs(days, ACTIONS in reads, REVIEWS in reads, CHANGES in reads, WORK in reads, typed_days)


def _types(test: Condition) -> tuple[str, ...]:
    given = test.given.get(f"{RECORD}s", ())
    if isinstance(given, str):
        return (given,)
    return given if isinstance(given, tuple) else ()


def _days(test: Condition, kind: str, thresholds: dict[str, float]) -> int:
    """Twice the window: some tests set it against the one before; a month for what is expected of shifts."""
    if kind in STANDING:
        return STANDING[kind]
    given = test.given.get("days")
    if given is None:
        return WHOLE_WINDOW
    days = thresholds[given.removeprefix("$")] if isinstance(given, str) else given
    return 2 * int(float(days)) + 31 if isinstance(days, int | float) else WHOLE_WINDOW
