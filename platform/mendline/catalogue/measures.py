"""How source records become a numerator and a denominator for a period: the shape of a measure, as data.

A measure names record types and fields of the catalogue and says nothing of tables, so the same declaration can be
read out on a page ("how this is counted") and carried out by a worker.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Test = Literal[
    "is",
    "is_not",
    "one_of",
    "not_one_of",
    "includes",
    "at_least",
    "at_most",
    "above",
    "below",
    "given",
    "missing",
    "at_most_field",
    "at_least_field",
    "within_hours_of",
    "within_days_of",
    "before_period_end",
    "from_period_end",
    "missing_at_period_end",
    "days_before_period_end",
]
Moment = Literal["in_period", "open_in_period", "period_end", "rolling"]
Take = Literal["count", "sum", "distinct", "hours", "largest_group", "groups", "days", "every_day", "headcount"]
Form = Literal["share", "rate", "count", "median", "difference", "computed"]

_WITH_OTHER_FIELD = frozenset({"at_most_field", "at_least_field", "within_hours_of", "within_days_of"})
_WITHOUT_VALUE = frozenset(
    {
        "given",
        "missing",
        "at_most_field",
        "at_least_field",
        "before_period_end",
        "from_period_end",
        "missing_at_period_end",
    }
)
_WITH_LIST = frozenset({"one_of", "not_one_of", "days_before_period_end"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one field.

    Attributes:
        field: a field of the record type that the quantity counts.
        test: ``within_hours_of`` and ``within_days_of`` hold when the field lies at or after ``other`` and no more
            than ``value`` hours or days after it. ``at_most_field`` and ``at_least_field`` compare numbers or dates of
            two fields. ``before_period_end`` and ``from_period_end`` compare a date with the last day of the period
            (before it; on or after it); ``missing_at_period_end`` holds when the date is missing or after that day;
            ``days_before_period_end`` when it lies between two numbers of days, both included, before it.
            A missing field fails every test but ``missing``, ``missing_at_period_end``, ``is_not`` and ``not_one_of``.
        value: what the field is compared with; a list for ``one_of``, ``not_one_of`` and ``days_before_period_end``.
        other: the second field, for the tests that compare two.
    """

    field: str
    test: Test
    value: bool | float | str | tuple[str | float, ...] | None = None
    other: str | None = None

    def __post_init__(self) -> None:
        if (self.other is not None) != (self.test in _WITH_OTHER_FIELD):
            raise ValueError(f"test '{self.test}' on '{self.field}' needs 'other' only when it compares two fields")
        if (self.value is None) != (self.test in _WITHOUT_VALUE):
            raise ValueError(f"test '{self.test}' on '{self.field}' has a value that is missing or not used")
        if isinstance(self.value, tuple) != (self.test in _WITH_LIST):
            raise ValueError(f"test '{self.test}' on '{self.field}' takes a list only when it names several values")


@dataclass(frozen=True, slots=True)
class Linked:
    """A record counts only if another exists, of another type, with the same value in a shared field.

    Attributes:
        records: the other record type.
        same: the field's name in both types.
        within_days: how many days before the counted record's day the other may lie.
        when: conditions on the other record.
    """

    records: str
    same: str
    within_days: int
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupRule:
    """What makes one group (one staff member, one person) count, over its records in the period.

    Attributes:
        over: ``total`` of a number field; ``run_of_days``, the longest run of consecutive days with a record;
            ``shortest_gap``, the fewest hours between the end of one record and the start of the next.
        field: the number field of ``total``.
        start: the field with the start of a record, for ``shortest_gap``.
        end: the field with its end, for ``shortest_gap``.
        above: the group counts above this.
        below: the group counts below this.
    """

    over: Literal["total", "run_of_days", "shortest_gap"]
    field: str | None = None
    start: str | None = None
    end: str | None = None
    above: float | None = None
    below: float | None = None

    def __post_init__(self) -> None:
        if (self.above is None) == (self.below is None):
            raise ValueError("a group rule has exactly one of 'above' and 'below'")
        if (self.field is not None) != (self.over == "total"):
            raise ValueError("only a 'total' names a field")
        if (self.start is not None and self.end is not None) != (self.over == "shortest_gap"):
            raise ValueError("a 'shortest_gap' names the 'start' and 'end' fields, and nothing else does")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number drawn from records of one type.

    Attributes:
        take: ``count`` of records; ``sum`` of a field; ``distinct`` values of a field; ``hours`` from ``start`` to
            ``end`` of each record; ``largest_group``, the records of the commonest value of a field; ``groups``,
            the values of a field whose records meet any of ``rules``; ``days``, the days of the period from ``start``
            to ``end`` of any record; ``every_day``, the days of the period on which the service ran; ``headcount``,
            how many values of a field had a record from ``start`` to ``end`` on an average day of the ``over_days``
            that end with the period, without the days before the service opened.
        records: the record type.
        moment: ``in_period`` when ``dated_by`` falls in the period; ``open_in_period`` when it lies before the
            period's end and ``ended_by`` is missing or not before its start; ``period_end``, as things stood on the
            last day; ``rolling``, the ``days`` that end with the period.
        dated_by: the field that places a record in time; the type's happened field when left out.
        delay_days: the record counts in the period that lies so many days after its date.
        ended_by: the field that ends it, for ``open_in_period``.
        days: length of a rolling window.
        latest_per: only the newest record for each value of these fields counts, of those for which ``when`` holds.
        still: the newest record has to meet these as well; where it does not, no older one takes its place.
        field: for ``sum``, ``distinct``, ``largest_group``, ``groups`` and ``headcount``.
        start: for ``hours``, ``days`` and ``headcount``.
        end: for the same; a record without one counts to the period's end.
        away_from: for ``days``: from this day on the record does not count,
        away_until: to this day, or to the period's end without one,
        away_at_least: when that is at least so many days.
        when: all of these hold.
        any_of: and at least one of these, where there are any.
        linked: all of these exist.
        rules: for ``groups``; any of these holds.
        daily: without a record for every day of the period there is no figure, since too few nights make too high a rate.
        times_days: multiply by the days of the period (hours a day to hours a period).
        times_weeks: multiply by the weeks of the period, seven days each (hours a week to hours a period).
        over_days: for ``headcount``.
    """

    take: Take
    records: str
    moment: Moment = "in_period"
    dated_by: str | None = None
    delay_days: int = 0
    ended_by: str | None = None
    days: int | None = None
    latest_per: tuple[str, ...] = ()
    still: tuple[Condition, ...] = ()
    field: str | None = None
    start: str | None = None
    end: str | None = None
    away_from: str | None = None
    away_until: str | None = None
    away_at_least: int | None = None
    when: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    linked: tuple[Linked, ...] = ()
    rules: tuple[GroupRule, ...] = ()
    daily: bool = False
    times_days: bool = False
    times_weeks: bool = False
    over_days: int | None = None

    def __post_init__(self) -> None:
        if (self.days is not None) != (self.moment == "rolling"):
            raise ValueError("'days' goes with a rolling moment, and only with it")
        if (self.ended_by is not None) != (self.moment == "open_in_period"):
            raise ValueError("'ended_by' goes with open_in_period, and only with it")
        if (self.field is not None) != (self.take in {"sum", "distinct", "largest_group", "groups", "headcount"}):
            raise ValueError(f"'{self.take}' has a field that is missing or not used")
        if (self.start is not None and self.end is not None) != (self.take in {"hours", "days", "headcount"}):
            raise ValueError("'hours', 'days' and 'headcount' name 'start' and 'end', and nothing else does")
        if (self.over_days is not None) != (self.take == "headcount"):
            raise ValueError("'over_days' goes with 'headcount', and only with it")
        if self.times_days and self.times_weeks:
            raise ValueError("a quantity is multiplied by days or by weeks, not by both")
        if self.still and not self.latest_per:
            raise ValueError("'still' goes with 'latest_per'")
        away = (self.away_from, self.away_until, self.away_at_least)
        if any(away) and (None in away or self.take != "days"):
            raise ValueError(
                "'days' names 'away_from', 'away_until' and 'away_at_least' together, and nothing else does"
            )
        if bool(self.rules) != (self.take == "groups"):
            raise ValueError("'groups' names its rules, and nothing else does")


@dataclass(frozen=True, slots=True)
class Fraction:
    """A numerator over a denominator.

    Attributes:
        denominator: what is counted at all.
        numerator: drawn by itself, where it is not part of the denominator's records.
        met_when: otherwise the numerator takes the denominator's records for which all of these hold,
        met_any: at least one of these holds, where there are any,
        met_linked: and all of these exist,
        met_one_of: and all conditions of at least one of these, where there are any.
    """

    denominator: Quantity
    numerator: Quantity | None = None
    met_when: tuple[Condition, ...] = ()
    met_any: tuple[Condition, ...] = ()
    met_linked: tuple[Linked, ...] = ()
    met_one_of: tuple[tuple[Condition, ...], ...] = ()

    def __post_init__(self) -> None:
        if (self.numerator is None) != bool(self.met_when or self.met_any or self.met_linked or self.met_one_of):
            raise ValueError("a fraction has either a numerator of its own or a 'met' of its denominator's records")


@dataclass(frozen=True, slots=True)
class Measure:
    """How an indicator's value comes from records.

    Attributes:
        form: ``share`` and ``rate`` use ``fraction`` (the rate's scale is the indicator's ``rate_per``); ``count``
            and ``median`` use ``quantity``; ``difference`` is the first fraction less the second, in percentage
            points; ``computed`` is worked out by the platform from its own decisions and takes no records.
        fraction: the fraction.
        less: the fraction taken away from it, for a difference.
        quantity: what is counted, or whose median is taken.
        computed_by: the platform's own rule.
    """

    form: Form
    fraction: Fraction | None = None
    less: Fraction | None = None
    quantity: Quantity | None = None
    computed_by: Literal["declines"] | None = None

    def __post_init__(self) -> None:
        given = (
            self.fraction is not None,
            self.less is not None,
            self.quantity is not None,
            self.computed_by is not None,
        )
        needed = {
            "share": (True, False, False, False),
            "rate": (True, False, False, False),
            "difference": (True, True, False, False),
            "count": (False, False, True, False),
            "median": (False, False, True, False),
            "computed": (False, False, False, True),
        }[self.form]
        if given != needed:
            raise ValueError(f"a measure of form '{self.form}' has parts that are missing or not used")

    def quantities(self) -> Iterator[Quantity]:
        """Each quantity the measure draws, numerators that follow from ``met_when`` left out."""
        for fraction in (self.fraction, self.less):
            if fraction is not None:
                yield fraction.denominator
                if fraction.numerator is not None:
                    yield fraction.numerator
        if self.quantity is not None:
            yield self.quantity

    def record_types(self) -> frozenset[str]:
        """Every record type whose change can change the figure."""
        found = set()
        for quantity in self.quantities():
            found.add(quantity.records)
            found.update(link.records for link in quantity.linked)
        for fraction in (self.fraction, self.less):
            if fraction is not None:
                found.update(link.records for link in fraction.met_linked)
        return frozenset(found)
