"""How an escalation may end, and what each way must say. Values in, problems out; 'noted' is not a way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

SHORTEST_REASON = 10
SHORTEST_TITLE = 8
AUDIT_WITHIN = timedelta(days=7)
CONTROL_CHECKED_WITHIN = timedelta(days=3)

RISK, OVERSIGHT, AUDIT, CONTROL, NO_ACTION = (
    "risk_register_escalation",
    "provider_oversight",
    "additional_audit",
    "revised_operational_control",
    "no_further_action",
)
OUTCOMES: Mapping[str, str] = {
    RISK: "Risk register entry",
    OVERSIGHT: "Provider oversight",
    AUDIT: "Additional audit",
    CONTROL: "Revised operational control",
    NO_ACTION: "No further action",
}


@dataclass(frozen=True, slots=True)
class GivenOutcome:
    """A decision on an escalation as somebody gave it.

    Attributes:
        outcome: one of `OUTCOMES`.
        reason: why this way.
        title: of the risk; the scope of the audit; what changes on the floor; what is asked of the provider.
        owner: who holds the risk, makes the audit or checks the control: an initial and a surname.
        due_on: the audit's date, the control's check, the risk's next look, the date of the provider's reply.
        likelihood: of the risk, 1 to 5.
        impact: of the risk, 1 to 5.
        controls: what holds the risk down.
        risk_reference: a risk that stands already and is scored again.
        from_shift: from which shift the control holds.
    """

    outcome: str
    reason: str
    title: str = ""
    owner: str = ""
    due_on: date | None = None
    likelihood: int | None = None
    impact: int | None = None
    controls: str = ""
    risk_reference: str = ""
    from_shift: str = ""


def outcome_problems(given: GivenOutcome, today: date) -> dict[str, str]:
    """What is missing or cannot be, one sentence per field; empty where the decision can be recorded."""
    if given.outcome not in OUTCOMES:
        return {"outcome": "Choose how it ends. 'Noted' is not a decision."}
    problems = {}
    if len(given.reason.strip()) < SHORTEST_REASON:
        problems["reason"] = "Say why, in a sentence."
    for wrong, field, words in _rules(given, today)[given.outcome]:
        if wrong:
            problems.setdefault(field, words)
    return problems


Rule = tuple[bool, str, str]


def _rules(given: GivenOutcome, today: date) -> Mapping[str, tuple[Rule, ...]]:
    no_title = len(given.title.strip()) < SHORTEST_TITLE
    no_owner: Rule = (not given.owner.strip(), "owner", "Name who holds it: an initial and a surname.")
    no_date: Rule = (given.due_on is None or given.due_on < today, "due_on", "Give a date, today or later.")
    is_new = not given.risk_reference.strip()
    return {
        RISK: (
            (is_new and no_title, "title", "Name the risk: what could happen, to whom, and why."),
            (is_new and not given.owner.strip(), "owner", no_owner[2]),
            (given.likelihood not in range(1, 6), "likelihood", "Choose how likely it is, 1 to 5."),
            (given.impact not in range(1, 6), "impact", "Choose how bad it would be, 1 to 5."),
            no_date,
        ),
        OVERSIGHT: ((no_title, "title", "Say what is asked of the provider."), no_date),
        AUDIT: (
            (no_title, "title", "Say what is audited: its scope."),
            no_owner,
            no_date,
            (
                given.due_on is not None and given.due_on > today + AUDIT_WITHIN,
                "due_on",
                "An additional audit is made within seven days.",
            ),
        ),
        CONTROL: (
            (no_title, "title", "Say what changes on the floor."),
            (not given.from_shift.strip(), "from_shift", "Say from which shift it holds."),
            no_owner,
            no_date,
            (
                given.due_on is not None and given.due_on > today + CONTROL_CHECKED_WITHIN,
                "due_on",
                "A changed control is checked within 72 hours.",
            ),
        ),
        NO_ACTION: (),
    }
