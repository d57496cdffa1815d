"""Conditions as data: a tree of named tests over the facts of a service, written in YAML and read by whoever asks it.

A test names what it reads, so that a change leads to just those rules that it can touch. What a test means is written
beside its function in `recovery.triggers`; a test of the catalogue holds the two lists against each other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Given = str | bool | float | tuple[str, ...] | Mapping[str, bool | str | tuple[str, ...]]

_NOTHING: Mapping[str, Given] = MappingProxyType({})

# What a test reads by the member of `given` that names it.
FIGURE, RECORD, ACTIONS, REVIEWS, CHANGES, WORK = "figure", "record", "actions", "reviews", "changes", "work"
EACH = "each"  # the indicator in turn, where a rule is asked of every one


@dataclass(frozen=True, slots=True)
class Condition:
    """One test with what it is given, or several joined by `any` or `all`.

    Attributes:
        test: the name of a test; `given` holds its arguments, in which `$name` is a threshold of the rule.
        any: true where one of these is.
        all: true where each of these is.
    """

    test: str | None = None
    given: Mapping[str, Given] = field(default_factory=lambda: _NOTHING)
    any: tuple["Condition", ...] = ()
    all: tuple["Condition", ...] = ()

    def __post_init__(self) -> None:
        said = [bool(self.test), bool(self.any), bool(self.all)]
        if said.count(True) != 1:
            raise ValueError("a condition is one test, or several under 'any' or 'all'")
        if self.given and not self.test:
            raise ValueError("'given' belongs to a test")

    def tests(self) -> Iterator["Condition"]:
        """Every single test in it."""
        if self.test:
            yield self
        for part in (*self.any, *self.all):
            yield from part.tests()

    def thresholds(self) -> frozenset[str]:
        """The names of the thresholds that it uses."""
        return frozenset(
            value.removeprefix("$")
            for one in self.tests()
            for value in one.given.values()
            if isinstance(value, str) and value.startswith("$")
        )

    def reads(self) -> frozenset[str]:
        """What it looks at, as `figure:mar_compliance_pct`, `record:complaint`, `actions`, `warning:M1`."""
        return frozenset(name for one in self.tests() for name in _reads(one))


def _reads(one: Condition) -> Iterator[str]:
    for key in _names(one.given.get("of")):
        yield f"{FIGURE}:{'*' if key == EACH else key}"
    for kind in _names(one.given.get("records")):
        yield f"{RECORD}:{kind}"
    for code in _names(one.given.get("codes")):
        yield f"warning:{code}"
    if one.test and one.test.startswith("actions_"):
        yield ACTIONS
    if one.test and one.test.startswith("reviews_"):
        yield REVIEWS
    if one.test and one.test.startswith("work_"):
        yield WORK
    if one.test and "changes" in one.given:
        yield CHANGES


def _names(given: Given | None) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    return given if isinstance(given, tuple) else ()
