"""What a decision must carry, by the rules of the recovery loop; values in, problems out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

DECISIONS = ("assured", "further_action", "escalate")
ENOUGH_EVIDENCE = frozenset({"strong", "sufficient"})
ESCALATE_TO = ("nominated_individual", "provider_oversight", "registered_manager")
SHORTEST_REASON = 10
SHORTEST_TITLE = 8
REPORTING_EFFECT = "Reporting effect: more is reported, not more happens."


@dataclass(frozen=True, slots=True)
class GivenDecision:
    """A decision as somebody gave it.

    Attributes:
        action_title: what is to be done, for `further_action`; an action is made of it.
        escalate_to: a role, for `escalate`.
        reporting_effect: the rise is read as more being reported, not more happening; `why` says what shows it.
    """

    decision: str
    what_changed: str
    why: str
    what_follows: str
    relied_on: tuple[str, ...] = ()
    exception_reason: str = ""
    action_title: str = ""
    action_owner: str = ""
    action_due_on: date | None = None
    escalate_to: str = ""
    reply_due_on: date | None = None
    reporting_effect: bool = False


@dataclass(frozen=True, slots=True)
class KnownFigure:
    """What is known of the figure at the moment of the decision; `warnings` are early warnings on it that are open."""

    evidence_level: str
    status: str
    is_stale: bool
    last_state: str | None
    warnings: tuple[str, ...] = ()


def needs_exception(known: KnownFigure) -> bool:
    """Whether an assurance now rests on too little, or stands over a decline, and so must say why.

    Our own rule: `assured` needs sufficient evidence, a final period and no early warning that is open; otherwise it is an
    exception, with its reason, that goes to the nominated individual.
    """
    return (
        known.evidence_level not in ENOUGH_EVIDENCE
        or known.is_stale
        or known.status in ("deteriorating", "insufficient")
        or known.last_state == "provisional"
        or bool(known.warnings)
    )


def reason_of(given: GivenDecision) -> str:
    """The reason as it is recorded: a rise that is read as an effect of reporting is named as that first."""
    return f"{REPORTING_EFFECT} {given.why}".strip() if given.reporting_effect else given.why


def decision_problems(given: GivenDecision, known: KnownFigure, today: date) -> dict[str, str]:
    """What is missing or cannot be, one sentence per field; empty where the decision can be recorded."""
    if given.decision not in DECISIONS:
        return {"decision": "Choose one: assured, further action or escalate. 'Noted' is not a decision."}
    problems: dict[str, str] = {}
    if given.what_changed.strip() and not given.why.strip():
        problems["why"] = "Say why you think it changed. A story with a 'what' and no 'why' is not recorded."
    if given.reporting_effect and _is_short(given.why):
        problems["why"] = "Say what shows that more is reported and not more happens, such as the share with harm."
    rules: Mapping[str, tuple[tuple[bool, str, str], ...]] = {
        "assured": (
            (_is_short(given.why), "why", "Say why you believe it, in a sentence."),
            (
                needs_exception(known) and _is_short(given.exception_reason),
                "exception_reason",
                "It declines, has too little evidence or an early warning. Say why all the same; the nominated individual sees it.",
            ),
            (
                not needs_exception(known) and not given.relied_on,
                "relied_on",
                "Choose the evidence that you relied on.",
            ),
        ),
        "further_action": (
            (_is_short(given.action_title, SHORTEST_TITLE), "action_title", "Say what will be done, in a few words."),
            (not given.action_owner.strip(), "action_owner", "Name who does it: an initial and a surname."),
            (
                given.action_due_on is None or given.action_due_on < today,
                "action_due_on",
                "Give a date for it, today or later.",
            ),
        ),
        "escalate": (
            (given.escalate_to not in ESCALATE_TO, "escalate_to", "Say to whom."),
            (_is_short(given.what_follows), "what_follows", "Say what is asked, and the control until then."),
            (
                given.reply_due_on is None or given.reply_due_on < today,
                "reply_due_on",
                "Give the date by which you need the answer, today or later.",
            ),
        ),
    }
    for wrong, field, words in rules[given.decision]:
        if wrong:
            problems.setdefault(field, words)
    return problems


def _is_short(words: str, least: int = SHORTEST_REASON) -> bool:
    return len(words.strip()) < least
