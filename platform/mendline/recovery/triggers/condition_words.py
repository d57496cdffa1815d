"""A condition in plain words, from the same tree that is asked: each test has its phrase, `any` says or, `all` says and.

What a phrase leaves out, a reader cannot know, so each names its figures or records, its window and its numbers; a number
that a provider changed is the one that is said.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from mendline.catalogue.conditions import EACH, Condition
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.record_types import record_type
from mendline.catalogue.wording import counted, figure, listed, within_sentence
from mendline.recovery.triggers.given import Asked

Phrase = Callable[[Asked], str]

_CAUSES: Mapping[str, str] = {
    "signal": "its chart shows a signal for the worse",
    "worse_twice": "it is worse than the baseline for two final periods",
    "much_worse": "it is much worse than the baseline for one",
    "zero_tolerance": "an event happened that may never happen",
    "missing_twice": "two periods running have no figure",
}


def condition_words(condition: Condition, thresholds: Mapping[str, float]) -> str:
    """What makes a rule fire, as a clause without a full stop.

    Args:
        condition: of the rule.
        thresholds: its numbers, with the provider's own in the place of the rule's.

    Raises:
        KeyError: a test has no words, or a threshold no number.
    """
    if condition.test:
        return PHRASES[condition.test](Asked(condition.given, thresholds))
    parts = [_part(one, thresholds) for one in (condition.any or condition.all)]
    return (", or " if condition.any else ", and ").join(parts)


def _part(condition: Condition, thresholds: Mapping[str, float]) -> str:
    """One of several; what is joined in itself is set apart."""
    words = condition_words(condition, thresholds)
    return words if condition.test else f"({words})"


# ------------------------------------------------------------------- records
def _count(asked: Asked) -> str:
    when = f"{_within(asked).strip()} " if "days" in asked.given else ""
    what = f"{_records(asked)}{_same(asked)}"
    if asked.words("distinct"):
        return f"{when}{what} come from {_limit(asked)} different {_field(asked, asked.words('distinct')[0])}"
    return f"{when}there are {_limit(asked)} {what}"


def _share(asked: Asked) -> str:
    return f"{_limit_share(asked)} of {_kinds(asked)}{_within(asked)} are those where {_answers(asked)}"


def _largest_share(asked: Asked) -> str:
    by = listed([f"“{_label(asked, name)}”" for name in asked.words("by")])
    return f"one person ({by}) stands behind {_limit_share(asked)} of {_records(asked)}{_within(asked)}"


def _hours_percentile(asked: Asked) -> str:
    slowest = f"{1 - asked.number('share'):.0%}"
    ends = _label(asked, asked.word("until"))
    return (
        f"the slowest {slowest} of {_records(asked)}, ended{_within(asked)}, took {_limit(asked)} hours until “{ends}”"
    )


def _waiting(asked: Asked) -> str:
    return f"one of the {_records(asked)} is older than {counted(_whole(asked, 'hours'), 'hour')}"


def _rises(asked: Asked) -> str:
    return f"there are more {_records(asked)}{_within(asked)} than in as many days before, and {_limit(asked)} of them"


def _missing_shifts(asked: Asked) -> str:
    return f"{_limit(asked)} shifts that are checked as a rule have none of {_kinds(asked)}{_within(asked)}"


def _entered_late(asked: Asked) -> str:
    typed = ", and figures typed in" if asked.given.get("typed") else ""
    dated = listed([f"“{name.replace('_', ' ')}”" for name in asked.words("done")])
    return (
        f"{asked.number('least'):g} or more, and {_limit_share(asked)}, of what was entered{_within(asked)} lay more than"
        f" {counted(_whole(asked, 'late_days'), 'day')} back then, by its {dated} where it has one ({_kinds(asked)}{typed})"
    )


def _month_end_share(asked: Asked) -> str:
    last = counted(_whole(asked, "last_days"), "day")
    dated = _label(asked, asked.word("dated"))
    return f"{_limit_share(asked)} of {_kinds(asked)} of the last month, by “{dated}”, fall on its last {last}"


def _copied_plans(asked: Asked) -> str:
    alike = f"{asked.number('similarity'):.0%}"
    return f"of {_kinds(asked)}{_within(asked)}, {_limit_share(asked)} are more than {alike} like the text before"


# ------------------------------------------------------------------ staffing
def _long_evenings(asked: Asked) -> str:
    return (
        f"on {_limit(asked)} evenings{_within(asked)}, {asked.number('waits'):g} or more people waited"
        f" {asked.number('minutes'):g} minutes or longer ({_kinds(asked)})"
    )


def _shifts_running(asked: Asked) -> str:
    by = _label(asked, asked.word("by"))
    return f"one person (“{by}”) works {_limit(asked)} days running{_within(asked)} ({_kinds(asked)})"


def _need_outgrows_rota(asked: Asked) -> str:
    return (
        f"assessed need rose by {asked.number('rise_pct'):g}% or more{_within(asked)} while the hours of the rota stayed the"
        f" same ({_kinds(asked)})"
    )


def _band_share(asked: Asked) -> str:
    bands = listed(list(asked.words("bands")))
    return (
        f"of {_records(asked)}{_within(asked)}, {asked.number('least'):g} or more in all, the share in the {bands} is more"
        f" than {asked.number('points'):g} points above the share of the hours"
    )


def _quiet_bells(asked: Asked) -> str:
    return (
        f"calls for each person and day fell by more than {asked.number('fall_pct'):g}%{_within(asked)} while need did not"
        f" fall ({_kinds(asked)})"
    )


def _assessed_long_ago(asked: Asked) -> str:
    age = counted(_whole(asked, "age_days"), "day")
    each = _label(asked, asked.word("by"))
    return f"the newest of the {_kinds(asked)} is more than {age} old for {_limit_share(asked)} of those who live here (“{each}”)"


# ------------------------------------------------------------------- figures
def _figure(asked: Asked) -> str:
    name = next(one for one in ("below", "above", "from") if one in asked.given)
    how = {"below": "below", "above": "above", "from": "at or above"}[name]
    least = f", counted over {asked.number('least'):g} or more" if "least" in asked.given else ""
    at = " at the end of the last month" if asked.words("at") == ("month_end",) else ""
    limit = figure(asked.number(name), indicator_definition(asked.word("of")))
    return f"{_figures(asked)} is {how} {limit}{least}{at}"


def _slope(asked: Asked) -> str:
    way = "rises" if asked.word("way") == "up" else "falls"
    if "falls" in asked.given:
        return f"{_figures(asked)} {way} {asked.number('falls'):g} times running"
    return f"{_figures(asked)} {way} with each of the last {asked.number('periods'):g} final periods"


def _below_baseline(asked: Asked) -> str:
    return f"{_figures(asked)} is on the worse side of its baseline"


def _sample_shrinks(asked: Asked) -> str:
    share = f"{asked.number('below_share'):.0%}"
    return f"{_figures(asked)} rests on less than {share} of what its baseline was counted over"


def _decline(asked: Asked) -> str:
    causes = ", or ".join(_CAUSES[cause] for cause in asked.words("causes"))
    return f"{_figures(asked)} declines: {causes}"


def _unanswered(asked: Asked) -> str:
    days = _whole(asked, "further_days")
    later = f", nor in the {counted(days, 'day')} after it" if days else ""
    return f"{_figures(asked)} declines and nobody decides on further action or an escalation by its date{later}"


def _unchanged_after(asked: Asked) -> str:
    return f"{_figures(asked)} is no better after {asked.number('changes'):g} or more recorded changes{_within(asked)}"


# ------------------------------------------------- actions, reviews and work
def _actions_vague(asked: Asked) -> str:
    return f"{_limit_share(asked)} of the actions opened{_within(asked)} are vague and have nothing to measure"


def _actions_moved(asked: Asked) -> str:
    return f"an action that is open, or was moved{_within(asked)}, has been given a new date {_limit(asked)} times"


def _actions_overdue(asked: Asked) -> str:
    return f"{_limit(asked)} actions are overdue"


def _reviews_thin(asked: Asked) -> str:
    return f"{_figures(asked)} was assured on too little evidence {asked.number('reviews'):g} times running"


def _reviews_late(asked: Asked) -> str:
    return f"the review of {_figures(asked)} is more than {counted(_whole(asked, 'days'), 'day')} late"


def _work_left(asked: Asked) -> str:
    least = asked.number("least")
    return f"{_limit_share(asked)} of the planned work{_within(asked)}, {least:g} pieces or more in all, is late or was left out"


def _work_by_one(asked: Asked) -> str:
    least = asked.number("least")
    return (
        f"one person does {_limit_share(asked)} of the work of shifts{_within(asked)}, {least:g} pieces or more in all"
    )


def _work_in_one_go(asked: Asked) -> str:
    return f"one person closes the work of {_limit(asked)} shifts on one day{_within(asked)}"


def _warned(asked: Asked) -> str:
    codes = " or ".join(asked.words("codes"))
    weeks = asked.maybe("weeks")
    held = f" and has been open for {counted(round(weeks), 'week')}" if weeks else ""
    return f"early warning {codes} holds{held}"


PHRASES: Mapping[str, Phrase] = MappingProxyType(
    {
        "count": _count,
        "share": _share,
        "largest_share": _largest_share,
        "hours_percentile": _hours_percentile,
        "waiting": _waiting,
        "rises": _rises,
        "missing_shifts": _missing_shifts,
        "entered_late": _entered_late,
        "month_end_share": _month_end_share,
        "copied_plans": _copied_plans,
        "long_evenings": _long_evenings,
        "shifts_running": _shifts_running,
        "need_outgrows_rota": _need_outgrows_rota,
        "band_share": _band_share,
        "quiet_bells": _quiet_bells,
        "assessed_long_ago": _assessed_long_ago,
        "figure": _figure,
        "slope": _slope,
        "below_baseline": _below_baseline,
        "sample_shrinks": _sample_shrinks,
        "decline": _decline,
        "unanswered": _unanswered,
        "unchanged_after": _unchanged_after,
        "actions_vague": _actions_vague,
        "actions_moved": _actions_moved,
        "actions_overdue": _actions_overdue,
        "reviews_thin": _reviews_thin,
        "reviews_late": _reviews_late,
        "work_left": _work_left,
        "work_by_one": _work_by_one,
        "work_in_one_go": _work_in_one_go,
        "warned": _warned,
    }
)


# ---------------------------------------------------------------- the pieces
def _figures(asked: Asked) -> str:
    names = ["an indicator" if key == EACH else f"“{indicator_definition(key).name}”" for key in asked.words("of")]
    return " or ".join(names)


def _kinds(asked: Asked) -> str:
    return f"records of {listed([within_sentence(record_type(kind).plural) for kind in asked.words('records')])}"


def _records(asked: Asked) -> str:
    answers = _answers(asked)
    return f"{_kinds(asked)} where {answers}" if answers else _kinds(asked)


def _answers(asked: Asked) -> str:
    """What a record must answer, as its form asks and offers it."""
    where = asked.given.get("where", {})
    said = [
        f"“{_label(asked, name)}” {_wanted(asked, name, value)}"
        for name, value in (where.items() if isinstance(where, Mapping) else ())
    ]
    said += [f"“{_label(asked, name)}” is not answered" for name in asked.words("empty")]
    said += [f"“{_label(asked, name)}” is answered" for name in asked.words("filled")]
    return listed(said)


def _wanted(asked: Asked, name: str, value: bool | str | tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return "is yes" if value else "is not yes"
    kind = record_type(asked.words("records")[0])
    choices = kind.field(name).choices
    values = (value,) if isinstance(value, str) else value
    return "is " + " or ".join(f"“{choices.get(one, one.replace('_', ' '))}”" for one in values)


def _field(asked: Asked, name: str) -> str:
    return "days" if name == "day" else f"answers to “{_label(asked, name)}”"


def _label(asked: Asked, name: str) -> str:
    return record_type(asked.words("records")[0]).field(name).label


def _same(asked: Asked) -> str:
    same = [f"“{_label(asked, name)}”" for name in asked.words("same")]
    dated = f", placed by “{_label(asked, asked.word('dated'))}”" if "dated" in asked.given else ""
    return (f" with the same answer to {listed(same)}" if same else "") + dated


def _limit(asked: Asked) -> str:
    if "more_than" in asked.given:
        return f"more than {asked.number('more_than'):g}"
    return f"{asked.number('at_least'):g} or more"


def _limit_share(asked: Asked) -> str:
    if "more_than" in asked.given:
        return f"more than {_percent(asked, 'more_than')}"
    return f"{_percent(asked, 'at_least')} or more"


def _percent(asked: Asked, name: str) -> str:
    return f"{100 * asked.number(name):.4g}%"


def _within(asked: Asked) -> str:
    return f" within {counted(_whole(asked, 'days'), 'day')}" if "days" in asked.given else ""


def _whole(asked: Asked, name: str) -> int:
    return round(asked.number(name))
