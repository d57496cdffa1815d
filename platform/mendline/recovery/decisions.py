"""What a decision must carry, by the rules of the recovery loop; values in, problems out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

DECISIONS = ("assured", "further_action", "escalate")
ENOUGH_EVIDENCE = frozenset({"strong", "sufficient"})
SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True)
class GivenDecision:
    """A decision as somebody gave it.

    Attributes:
        action_title: what is to be done, for `further_action`; an action is made of it.
        escalate_to: a role, for `escalate`.
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


@dataclass(frozen=True, slots=True)
class KnownFigure:
    """What is known of the figure at the moment of the decision."""

    evidence_level: str
    status: str
    is_stale: bool
    last_state: str | None


def needs_exception(known: KnownFigure) -> bool:
    """Whether an assurance now rests on too little, or stands over a decline, and so must say why.

    Reference, section 4.5: `assured` needs sufficient evidence and a final period; otherwise it is an exception,
    with its reason, that goes to the nominated individual.
    """
    return (
        known.evidence_level not in ENOUGH_EVIDENCE
        or known.is_stale
        or known.status in ("deteriorating", "insufficient")
        or known.last_state == "provisional"
    )


def decision_problems(given: GivenDecision, known: KnownFigure, today: date) -> dict[str, str]:
    """What is missing or cannot be, one sentence per field; empty where the decision can be recorded."""
    if given.decision not in DECISIONS:
        return {"decision": "Choose one: assured, further action or escalate. 'Noted' is not a decision."}
    problems: dict[str, str] = {}
    if given.what_changed and not given.why:
        problems["why"] = "Say why you think it changed. A story with a 'what' and no 'why' is not recorded."
    rules: Mapping[str, tuple[tuple[bool, str, str], ...]] = {
        "assured": (
            (len(given.why) < SHORTEST_REASON, "why", "Say why you believe it, in a sentence."),
            (
                needs_exception(known) and len(given.exception_reason) < SHORTEST_REASON,
                "exception_reason",
                "This figure declines or has too little evidence. Say why you are assured; the nominated individual sees it.",
            ),
        ),
        "further_action": (
            (not given.action_title, "action_title", "Say what will be done."),
            (not given.action_owner, "action_owner", "Name who does it."),
            (
                given.action_due_on is None or given.action_due_on < today,
                "action_due_on",
                "Give a date for it, today or later.",
            ),
        ),
        "escalate": (
            (not given.escalate_to, "escalate_to", "Say to whom."),
            (
                len(given.what_follows) < SHORTEST_REASON,
                "what_follows",
                "Say what is asked, and the control until then.",
            ),
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
