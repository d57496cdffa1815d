"""The recovery plan, the checks of claims, the regulator's clocks, corrections and records, from rows to words."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from mendline.catalogue.calendar import period_label
from mendline.catalogue.clocks import clock_kinds
from mendline.catalogue.indicators import Cadence, indicator_definition
from mendline.catalogue.record_types import record_types
from mendline.catalogue.wording import counted, figure, long_date, short_date
from mendline.evidence.checks.sampling import Agreement, words_of
from mendline.evidence.checks.wording import DRILL_WORDS, VERDICT_WORDS, drill_sentence
from mendline.packs.document_recovery import (
    CheckRow,
    ClockRow,
    DrillRow,
    HeldRow,
    MilestoneRow,
    ObjectiveRow,
    PlanPart,
    RestatedRow,
    StepRow,
)
from mendline.packs.leading import Ways
from mendline.packs.reading_recovery import RecoveryFacts
from mendline.places.wording import plan_week
from mendline.recovery.clocks.presenting import state_of
from mendline.recovery.plans.exit_test import ExitTest
from mendline.recovery.plans.presenting_objective import STAGES, target_text
from mendline.recovery.plans.presenting_weeks import stone_cells
from mendline.recovery.plans.rows import ObjectiveLine, StepLine, TargetLine, levels_of
from tenants.clock import LONDON
from tenants.roles import ROLES


def plan_part(facts: RecoveryFacts, today: date) -> PlanPart | None:
    """The plan that runs: its goal and week, each objective with its exit test, each step with its work."""
    plan = facts.plan
    if plan is None:
        return None
    week = plan_week(plan.starts_on, plan.weeks, today)
    levels = levels_of(line for _, targets, _ in facts.objectives for line in targets)
    due = [each for each in facts.work if each.state != "cancelled"]
    done = sum(each.state == "done" for each in due)
    late = sum(each.state == "open" and each.due_on < today for each in due)
    missed = sum(each.state == "missed" for each in due)
    said = f"{done} of {counted(len(due), 'piece')} of work due so far done"
    said += "".join(f", {number} {word}" for number, word in ((late, "overdue"), (missed, "missed")) if number)
    return PlanPart(
        title=plan.title,
        sentence=f"Week {week} of {plan.weeks}, begun {long_date(plan.starts_on)}. {said[0].upper()}{said[1:]}.",
        goal=plan.goal,
        objectives=tuple(_objective(*each) for each in facts.objectives),
        steps=tuple(_step(each, facts, today) for each in facts.steps),
        milestones=tuple(
            MilestoneRow(str(week), each.title, each.expects, each.state.word, each.says)
            for week, each in stone_cells(plan, facts.verdicts, levels, today).items()
        ),
    )


def check_rows(facts: RecoveryFacts, to: Ways) -> tuple[CheckRow, ...]:
    """The spot checks that ended, newest first."""
    return tuple(
        CheckRow(
            reference=each.reference,
            what=f"{indicator_definition(each.definition_key).name}, {period_label(cast('Cadence', each.cadence), each.period_start)}",
            drawn=f"{each.size} of {counted(each.population, 'record')}, {each.drawn_label}, {short_date(each.drawn_on)}",
            found=words_of(
                Agreement(
                    each.agree or 0,
                    each.size,
                    (each.agree or 0) / each.size if each.size else None,
                    each.low,
                    each.high,
                    None,
                )
            ),
            verdict=VERDICT_WORDS[each.verdict] if each.verdict else "",
            references=(each.evidence_reference,) if each.evidence_reference else (),
            href=to.check(each.check_id),
        )
        for each in facts.checks
    )


def drill_rows(facts: RecoveryFacts, to: Ways) -> tuple[DrillRow, ...]:
    """The drills that were answered to their end, newest first, with each claim whose evidence was not on the table."""
    return tuple(
        DrillRow(
            reference=each.reference,
            when=long_date(each.started_at.astimezone(LONDON).date()),
            by=each.started_label,
            found=drill_sentence(each),
            misses=tuple(
                f"{DRILL_WORDS[one.result]}: {_claim(each.claims[one.number - 1])}"
                for one in each.answers
                if one.result != "found"
            ),
            href=to.drill(each.drill_id),
        )
        for each in facts.drills
    )


def clock_rows(facts: RecoveryFacts, at: datetime) -> tuple[ClockRow, ...]:
    """What the regulator waits for, and what was sent with its proof."""
    return tuple(
        ClockRow(
            what=kind.label if (kind := clock_kinds().get(each.kind)) else each.kind,
            about=f"{each.reference}: {each.summary}",
            due=long_date(each.due_at.astimezone(LONDON).date()),
            owner=each.owner,
            state=(state := state_of(each, at)).words,
            proof=each.proof or "",
            is_late=state.state in ("overdue", "sent_late"),
        )
        for each in facts.clocks
    )


def restated_rows(facts: RecoveryFacts, to: Ways) -> tuple[RestatedRow, ...]:
    """Figures that were corrected after people outside had seen them, newest first, with the reason."""
    rows = []
    for each in facts.restated:
        definition = indicator_definition(each.definition_key)
        earlier, now = (figure(one, definition) if one is not None else "none" for one in (each.earlier, each.value))
        seen = f"in {', '.join(each.packs)}" if each.packs else "on pages shown to a commissioner"
        rows.append(
            RestatedRow(
                when=long_date(each.recorded_at.astimezone(LONDON).date()),
                what=f"{definition.name}, {each.period}",
                change=f"{earlier} became {now}",
                seen=f"Seen {seen}",
                why=each.reason or "No reason is recorded.",
                href=to.figure(each.indicator_id, each.period_start),
            )
        )
    return tuple(rows)


def held_rows(facts: RecoveryFacts, to: Ways) -> tuple[HeldRow, ...]:
    """The kinds of source record that were kept in the year before the pack; the records themselves stay at the service."""
    kinds = record_types()
    return tuple(
        HeldRow(
            what=kinds[each.record_type].plural,
            records=f"{each.records:,}",
            span=f"{short_date(each.first_at.astimezone(LONDON).date())} to {long_date(each.last_at.astimezone(LONDON).date())}",
            purpose=kinds[each.record_type].purpose,
            href=to.records(each.record_type),
        )
        for each in facts.records
        if each.record_type in kinds
    )


def _claim(claim: Mapping[str, Any]) -> str:
    """A claim of a drill, as it was drawn."""
    definition = indicator_definition(claim["definition_key"])
    start = date.fromisoformat(claim["period_start"])
    return f"{definition.name}, {period_label(definition.cadence, start)}"


def _objective(line: ObjectiveLine, targets: Sequence[TargetLine], test: ExitTest) -> ObjectiveRow:
    main = [f"{each.fact.name}: {target_text(each)}" for each in targets if each.fact.part == "main"]
    missing = [words for each in test.conditions for words in each.missing]
    return ObjectiveRow(
        number=str(line.number),
        goal=line.goal,
        target="; ".join(main) or line.target,
        weeks=f"{line.weeks} weeks, then kept for {line.hold_weeks}",
        state=STAGES[test.stage].word,
        missing=" ".join(missing) or "Nothing is missing.",
    )


def _step(step: StepLine, facts: RecoveryFacts, today: date) -> StepRow:
    work = [each for each in facts.work if each.step_number == step.number and each.state != "cancelled"]
    done = sum(each.state == "done" for each in work)
    late = sum(each.state == "open" and each.due_on < today for each in work)
    missed = sum(each.state == "missed" for each in work)
    said = f"{done} of {len(work)} done" if work else "None due yet"
    said += "".join(f", {number} {word}" for number, word in ((late, "overdue"), (missed, "missed")) if number)
    role = ROLES[step.role].label if step.role in ROLES else step.role
    return StepRow(str(step.number), step.action, role, step.rhythm, said, is_late=bool(late or missed))
