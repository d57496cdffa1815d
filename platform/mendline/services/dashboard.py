"""The dashboard of a service, from rows to words: declines without a decision first, then the regulator's position."""

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from mendline.catalogue.calendar import period_end
from mendline.catalogue.frameworks import framework
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.catalogue.wording import counted, day_and_date, lateness, long_date, short_date, within_sentence
from mendline.indicators.charting import SPARK_PERIODS, spark_of
from mendline.indicators.drawing import target_written, written
from mendline.indicators.marks import mark_words
from mendline.indicators.pages import DashboardPage, IndicatorRow
from mendline.indicators.reading import readings
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, aims_below, figure_below, service_head
from mendline.places.regulator import regulator_cells
from mendline.places.rows import Place
from mendline.places.wording import (
    TRIGGER_ROLES,
    tallied,
)
from mendline.services.rows import OpenAction, OpenEscalation
from mendline.web.components import (
    Button,
    Empty,
    Item,
    ItemList,
    Link,
    Note,
    TallyItem,
)
from mendline.web.readings import (
    DECISION_WORDS,
    EVIDENCE_WORDS,
    kinds_of,
)

RAIL_ITEMS = 5


def dashboard_page(
    place: Place,
    standings: tuple[Standing, ...],
    actions: tuple[OpenAction, ...],
    escalations: tuple[OpenEscalation, ...],
    *,
    today: date,
    offers: Offers,
    address: Address,
    row: Callable[[Standing], IndicatorRow | Markup] | None = None,
) -> DashboardPage:
    """The page; `address(endpoint, **values)` writes its links, and `row` hands in a row that is drawn already."""
    if row is None:

        def row(standing: Standing) -> IndicatorRow:
            here = (place.service_id, framework_of(place))
            return indicator_row(standing, *here, today=today, see_evidence=offers.see_evidence, address=address)

    ordered = sorted(standings, key=attention)
    add = address("indicators.new", service_id=place.service_id)
    return DashboardPage(
        head=service_head(place, standings, offers=offers, address=address, actions=len(actions)),
        alerts=tuple(
            decline_note(each, place, offers, address) for each in ordered if each.unescalated_days is not None
        ),
        regulator=regulator_cells(place, today),
        tally=tally_items(standings),
        rows=tuple(map(row, ordered)),
        weeks_shown=SPARK_PERIODS,
        order="Needs attention first.",
        other_orders=(Link("Add an indicator", add),) if offers.change else (),
        rail=_rail(place, standings, actions, escalations, today=today, offers=offers, address=address),
        empty=None
        if standings
        else Empty(
            "No indicators yet",
            "The indicators of this service would stand here, each with its baseline, position, target and evidence."
            " Choose the first one; its figures can then be entered or imported.",
            button=Button("Add an indicator", add, "i-plus", "primary") if offers.change else None,
        ),
    )


def attention(standing: Standing) -> tuple[int, int, int]:
    """Where an indicator stands in 'needs attention first': undecided declines, declines, unproven ones, the rest."""
    if standing.unescalated_days is not None:
        return (0, -standing.unescalated_days, standing.display_order)
    if standing.composite == "deteriorating":
        return (1, 0, standing.display_order)
    if not standing.is_judged:
        return (2, 0, standing.display_order)
    return (3 if standing.composite == "stable" else 4, 0, standing.display_order)


def indicator_row(
    standing: Standing,
    service_id: uuid.UUID,
    framework_version: str,
    *,
    today: date,
    see_evidence: bool,
    address: Address,
) -> IndicatorRow:
    """One indicator of the table; `services.kept_rows` keeps what is drawn of it under all that it is made from."""
    definition = indicator_definition(standing.definition_key)
    trend, target = readings(standing, definition)
    service = {"service_id": service_id}
    drawn = (
        json.loads(standing.drawn)
        if standing.drawn
        else _drawn_now(standing, definition, f"{trend.word}. {target.word}")
    )
    href = address("services.indicator", indicator_id=standing.indicator_id, **service)
    return IndicatorRow(
        name=definition.name,
        href=href,
        area=area_of(definition, framework_version),
        spark=drawn["spark"],
        baseline=drawn["baseline"],
        baseline_href=aims_below(href, "baseline") if standing.baseline_value is not None else "",
        now=drawn["now"],
        now_href=figure_below(href, standing.last_period)
        if standing.last_period and standing.value is not None
        else "",
        target=drawn["target"],
        target_href=aims_below(href, "target") if standing.target_value is not None else "",
        target_by=short_date(standing.target_by) if standing.target_by else "",
        trend=trend,
        assurance=target,
        kinds=kinds_of(standing.evidence_marks),
        evidence_word=EVIDENCE_WORDS[standing.evidence_level],
        evidence_href=address("evidence.listing", indicator=standing.indicator_id, **service) if see_evidence else "",
        decision=DECISION_WORDS.get(standing.last_decision or "", "No decision yet"),
        decided=_decided(standing, today),
        owner=standing.review_owner or "",
        flag="Decline not escalated" if standing.unescalated_days is not None else "",
        hollow=not standing.is_supported,
        stale=_stale(standing, today),
        mark=drawn.get("mark", ""),
    )


def framework_of(place: Place) -> str:
    """The framework that a service is judged by: that of its plan."""
    return place.plan.framework_version if place.plan else "saf-2023"


def area_of(definition: IndicatorDefinition, version: str) -> str:
    """`Safe: Safe and effective staffing`; a framework that does not know the statement yet leaves it to the older one."""
    code = definition.quality_statements[0]
    known = framework(version) if code in framework(version).nodes else framework("saf-2023")
    return known.label(code)


def decline_note(standing: Standing, place: Place, offers: Offers, address: Address) -> Note:
    """The red block: a decline that nobody has answered, with its age and what was decided before it."""
    definition = indicator_definition(standing.definition_key)
    days = standing.unescalated_days or 0
    said = standing.sentence
    if standing.declined_since:
        said += (
            f" It could be seen from {long_date(standing.declined_since)}: {counted(days, 'day')} without a decision."
        )
    if standing.last_decision and standing.last_decision_on:
        word = DECISION_WORDS.get(standing.last_decision, standing.last_decision)
        before = (
            ", before the decline"
            if standing.declined_since and standing.last_decision_on < standing.declined_since
            else ""
        )
        said += f" Last decision: \N{LEFT DOUBLE QUOTATION MARK}{word}\N{RIGHT DOUBLE QUOTATION MARK} on {long_date(standing.last_decision_on)}{before}."
    button = None
    if offers.decide:
        button = Button(
            "Record a decision",
            address("recovery.decide", service_id=place.service_id, indicator_id=standing.indicator_id),
            kind="alert",
            about=f" on {definition.name}",
        )
    return Note(f"Declining without escalation: {within_sentence(definition.name)}", said, "alert", "i-flag", button)


def tally_items(standings: tuple[Standing, ...]) -> tuple[TallyItem, ...]:
    """The four counts under the sentence; 'not supported' is always counted and shown."""
    counts = tallied(standings)
    undecided = sum(each.unescalated_days is not None for each in standings)
    return (
        TallyItem(counts["improving"], "Improving", "a real change", "v-imp-up", "improving"),
        TallyItem(counts["stable"], "Stable", "usual ups and downs", "v-stable", "stable"),
        TallyItem(
            counts["deteriorating"],
            "Deteriorating",
            _decided_note(counts["deteriorating"], undecided),
            "v-det-down",
            "deteriorating",
        ),
        TallyItem(
            counts["not_supported"], "Not supported", "by enough evidence", "v-unsup", "unsupported", hollow=True
        ),
    )


def _decided_note(worse: int, undecided: int) -> str:
    if undecided:
        return f"{undecided} not escalated"
    return "all with a decision" if worse else "none at present"


def _rail(
    place: Place,
    standings: tuple[Standing, ...],
    actions: tuple[OpenAction, ...],
    escalations: tuple[OpenEscalation, ...],
    *,
    today: date,
    offers: Offers,
    address: Address,
) -> tuple[ItemList, ...]:
    if not offers.see_actions:
        return ()
    service = {"service_id": place.service_id}
    names = {each.indicator_id: indicator_definition(each.definition_key).name for each in standings}
    due = sorted((each for each in standings if each.review_due_on), key=lambda each: each.review_due_on or today)
    return (
        ItemList(
            "Open actions",
            tuple(
                action_item(each, names, today, address("recovery.actions", **service)) for each in actions[:RAIL_ITEMS]
            ),
            empty="No open actions.",
            more=Link(f"All {len(actions)}", address("recovery.actions", **service))
            if len(actions) > RAIL_ITEMS
            else None,
        ),
        ItemList(
            "Coming reviews",
            tuple(
                Item(
                    names[each.indicator_id],
                    f"{each.review_owner or 'No owner named'}",
                    due=_when(each.review_due_on, today),
                    late=bool(each.review_due_on and each.review_due_on < today),
                    href=address("services.indicator", indicator_id=each.indicator_id, **service),
                )
                for each in due[:RAIL_ITEMS]
            ),
            empty="No review is due.",
            more=Link("All reviews", address("recovery.reviews", **service)),
        ),
        ItemList(
            "Escalated",
            tuple(
                Item(
                    names.get(each.indicator_id, "An indicator that has ended"),
                    f"To {TRIGGER_ROLES.get(each.to_role, each.to_role)} on {short_date(each.opened_on)}. {each.asked}",
                    due=_when(each.due_on, today),
                    late=each.due_on < today,
                )
                for each in escalations[:RAIL_ITEMS]
            ),
            empty="Nothing waits for a decision.",
            more=Link(f"All {len(escalations)}", address("escalations.listing", **service))
            if offers.see_escalations and len(escalations) > RAIL_ITEMS
            else None,
        ),
    )


def action_item(action: OpenAction, names: Mapping[uuid.UUID, str], today: date, href: str) -> Item:
    """An action in a short list: what, when it is due, whose it is and what it is for."""
    supports = names.get(action.indicator_id) if action.indicator_id else None
    purpose = f". For: {supports.lower()}" if supports else ""
    return Item(
        action.title,
        f"{action.owner}{purpose}",
        due=_when(action.due_on, today),
        late=action.due_on < today,
        href=f"{href}#{quote(action.reference)}",
    )


def _when(day: date | None, today: date) -> str:
    if day is None:
        return ""
    if day < today:
        return lateness(day, today)
    return "Due today" if day == today else f"Due {day_and_date(day)}"


def _decided(standing: Standing, today: date) -> str:
    parts = []
    if standing.last_decision_on:
        parts.append(short_date(standing.last_decision_on))
    if standing.last_decision_by:
        parts.append(standing.last_decision_by)
    if standing.review_due_on and standing.review_due_on < today:
        parts.append(f"next {lateness(standing.review_due_on, today)}")
    return ", ".join(parts)


def _stale(standing: Standing, today: date) -> str:
    if not standing.is_stale or standing.last_period is None:
        return ""
    end = period_end(standing.cadence, standing.last_period)
    return f"{counted((today - end).days, 'day')} old"


def _drawn_now(standing: Standing, definition: IndicatorDefinition, reading: str) -> dict[str, Any]:
    """The same words and chart from the standing itself, where parts of it are withheld or it is not judged yet."""
    return {
        "spark": spark_of(standing, definition, reading),
        "baseline": written(standing.baseline_value, definition),
        "now": written(standing.value, definition, standing.target_value),
        "target": target_written(standing, definition),
        "mark": mark_words(standing.series.get("newest")),
    }
