"""What may be sent to each writing operation."""

from mendline.api.shapes import Member, Shape
from mendline.catalogue.triggers import triggers
from mendline.evidence.rules import CHECK_RESULTS
from mendline.indicators.aims import OPERATORS
from mendline.indicators.figures import STATES
from mendline.recovery.decisions import DECISIONS
from mendline.recovery.registers.outcomes import OUTCOMES
from mendline.recovery.registers.risks import KINDS as RISK_KINDS
from mendline.recovery.triggers.ladder import DECIDERS

POINTER = Shape(
    "Pointer",
    (
        Member("system", "text", "The system that keeps the records.", required=True),
        Member("reference", "text", "Where to look in it."),
    ),
)
OBSERVATION = Shape(
    "NewObservation",
    (
        Member("period_start", "date", "The Monday of the week, or the first day of the month.", required=True),
        Member("numerator", "number", "What was counted."),
        Member("denominator", "number", "Out of how many."),
        Member("value", "number", "Only where there are no parts; percentages are 0 to 100."),
        Member("state", "text", "Left out, the figure decides it.", choices=STATES),
        Member("reason", "text", "Why an earlier figure is corrected; needed where one says something else."),
        Member("pointer", "object", "Where the records are kept, when they stay elsewhere.", shape=POINTER),
    ),
    many=True,
)
_TARGET = (
    Member("target_operator", "text", "Whether at least, at most, exactly, or only watched.", choices=OPERATORS),
    Member("target_value", "number", "The figure to aim at, in the indicator's unit."),
    Member("reach_by", "date", "By when."),
)
INDICATOR = Shape(
    "NewIndicator",
    (
        Member("definition_key", "text", "The indicator of the catalogue.", required=True),
        Member("review_owner", "text", "Who reviews it: an initial and a surname.", required=True),
        *_TARGET,
    ),
)
AIMS = Shape(
    "IndicatorChange",
    (
        *_TARGET,
        Member("baseline_at", "date", "The last of the 12 periods that become the baseline."),
        Member("reason", "text", "Why; needed where a target or baseline stands already."),
    ),
)
RECORD = Shape(
    "NewRecord",
    (
        Member("record_id", "uuid", "Made by whoever sends, so that the same record sent again counts once."),
        Member("answers", "answers", "The answers, as the record type's schema says.", required=True),
        Member("reason", "text", "Why the record of this number is corrected; needed where one says something else."),
    ),
    many=True,
)
EVIDENCE = Shape(
    "NewEvidence",
    (
        Member("evidence_id", "uuid", "Made by whoever sends, so that the same sent again counts once."),
        Member(
            "letter", "text", "R record, A audit, F feedback, P practice seen.", required=True, choices=tuple("RAFP")
        ),
        Member("title", "text", "What it is, in a few words.", required=True),
        Member("dated_on", "date", "The date that the original bears.", required=True),
        Member("system", "text", "The system or place that keeps the original.", required=True),
        Member("where_to_look", "text", "A report's name, a folder, a page.", required=True),
        Member("sha256", "text", "The original's fingerprint, 64 hexadecimal digits."),
        Member("sample_size", "integer", "How many records or people it rests on."),
        Member("supports", "uuids", "The indicators whose figures it supports."),
        Member("seen_at", "text", "Of practice that was seen: when.", choices=("day", "evening", "night")),
        Member("made_by", "text", "Who made it, where that is not who adds it."),
        Member("category", "text", "The regulator's kind of evidence; it follows from the letter otherwise."),
        Member(
            "quality_statement", "text", "The code of a quality statement that it speaks to, such as safe.staffing."
        ),
        Member("keep_until", "date", "Until when it is kept."),
    ),
)
EVIDENCE_CHECK = Shape(
    "EvidenceCheck",
    (
        Member("result", "text", "What the look found.", required=True, choices=tuple(CHECK_RESULTS)),
        Member("reason", "text", "Why; needed to withdraw it."),
    ),
)
ACTION = Shape(
    "NewAction",
    (
        Member("title", "text", "What will be done.", required=True),
        Member("owner", "text", "Who does it: an initial and a surname.", required=True),
        Member("due_on", "date", "By when.", required=True),
        Member("indicator_id", "uuid", "The indicator that it is for."),
        Member("measure", "text", "What will show that it worked."),
        Member("high_risk", "flag", "Whether closing it takes a second person."),
    ),
)
ACTION_CHANGE = Shape(
    "ActionChange",
    (
        Member(
            "kind", "text", "What happens to it.", required=True,
            choices=("redated", "edited", "closed", "closure_refused", "reopened", "no_longer_applicable"),
        ),
        Member("title", "text", "Other words, where it is edited."),
        Member("owner", "text", "Another owner, where it is edited."),
        Member("measure", "text", "What will show that it worked, where it is edited."),
        Member("high_risk", "flag", "Whether closing it takes a second person, where it is edited."),
        Member("due_on", "date", "The new date, where it is redated."),
        Member("note", "text", "Why; needed except to close."),
        Member("evidence_reference", "text", "What shows that it is done, such as E-044; needed to close."),
    ),
)  # fmt: skip
REVIEW = Shape(
    "NewReview",
    (
        Member("indicator_id", "uuid", "The indicator that was reviewed.", required=True),
        Member("forum", "text", "Where.", choices=("weekly_review", "provider_oversight")),
        Member("decision", "text", "How the review ended.", required=True, choices=DECISIONS),
        Member("what_changed", "text", "What changed."),
        Member("why", "text", "Why."),
        Member("what_follows", "text", "What action follows."),
        Member("relied_on", "texts", "References of evidence and actions."),
        Member("exception_reason", "text", "Why it is assured although the figures do not say so by themselves."),
        Member("action_title", "text", "For further_action: what is to be done."),
        Member("action_owner", "text", "For further_action: by whom."),
        Member("action_due_on", "date", "For further_action: by when."),
        Member("escalate_to", "text", "For escalate: to which role."),
        Member("reply_due_on", "date", "For escalate: by when an answer is due."),
        Member(
            "reporting_effect", "flag", "Whether a rise is read as more being reported, not more happening; say why."
        ),
    ),
)
ADDENDUM = Shape(
    "ReviewCorrection", (Member("correction", "text", "What is corrected. The review stays as it is.", required=True),)
)
NEW_PACK = Shape(
    "NewPack",
    (
        Member("as_at", "date", "A past day, at whose end it stands; now otherwise."),
        Member("drills", "flag", "Whether inspection drills stand in it; they do otherwise."),
        Member("story", "texts", "The kinds of happening that its story tells; all of them otherwise."),
    ),
    needed=False,
)
_SCALE = "1 to 5."
ESCALATION = Shape(
    "NewEscalation",
    (
        Member("indicator_id", "uuid", "The indicator that it is about.", required=True),
        Member("to_role", "text", "Who is asked.", required=True, choices=tuple(sorted(DECIDERS))),
        Member("kind", "text", "What is expected.", required=True, choices=tuple(triggers().kinds)),
        Member("asked", "text", "What is asked.", required=True),
        Member("due_on", "date", "By when; a working day.", required=True),
        Member("interim_control", "text", "What holds until it is decided."),
        Member("subject_person_id", "uuid", "Whom it is about: they neither see nor decide it."),
    ),
)
ESCALATION_DECISION = Shape(
    "EscalationDecision",
    (
        Member("outcome", "text", "How it ends; 'noted' is no way.", required=True, choices=tuple(OUTCOMES)),
        Member("reason", "text", "Why.", required=True),
        Member("title", "text", "The risk, what is asked of the provider, what is audited, or what changes."),
        Member("owner", "text", "Who holds it: an initial and a surname."),
        Member("due_on", "date", "The next look, the reply, the audit or the check."),
        Member("likelihood", "integer", _SCALE),
        Member("impact", "integer", _SCALE),
        Member("controls", "text", "What holds the risk down."),
        Member("risk_reference", "text", "A risk that stands already and is scored again."),
        Member("from_shift", "text", "From which shift a changed control holds."),
    ),
)
RISK = Shape(
    "NewRisk",
    (
        Member("title", "text", "What could happen, to whom, and why.", required=True),
        Member("owner", "text", "Who holds it: an initial and a surname.", required=True),
        Member("likelihood", "integer", _SCALE, required=True),
        Member("impact", "integer", _SCALE, required=True),
        Member("reason", "text", "Why this score.", required=True),
        Member("look_again_on", "date", "The next look.", required=True),
        Member("controls", "text", "What holds it down."),
        Member("indicator_id", "uuid", "The indicator that it is for."),
    ),
)
RISK_CHANGE = Shape(
    "RiskChange",
    (
        Member("kind", "text", "What happens to it.", required=True, choices=("scored", *RISK_KINDS)),
        Member("note", "text", "Why.", required=True),
        Member("likelihood", "integer", _SCALE),
        Member("impact", "integer", _SCALE),
        Member("look_again_on", "date", "The next look; needed for a score and a review."),
        Member("title", "text", "Other words."),
        Member("owner", "text", "Another owner."),
        Member("controls", "text", "Other controls."),
    ),
)
