"""Tests over what people do about it: actions, reviews, dated work, and warnings that are open."""

from collections import defaultdict
from datetime import date, timedelta

from mendline.recovery.triggers.asking_figures import line_of
from mendline.recovery.triggers.facts import ABSENT, CANNOT_TELL, NO, ActionFact, Answer, Facts, FiredBy, WorkFact, said
from mendline.recovery.triggers.given import Asked

ENOUGH = frozenset({"strong", "sufficient"})
VAGUE, NO_MEASURE = "vague", "no_measure"


def actions_vague(facts: Facts, asked: Asked) -> Answer:
    """`share(actions matching vague list with no measure) > s`, of the actions opened in the window."""
    first = facts.today - timedelta(days=asked.number("days"))
    new = [one for one in facts.actions if first < one.opened_on <= facts.today]
    if not new:
        return CANNOT_TELL
    vague = [one for one in new if {VAGUE, NO_MEASURE} <= one.marks]
    return said(
        asked.beyond(len(vague) / len(new)),
        f"{len(vague)} of {len(new)} new actions are vague and have nothing to measure",
        _of(vague),
    )


def actions_moved(facts: Facts, asked: Asked) -> Answer:
    """An action whose date was changed so many times, the last time within the window or still open."""
    first = facts.today - timedelta(days=asked.number("days"))
    often = [
        one
        for one in facts.actions
        if asked.beyond(one.moves) and (one.is_open or (one.last_moved_on is not None and one.last_moved_on > first))
    ]
    return said(bool(often), f"{len(often)} actions were given a new date again and again", _of(often))


def actions_overdue(facts: Facts, asked: Asked) -> Answer:
    """So many open actions are past the date that holds now."""
    late = [one for one in facts.actions if one.is_open and one.due_on < facts.today]
    return said(asked.beyond(len(late)), f"{len(late)} actions are overdue", _of(late))


def reviews_thin(facts: Facts, asked: Asked) -> Answer:
    """Assured on too little, so many reviews running: as an exception each time, or plainly over thin evidence now."""
    line = line_of(facts, asked)
    if line is None:
        return ABSENT
    number = int(asked.number("reviews"))
    held = sorted(
        (one for one in facts.reviews if one.indicator_key == line.key and one.decision != "addendum"),
        key=lambda one: (one.held_on, str(one.review_id)),
    )
    last = held[-number:]
    if len(last) < number:
        return NO
    thin = [
        one.decision == "assured_with_exception"
        or (one is last[-1] and one.decision == "assured" and line.evidence_level not in ENOUGH)
        for one in last
    ]
    fired = tuple(FiredBy("review", str(one.review_id)) for one in last)
    return said(all(thin), f"{line.name} was assured on thin evidence {number} times running", fired)


def reviews_late(facts: Facts, asked: Asked) -> Answer:
    """The review of an indicator is more than so many days late."""
    line = line_of(facts, asked)
    if line is None or line.review_due_on is None:
        return CANNOT_TELL
    late = (facts.today - line.review_due_on).days
    fired = (FiredBy("indicator", str(line.indicator_id)),)
    return said(late > asked.number("days"), f"the review of {line.name} is {late} days late", fired)


def work_left(facts: Facts, asked: Asked) -> Answer:
    """A share of the dated work of a window is late or was left out; `least` pieces must have been due."""
    first = facts.today - timedelta(days=asked.number("days"))
    due = [one for one in facts.work if first < one.due_on < facts.today and one.state != "cancelled"]
    if len(due) < asked.number("least"):
        return CANNOT_TELL if not due else NO
    left = [one for one in due if one.state in ("open", "missed")]
    words = (
        f"{len(left)} of {len(due)} pieces of planned work of {asked.number('days'):.0f} days are late or were left out"
    )
    return said(asked.beyond(len(left) / len(due)), words, _of_work(left))


def work_by_one(facts: Facts, asked: Asked) -> Answer:
    """One person does more than a share of the work of shifts; `least` pieces must have been done."""
    done = _shifts_done(facts, asked)
    if len(done) < asked.number("least"):
        return CANNOT_TELL if not done else NO
    most = max(_by_whom(done).values(), key=len)
    words = f"one person did {len(most)} of {len(done)} pieces of shift work in {asked.number('days'):.0f} days"
    return said(asked.beyond(len(most) / len(done)), words, _of_work(most))


def work_in_one_go(facts: Facts, asked: Asked) -> Answer:
    """One person closes the work of so many different shifts on one day: it was made good rather than done."""
    done = _shifts_done(facts, asked)
    if not done:
        return CANNOT_TELL
    by_day: dict[tuple[str, date], list[WorkFact]] = defaultdict(list)
    for one in done:
        by_day[one.by or "", one.closed_on or one.due_on].append(one)
    often = [group for group in by_day.values() if asked.beyond(len({(one.due_on, one.shift_band) for one in group}))]
    most = max(often, key=len, default=[])
    words = f"the work of {len(most)} shifts was closed on one day by one person"
    return said(bool(often), words, _of_work([one for group in often for one in group]))


def _shifts_done(facts: Facts, asked: Asked) -> list[WorkFact]:
    first = facts.today - timedelta(days=asked.number("days"))
    return [
        one
        for one in facts.work
        if one.state == "done" and one.shift_band and one.by and one.closed_on and first < one.closed_on <= facts.today
    ]


def _by_whom(done: list[WorkFact]) -> dict[str, list[WorkFact]]:
    found: dict[str, list[WorkFact]] = defaultdict(list)
    for one in done:
        found[one.by or ""].append(one)
    return found


def _of_work(work: list[WorkFact]) -> tuple[FiredBy, ...]:
    return tuple(FiredBy("work", str(one.work_item_id)) for one in work)


def warned(facts: Facts, asked: Asked) -> Answer:
    """One of these warnings holds now; with `weeks`, its episode has been open for so long.

    A warning that could not be told this time keeps what it was.
    """
    weeks = asked.maybe("weeks")
    since = facts.today - timedelta(weeks=weeks or 0)
    held, unknown = [], False
    for code in asked.words("codes"):
        verdict = facts.verdicts.get(code, True if code in facts.warned else None)
        unknown = unknown or verdict is None
        opened = facts.warned.get(code)
        holds_now = verdict is True or (verdict is None and opened is not None)
        if holds_now and (weeks is None or (opened is not None and opened <= since)):
            held.append(code)
    if not held and unknown:
        return CANNOT_TELL
    words = f"early warning {' and '.join(held)}" + (f" for {weeks:.0f} weeks" if weeks else "")
    return said(bool(held), words, tuple(FiredBy("warning", code) for code in held))


def _of(actions: list[ActionFact]) -> tuple[FiredBy, ...]:
    return tuple(FiredBy("action", str(one.action_id)) for one in actions)
