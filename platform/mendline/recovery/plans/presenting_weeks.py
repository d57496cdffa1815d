"""A plan week by week: the work of each week, its milestone and what was found of it, from rows to words."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from mendline.catalogue.calendar import plan_week, plan_week_start, week_start
from mendline.catalogue.wording import date_range, long_date, short_date
from mendline.duties.rows import WorkLine
from mendline.places.head import Address
from mendline.recovery.plans.milestones import VERDICT_WORDS, behind_now, expects_words, found_before
from mendline.recovery.plans.pages import StoneCell, WeekRow
from mendline.recovery.plans.rows import PlanLine, VerdictLine
from mendline.web.components import Badge, Button

_KINDS = {"met": "ok", "not_met": "alert", "not_supported": "hollow", "carried_over": "pending"}


def week_rows(
    plan: PlanLine,
    work: Sequence[WorkLine],
    verdicts: Sequence[VerdictLine],
    levels: Mapping[str, str],
    *,
    here: Mapping[str, uuid.UUID],
    may_judge: bool,
    today: date,
    address: Address,
) -> list[WeekRow]:
    """From the plan's first week to the next one, with the milestones that lie before and ahead.

    Args:
        plan: the plan with the milestones that hold now.
        work: its dated work.
        verdicts: what was last found in each week.
        levels: how far evidence reaches behind each figure of the plan now.
        here: the service and the plan, for links.
        may_judge: whether the reader judges milestones.
        today: the date in England.
        address: of our pages.
    """

    def judge(week: int) -> Button:
        form = address("plans.milestone_form", **here, week=week)
        return Button("Judge", form, about=f"the milestone of week {week}")

    stones = stone_cells(plan, verdicts, levels, today, judge if may_judge and plan.ended_on is None else None)
    now = plan_week(plan.starts_on, plan.weeks, today).number
    rows = []
    for number in range(min([*stones, 1]), max([*stones, plan.weeks]) + 1):
        if number > now + 1 and number not in stones:
            continue
        monday = plan_week_start(plan.starts_on, number)
        due = [each for each in work if week_start(each.first_due_on) == monday and each.state != "cancelled"]
        rows.append(
            WeekRow(
                label=f"Week {number}" if number else "Before week 1",
                dates=date_range(monday, monday + timedelta(days=6)),
                stone=stones.get(number),
                done=sum(each.state == "done" for each in due),
                late=sum(each.state == "missed" or (each.state == "open" and each.due_on < today) for each in due),
                open=sum(each.state == "open" and each.due_on >= today for each in due),
                current=number == now,
            )
        )
    return rows


def stone_cells(
    plan: PlanLine,
    verdicts: Sequence[VerdictLine],
    levels: Mapping[str, str],
    today: date,
    judge: Callable[[int], Button] | None = None,
) -> dict[int, StoneCell]:
    """What stands in each week that has a milestone, or had one that was carried over, in order of the weeks.

    Args:
        plan: the plan with the milestones that hold now.
        verdicts: what was last found in each week.
        levels: how far evidence reaches behind each figure of the plan now.
        today: the date in England.
        judge: the way to the form of a week, for whoever judges milestones.
    """
    found = {each.week: each for each in verdicts}
    cells = {
        week: StoneCell(each.title, "", *_found(each, levels))
        for week, each in found.items()
        if each.verdict == "carried_over"
    }
    for stone in (plan.content or {}).get("milestones", ()):
        week = int(stone["week"])
        kept = found.get(week)
        expects = expects_words(stone)
        if kept and kept.title == stone["title"] and kept.verdict != "carried_over":
            state = _found(kept, levels)
        else:
            state = (_not_yet(plan, week, today), "")
        by_people = not expects and plan_week_start(plan.starts_on, week) <= today
        cells[week] = StoneCell(
            stone["title"],
            f"Expected: {expects}." if expects else "",
            *state,
            judge=judge(week) if judge and by_people else None,
        )
    return dict(sorted(cells.items()))


def stones_to_judge(
    plans: Sequence[PlanLine], verdicts: Mapping[uuid.UUID, Sequence[VerdictLine]], today: date
) -> list[tuple[PlanLine, int, str]]:
    """Milestones of running plans whose week is over, that name no figures and that nobody has judged."""
    found = {(each.plan_id, each.week, each.title) for lines in verdicts.values() for each in lines}
    return [
        (plan, int(stone["week"]), stone["title"])
        for plan in plans
        if plan.ended_on is None
        for stone in (plan.content or {}).get("milestones", ())
        if not stone["expects"]
        and (plan.plan_id, int(stone["week"]), stone["title"]) not in found
        and _ends_on(plan, int(stone["week"])) < today
    ]


def _ends_on(plan: PlanLine, week: int) -> date:
    return plan_week_start(plan.starts_on, week) + timedelta(days=6)


def _found(line: VerdictLine, levels: Mapping[str, str]) -> tuple[Badge, str]:
    """The verdict as a badge, and who found it when and why; with what was found before, and what has changed since."""
    word = VERDICT_WORDS.get(line.verdict, line.verdict)
    to = f" to week {line.carried_to}" if line.carried_to else ""
    who = "By its figures" if line.by_rule else line.decided_label
    badge = Badge(f"{word}{to}", "", _KINDS.get(line.verdict, ""))
    says = [f"{line.reason} {who}, {short_date(line.decided_on)}."]
    if line.by_rule:
        says.append(behind_now(line.verdict, line.seen, levels))
        if line.earlier and line.earlier_on:
            says.append(found_before(line.earlier, line.earlier_on, line.earlier_seen or (), line.seen))
    return badge, " ".join(filter(None, says))


def _not_yet(plan: PlanLine, week: int, today: date) -> Badge:
    ends_on = _ends_on(plan, week)
    return Badge("Waits to be judged" if ends_on < today else f"Not yet, by {long_date(ends_on)}", "", "pending")
