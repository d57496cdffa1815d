"""A pack composed from what is known: the same facts at the same moment give the same document."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date

from mendline.catalogue.calendar import period_end
from mendline.catalogue.frameworks import FrameworkVersion, framework, regulations
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.status_rules import status_rules
from mendline.catalogue.wording import counted, figure, lateness, listed, long_date, moment, short_date
from mendline.indicators.marks import mark_words
from mendline.indicators.reading import readings
from mendline.indicators.staleness import going_out_of_date, next_review
from mendline.indicators.standing import Standing
from mendline.packs.composing_control import changes_of, control_of, left_out_of, opposing_of
from mendline.packs.composing_declines import decline_claims
from mendline.packs.composing_escalations import escalation_rows
from mendline.packs.composing_figures import fact_rows
from mendline.packs.composing_parts import (
    decision_rows,
    evidence_rows,
    figures_anchor,
    indicator_part,
    now_href,
    voices_of,
    weaknesses_of,
)
from mendline.packs.composing_recovery import (
    check_rows,
    clock_rows,
    drill_rows,
    held_rows,
    plan_part,
    restated_rows,
)
from mendline.packs.composing_story import kinds_left_out, timeline_rows
from mendline.packs.document import (
    ActionRow,
    Claim,
    Fact,
    PackDocument,
    Position,
    PositionRow,
    RiskRow,
    Section,
)
from mendline.packs.leading import Ways, ways
from mendline.packs.order import PackOrder
from mendline.packs.reading import PackFacts
from mendline.places.rows import Place
from mendline.places.wording import (
    KIND_WORDS,
    RATING_WORDS,
    key_question_words,
    plan_week,
    summary_sentence,
)
from mendline.recovery.queries import ActionLine, RiskLine
from mendline.services.dashboard import attention
from mendline.web.readings import DECISION_WORDS, EVIDENCE_WORDS
from tenants.clock import LONDON


def compose(facts: PackFacts, order: PackOrder) -> PackDocument:
    """The whole document."""
    place, local = facts.place, order.as_at.astimezone(LONDON)
    to = ways(order.pages, place.service_id, order.as_at)
    today = local.date()
    known = framework(place.rating.framework_version if place.rating else "saf-2023")
    shown = tuple(sorted(facts.standings, key=attention))
    return PackDocument(
        reference=order.reference,
        provider=place.provider,
        service=place.name,
        prepared_for="Prepared for the Care Quality Commission",
        subtitle=_subtitle(place, today),
        as_at=moment(local),
        as_at_iso=order.as_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        figures_to=_figures_to(shown),
        cover=_cover(place, shown),
        position=_position(facts, shown, to),
        sections=tuple(_sections(facts, shown, known, order, to)),
        actions=tuple(_action(row, facts, today) for row in facts.actions),
        risks=tuple(_risk(row) for row in facts.risks),
        escalations=escalation_rows(facts.escalations, today),
        timeline=timeline_rows(
            facts.story, {each.indicator_id: indicator_definition(each.definition_key).name for each in shown}
        ),
        story_left_out=kinds_left_out(order.story),
        plan=plan_part(facts.recovery, today),
        checks=check_rows(facts.recovery, to),
        drills=drill_rows(facts.recovery, to) if order.with_drills else (),
        with_drills=order.with_drills,
        clocks=clock_rows(facts.recovery, order.as_at),
        restated=restated_rows(facts.recovery, to),
        held=held_rows(facts.recovery, to),
        gaps=_gaps(facts, shown, today),
        evidence=evidence_rows(facts),
        facts=fact_rows(facts, to),
        left_out=left_out_of(facts),
        control=control_of(facts, order, known),
        framework=f"{known.name}, version {known.version}",
        changes=changes_of(facts),
        opposing=opposing_of(facts),
        rule_set=status_rules().identity,
        is_sample=order.is_sample,
    )


def anchor_of(standing: Standing) -> str:
    """Where an indicator stands in the pack."""
    return f"indicator-{standing.definition_key.replace('_', '-')}"


def _subtitle(place: Place, today: date) -> str:
    if place.plan is None:
        return long_date(today)
    week = plan_week(place.plan.starts_on, place.plan.weeks, today)
    return f"{long_date(today)}, recovery week {week} of {place.plan.weeks}"


def _figures_to(shown: Sequence[Standing]) -> str:
    ends = [period_end(each.cadence, each.last_period) for each in shown if each.last_period]
    return long_date(max(ends)) if ends else "no figures yet"


def _cover(place: Place, shown: Sequence[Standing]) -> tuple[Fact, ...]:
    people = f", {counted(place.people_count, 'person', 'people')}" if place.people_count else ""
    location = (
        f"CQC location {place.cqc_location_id}" if place.cqc_location_id else "No CQC location number is recorded"
    )
    facts = [Fact("Service", f"{place.name}. {KIND_WORDS.get(place.kind, 'Service')}{people}", location)]
    if place.rating:
        lowest, rest = key_question_words(place.rating)
        when = place.rating.published_on or place.rating.inspected_on
        facts.append(
            Fact(
                "CQC rating",
                f"{RATING_WORDS.get(place.rating.overall, 'Not rated')}, {long_date(when)}",
                f"{lowest}. {rest}".strip(),
            )
        )
    breaches = [each for each in place.requirements if each.kind == "breach"]
    facts.append(
        Fact(
            "Breaches",
            f"{len(breaches)} open" if breaches else "None open",
            "; ".join(_regulation(each.regulation) for each in breaches),
        )
    )
    for each in place.requirements:
        if each.kind == "warning_notice":
            by = f"comply by {long_date(each.comply_by)}" if each.comply_by else "no date given"
            facts.append(Fact("Warning notice", f"{_regulation(each.regulation)}, {by}", each.summary))
    facts.append(Fact("Registered manager", place.registered_manager or "No registered manager is recorded"))
    if place.before:
        began = f"from {long_date(place.before.from_on)}; its history is there, and no baseline was carried over"
        facts.append(Fact("Follows", place.before.name, began))
    if place.closed_on:
        facts.append(Fact("Closed", long_date(place.closed_on)))
    facts.append(Fact("Indicators", counted(len(shown), "indicator"), "each with its records in the evidence index"))
    return tuple(facts)


def _position(facts: PackFacts, shown: tuple[Standing, ...], to: Ways) -> Position:
    rows = []
    for each in shown:
        definition = indicator_definition(each.definition_key)
        trend, _ = readings(each, definition)
        rows.append(
            PositionRow(
                indicator=definition.name,
                baseline=figure(each.baseline_value, definition) if each.baseline_value is not None else "\N{EN DASH}",
                now=figure(each.value, definition, each.target_value) if each.value is not None else "No figure",
                target=figure(each.target_value, definition) if each.target_value is not None else "No target",
                reading=trend,
                evidence=EVIDENCE_WORDS[each.evidence_level],
                decision=DECISION_WORDS.get(each.last_decision or "", ""),
                decided=short_date(each.last_decision_on) if each.last_decision_on else "",
                anchor=anchor_of(each),
                href=now_href(each, to),
                mark=mark_words(each.series.get("newest")) if each.value is not None else "",
                baseline_href=f"#{figures_anchor(anchor_of(each))}" if each.indicator_id in facts.baselines else "",
                target_href=to.indicator(each.indicator_id) if each.target_value is not None else "",
                evidence_href=to.evidence(each.indicator_id),
            )
        )
    return Position(sentence=summary_sentence(shown), rows=tuple(rows), declines=decline_claims(facts, shown))


def _sections(
    facts: PackFacts, shown: Sequence[Standing], known: FrameworkVersion, order: PackOrder, to: Ways
) -> Sequence[Section]:
    """One section for each quality statement that an indicator speaks to first, in the framework's order."""
    groups: dict[str, list[Standing]] = {}
    for each in shown:
        groups.setdefault(indicator_definition(each.definition_key).quality_statements[0], []).append(each)
    places = list(known.nodes)
    return [
        _section(code, groups[code], facts, known, order, to)
        for code in sorted(groups, key=lambda code: places.index(code) if code in places else len(places))
    ]


def _section(
    code: str, members: Sequence[Standing], facts: PackFacts, known: FrameworkVersion, order: PackOrder, to: Ways
) -> Section:
    node = known.nodes.get(code) or framework("saf-2023").nodes[code]
    numbers = sorted({number for each in members for number in indicator_definition(each.definition_key).regulations})
    open_here = [each for each in facts.place.requirements if each.regulation in numbers]
    ids = {each.indicator_id for each in members}
    label = known.label(code) if code in known.nodes else framework("saf-2023").label(code)
    return Section(
        anchor=code.replace(".", "-"),
        heading=node.title,
        label=label,
        kicker=f"Key question: {label.partition(':')[0]}. {'; '.join(_number(number) for number in numbers)}",
        sentence=summary_sentence(tuple(members)),
        contents=", ".join(indicator_definition(each.definition_key).name for each in members),
        found=tuple(Claim(f"{_regulation(each.regulation)}: {each.summary}") for each in open_here),
        indicators=tuple(indicator_part(each, facts, anchor_of(each), to) for each in members),
        weaknesses=weaknesses_of(members, facts, order.as_at.astimezone(LONDON).date()),
        decisions=decision_rows([row for row in facts.decisions if row.indicator_id in ids]),
        voices=voices_of(ids, facts),
        checks=_checks(ids, facts),
    )


def _checks(ids: set[uuid.UUID], facts: PackFacts) -> tuple[Claim, ...]:
    wanted = {reference for each in ids for reference in facts.supports.get(each, ())}
    rows = [row for row in facts.evidence if row.reference in wanted and row.letter in ("R", "A", "P")][:4]
    return tuple(
        Claim(
            f"Ask for \N{LEFT DOUBLE QUOTATION MARK}{row.title}\N{RIGHT DOUBLE QUOTATION MARK} in {row.system}: {row.where_to_look}.",
            (row.reference,),
        )
        for row in rows
    )


def _action(row: ActionLine, facts: PackFacts, today: date) -> ActionRow:
    is_open = row.state in ("open", "reopened")
    late = is_open and row.due_on < today
    name = next(
        (
            indicator_definition(each.definition_key).name
            for each in facts.standings
            if each.indicator_id == row.indicator_id
        ),
        "",
    )
    moved = f", moved {counted(row.moved, 'time')}" if row.moved else ""
    closed = f"Closed {short_date(row.closed_on)}" if row.closed_on else "No longer applies"
    return ActionRow(
        reference=row.reference,
        what=row.title,
        owner=row.owner,
        due=f"{short_date(row.due_on)}{moved}",
        state=(lateness(row.due_on, today) if late else "Open") if is_open else closed,
        is_late=late,
        finding=name,
        effect=row.note or "",
        references=(row.evidence_reference,) if row.evidence_reference else (),
    )


def _risk(row: RiskLine) -> RiskRow:
    score = (row.likelihood or 0) * (row.impact or 0)
    return RiskRow(
        reference=row.reference,
        what=row.title,
        score=str(score) if score else "Not scored yet",
        before=str(row.first_score) if row.first_score not in (None, score) else "Same",
        owner=row.owner,
        next_look=short_date(row.look_again_on) if row.look_again_on else "Not set",
    )


def _gaps(facts: PackFacts, shown: Sequence[Standing], today: date) -> tuple[Claim, ...]:
    """What is not yet known or not yet good enough, over the whole service."""
    claims = []
    unsure = [indicator_definition(each.definition_key).name for each in shown if not each.is_supported]
    if unsure:
        claims.append(Claim(f"Not supported by enough current evidence: {'; '.join(unsure)}."))
    late = [row for row in facts.actions if row.state in ("open", "reopened") and row.due_on < today]
    if late:
        claims.append(
            Claim(
                f"{counted(len(late), 'action')} {'is' if len(late) == 1 else 'are'} late.",
                tuple(row.reference for row in late),
            )
        )
    overdue = [each for each in shown if each.review_due_on and each.review_due_on < today]
    if overdue:
        claims.append(
            Claim(f"{counted(len(overdue), 'review')} of an indicator {'is' if len(overdue) == 1 else 'are'} late.")
        )
    going = [
        f"{indicator_definition(each.definition_key).short_name}: {listed([one.name.lower() for one in found])}"
        for each in shown
        if (found := going_out_of_date(each.parts, next_review(each.review_due_on, today)))
    ]
    if going:
        claims.append(Claim(f"Out of date by the next review, if nothing new comes: {'; '.join(going)}."))
    changed = [row.reference for row in facts.evidence if row.result in ("changed", "not_found")]
    if changed:
        claims.append(Claim("An original has changed or was not found since it was linked.", tuple(changed)))
    if facts.left_out:
        claims.append(
            Claim(
                f"{counted(facts.left_out, 'thing')} about somebody who works here {'is' if facts.left_out == 1 else 'are'}"
                " in no pack, so that they do not read it. The nominated individual shows it on request."
            )
        )
    return tuple(claims)


def _regulation(code: str) -> str:
    """`Regulation 12 Safe care and treatment`."""
    known = regulations().get(code)
    return f"{known.number} {known.title}" if known else f"Regulation {code.removeprefix('hsca-').upper()}"


def _number(code: str) -> str:
    """`Regulation 12`."""
    known = regulations().get(code)
    return known.number if known else f"Regulation {code.removeprefix('hsca-').upper()}"
