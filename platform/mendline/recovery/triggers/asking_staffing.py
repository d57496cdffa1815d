"""Tests that set people's needs against the staff who are there: evenings, shifts in a row, dependency, bells."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from mendline.recovery.triggers.facts import ABSENT, CANNOT_TELL, NO, Answer, Facts, RecordFact, of_records, said
from mendline.recovery.triggers.given import Asked, day_of, fits, in_window, known

BAND_HOURS = {"day": 6, "afternoon": 4, "evening": 4, "night": 10}  # 08-14, 14-18, 18-22, 22-08
UNCHANGED = 0.02  # rota hours within this of each other are the same
WEEK = timedelta(days=7)


def long_evenings(facts: Facts, asked: Asked) -> Answer:
    """`count(evening where long_wait >= 2, 14d) >= 4`: evenings on which at least so many people waited long.

    A call is one wait; a sampled shift tells only its longest, and so counts as one.
    """
    found = known(facts, asked)
    if found is None:
        return ABSENT
    waits: defaultdict[date, list[RecordFact]] = defaultdict(list)
    for one in in_window(facts, asked, found):
        if one.payload.get("shift_band") == "evening" and not one.payload.get("test"):
            minutes = one.payload.get("wait_minutes", one.payload.get("longest_wait_minutes"))
            if isinstance(minutes, int | float) and minutes >= asked.number("minutes"):
                waits[one.day].append(one)
    evenings = {day: many for day, many in waits.items() if len(many) >= asked.number("waits")}
    words = f"on {len(evenings)} evenings in {asked.number('days'):.0f} days several people waited long"
    return said(asked.beyond(len(evenings)), words, of_records([one for many in evenings.values() for one in many]))


def shifts_running(facts: Facts, asked: Asked) -> Answer:
    """Somebody who worked on more than so many days running; what was planned counts until it is known to be otherwise."""
    found = known(facts, asked)
    if found is None:
        return ABSENT
    days: defaultdict[str, dict[date, RecordFact]] = defaultdict(dict)
    for one in in_window(facts, asked, found):
        who, worked = str(one.payload.get("staff") or ""), one.payload.get("worked_hours")
        if who and worked != 0:
            days[who][day_of(one.payload.get("shift_on")) or one.day] = one
    longest: list[RecordFact] = []
    for shifts in days.values():
        run = _longest_run(shifts)
        longest = run if len(run) > len(longest) else longest
    return said(asked.beyond(len(longest)), f"one person worked {len(longest)} days running", of_records(longest))


def need_outgrows_rota(facts: Facts, asked: Asked) -> Answer:
    """Assessed hours against those of the day the rota was built on, with the hours of the rota unchanged.

    The basis is the first day of the window; hours of direct care are those planned in the week that ended then and in
    the last one. Rotas within two in a hundred of each other are the same.
    """
    needs, shifts = facts.records.get("dependency_assessment"), facts.records.get("rota_shift")
    if needs is None or shifts is None:
        return ABSENT
    basis = facts.today - timedelta(days=asked.number("days"))
    before, now = needed(needs, basis), needed(needs, facts.today)
    rota_before, rota_now = _planned(shifts, basis), _planned(shifts, facts.today)
    if not (before and rota_before and rota_now):
        return CANNOT_TELL
    rise = 100 * (now / before - 1)
    same = abs(rota_now - rota_before) <= UNCHANGED * rota_before
    changed = [one for one in needs if basis < one.day <= facts.today]
    words = f"assessed need is {rise:.0f}% above what the rota was built on, with the same hours"
    return said(same and rise >= asked.number("rise_pct"), words, of_records(changed))


def band_share(facts: Facts, asked: Asked) -> Answer:
    """`share(falls in evening+night) > expected share of hours + 20 points, n >= 8`."""
    found = known(facts, asked)
    if found is None:
        return ABSENT
    all_of = [one for one in in_window(facts, asked, found) if fits(one, asked)]
    bands = asked.words("bands")
    if len(all_of) < asked.number("least"):
        return NO
    part = [one for one in all_of if one.payload.get("shift_band") in bands]
    expected = sum(BAND_HOURS[band] for band in bands) / sum(BAND_HOURS.values())
    words = f"{len(part)} of {len(all_of)} came in the {' and '.join(bands)}, {100 * expected:.0f}% of the hours"
    return said(len(part) / len(all_of) > expected + asked.number("points") / 100, words, of_records(part))


def quiet_bells(facts: Facts, asked: Asked) -> Answer:
    """Calls for each person-day against the window before, with no fall in dependency."""
    calls = facts.records.get("call_bell_event")
    if calls is None:
        return ABSENT
    real = [one for one in calls if not one.payload.get("test")]
    newer, older = in_window(facts, asked, real), in_window(facts, asked, real, back=1)
    days = int(asked.number("days"))
    stays = facts.records.get("occupancy_day", ())
    exposed = [_nights(in_window(facts, asked, stays, back)) or float(days) for back in (0, 1)]
    if not older:
        return CANNOT_TELL
    fall = 100 * (1 - (len(newer) / exposed[0]) / (len(older) / exposed[1]))
    needs = facts.records.get("dependency_assessment", ())
    eased = needed(needs, facts.today) < needed(needs, facts.today - timedelta(days=days)) * (1 - UNCHANGED)
    words = f"calls for each person-day fell by {fall:.0f}% although need has not fallen"
    return said(fall > asked.number("fall_pct") and not eased, words, of_records(newer))


def assessed_long_ago(facts: Facts, asked: Asked) -> Answer:
    """`share(dependency reviewed > 31d ago) > 0.1`, of people who are assessed and still here."""
    found = known(facts, asked)
    newest = _newest(found or (), asked.word("by"), facts.today)
    here = [one for one in newest if not one.payload.get("ended_on")]
    if not here:
        return CANNOT_TELL
    limit = facts.today - timedelta(days=asked.number("age_days"))
    old = [one for one in here if one.day < limit]
    ages = [one.day + timedelta(days=asked.number("age_days") + 1) for one in here if one.day >= limit]
    words = f"{len(old)} of {len(here)} assessments are older than {asked.number('age_days'):.0f} days"
    return said(asked.beyond(len(old) / len(here)), words, of_records(old), _start(facts, min(ages, default=None)))


def needed(needs: Iterable[RecordFact], day: date) -> float:
    """Hours a day that the people assessed by then need: each one's newest assessment, those who left not counted."""
    return sum(
        float(one.payload.get("hours_per_day") or 0)
        for one in _newest(needs, "person", day)
        if (day_of(one.payload.get("ended_on")) or date.max) > day
    )


def _newest(found: Iterable[RecordFact], by: str, day: date) -> list[RecordFact]:
    newest: dict[str, RecordFact] = {}
    for one in sorted(found, key=lambda each: each.happened_at):
        if one.day <= day:
            newest[str(one.payload.get(by))] = one
    return list(newest.values())


def _planned(shifts: Iterable[RecordFact], last: date) -> float:
    return sum(
        float(one.payload.get("planned_hours") or 0)
        for one in shifts
        if one.payload.get("direct_care") and last - WEEK < one.day <= last
    )


def _nights(stays: Sequence[RecordFact]) -> float:
    return sum(float(one.payload.get("people_in_residence") or 0) for one in stays)


def _longest_run(shifts: dict[date, RecordFact]) -> list[RecordFact]:
    best: list[RecordFact] = []
    run: list[RecordFact] = []
    last = date.min
    for day in sorted(shifts):
        run = [*run, shifts[day]] if day - last == timedelta(days=1) else [shifts[day]]
        last = day
        best = run if len(run) > len(best) else best
    return best


def _start(facts: Facts, day: date | None) -> datetime | None:
    return facts.now.replace(hour=0, minute=0, second=0, microsecond=0) + (day - facts.today) if day else None
