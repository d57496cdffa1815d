"""Declines that met no decision in time: printed with their days, whatever became of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, listed, long_date
from mendline.indicators.standing import Standing
from mendline.packs.document import Claim
from mendline.packs.reading import PackFacts


def decline_claims(facts: PackFacts, shown: Sequence[Standing]) -> tuple[Claim, ...]:
    """A decline that nobody answered, or answered late, is printed with its days; it cannot be left out."""
    return tuple(
        Claim(
            f"{indicator_definition(each.definition_key).name}: {words}", facts.supports.get(each.indicator_id, ())[:3]
        )
        for each in shown
        for words in (*_earlier(each), _unanswered(each) or _answered_late(each))
        if words
    )


def _earlier(standing: Standing) -> list[str]:
    """Declines that are over and were answered late or never, each with its day: that they ended deletes nothing."""
    now = (standing.series.get("decline") or {}).get("visible_on")
    over = [one for one in standing.parts.get("declines", ()) if one["visible_on"] != now]
    never = [one for one in over if one["answered_on"] is None]
    late = [one for one in over if one["answered_on"] is not None]
    return [
        *([f"{_counted(never)} ended without a decision, to be seen from {_each(never)}."] if never else []),
        *(
            [f"{_counted(late)} {'was' if len(late) == 1 else 'were'} answered late, to be seen from {_each(late)}."]
            if late
            else []
        ),
    ]


def _counted(over: Sequence[Mapping[str, Any]]) -> str:
    return counted(len(over), "earlier decline")


def _each(over: Sequence[Mapping[str, Any]]) -> str:
    """Each with its wait: `3 March 2026 (63 days) and 4 August 2026 (70)`."""
    waits = [counted(one["waited_days"], "day") if place == 0 else one["waited_days"] for place, one in enumerate(over)]
    days = [long_date(date.fromisoformat(one["visible_on"])) for one in over]
    return listed([f"{day} ({wait})" for day, wait in zip(days, waits, strict=True)])


def _unanswered(standing: Standing) -> str:
    if standing.unescalated_days is None:
        return ""
    seen = f"could be seen from {long_date(standing.declined_since)} and " if standing.declined_since else ""
    return f"the decline {seen}has had no decision for {counted(standing.unescalated_days, 'day')}."


def _answered_late(standing: Standing) -> str:
    """Our own rule: a late answer never deletes the days before it."""
    decline = standing.series.get("decline")
    if not decline or not decline["answered_on"] or decline["answered_on"] <= decline["answer_due_on"]:
        return ""
    seen, answered = (date.fromisoformat(decline[name]) for name in ("visible_on", "answered_on"))
    return (
        f"the decline could be seen from {long_date(seen)} and was answered on {long_date(answered)},"
        f" {counted((answered - seen).days, 'day')} later."
    )
