"""Tells what happened in plain sentences that a stranger understands: values in, words out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mendline.catalogue.clocks import clock_kinds
from mendline.catalogue.rules import rules
from mendline.catalogue.wording import listed, long_date
from mendline.recovery.plans.milestones import VERDICT_WORDS
from mendline.recovery.registers.outcomes import OUTCOMES
from mendline.recovery.story.rows import StoryLine

STATUS_WORDS = {
    "improving": "Improving",
    "stable": "Stable",
    "deteriorating": "Deteriorating",
    "changed": "Changed",
    "too_few": "Too few to judge",
    "not_supported": "Not supported",
}
CHANGE_WORDS = {"staff": "Staff change", "process": "Process change", "place": "Change of the place"}
_EVENT_WORDS = {
    "baseline": "Baseline changed",
    "target": "Target changed",
    "definition": "Measured anew from here",
    "chart": "Chart changed",
    "limits": "Limits set anew",
    "left_out": "Left out of the limits",
    "put_back": "Put back into the limits",
}
_DECISIONS = {
    "assured": "Assured",
    "assured_with_exception": "Weak assurance",
    "further_action": "Further action",
    "escalate": "Escalated",
    "addendum": "Correction added",
}
_FORUMS = {
    "deputy_sampling": "the deputy manager's sampling",
    "weekly_review": "the weekly review",
    "quality_review": "the quality lead's monthly review",
    "provider_review": "the nominated individual's monthly review",
    "monthly_review": "the monthly review",
    "provider_oversight": "provider oversight",
    "plan_start": "the start of the plan",
}
_ACTIONS = {
    "redated": "moved to another date",
    "edited": "worded anew",
    "closure_proposed": "proposed for closing",
    "closure_refused": "not closed",
    "closed": "closed",
    "reopened": "opened again",
    "no_longer_applicable": "no longer applies",
}
_LETTERS = {"R": "a record", "A": "an audit", "F": "feedback", "P": "practice that was seen"}
_VERDICTS = {"worked": "It worked", "not_yet": "Too early to say that it worked", "no": "It did not work"}
_RISKS = {"changed": "changed", "reviewed": "reviewed", "closed": "closed", "reopened": "opened again"}
_CLOCKS = {
    "sent": "Report sent",
    "redated": "Clock moved",
    "reassigned": "Clock given to somebody else",
    "ended": "Clock ended",
    "undone": "Sending taken back",
}
_OBJECTIVES = {
    "met": "An objective was signed as met",
    "reopened": "An objective was opened again",
    "closed": "An objective was closed",
}
_CHANGES = {
    "rhythm": "The rhythm of a step was changed",
    "milestones": "The milestones of the plan were changed",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the story in words: its heading, its sentences, and the references that it names."""

    heading: str
    sentence: str
    references: tuple[str, ...] = ()


def tell(line: StoryLine, indicators: str = "") -> Told:
    """A line in words.

    Args:
        line: what happened.
        indicators: the names of what it is about, as one phrase; empty for the whole service.
    """
    return _TELLERS[line.kind](line.said, indicators)


def _status(said: Mapping[str, Any], indicators: str) -> Told:
    before, after = (STATUS_WORDS.get(said[name], said[name]) for name in ("before", "after"))
    return Told(
        f"Now {after}", _sentences(f"{indicators or 'An indicator'} went from {before} to {after}", said["sentence"])
    )


def _figure(said: Mapping[str, Any], indicators: str) -> Told:
    period = long_date(date.fromisoformat(said["period"]))
    before, after = _number(said["before"]), _number(said["value"])
    changed = f"The figure of {indicators or 'an indicator'} for the period from {period} was corrected from {before} to {after}"
    return Told("Figure corrected", _sentences(changed, said["reason"]))


def _event(said: Mapping[str, Any], _: str) -> Told:
    heading = _EVENT_WORDS.get(said["kind"], "What changed")
    return Told(heading, _story(said), _some(said["reference"]))


def _change(said: Mapping[str, Any], _: str) -> Told:
    return Told(CHANGE_WORDS[said["kind"]], _story(said))


def _trigger(said: Mapping[str, Any], _: str) -> Told:
    rule = rules().get(said["rule"])
    sort = "Trigger" if said["family"] == "trigger" else "Early warning"
    return Told(f"{sort}: {rule.title[0].lower()}{rule.title[1:]}" if rule else sort, _sentences(said["sentence"]))


def _decision(said: Mapping[str, Any], indicators: str) -> Told:
    decision = _DECISIONS.get(said["decision"], said["decision"])
    forum = _FORUMS.get(said["forum"], said["forum"].replace("_", " "))
    about = f" on {indicators}" if indicators else ""
    if said["decision"] == "addendum":
        opened = f"{said['by']} corrected an earlier decision{about}"
    else:
        opened = f"{said['by']} decided{about} at {forum}: {decision.lower()}"
    weak = (
        f"Assured although the figure declines or has too little evidence: {said['exception']}"
        if said["exception"]
        else ""
    )
    return Told(decision, _sentences(opened, _story(said), weak), tuple(said["relied_on"] or ()))


def _escalation(said: Mapping[str, Any], indicators: str) -> Told:
    about = f" {indicators}:" if indicators else ""
    if said["step"] == "opened":
        to = _role(said["to"])
        due = long_date(date.fromisoformat(said["due_on"]))
        return Told(
            "Escalated", _sentences(f"Put before the {to}:{about} {said['asked'].rstrip('.')}, for a decision by {due}")
        )
    if said["step"] == "went_up":
        due = long_date(date.fromisoformat(said["due_on"]))
        up = f"{indicators or 'It'} went up from the {_role(said['from'])} to the {_role(said['to'])}"
        return Told("Escalation went up", _sentences(up, said["reason"], f"A decision is due by {due}"))
    outcome = OUTCOMES.get(said["outcome"], said["outcome"].replace("_", " "))
    return Told(
        "Escalation decided",
        _sentences(f"{said['by']} decided:{about} {outcome[0].lower()}{outcome[1:]}", said["reason"]),
        tuple(said["made"] or ()),
    )


def _action(said: Mapping[str, Any], _: str) -> Told:
    reference, title = said["reference"], said["title"].rstrip(".")
    if said["step"] == "opened":
        due = long_date(date.fromisoformat(said["due_on"]))
        return Told("Action opened", _sentences(f"{title}. Owner: {said['owner']}, due {due}"), (reference,))
    done = _ACTIONS[said["step"]]
    when = f": now due {long_date(date.fromisoformat(said['due_on']))}" if said["due_on"] else ""
    shown = f"The evidence is {said['evidence']}" if said["evidence"] else ""
    references = (reference, *_some(said["evidence"]))
    return Told(f"Action {done}", _sentences(f"{title}{when}", said["note"], shown), references)


def _effect(said: Mapping[str, Any], indicators: str) -> Told:
    reference, title = said["reference"], said["title"].rstrip(".")
    if said["step"] == "booked":
        due = long_date(date.fromisoformat(said["due_on"]))
        about = f" on {indicators}" if indicators else ""
        return Told("Look-back booked", _sentences(f"{title}: its effect{about} is looked at by {due}"), (reference,))
    verdict = _VERDICTS.get(said["verdict"], said["verdict"])
    return Told(
        verdict, _sentences(f"{said['by']} looked back at: {title}", said["seen"], said["reason"]), (reference,)
    )


def _clock(said: Mapping[str, Any], _: str) -> Told:
    reference = said["reference"]
    if said["step"] == "began":
        return Told("Clocks began", _sentences(f"{reference}: {said['summary']}"))
    known = clock_kinds().get(said["clock"])
    label = known.label if known else said["clock"].replace("_", " ")
    due = long_date(date.fromisoformat(said["due_on"])) if said["due_on"] else ""
    if said["step"] == "late":
        return Told(
            "Clock overdue", _sentences(f"{label}, for {reference}: not sent by {due}. It was {said['owner']}'s")
        )
    how = {
        "sent": f"sent by {said['method']}" if said.get("method") else "sent",
        "redated": f"now due by {due}",
        "reassigned": f"now {said['owner']}'s",
        "ended": "ended without a report",
        "undone": "taken back: it was not sent",
    }[said["step"]]
    proof = f"Their reference: {said['proof']}" if said.get("proof") else ""
    return Told(_CLOCKS[said["step"]], _sentences(f"{label}, for {reference}: {how}", said["reason"], proof))


def _risk(said: Mapping[str, Any], _: str) -> Told:
    reference = (said["reference"],)
    if said["step"] == "scored":
        score = said["likelihood"] * said["impact"]
        how = f"{said['title'].rstrip('.')}: likelihood {said['likelihood']} times impact {said['impact']} makes {score} of 25"
        return Told("Risk scored", _sentences(how, said["reason"]), reference)
    if said["step"] != "opened":
        done = _RISKS.get(said["step"], said["step"])
        return Told(f"Risk {done}", _sentences(said["title"], said["reason"]), reference)
    held = f"{said['title'].rstrip('.')}. Held by {said['owner']}"
    return Told("Risk put on the register", _sentences(held), (said["reference"],))


def _evidence(said: Mapping[str, Any], indicators: str) -> Told:
    about = f" It stands behind {indicators}." if indicators else ""
    return Told(
        "Evidence",
        f"{_sentences(said['title'])} It is {_LETTERS.get(said['letter'], 'evidence')}.{about}",
        (said["reference"],),
    )


def _plan(said: Mapping[str, Any], _: str) -> Told:
    if said["step"] == "started":
        return Told("Recovery plan began", _sentences(f"{said['title']}, {said['weeks']} weeks", said["goal"]))
    if said["step"] == "objective":
        return Told("An objective was added", _sentences(said["goal"], said["target"]))
    if said["step"] == "ended":
        return Told("Recovery plan ended", _sentences(said["title"], said["reason"]))
    if said["step"] == "moved":
        runs = f"{said['title']} runs from {long_date(date.fromisoformat(said['starts_on']))} for {said['weeks']} weeks"
        return Told("Recovery plan moved", _sentences(runs, said["reason"]))
    if said["step"] == "milestone" or said["step"] in _CHANGES:
        return _plan_change(said)
    return Told(_OBJECTIVES[said["step"]], _sentences(said["goal"], said["reason"], f"Signed by {said['by']}"))


def _plan_change(said: Mapping[str, Any]) -> Told:
    """A change of a running plan, or what was found of a milestone of it."""
    if said["step"] in _CHANGES:
        return Told(_CHANGES[said["step"]], _sentences(said["says"], said["reason"], f"Changed by {said['by']}"))
    word = VERDICT_WORDS.get(said["verdict"], said["verdict"])
    to = f" to week {said['carried_to']}" if said["carried_to"] else ""
    who = "Judged by its figures" if said["by_rule"] else f"Judged by {said['by']}"
    return Told(
        f"Milestone {word[0].lower()}{word[1:]}{to}",
        _sentences(f"{said['title']}, week {said['week']}", said["reason"], who),
    )


_TELLERS: Mapping[str, Callable[[Mapping[str, Any], str], Told]] = {
    "status": _status,
    "figure": _figure,
    "event": _event,
    "change": _change,
    "trigger": _trigger,
    "decision": _decision,
    "escalation": _escalation,
    "action": _action,
    "effect": _effect,
    "clock": _clock,
    "risk": _risk,
    "evidence": _evidence,
    "plan": _plan,
}


def _role(role: str) -> str:
    return "provider" if role == "provider_oversight" else role.replace("_", " ")


def names_of(names: list[str]) -> str:
    """A phrase for what a line is about; past three, how many more there are."""
    shown = names[:3]
    return listed(shown) if len(names) <= len(shown) else f"{', '.join(shown)} and {len(names) - len(shown)} more"


def _story(said: Mapping[str, Any]) -> str:
    why = f"Why: {said['why']}" if said["why"] else ""
    followed = f"What followed: {said['followed']}" if said["followed"] else ""
    return _sentences(said["what"], why, followed)


def _sentences(*parts: str | None) -> str:
    """Parts as sentences, each with its full stop."""
    kept = [part.strip() for part in parts if part and part.strip()]
    begun = [f"{part[0].upper()}{part[1:]}" for part in kept]
    return " ".join(part if part[-1] in ".?!”" else f"{part}." for part in begun)


def _number(value: float | None) -> str:
    return "no figure" if value is None else f"{value:.1f}".removesuffix(".0")


def _some(reference: str | None) -> tuple[str, ...]:
    return (reference,) if reference else ()
