"""'Why do we say so': each part of a status with its facts, what is to be done about it, and what speaks against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, long_date, short_date
from mendline.indicators.reading import readings
from mendline.indicators.staleness import going_out_of_date, next_review
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers
from mendline.places.rows import Place
from mendline.services.indicator_rows import Behind, Opposing, PastOutlook
from mendline.statistics.scoring import Foreseen, score
from mendline.statistics.targets import Target, TargetOperator, TargetRange, target_range
from mendline.web.components import Badge, Button, Item
from mendline.web.readings import EVIDENCE_WORDS, Reading

PARTS = (
    ("direction", "Direction of travel"),
    ("target", "Position against target"),
    ("data", "Enough figures"),
    ("currency", "Up to date"),
    ("evidence", "Evidence behind it"),
    ("governance", "Reviewed and answered"),
)
_GOVERNANCE = {"unescalated": "Not answered", "review_late": "Review late", "in_time": "In time"}
_CURRENCY = {
    "current": "Up to date",
    "out_of_date": "Out of date",
    "no_figures": "No figure",
    "nothing_to_count": "Nothing to count",
}
_WORRIES = frozenset({"unescalated", "review_late", "out_of_date", "contradicted", "not_supported"})


@dataclass(frozen=True, slots=True)
class WhyRow:
    """One part: what it is called, its word, and the facts in sentences."""

    part: str
    word: Badge
    says: str


@dataclass(frozen=True, slots=True)
class OpposingRow:
    """A source that points the other way, with its answer or the way to give one."""

    source: str
    says: str
    meta: str
    answer: str = ""
    answered: str = ""
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class WhyCard:
    """The whole card.

    Attributes:
        shown: the one word that the parts come to, and why this and no other.
        todos: what would fill each gap; it goes by itself when that is done.
        going: what will be out of date by the next review.
        going_by: the day of that review, in words.
        outlooks: how earlier outlooks on the target held, once there is one whose period is over.
        opposing: what points the other way.
        acts: what this person may add: a contradiction, an exemption, a new way of counting.
    """

    shown: Reading
    shown_says: str
    rows: tuple[WhyRow, ...]
    rule: str
    todos: tuple[Item, ...]
    going: tuple[Item, ...]
    going_by: str
    outlooks: str
    opposing: tuple[OpposingRow, ...]
    acts: tuple[Button, ...]


def why_card(
    place: Place, standing: Standing, behind: Behind, *, today: date, offers: Offers, address: Address
) -> WhyCard | None:
    """The card; nothing before the indicator was judged for the first time."""
    parts = standing.parts
    if not parts:
        return None
    here = {"service_id": place.service_id, "indicator_id": standing.indicator_id}
    definition = indicator_definition(standing.definition_key)
    trend, target = readings(standing, definition)
    words = {
        "direction": _direction(standing),
        "target": Badge(target.word, target.icon),
        "data": Badge("Enough" if parts["data"]["code"] == "enough" else "Not enough"),
        "currency": Badge(_CURRENCY.get(parts["currency"]["code"], "")),
        "evidence": Badge(EVIDENCE_WORDS.get(parts["evidence"]["code"], "")),
        "governance": Badge(_GOVERNANCE.get(parts["governance"]["code"], "")),
    }
    by = next_review(standing.review_due_on, today)
    return WhyCard(
        shown=trend,
        shown_says=f"Shown as {trend.word}: {parts['composite']['says']}.",
        rows=tuple(
            WhyRow(name, _worried(words[key], parts[key].get("code")), parts[key]["says"]) for key, name in PARTS
        ),
        rule=f"{standing.rule_words}. The first row of their table that applies decides the word; nothing is averaged.",
        todos=todo_items(standing, place, offers, address),
        going=tuple(Item(each.name, f"holds until {short_date(each.until)}") for each in going_out_of_date(parts, by)),
        going_by=long_date(by),
        outlooks=outlooks_held(behind.outlooks, standing),
        opposing=tuple(_opposing(row, here, offers, address) for row in behind.opposing),
        acts=_acts(here, offers, address),
    )


def outlooks_held(past: Sequence[PastOutlook], standing: Standing) -> str:
    """How earlier outlooks held, in words; nothing while none has come to its period."""
    direction = {"higher_is_better": 1, "lower_is_better": -1}.get(
        indicator_definition(standing.definition_key).direction, 0
    )
    operator = cast("TargetOperator", standing.target_operator or "monitor_only")
    found = score(
        [
            Foreseen(each.low, each.high, each.share_meeting, _wanted(operator, each, direction), each.outcome)
            for each in past
        ]
    )
    said = []
    if found.ranges:
        said.append(
            f"Of {counted(found.ranges, 'range')} that {'was' if found.ranges == 1 else 'were'} foreseen, {found.inside}"
            " held what came; about 8 in 10 should."
        )
    if found.periods:
        periods = counted(found.periods, "week" if standing.cadence == "weekly" else "month")
        said.append(
            f"Of {periods} foreseen without a trend, about {round(found.expected)} "
            f"{'was' if round(found.expected) == 1 else 'were'} expected to meet the target and {found.met} did."
        )
    return " ".join(said)


def _wanted(operator: TargetOperator, past: PastOutlook, direction: int) -> TargetRange | None:
    return None if past.target_value is None else target_range(Target(operator, past.target_value), direction)


def todo_items(standing: Standing, place: Place, offers: Offers, address: Address) -> tuple[Item, ...]:
    """What is to be done, each with the way to the form that does it, for whoever may."""
    return tuple(
        Item(todo["words"], href=todo_address(todo, standing, place, offers, address)) for todo in standing.todos
    )


def todo_address(todo: dict[str, str], standing: Standing, place: Place, offers: Offers, address: Address) -> str:
    """The form that would fill a gap; nothing for whoever may not fill it."""
    here = {"service_id": place.service_id, "indicator_id": standing.indicator_id}
    if todo["form"] == "figure":
        return address("services.figure_form", **here) if offers.enter else ""
    if todo["form"] == "decide":
        return address("recovery.decide", **here) if offers.decide else ""
    if todo["form"] == "answer":
        return f"{address('services.indicator', **here)}#opposing"
    if not offers.see_evidence:
        return ""
    form = address("evidence.add", service_id=place.service_id, indicator=standing.indicator_id, letter=todo["mark"])
    return form if offers.enter else ""


def _direction(standing: Standing) -> Badge:
    if standing.parts["direction"].get("rise"):
        return Badge("More reported")
    word = {
        "improving": "Improving",
        "stable": "Stable",
        "deteriorating": "Deteriorating",
        "changed": "Changed",
    }.get(standing.status, "None yet")
    return Badge(word)


def _worried(word: Badge, code: str | None) -> Badge:
    return Badge(word.word, word.icon, "alert" if code == "unescalated" else "hollow" if code in _WORRIES else "")


def _opposing(row: Opposing, here: Mapping[str, Any], offers: Offers, address: Address) -> OpposingRow:
    by = f", recorded by {row.recorded_initials}" if row.recorded_initials else ""
    button = None
    if not row.answer and offers.decide:
        form = address("behind.answer", contradiction_id=row.contradiction_id, **here)
        button = Button("Answer it", form, about=f" from {row.source}")
    return OpposingRow(
        row.source,
        row.says,
        f"Noticed {long_date(row.noticed_on)}{by}",
        row.answer or "",
        f"Answered {short_date(row.answered_on)}{f' by {row.answered_initials}' if row.answered_initials else ''}"
        if row.answered_on
        else "",
        button,
    )


def _acts(here: Mapping[str, Any], offers: Offers, address: Address) -> tuple[Button, ...]:
    acts = []
    if offers.see_evidence and offers.enter:
        acts.append(Button("Something points the other way", address("behind.contradict", **here)))
        acts.append(Button("A kind of evidence does not apply", address("behind.exempt", **here)))
    if offers.change:
        acts.append(Button("What is counted has changed", address("behind.redefine", **here)))
    return tuple(acts)
