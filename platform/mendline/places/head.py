"""How each page of a service opens: its name, its tabs, what this person may do there."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from flask import current_app, request, url_for

from mendline.catalogue.calendar import period_end
from mendline.catalogue.wording import day_and_date
from mendline.indicators.chart import ChartSpec
from mendline.indicators.standing import Standing
from mendline.places.rows import Place
from mendline.places.wording import service_line, summary_sentence, week_words
from mendline.web.components import Button, Head, Link, Tab
from mendline.web.frame import as_at_given
from tenants.reach import Reach

Address = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Offers:
    """What this person may do here; nothing that would be refused is offered."""

    decide: bool = False
    pack: bool = False
    enter: bool = False
    see_actions: bool = False
    see_story: bool = False
    see_escalations: bool = False
    see_evidence: bool = False
    see_clocks: bool = False
    see_checks: bool = False
    change: bool = False


def service_head(
    place: Place,
    standings: Sequence[Standing],
    *,
    offers: Offers,
    address: Address,
    current: str = "services.dashboard",
    actions: int | None = None,
    sentence: str | None = None,
) -> Head:
    """How each page of a service opens: its name, who manages it, how far the figures go, its tabs, its sentence."""
    service = {"service_id": place.service_id}
    buttons = [
        Button(each.name, address("services.dashboard", service_id=each.service_id), "i-clock")
        for each in (place.before, place.after)
        if each and each.is_seen
    ]
    if offers.pack:
        buttons.append(Button("Make a pack", address("packs.of_service", **service), "i-doc"))
    if offers.decide:
        buttons.append(Button("Record weekly review", address("recovery.reviews", **service), kind="primary"))
    ways = [("Dashboard", "services.dashboard"), ("Plan", "plans.of_service")]
    if offers.see_actions:
        ways += [
            ("Actions" if actions is None else f"Actions ({actions})", "recovery.actions"),
            ("Risks", "recovery.risks"),
            *((("Escalations", "escalations.listing"),) if offers.see_escalations else ()),
        ]
    if offers.see_evidence:
        ways += [("Evidence", "evidence.listing"), ("Coverage", "coverage.matrix")]
    if offers.see_actions:
        ways.append(("Reviews", "recovery.reviews"))
    if offers.see_story:
        ways.append(("Story", "story.timeline"))
    if offers.see_checks:
        ways.append(("Checks", "checks.listing"))
    if offers.see_clocks:
        ways.append(("Clocks", "clocks.listing"))
    if offers.pack:
        ways.append(("Packs", "packs.of_service"))
    return Head(
        heading=f"{place.name} recovery" if place.plan else place.name,
        sub=service_line(place, figures_to(standings), week_words(place)),
        sentence=summary_sentence(tuple(standings)) if sentence is None else sentence,
        buttons=tuple(buttons),
        tabs=tuple(Tab(label, address(endpoint, **service), endpoint == current) for label, endpoint in ways),
        tabs_label=place.name,
    )


def figures_to(standings: Sequence[Standing]) -> str:
    """`Sunday 15 November 2026`: the end of the newest period that any indicator has."""
    ends = [
        period_end(*newest) for newest in {(each.cadence, each.last_period) for each in standings if each.last_period}
    ]
    if not ends:
        return ""
    last = max(ends)
    return f"{day_and_date(last)} {last.year}"


# Pages that can be drawn as at an earlier moment: links between them stay on it.
_PAST_PAGES = frozenset(
    {
        "comparison.matrix",
        "comparison.pool",
        "services.dashboard",
        "services.indicator",
        "indicators.aimed",
        "figures.one",
    }
)


def address_then() -> Address:
    """Writes links; those of a page as at an earlier moment stay on that moment where they lead to a page that can."""
    given = as_at_given()
    if not given:
        return address

    def then(endpoint: str, **values: Any) -> str:
        written = address(endpoint, **values)
        joint = "&" if "?" in written else "?"
        return f"{written}{joint}as_at={given}" if endpoint in _PAST_PAGES else written

    return then


def figure_address(address: Address, service_id: uuid.UUID, indicator_id: uuid.UUID, period_start: date) -> str:
    """Where a finger on a figure lands: what is behind the figure of one period."""
    return figure_below(address("services.indicator", service_id=service_id, indicator_id=indicator_id), period_start)


def figure_below(indicator: str, period_start: date) -> str:
    """The same, from the address of the indicator's page."""
    way, mark, asked = indicator.partition("?")
    return f"{way}/figures/{period_start.isoformat()}{mark}{asked}"


def chart_ways(
    spec: ChartSpec, address: Address, service_id: uuid.UUID, indicator_id: uuid.UUID, also: Iterable[date] = ()
) -> dict[str, str]:
    """From the first day of each period that is drawn to what is behind its figure, where there is one.

    Args:
        spec: the chart.
        address: writes links.
        service_id: the service.
        indicator_id: its indicator.
        also: further periods of which something is known.
    """
    drawn = {date.fromisoformat(point.date) for point in spec.points if point.value is not None}
    return {
        day.isoformat(): figure_address(address, service_id, indicator_id, day) for day in sorted(drawn.union(also))
    }


def aims_below(indicator: str, kind: Literal["target", "baseline"]) -> str:
    """Where a finger on a target or baseline lands: the time that it was set; from the address of the indicator's page."""
    way, mark, asked = indicator.partition("?")
    return f"{way}/aims/history{mark}{asked}#{kind}" if indicator else ""


def offers_at(held: Reach, place: Place) -> Offers:
    """What this person may do at a place."""
    here = (place.provider_id, place.service_id)
    runs = place.closed_on is None
    return Offers(
        decide=runs and held.may("record_decision", *here),
        pack=held.may("see_packs", *here),
        enter=held.may("enter_observation", *here),
        see_actions=held.may("see_actions", *here),
        see_story=held.may("see_story", *here),
        see_escalations=held.may("see_escalations", *here),
        see_evidence=held.may("see_evidence", *here),
        see_clocks=held.may("see_clocks", *here),
        see_checks=held.may("see_checks", *here),
        change=runs and held.may("change_indicators", *here),
    )


def crumbs_to(place: Place, *here: Link) -> tuple[Link, ...]:
    """The way to a page of a service."""
    return (
        Link(place.provider),
        Link("Services", address("services.listing")),
        Link(place.name, address("services.dashboard", service_id=place.service_id)),
        *here,
    )


def address(endpoint: str, **values: Any) -> str:
    """The address of one of our pages.

    A dashboard of forty indicators writes more than a hundred; where only identifiers differ, the pattern is built once
    per process and filled in, which takes a tenth of the time.
    """
    for value in values.values():  # a loop, since all() takes twice as long
        if not isinstance(value, uuid.UUID):
            return url_for(endpoint, **values)
    patterns: dict[tuple[str, ...], str] = current_app.extensions.setdefault("mendline.addresses", {})
    key = (request.script_root, endpoint, *values)
    pattern = patterns.get(key)
    if pattern is None:
        stand_ins: dict[str, Any] = {name: uuid.UUID(int=place) for place, name in enumerate(values, start=1)}
        pattern = url_for(endpoint, **stand_ins)
        for place, stand_in in enumerate(stand_ins.values()):
            pattern = pattern.replace(str(stand_in), f"{{{place}}}")
        patterns[key] = pattern
    return pattern.format(*values.values())
