"""Why a record was not counted or not met, in words that name no person."""

from collections.abc import Sequence

from mendline.catalogue.measures import Condition, Linked
from mendline.catalogue.record_types import RecordType, record_type
from mendline.catalogue.wording import listed

BEFORE_OPENED = "It happened before the service opened"
AFTER_CLOSED = "It happened after the service closed"
AFTER_LEAVING = "It happened after the person had left the service"
SAME_AS_ANOTHER = "It says the same, to the minute, as a record that was made first"
NEWER_STANDS = "A newer record takes its place"
SAME_GROUP = "Counted with another record of the same {what}"


def not_met(condition: Condition, kind: RecordType) -> str:
    """Why a condition did not hold: ``“Closed on” is later than “Original due date”``."""
    label = _label(kind, condition.field)
    if condition.other is not None:
        return f"“{label}” {_beside(condition, _label(kind, condition.other))}"
    if condition.test in _SAID:
        return f"“{label}” {_SAID[condition.test]}"
    value = condition.value
    if isinstance(value, bool):
        return f"“{label}” is {'not yes' if value is (condition.test == 'is') else 'yes'}"
    if condition.test in {"at_least", "at_most", "above", "below"}:
        beyond = "below" if condition.test in {"at_least", "above"} else "above"
        return f"“{label}” is {beyond} {value:g}" if isinstance(value, float | int) else f"“{label}” is {beyond} it"
    said = _choices(kind, condition)
    return f"“{label}” is {'' if condition.test in {'is_not', 'not_one_of'} else 'not '}{said}"


def no_link(link: Linked) -> str:
    """Why a record without its counterpart did not count."""
    return f"There is no {record_type(link.records).title.lower()} that fits, in the {link.within_days} days before it"


def no_answer(name: str, kind: RecordType) -> str:
    """Why a record whose number is missing cannot be added up."""
    return f"“{_label(kind, name)}” is not answered"


def none_of(conditions: Sequence[Condition], kind: RecordType) -> str:
    """Why a record failed that had to meet at least one of several conditions."""
    return "; ".join(not_met(each, kind) for each in conditions)


_SAID = {
    "given": "is not answered",
    "missing": "is answered",
    "before_period_end": "is not before the period's last day",
    "from_period_end": "is missing, or before the period's last day",
    "missing_at_period_end": "is on or before the period's last day",
    "days_before_period_end": "lies outside the days that are looked at",
}


def _label(kind: RecordType, name: str) -> str:
    return kind.field(name).label.rstrip("?")


def _beside(condition: Condition, other: str) -> str:
    match condition.test:
        case "within_hours_of":
            return f"is missing, or not within {condition.value:g} hours of “{other}”"
        case "within_days_of":
            return f"is missing, or not within {condition.value:g} days of “{other}”"
        case "at_most_field":
            return f"is missing, or beyond “{other}”"
        case _:
            return f"is missing, or short of “{other}”"


def _choices(kind: RecordType, condition: Condition) -> str:
    named = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    choices = kind.field(condition.field).choices
    return listed([f"“{choices.get(str(one), str(one))}”" for one in named]).replace(" and ", " or ")
