"""The page of one indicator, from rows to words: chart, story, evidence, decisions, and every revision of its figures."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from mendline.catalogue.calendar import period_end, period_label
from mendline.catalogue.frameworks import framework, regulations
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.catalogue.wording import counted, figure, gap, lateness, log_time, long_date, of, short_date, whole
from mendline.evidence.behind import evidence_row
from mendline.evidence.measuring.presenting import came_in
from mendline.evidence.rows import EvidenceBehind
from mendline.indicators.chart import ChartSpec, Happening, Target, layout
from mendline.indicators.charting import DrawnChart, chart_of, unit_of
from mendline.indicators.evidence_words import PERIOD_WORDS
from mendline.indicators.pages import IndicatorPage, KindLine, ObservationRow
from mendline.indicators.reading import readings
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, aims_below, chart_ways, figure_address
from mendline.places.rows import Place
from mendline.recovery.presenting import decision_entry
from mendline.services.dashboard import decline_note
from mendline.services.differing import differing_notes
from mendline.services.indicator_rows import Behind, LinkedWork, Revision
from mendline.services.why import why_card
from mendline.web.components import Badge, Button, Event, Fact, Head, Item, Link, TimelineEntry
from mendline.web.readings import EVIDENCE_WORDS, kinds_of
from tenants.clock import LONDON

CHART_WIDTH, CHART_HEIGHT = 860, 330
HISTORY_SHOWN = 26


def indicator_page(
    place: Place, standing: Standing, behind: Behind, *, today: date, offers: Offers, address: Address
) -> IndicatorPage:
    """The page; `address(endpoint, **values)` writes its links."""
    definition = indicator_definition(standing.definition_key)
    trend, target = readings(standing, definition)
    service, key = {"service_id": place.service_id}, (place.service_id, standing.indicator_id)
    spec = chart_of(
        standing,
        definition,
        events=[Happening(row.happened_on, row.what_changed) for row in behind.story],
        targets=_targets(behind),
        recovery_start=place.plan.starts_on if place.plan else None,
        reading=f"{trend.word}. {target.word}",
    )
    return IndicatorPage(
        head=_head(place, standing, definition, offers, address),
        chart=DrawnChart(
            spec,
            layout(spec, CHART_WIDTH, CHART_HEIGHT),
            chart_ways(spec, address, *key, also=(row.period_start for row in behind.revisions)),
        )
        if spec
        else None,
        chart_heading=_chart_heading(standing, spec),
        chart_note=_chart_note(standing, spec),
        chart_says=_chart_says(standing),
        chart_link=Link("Chart and limits", address("charts.one", indicator_id=standing.indicator_id, **service))
        if spec
        else None,
        icon_words=standing.series.get("icon_words", ""),
        outlook=(standing.series.get("outlook") or {}).get("words", ""),
        events=_events(spec, behind, address, place),
        evidence=tuple(evidence_row(row, address, place.service_id) for row in behind.evidence)
        if offers.see_evidence
        else (),
        decisions=tuple(on_its_figures(decision_entry(row), row.held_on, behind.revisions) for row in behind.decisions),
        history=history_rows(behind, standing, place, address),
        facts=_facts(standing, definition, behind, place, address),
        trend=trend,
        assurance=target,
        assurance_note=_met(standing),
        reading=standing.sentence,
        sufficiency=_sufficiency(standing),
        kind_lines=_kind_lines(standing, behind.evidence),
        why=why_card(place, standing, behind, today=today, offers=offers, address=address),
        linked=tuple(_linked(row, today, address, place) for row in behind.linked),
        regulator=_regulator(definition, place),
        pitfalls=(*definition.pitfalls, *beside(definition)),
        alerts=(
            *((decline_note(standing, place, offers, address),) if standing.unescalated_days is not None else ()),
            *differing_notes(place, standing, behind.differing, address),
        ),
        add_evidence=Link("Add evidence", address("evidence.add", indicator=standing.indicator_id, **service))
        if offers.see_evidence and offers.enter
        else None,
    )


def beside(definition: IndicatorDefinition) -> tuple[str, ...]:
    """The figure that a rise is read beside, where better reporting alone can raise it."""
    if definition.companion is None:
        return ()
    return (f"Read a rise beside {indicator_definition(definition.companion).name}: reporting moves that less",)


def on_its_figures(entry: TimelineEntry, held_on: date, revisions: Sequence[Revision]) -> TimelineEntry:
    """The decision, marked where a figure that it could rest on was corrected after it: it was made on earlier figures."""
    corrected = sorted(
        {
            (row.period_start, row.recorded_at.astimezone(LONDON).date())
            for row in revisions
            if row.revision > 1 and row.period_start <= held_on < row.recorded_at.astimezone(LONDON).date()
        }
    )
    if not corrected:
        return entry
    start, on = corrected[-1]
    words = f"Made on earlier figures: that of {short_date(start)} was corrected on {short_date(on)}."
    return replace(entry, text=f"{entry.text} {words}".strip())


def history_rows(behind: Behind, standing: Standing, place: Place, address: Address) -> tuple[ObservationRow, ...]:
    """The newest figures and those of the baseline with their revisions, each with the way to what is behind it."""
    definition = indicator_definition(standing.definition_key)
    spans = [(one.first_period, one.last_period) for one in behind.baselines[:1]]
    older = (
        row for row in behind.revisions[HISTORY_SHOWN:] if any(low <= row.period_start <= high for low, high in spans)
    )
    return tuple(
        replace(
            _history(row, definition, standing),
            href=figure_address(address, place.service_id, standing.indicator_id, row.period_start),
        )
        for row in (*behind.revisions[:HISTORY_SHOWN], *older)
    )


def _head(place: Place, standing: Standing, definition: IndicatorDefinition, offers: Offers, address: Address) -> Head:
    here = {"service_id": place.service_id, "indicator_id": standing.indicator_id}
    buttons = []
    if offers.change:
        buttons.append(Button("Baseline and target", address("indicators.aims", **here)))
    if offers.enter and not definition.is_computed:
        buttons.append(Button("Enter a figure", address("services.figure_form", **here), "i-plus"))
    if offers.decide:
        buttons.append(Button("Record a decision", address("recovery.decide", **here), kind="primary"))
    owner = f" Review owner: {standing.review_owner}." if standing.review_owner else " No review owner is named."
    return Head(
        heading=definition.name,
        sub=definition.description + owner,
        sentence=standing.sentence,
        buttons=tuple(buttons),
    )


def _chart_note(standing: Standing, spec: ChartSpec | None) -> str:
    """Where the scale starts, and what the expected range was worked out from: limits that move must say so."""
    if spec is None:
        return ""
    return " ".join(part for part in (f"{spec.axis.note}." if spec.axis.note else "", _limits_note(standing)) if part)


def _limits_note(standing: Standing) -> str:
    return (
        str(standing.series.get("base") or "") if standing.series.get("phases") or standing.series.get("gaps") else ""
    )


def _chart_says(standing: Standing) -> tuple[str, ...]:
    """Which chart is read and why, and how small its numbers are."""
    series = standing.series
    return tuple(words for words in (series.get("chart_reason"), series.get("small_numbers")) if words)


def _chart_heading(standing: Standing, spec: ChartSpec | None) -> str:
    if spec is None or standing.last_period is None:
        return "Results"
    if standing.series.get("gaps"):
        end = period_end(standing.cadence, standing.last_period)
        between = f"{spec.unit.difference} between events"
        return f"{between[0].upper()}{between[1:]}, to {long_date(end)}"
    word = "Weekly" if standing.cadence == "weekly" else "Monthly"
    end = period_end(standing.cadence, standing.last_period)
    return f"{word} results, {counted(len(spec.points), spec.period_word)} to {long_date(end)}"


def _targets(behind: Behind) -> list[Target]:
    rows = [row for row in behind.targets if row.value is not None]
    return [
        Target(
            row.value or 0.0,
            row.valid_from,
            rows[place + 1].valid_from - timedelta(days=1) if place + 1 < len(rows) else None,
        )
        for place, row in enumerate(rows)
    ]


def _events(spec: ChartSpec | None, behind: Behind, address: Address, place: Place) -> tuple[Event, ...]:
    """The story, newest first, under the letters that the chart shows."""
    lettered = {event.what: event.letter for event in spec.events} if spec else {}
    return tuple(
        Event(
            letter=lettered.get(row.what_changed, ""),
            when=short_date(row.happened_on),
            what_changed=row.what_changed,
            why=row.why,
            what_followed=row.what_followed,
            reference=_reference(row.reference, address, place),
        )
        for row in reversed(behind.story)
    )


def _reference(reference: str | None, address: Address, place: Place) -> Link | None:
    if not reference:
        return None
    endpoint = "recovery.actions" if reference.startswith("A-") else "evidence.listing"
    return Link(reference, f"{address(endpoint, service_id=place.service_id)}#{reference}")


def _facts(
    standing: Standing, definition: IndicatorDefinition, behind: Behind, place: Place, address: Address
) -> tuple[Fact, ...]:
    unit = unit_of(definition)
    here = address("services.indicator", service_id=place.service_id, indicator_id=standing.indicator_id)
    facts = []
    if standing.value is not None and standing.last_period is not None:
        counts = (
            of(standing.numerator, standing.denominator)
            if standing.numerator is not None and standing.denominator is not None
            else ""
        )
        facts.append(
            Fact(
                f"Now, {period_label(standing.cadence, standing.last_period)}",
                figure(standing.value, definition, standing.target_value),
                counts,
                big=True,
                href=figure_address(address, place.service_id, standing.indicator_id, standing.last_period),
            )
        )
    if standing.target_value is not None:
        by = f"Target by {short_date(standing.target_by)}" if standing.target_by else "Target"
        goal, way = unit.write_briefly(standing.target_value), aims_below(here, "target")
        facts.append(Fact(by, goal, _to_go(standing, definition), big=True, href=way))
    if behind.baselines:
        first, way = behind.baselines[0], aims_below(here, "baseline")
        note = _baseline_note(first.periods, standing)
        facts.append(Fact("Baseline", figure(first.value, definition), note, href=way))
    if standing.lower is not None and standing.upper is not None:
        low, high = unit.cap(standing.lower), unit.cap(standing.upper)
        span = f"{unit.write(low).removesuffix('%')} to {unit.write(high)}"
        facts.append(Fact("Expected range", span, href="#chart"))
    return tuple(facts)


def _baseline_note(periods: int, standing: Standing) -> str:
    return f"from {counted(periods, 'week' if standing.cadence == 'weekly' else 'month')}"


def _to_go(standing: Standing, definition: IndicatorDefinition) -> str:
    if standing.value is None or standing.target_value is None:
        return ""
    met = _meets(standing.value, standing)
    return "met in the last period" if met else f"{gap(standing.value, standing.target_value, definition)} to go"


def _meets(value: float, standing: Standing) -> bool:
    goal = standing.target_value
    if goal is None:
        return False
    return {"<=": value <= goal, "==": value == goal}.get(standing.target_operator or ">=", value >= goal)


def _met(standing: Standing) -> str:
    """How many of the last six periods met the target in force then: what the assurance icon alone does not say."""
    found = standing.parts.get("target") or {}
    if not found.get("of"):
        return ""
    period = counted(found["of"], *PERIOD_WORDS[standing.cadence])
    return f"{found['met']} of last {period} met"


def _sufficiency(standing: Standing) -> Badge:
    word = EVIDENCE_WORDS[standing.evidence_level]
    good = standing.evidence_level in ("strong", "sufficient")
    return Badge(word, "i-tick" if good else "i-gap", "ok" if good else "hollow")


def _kind_lines(standing: Standing, evidence: Sequence[EvidenceBehind]) -> tuple[KindLine, ...]:
    """The four letters and the fifth mark, each with what stands behind it and how long that counts."""
    found = standing.parts.get("evidence") or {}
    lines = []
    for kind in kinds_of(standing.evidence_marks).cells:
        newest = next((row for row in evidence if row.letter == kind.letter), None)
        said = (found.get("letters") or {}).get(kind.letter, {}).get("says", "Nothing linked yet.")
        if newest:
            sample = f", {whole(newest.sample_size)} in the sample" if newest.sample_size else ""
            said = f"{newest.title}, {short_date(newest.dated_on)}{sample}. {said}"
        lines.append(KindLine(kind.letter, kind.state, kind.name, said))
    fresh = found.get("fresh")
    if fresh:
        state = {"current": "c", "missing": "m"}.get(fresh["state"], "o")
        lines.append(
            KindLine("\N{CHECK MARK}" if state == "c" else "\N{EN DASH}", state, "Fresh and complete", fresh["says"])
        )
    return tuple(lines)


def _linked(row: LinkedWork, today: date, address: Address, place: Place) -> Item:
    endpoint = "recovery.actions" if row.what == "action" else "recovery.risks"
    href = f"{address(endpoint, service_id=place.service_id)}#{row.reference}"
    if row.what == "risk":
        before = f", was {row.first_score}" if row.first_score not in (None, row.score) else ", no change"
        look = f". Next look {short_date(row.due_on)}" if row.due_on else ""
        return Item(
            row.title, f"Score {row.score}{before}. Owner {row.owner}{look}", reference=Link(row.reference, href)
        )
    if row.closed:
        return Item(row.title, f"Closed. {row.owner}", reference=Link(row.reference, href))
    late = row.due_on is not None and row.due_on < today
    due = "" if row.due_on is None else lateness(row.due_on, today) if late else f"Due {short_date(row.due_on)}"
    return Item(row.title, row.owner, due=due, late=late, reference=Link(row.reference, href))


def _regulator(definition: IndicatorDefinition, place: Place) -> tuple[Item, ...]:
    known = framework("saf-2023")
    items = [
        Item(known.label(code), "Main quality statement" if not position else "Also supports")
        for position, code in enumerate(definition.quality_statements)
    ]
    open_by_regulation = {each.regulation: each for each in place.requirements}
    for code in definition.regulations:
        found = open_by_regulation.get(code)
        said = found.summary if found else "No open breach"
        items.append(Item(regulations()[code].number, said))
    return tuple(items)


def _history(row: Revision, definition: IndicatorDefinition, standing: Standing) -> ObservationRow:
    recorded = row.recorded_at.astimezone(LONDON)
    goal = standing.target_value
    said = figure(row.value, definition, goal) if row.value is not None else row.state.replace("_", " ").capitalize()
    by = f" by {row.recorded_initials}" if row.recorded_initials else ""
    return ObservationRow(
        period=period_label(standing.cadence, row.period_start),
        figure=said if row.newest else f"{said} (replaced)",
        counts=of(row.numerator, row.denominator) if row.numerator is not None and row.denominator is not None else "",
        source=_source(row, definition),
        recorded=f"{short_date(recorded.date())}, {log_time(recorded)}{by}",
        reason=row.reason or "",
    )


def _source(row: Revision, definition: IndicatorDefinition) -> str:
    where = (row.pointer or {}).get("system")
    return f"{came_in(definition, row.source)}{f': {where}' if where else ''}"
