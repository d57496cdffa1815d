"""Tests over source records in a rolling window: counts, shares, hours and what waits.

Each takes the facts and what the condition gives, and answers true, false, or cannot tell where the service has no
record of the type at all.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from datetime import date, datetime, timedelta

from mendline.catalogue.calendar import LONDON, london_date, month_start
from mendline.catalogue.record_types import record_type
from mendline.recovery.triggers.facts import ABSENT, CANNOT_TELL, Answer, Facts, FiredBy, RecordFact, of_records, said
from mendline.recovery.triggers.given import Asked, day_of, fits, in_window, known, meant, when

Groups = dict[tuple[Hashable, ...], list[RecordFact]]


def count(facts: Facts, asked: Asked) -> Answer:
    """`count(…) >= n`: records, the largest group that agrees in `same`, or the different values of `distinct`."""
    found = meant(facts, asked)
    if found is None:
        return ABSENT
    groups = _grouped(found, asked.words("same"))
    largest = max(groups.values(), key=lambda group: _size(group, asked), default=[])
    number = _size(largest, asked)
    words = f"{number} {_plural(asked)}{_alike(asked)}{_within(asked)}"
    return said(asked.beyond(number), words, of_records(largest))


def share(facts: Facts, asked: Asked) -> Answer:
    """`share(…) > s`: records that answer as `where` asks, of all that have what `filled` asks."""
    found = known(facts, asked)
    if found is None:
        return ABSENT
    all_of = [
        one for one in in_window(facts, asked, found) if all(one.payload.get(name) for name in asked.words("filled"))
    ]
    if not all_of:
        return CANNOT_TELL
    part = [one for one in all_of if fits(one, asked)]
    words = f"{len(part)} of {len(all_of)} {_plural(asked)}{_within(asked)}"
    return said(asked.beyond(len(part) / len(all_of)), words, of_records(part))


def largest_share(facts: Facts, asked: Asked) -> Answer:
    """`max_share(… by x) > s`: how much rests on one person; records that name nobody count for nobody."""
    found = meant(facts, asked)
    if not found:
        return CANNOT_TELL
    groups = _grouped(found, asked.words("by"))
    largest = max(groups.values(), key=len, default=[])
    words = f"one person made {len(largest)} of {len(found)} {_plural(asked)}{_within(asked)}"
    return said(asked.beyond(len(largest) / len(found)), words, of_records(largest))


def hours_percentile(facts: Facts, asked: Asked) -> Answer:
    """`p75(hours) > h`: how long it took from the event to the moment in `until`, of those that ended in the window."""
    found = known(facts, asked)
    if found is None:
        return ABSENT
    field, since = asked.word("until"), facts.now - timedelta(days=asked.number("days"))
    took = []
    for one in found:
        ended = moment_of(one.payload.get(field))
        if ended is not None and since < ended <= facts.now:
            took.append(((ended - one.happened_at).total_seconds() / 3600, one))
    if not took:
        return CANNOT_TELL
    took.sort(key=lambda pair: pair[0])
    hours = percentile([pair[0] for pair in took], asked.number("share"))
    late = [one for value, one in took if asked.beyond(value)]
    words = f"three in four of {len(took)} reviews took up to {hours:.0f} hours"
    return said(asked.beyond(hours), words, of_records(late))


def waiting(facts: Facts, asked: Asked) -> Answer:
    """`exists(…, age_h > h)`: something that should have been answered is older than so many hours."""
    found = meant(facts, asked)
    if found is None:
        return ABSENT
    limit = timedelta(hours=asked.number("hours"))
    old = [one for one in found if facts.now - one.happened_at > limit]
    young = [one.happened_at + limit for one in found if facts.now - one.happened_at <= limit]
    again = min(young, default=None)
    words = f"{len(old)} waiting for more than {asked.number('hours'):.0f} hours"
    return said(bool(old), words, of_records(old), again)


def rises(facts: Facts, asked: Asked) -> Answer:
    """More in the window than in the one before it, and at least so many."""
    found = known(facts, asked)
    if found is None:
        return ABSENT
    fitting = [one for one in found if fits(one, asked)]
    newer, older = in_window(facts, asked, fitting), in_window(facts, asked, fitting, back=1)
    words = f"{len(newer)} {_plural(asked)}{_within(asked)}, {len(older)} in the {asked.number('days'):.0f} days before"
    return said(len(newer) > len(older) and asked.beyond(len(newer)), words, of_records(newer))


def missing_shifts(facts: Facts, asked: Asked) -> Answer:
    """`missing(…) >= n in 7d`: shifts without a check, of those that have one as a rule.

    A band, on a unit, is expected where it was checked on at least half of the days of the three weeks before; today's
    shifts are not over, so the window ends yesterday.
    """
    found = known(facts, asked)
    if found is None:
        return ABSENT
    days = int(asked.number("days"))
    first = facts.today - timedelta(days=days)
    made = {_shift(one) for one in found}
    before = defaultdict(set)
    for day, band, unit in made:
        if day is not None and first - timedelta(days=21) <= day < first:
            before[band, unit].add(day)
    expected = [shift for shift, known_days in before.items() if len(known_days) >= 11]
    if not expected:
        return CANNOT_TELL
    missing = [
        (first + timedelta(days=ahead), *shift)
        for ahead in range(days)
        for shift in expected
        if (first + timedelta(days=ahead), *shift) not in made
    ]
    near = [one for one in found if (_shift(one)[0] or date.min) >= first]
    words = f"{len(missing)} of {days * len(expected)} shifts in {days} days have no check"
    return said(asked.beyond(len(missing)), words, of_records(near))


def entered_late(facts: Facts, asked: Asked) -> Answer:
    """Many of the records that were entered in the last days tell of something long before: they were back-dated.

    Figures that are typed in count beside records, by the last day of their period. To enter late is allowed; so many late ones (`least`), and a share of everything entered by hand in those days, are unusual.
    """
    found = known(facts, asked)
    if found is None and not facts.typed:
        return ABSENT
    since, days_late = facts.today - timedelta(days=asked.number("days")), asked.number("late_days")
    entered = [(_entered(one), one) for one in found or ()]
    new = [(day, one) for day, one in entered if day is not None and since < day <= facts.today]
    late = [one for day, one in new if (day - (_done(one, asked) or day)).days > days_late]
    typed = [one for one in facts.typed if since < london_date(one.entered_at) <= facts.today]
    typed_late = [one for one in typed if (london_date(one.entered_at) - one.ended_on).days > days_late]
    many, of_all = len(late) + len(typed_late), len(new) + len(typed)
    if not of_all:
        return CANNOT_TELL
    what = "records and figures" if typed_late else "records"
    words = f"{many} of {of_all} {what} that were entered{_within(asked)} tell of what lay more than {days_late:.0f} days back"
    fired = (
        *of_records(late),
        *(FiredBy("figure", str(one.indicator_id), one.period_start) for one in typed_late),
    )
    return said(many >= asked.number("least") and asked.beyond(many / of_all), words, fired)


def month_end_share(facts: Facts, asked: Asked) -> Answer:
    """Share done in the last days of the newest month that is over."""
    found = known(facts, asked)
    if found is None:
        return ABSENT
    next_month = month_start(facts.today)
    first = month_start(next_month - timedelta(days=1))
    done = [(day, one) for one in found if (day := when(one, asked)) is not None and first <= day < next_month]
    if not done:
        return CANNOT_TELL
    from_day = next_month - timedelta(days=asked.number("last_days"))
    late = [one for day, one in done if day >= from_day]
    words = f"{len(late)} of {len(done)} were done in the last {asked.number('last_days'):.0f} days of the month"
    return said(asked.beyond(len(late) / len(done)), words, of_records(late))


def copied_plans(facts: Facts, asked: Asked) -> Answer:
    """New plan texts that are nearly those before, despite a change; only where the likeness is known."""
    found = known(facts, asked)
    if found is None:
        return ABSENT
    written = [
        one
        for one in in_window(facts, asked, found)
        if one.payload.get("answer") == "updated" and isinstance(one.payload.get("similarity"), int | float)
    ]
    if not written:
        return CANNOT_TELL
    alike = [one for one in written if one.payload["similarity"] > asked.number("similarity")]
    words = f"{len(alike)} of {len(written)} new plan texts are nearly those before"
    return said(asked.beyond(len(alike) / len(written)), words, of_records(alike))


def percentile(ordered: Sequence[float], part: float) -> float:
    """The value below which that part of an ordered list lies, interpolated between neighbours (Hyndman and Fan, 7)."""
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def moment_of(written: object) -> datetime | None:
    """A moment as a payload holds it; one without a zone is London's."""
    try:
        found = datetime.fromisoformat(str(written)) if written else None
    except ValueError:
        return None
    return found.replace(tzinfo=LONDON) if found and found.tzinfo is None else found


def _grouped(found: Sequence[RecordFact], names: Sequence[str]) -> Groups:
    groups: Groups = defaultdict(list)
    for one in found:
        key = tuple(str(one.payload.get(name) or "") for name in names)
        if all(key):
            groups[key].append(one)
    return groups


def _size(group: Sequence[RecordFact], asked: Asked) -> int:
    distinct = asked.words("distinct")
    if not distinct:
        return len(group)
    values = {one.day if distinct[0] == "day" else one.payload.get(distinct[0]) for one in group}
    return len(values - {None, ""})


def _shift(one: RecordFact) -> tuple[date | None, str, str]:
    day = day_of(one.payload.get("shift_on")) or one.day
    return day, str(one.payload.get("shift_band") or ""), str(one.payload.get("unit") or "")


def _entered(one: RecordFact) -> date | None:
    return one.entered_at.astimezone(LONDON).date() if one.entered_at else None


def _done(one: RecordFact, asked: Asked) -> date | None:
    """The day on which it was done: the field for that where its type has one beside the day on which it was due."""
    kept = {field.name for field in record_type(one.record_type).fields}
    for name in asked.words("done"):
        if name in kept:
            return day_of(one.payload.get(name))
    return one.day


def _plural(asked: Asked) -> str:
    return " or ".join(kind.replace("_", " ") for kind in asked.words("records")) + " records"


def _alike(asked: Asked) -> str:
    same = asked.words("same")
    return f" of the same {' and '.join(name.replace('_', ' ') for name in same)}" if same else ""


def _within(asked: Asked) -> str:
    return f" in {asked.number('days'):.0f} days" if "days" in asked.given else ""
