"""The pages of one escalation and of a new one, from rows to words."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.record_types import record_types
from mendline.catalogue.rules import rules
from mendline.catalogue.triggers import triggers
from mendline.catalogue.wording import counted, day_and_date, lateness, long_date
from mendline.duties.rows import Colleague
from mendline.indicators.standing import Standing
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.recovery.registers.outcomes import AUDIT, CONTROL, NO_ACTION, OUTCOMES, OVERSIGHT, RISK
from mendline.recovery.registers.pages import EntryPage, FormPage, NamedForm
from mendline.recovery.registers.presenting import SCALE, outcome_words, title_of
from mendline.recovery.registers.rows import EscalationLine, FiredOther, OneEscalation
from mendline.recovery.triggers.condition_words import condition_words
from mendline.recovery.triggers.opening import label_of
from mendline.web.asking import Asking
from mendline.web.components import (
    Button,
    Fact,
    Form,
    Head,
    Item,
    ItemList,
    Link,
    Note,
    Option,
    TimelineEntry,
)
from mendline.web.readings import DECISION_WORDS
from tenants.errors import RefusedError

TO_ROLES = tuple(
    Option(role, label_of(role))
    for role in ("registered_manager", "nominated_individual", "provider_oversight", "provider_lead")
)


KINDS = tuple(Option(kind.key, kind.title) for kind in triggers().kinds.values())


HINTS = {
    RISK: "It stays, and is held down: a score, controls, an owner, a next look.",
    OVERSIGHT: "It needs the provider: money, posts, a pause in admissions.",
    AUDIT: "Somebody else checks, within seven days.",
    CONTROL: "Something changes on the floor now, and is checked within 72 hours.",
    NO_ACTION: "Nothing more is needed. The reason stands in the pack.",
}


def escalation_page(
    place: Place,
    one: OneEscalation,
    *,
    decides: bool,
    may_manage: bool,
    today: date,
    given: Mapping[str, str],
    risks: Sequence[str],
    refused: RefusedError | None,
    address: Address,
) -> EntryPage:
    """One escalation: what fired, who is asked, what happened, and the form that ends it."""
    line = one.line
    name = indicator_definition(line.definition_key).name
    here = {"service_id": place.service_id, "escalation_id": line.escalation_id}
    late = line.is_open and line.due_on < today
    forms: tuple[NamedForm, ...] = ()
    if decides and line.is_open:
        form = _decision_form(address("escalations.decide", **here), given, refused, today, risks, may_manage)
        forms = (NamedForm("decide", "Decide", form),)
    return EntryPage(
        head=Head(
            f"Escalation: {title_of(line)}",
            f"{place.name}. {name}",
            _state_sentence(line, today),
            buttons=(
                Button("See the indicator", address("services.indicator", service_id=line.service_id,
                                                    indicator_id=line.indicator_id)),
            ),
        ),
        facts_heading="What is asked",
        facts=(
            Fact("Asked", line.asked),
            Fact("Of whom", label_of(line.role), f"first asked of {label_of(line.to_role).lower()}" if line.steps else
                 line.to_label or ""),
            Fact("Decision due", day_and_date(line.due_on), lateness(line.due_on, today) if late else ""),
            *((Fact("Control until then", line.interim_control),) if line.interim_control else ()),
            Fact("Opened", long_date(line.opened_on), _origin(line)),
        ),
        history_heading="What happened",
        history=_history(one),
        forms=forms,
        fired=_fired(one, address) if one.episode else None,
        notes=_notes(line, refused, decides=decides),
    )  # fmt: skip


def _notes(line: EscalationLine, refused: RefusedError | None, *, decides: bool) -> tuple[Note, ...]:
    conflict = (refused.problems if refused else {}).get("escalation")
    if conflict:
        return (Note("Somebody was faster", conflict, "alert"),)
    if decides or not line.is_open:
        return ()
    return (Note(f"This is for the {label_of(line.role).lower()} to decide", icon="i-lock", kind="scope"),)


def new_escalation_page(
    place: Place,
    standings: Sequence[Standing],
    people: Sequence[Colleague],
    *,
    given: Mapping[str, str],
    refused: RefusedError | None,
    address: Address,
) -> FormPage:
    """The form that puts something before somebody."""
    ask = Asking(given, refused)
    here = {"service_id": place.service_id}
    indicators = tuple(
        Option(str(each.indicator_id), indicator_definition(each.definition_key).name) for each in standings
    )
    return FormPage(
        head=Head("Escalate something", place.name, "Put it before somebody who can decide, with a date."),
        heading="What is asked",
        form=Form(
            action=address("escalations.open_one", **here),
            fields=(
                ask.field("indicator_id", "Which indicator is it about?", "select", options=indicators),
                ask.field("asked", "What do you ask?", "textarea"),
                ask.field("interim_control", "What holds until it is decided?", "textarea", required=False),
                ask.field("to_role", "Of whom?", "select", options=TO_ROLES),
                ask.field("kind", "What do you expect?", "select", options=KINDS),
                ask.field("due_on", "By when?", "date"),
                ask.field(
                    "subject",
                    "Is it about somebody who works here?",
                    "select",
                    "They will neither see it nor decide it. It goes past them.",
                    required=False,
                    options=(
                        Option("", "No"),
                        *(Option(str(one.person_id), one.label, label_of(one.role)) for one in people),
                    ),
                ),
            ),
            submit="Escalate",
            cancel=Link("Cancel", address("escalations.listing", **here)),
        ),
    )


def _state_sentence(line: EscalationLine, today: date) -> str:
    if line.outcome and line.decided_on:
        days = (line.decided_on - line.opened_on).days
        made = f" It made {', '.join(line.made)}." if line.made else ""
        after = f"after {counted(days, 'day')}" if days else "on the day it was opened"
        return f"Decided by {line.decided_label} {after}: {outcome_words(line.outcome).lower()}.{made}"
    age = (today - line.opened_on).days
    up = f" It went up {counted(line.steps, 'level')}." if line.steps else ""
    waits = (
        f"It has waited for a decision for {counted(age, 'day')}"
        if age
        else "It was opened today and waits for a decision"
    )
    return f"{waits}.{up}"


def _origin(line: EscalationLine) -> str:
    if line.origin == "rule":
        return "by a rule"
    return f"by {line.opened_label}" if line.opened_label else "by a decision"


def _history(one: OneEscalation) -> tuple[TimelineEntry, ...]:
    line = one.line
    entries = []
    if line.outcome and line.decided_on:
        entries.append(
            TimelineEntry(
                outcome_words(line.outcome),
                f"{long_date(line.decided_on)}, {line.decided_label}"
                + (f", {line.decided_role.lower()}" if line.decided_role else ""),
                f"{line.reason}" + (f" Made: {', '.join(line.made)}." if line.made else ""),
                icon="i-tick",
                tone="improving",
            )
        )
    entries += [
        TimelineEntry(
            f"Went up to the {label_of(step.to_role).lower()}",
            f"{long_date(step.happened_on)}, from the {label_of(step.from_role).lower()}",
            f"{step.reason} Decision due by {long_date(step.due_on)}.",
            icon="i-up",
            tone="alert",
        )
        for step in reversed(one.steps)
    ]
    who = f"{label_of(line.to_role)}{f' ({line.to_label})' if line.to_label else ''}"
    entries.append(
        TimelineEntry("Opened", f"{long_date(line.opened_on)}, {_origin(line)}", f"Put before: {who}. {line.asked}",
                      icon="i-flag")
    )  # fmt: skip
    return tuple(entries)


def _fired(one: OneEscalation, address: Address) -> ItemList:
    episode = one.episode
    if episode is None:
        return ItemList("What fired")
    rule = rules().get(episode.rule_key)
    items = [
        Item(
            rule.title if rule else episode.rule_key,
            f"{episode.sentence}."
            + (f" The rule fires when {condition_words(rule.condition, rule.thresholds)}." if rule else ""),
            source=f"{episode.rule_key}, version {episode.rule_version}" + (f": {rule.statement}" if rule else ""),
        )
    ]
    place = {"service_id": one.line.service_id}
    for fact in episode.facts:
        if fact["kind"] == "figure" and fact.get("period"):
            href = address("services.indicator", **place, indicator_id=uuid.UUID(fact["id"]))
            value = f"{fact['value']:.4g}" if fact.get("value") is not None else "no figure"
            items.append(Item(f"Figure of {long_date(date.fromisoformat(fact['period']))}", value, href=href))
        elif fact["kind"] == "warning":
            warning = rules().get(fact["id"])
            items.append(Item(f"Early warning {fact['id']}", warning.meaning if warning else ""))
    for record in one.records:
        kind = record_types()[record.record_type]
        href = address("records.one", **place, record_type=record.record_type, record_id=record.record_id)
        since = f", withdrawn since on {long_date(record.withdrawn_at.date())}" if record.withdrawn_at else ""
        items.append(Item(kind.title, f"{long_date(record.happened_at.date())}{since}", href=href))
    items += [_other(other, one.line.service_id, address) for other in one.others]
    unseen = episode.fact_count - len(items) + 1
    if unseen > 0:
        items.append(Item(f"and {counted(unseen, 'further fact')}", "Not shown here, or not covered by your sign-in."))
    return ItemList("What fired", tuple(items))


def _other(other: FiredOther, service_id: uuid.UUID, address: Address) -> Item:
    here = {"service_id": service_id}
    day = long_date(other.day)
    if other.kind == "action":
        return Item(
            f"{other.key} {other.words}", f"Due {day}", href=address("registers.action", **here, reference=other.key)
        )
    if other.kind == "work":
        return Item(other.words, f"Due {day}", href=address("work.item", **here, work_item_id=uuid.UUID(other.key)))
    words = DECISION_WORDS.get(other.words, other.words) if other.kind == "review" else other.words
    return Item(words, day, href=address("services.indicator", **here, indicator_id=other.indicator_id))


def _decision_form(
    action: str,
    given: Mapping[str, str],
    refused: RefusedError | None,
    today: date,
    risks: Sequence[str],
    may_manage: bool,
) -> Form:
    ask = Asking(given, refused)
    offered = OUTCOMES if may_manage else {key: OUTCOMES[key] for key in (OVERSIGHT, NO_ACTION)}

    fields = [
        ask.field("outcome", "How does it end?", "choice",
                  options=tuple(Option(key, words, HINTS[key]) for key, words in offered.items())),
        ask.field("reason", "Why?", "textarea"),
        ask.field("title", "What exactly?", "text",
                  "The risk; what is asked of the provider; what is audited; what changes on the floor.", required=False),
        ask.field("due_on", "By when?", "date", low=today, required=False,
                  hint="The next look, the reply, the audit (within seven days), the check (within 72 hours)."),
    ]  # fmt: skip
    if may_manage:
        known = (Option("", "A new risk"), *(Option(reference, reference) for reference in risks))
        fields += [
            ask.field("owner", "Who holds it?", "text", "An initial and a surname. Not for oversight.", required=False),
            ask.field("from_shift", "From which shift?", "text", "For a changed control.", required=False),
            ask.field("risk_reference", "Which risk?", "select", options=known, heading="If it is a risk", required=False),
            ask.field("likelihood", "How likely, 1 to 5?", "select", options=(Option("", "Choose"), *SCALE), required=False),
            ask.field("impact", "How bad, 1 to 5?", "select", options=(Option("", "Choose"), *SCALE), required=False),
            ask.field("controls", "What holds it down?", "textarea", required=False),
        ]  # fmt: skip
    return Form(action, tuple(fields), "Record the decision", footnote="Once recorded it cannot be edited.")  # fmt: skip
