"""Plain sentences from a judgement and its reasons. The words for statuses and targets are fixed here."""

from collections.abc import Sequence
from datetime import date

from mendline.statistics.judgement import Judgement
from mendline.statistics.rule_sets import Cadence, Status
from mendline.statistics.targets import Assurance

STATUS_WORDS: dict[Status, str] = {
    "improving": "Improving",
    "stable": "Stable",
    "deteriorating": "Deteriorating",
    "changed": "Changed",
    "insufficient": "Not supported",
}
TARGET_WORDS: dict[Assurance | None, str] = {
    "pass": "Meets target",
    "inconsistent": "Hit and miss",
    "fail": "Misses target",
    None: "Not judged",
}
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
PERIODS: dict[Cadence, tuple[str, str]] = {
    "weekly": ("week", "weeks"),
    "monthly": ("month", "months"),
    "quarterly": ("quarter", "quarters"),
}
OUTLOOK: dict[tuple[Status, Assurance], str] = {
    ("stable", "fail"): "It will keep missing the target until something changes.",
    ("stable", "inconsistent"): "It hits and misses the target by chance.",
    ("stable", "pass"): "It will keep meeting the target.",
    ("improving", "fail"): "Getting better, but not there: the process still misses the target.",
    ("improving", "inconsistent"): "The process will sometimes miss the target.",
    ("improving", "pass"): "The process meets the target.",
    ("deteriorating", "pass"): "Still inside the target: an early warning.",
    ("deteriorating", "inconsistent"): "The process will sometimes miss the target.",
    ("deteriorating", "fail"): "The process misses the target: act now.",
}
CLAUSES: dict[str, str] = {
    "one_point": "one unusual result {side} the expected range{on}, check it",
    "limits": "{count} {unit} in a row {side} the expected range{since}",
    "trend": "{count} {unit} in a row {way}{since}",
    "two_in_three": "two of the last three {unit} close to the {limit} limit{since}",
    "shift": "{count} {unit} in a row {side} the usual level{since}",
    "runs": "{side} the usual level for longer than chance allows{since}",
    "short_gaps": "three events within the usual time between two{since}",
    "open_gap": "longer without an event than usual variation allows",
}
SHORTAGES: dict[str, str] = {
    "last_periods_missing": "the last two {periods} are missing",
    "gaps": "more than one in five of the last 12 {periods} are missing",
    "small_denominators": "too few people or checks in more than a third of the last 12 {periods}",
    "definition_changed": "the definition changed without a new baseline",
    "last_period_incomplete": "the last {period} is provisional and its records are incomplete",
    "rare_events": "events are too rare for this chart; look at the time between them",
    "one_point": "there is only one figure",
    "no_values": "there are no figures since the new baseline",
    "no_moving_range": "too few figures follow one another without a gap",
    "limits_collapsed": "too many figures are equal for limits to be drawn",
    "no_limits": "no limits can be drawn",
}


def sentence(
    judgement: Judgement,
    subject: str,
    *,
    cadence: Cadence,
    dates: Sequence[date] = (),
    plural: bool = False,
) -> str:
    """What a reader needs to know, in one to three sentences.

    Args:
        judgement: the status and its reasons.
        subject: name of the indicator as it starts a sentence, such as 'Falls with harm'.
        cadence: for the words week, month and quarter.
        dates: the date that names each row; without it no dates are given.
        plural: whether the subject takes 'are'.
    """
    if judgement.status == "insufficient":
        return _insufficient(judgement, subject, cadence)
    verb = "are" if plural else "is"
    opening = f"{subject} {verb} {STATUS_WORDS[judgement.status].lower()}"
    parts = [f"{opening}: {reason_clause(judgement, cadence, dates)}."]
    if judgement.assurance and (judgement.status, judgement.assurance) in OUTLOOK:
        parts.append(OUTLOOK[judgement.status, judgement.assurance])
    if judgement.conflict:
        parts.append("Another rule points the other way: ask what happened.")
    if judgement.recent_signal and dates:
        parts.append(f"A change marked {day(dates[judgement.recent_signal.index], dates)} has not lasted.")
    return " ".join(parts)


def reason_clause(judgement: Judgement, cadence: Cadence, dates: Sequence[date] = ()) -> str:
    """Why the status is what it is, as a clause without a full stop."""
    if judgement.basis is None:
        return "usual variation"
    lone = judgement.basis == "limits" and judgement.signal_length == 1
    high = bool(judgement.signal_high)
    return CLAUSES["one_point" if lone else judgement.basis].format(
        count=judgement.signal_length,
        unit=_unit(judgement, cadence),
        side="above" if high else "below",
        limit="upper" if high else "lower",
        way="rising" if high else "falling",
        on=_dated(judgement, dates, ""),
        since=_dated(judgement, dates, "since "),
    )


def icon_alternative(judgement: Judgement, dates: Sequence[date] = ()) -> str:
    """Text alternative of the variation icon, with direction: 'Concern: higher than usual since 4 May'."""
    if judgement.variation in {"insufficient", "common_cause"}:
        return "Not enough to say" if judgement.variation == "insufficient" else "Stable: usual variation"
    kind, way = judgement.variation.split("_")
    name = {"improvement": "Improvement", "concern": "Concern", "neutral": "Change"}[kind]
    since = f" since {day(dates[judgement.since_index], dates)}" if dates and judgement.since_index is not None else ""
    return f"{name}: {'higher' if way == 'high' else 'lower'} than usual{since}"


def day(moment: date, among: Sequence[date] = ()) -> str:
    """'4 May', with the year where it is not that of the last date among those shown."""
    year = "" if among and among[-1].year == moment.year else f" {moment.year}"
    return f"{moment.day} {MONTHS[moment.month - 1]}{year}"


def _dated(judgement: Judgement, dates: Sequence[date], opening: str) -> str:
    if not dates or judgement.since_index is None:
        return ""
    return f" ({opening}{day(dates[judgement.since_index], dates)})"


def _unit(judgement: Judgement, cadence: Cadence) -> str:
    return "gaps between events" if judgement.chart in {"g", "t"} else PERIODS[cadence][1]


def _insufficient(judgement: Judgement, subject: str, cadence: Cadence) -> str:
    period, periods = PERIODS[cadence]
    match judgement.reason:
        case "no_figures":
            return f"{subject}: no figures yet."
        case "out_of_date":
            due = f": the next figure was due by {day(judgement.due)}" if judgement.due else ""
            return f"{subject}: out of date{due}.{_last_status(judgement, 'When last current')}"
        case "new_baseline":
            progress = f"new baseline, {judgement.usable_points} of {judgement.needed_points} {periods}"
            return f"{subject}: not enough to say ({progress}).{_last_status(judgement, 'Before it')}"
        case "too_few_points":
            progress = f"{judgement.usable_points} of {judgement.needed_points} {periods} so far"
            warning = " An early sign of getting worse is visible." if judgement.early_signal else ""
            return f"{subject}: not enough to say ({progress}).{warning}"
        case reason:
            text = SHORTAGES.get(reason, "the figures do not support a status").format(period=period, periods=periods)
            return f"{subject}: not enough to say ({text})."


def _last_status(judgement: Judgement, opening: str) -> str:
    return f" {opening}: {STATUS_WORDS[judgement.last_status].lower()}." if judgement.last_status else ""
