"""The parts of a pack's sections: indicators with their charts, weaknesses, decisions, voices, evidence, figures."""

import uuid
from collections.abc import Sequence
from datetime import date

from mendline.catalogue.calendar import period_end
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, figure, gap, long_date, of, short_date
from mendline.evidence.rows import EvidenceBehind
from mendline.indicators.chart import ChartSpec, Happening
from mendline.indicators.charting import chart_of, unit_of
from mendline.indicators.marks import mark_words, restated_words
from mendline.indicators.reading import readings
from mendline.indicators.standing import Standing
from mendline.indicators.status import RISES
from mendline.packs.composing_figures import baseline_points, chart_points
from mendline.packs.document import Claim, DecisionRow, EvidenceRow, Fact, IndicatorPart, StoryRow
from mendline.packs.document_figures import PointRow
from mendline.packs.leading import Ways
from mendline.packs.reading import PackFacts
from mendline.recovery.queries import DecisionLine
from mendline.web.readings import DECISION_WORDS, LETTERS
from tenants.clock import LONDON

MOST_DECISIONS = 6
_CHECKED = {"unchanged": "unchanged", "changed": "changed", "not_found": "changed", "withdrawn": "withdrawn"}


def indicator_part(standing: Standing, facts: PackFacts, anchor: str, to: Ways) -> IndicatorPart:
    """An indicator with its chart and the story behind it."""
    definition = indicator_definition(standing.definition_key)
    stories = facts.stories.get(standing.indicator_id, ())
    trend, target = readings(standing, definition)
    spec = chart_of(
        standing,
        definition,
        events=[Happening(row.happened_on, row.what_changed) for row in stories],
        recovery_start=facts.place.plan.starts_on if facts.place.plan else None,
        reading=f"{trend.word}. {target.word}",
        most=26,
    )
    baseline = baseline_points(standing, facts, to)
    lettered = {event.what: event.letter for event in spec.events} if spec else {}
    return IndicatorPart(
        anchor=anchor,
        name=definition.name,
        sentence=standing.sentence,
        facts=_position_facts(standing, baseline, anchor, to),
        chart=spec,
        method=" ".join(words for words in (_method(standing), _restated(standing, spec)) if words),
        sources=facts.supports.get(standing.indicator_id, ())[:6],
        story=tuple(
            StoryRow(
                lettered.get(row.what_changed, ""),
                short_date(row.happened_on),
                row.what_changed,
                row.why,
                row.what_followed,
                (row.reference,) if row.reference else (),
            )
            for row in stories
        ),
        baseline=baseline,
        points=chart_points(standing, spec, facts, to),
    )


def weaknesses_of(members: Sequence[Standing], facts: PackFacts, today: date) -> tuple[Claim, ...]:
    """What is not yet good enough, said of each indicator that has something."""
    claims = []
    for each in members:
        definition = indicator_definition(each.definition_key)
        references = facts.supports.get(each.indicator_id, ())[:3]
        said = []
        if each.composite_rule in RISES:
            said.append(each.parts["composite"]["says"])
        elif not each.is_supported:
            missing = [
                LETTERS[letter].lower()
                for letter in LETTERS
                if each.evidence_marks.get(letter) not in ("current", "not_applicable")
            ]
            said.append(f"not supported by enough current evidence ({', '.join(missing) or 'figures out of date'})")
        elif each.composite == "deteriorating":
            said.append("getting worse")
        if each.value is not None and each.target_value is not None and _short_of(each):
            said.append(f"{gap(each.value, each.target_value, definition)} from its target")
        if each.evidence_level == "contradicted":
            said.append("another source points the other way and nobody has answered it")
        if each.last_decision == "assured_with_exception":
            said.append("its last review was a weak assurance: given over a decline or too little evidence")
        if each.last_period is not None and each.is_stale:
            age = (today - period_end(each.cadence, each.last_period)).days
            said.append(f"its newest figure is {counted(age, 'day')} old")
        if said:
            claims.append(Claim(f"{definition.name}: {'; '.join(said)}.", references))
    return tuple(claims)


def decision_rows(rows: Sequence[DecisionLine]) -> tuple[DecisionRow, ...]:
    """The newest decisions, each with its reason and what it relied on."""
    return tuple(
        DecisionRow(
            when=short_date(row.held_on),
            decision=f"{DECISION_WORDS.get(row.decision, row.decision)}: {indicator_definition(row.definition_key).short_name}",
            by=f"{row.decided_label}, {row.decided_role[0].lower()}{row.decided_role[1:].replace('_', ' ')}",
            reason=" ".join(
                part for part in (row.what_changed, row.why, row.what_follows, row.exception_reason) if part
            )
            or "No reason is recorded.",
            references=tuple(row.relied_on),
        )
        for row in rows[:MOST_DECISIONS]
    )


def voices_of(ids: set[uuid.UUID], facts: PackFacts) -> tuple[Claim, ...]:
    """What people, families and staff were asked: the feedback that stands behind the indicators."""
    wanted = {reference for each in ids for reference in facts.supports.get(each, ())}
    rows = [row for row in facts.evidence if row.letter == "F" and row.reference in wanted]
    return tuple(Claim(f"{row.title}, {long_date(row.dated_on)}.", (row.reference,)) for row in rows[:5])


def evidence_rows(facts: PackFacts) -> tuple[EvidenceRow, ...]:
    """The evidence index."""
    return tuple(
        EvidenceRow(
            reference=row.reference,
            what=f"{row.title}, {long_date(row.dated_on)}",
            kind=LETTERS[row.letter],
            where=f"{row.system}: {row.where_to_look}",
            fingerprint=row.sha256 or "",
            checked=_checked(row),
            state=_CHECKED.get(row.result or "", "not_checked"),
        )
        for row in facts.evidence
    )


def now_href(standing: Standing, to: Ways) -> str:
    """What is behind the newest figure."""
    if standing.last_period is None or standing.value is None:
        return ""
    return to.figure(standing.indicator_id, standing.last_period)


def figures_anchor(anchor: str) -> str:
    """Where the figures of an indicator are listed, each with its way to its records."""
    return f"{anchor}-figures"


def _position_facts(standing: Standing, baseline: Sequence[PointRow], anchor: str, to: Ways) -> tuple[Fact, ...]:
    listed = f"#{figures_anchor(anchor)}"
    definition = indicator_definition(standing.definition_key)
    unit = unit_of(definition)
    rows = []
    if standing.baseline_value is not None:
        rows.append(Fact("Baseline", figure(standing.baseline_value, definition), href=listed if baseline else ""))
    if standing.value is not None:
        counts = (
            of(standing.numerator, standing.denominator)
            if standing.numerator is not None and standing.denominator is not None
            else ""
        )
        mark = mark_words(standing.series.get("newest"))
        note = ". ".join(words for words in (counts, mark) if words)
        rows.append(
            Fact("Now", figure(standing.value, definition, standing.target_value), note, now_href(standing, to))
        )
    if standing.target_value is not None:
        by = f"by {long_date(standing.target_by)}" if standing.target_by else ""
        rows.append(Fact("Target", unit.write_briefly(standing.target_value), by, to.indicator(standing.indicator_id)))
    if standing.lower is not None and standing.upper is not None:
        low, high = unit.cap(standing.lower), unit.cap(standing.upper)
        span = f"{unit.write(low).removesuffix('%')} to {unit.write(high)}"
        rows.append(Fact("Expected range", span, href=listed))
    return tuple(rows[:4])


def _restated(standing: Standing, chart: ChartSpec | None) -> str:
    """Which of the figures that are drawn were restated, and when."""
    return restated_words(standing.series, standing.cadence, chart.points[0].date) if chart else ""


def _method(standing: Standing) -> str:
    if standing.lower is None and not standing.series.get("gaps"):
        return f"{counted(standing.usable_points, 'usable period')}; too few for an expected range."
    return " ".join(
        words
        for words in (
            standing.series.get("chart_reason"),
            standing.series.get("small_numbers"),
            standing.series.get("base"),
            (standing.series.get("outlook") or {}).get("words"),
        )
        if words
    )


def _short_of(standing: Standing) -> bool:
    value, goal = standing.value, standing.target_value
    if value is None or goal is None:
        return False
    return value > goal if standing.target_operator == "<=" else value < goal


def _checked(row: EvidenceBehind) -> str:
    return long_date(row.checked_at.astimezone(LONDON).date()) if row.checked_at else "Not checked yet"
