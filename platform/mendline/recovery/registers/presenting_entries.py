"""The pages of one matter before the provider, one risk, one action, and of the rules, from rows to words."""

from collections.abc import Mapping, Sequence
from datetime import date

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.record_types import record_type
from mendline.catalogue.wording import counted, day_and_date, lateness, long_date, short_date
from mendline.indicators.standing import Standing
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.recovery.queries import ActionLine, RiskLine
from mendline.recovery.registers.action_quality import suggestions
from mendline.recovery.registers.pages import EntryPage, FormPage, NamedForm
from mendline.recovery.registers.presenting import SCALE
from mendline.recovery.registers.rows import ActionHistory, RiskHistory
from mendline.web.asking import Asking
from mendline.web.components import (
    Fact,
    Field,
    Form,
    Head,
    Item,
    ItemList,
    Link,
    Note,
    Option,
    TimelineEntry,
)
from tenants.errors import RefusedError

_GOOD_ACTION = ItemList(
    "A good action",
    (
        Item("Specific", "What somebody will do, so that another person could see it."),
        Item("Owned", "One named person, not a group."),
        Item("Dated", "A day within three months."),
        Item("Measured", "What will show that it worked, for the person or in the figure."),
    ),
)
SOURCES = (
    Option("", "By its indicator"),
    *(Option(key, words) for key, words in record_type("action").field("source").choices.items()),
)
_RISK_KINDS = {"changed": "Changed", "reviewed": "Reviewed", "closed": "Closed", "reopened": "Opened again"}
_ACTION_KINDS = {
    "redated": "New date",
    "edited": "Changed",
    "closure_proposed": "Proposed to close",
    "closure_refused": "Not closed",
    "closed": "Closed",
    "reopened": "Opened again",
    "no_longer_applicable": "No longer applies",
}


def risk_page(
    place: Place,
    risk: RiskLine,
    history: Sequence[RiskHistory],
    *,
    may_change: bool,
    given: Mapping[str, str],
    refused: RefusedError | None,
    today: date,
    address: Address,
) -> EntryPage:
    """One risk with all its scores and changes."""
    ask = Asking(given, refused)
    score = (risk.likelihood or 0) * (risk.impact or 0)
    where = address("registers.change_risk_", service_id=place.service_id, risk=risk.reference)
    is_open = risk.state != "closed"
    forms: tuple[NamedForm, ...] = ()
    if may_change and is_open:
        forms = (
            NamedForm("score", "Score it again", Form(where, (
                Field("kind", "", "hidden", "scored"),
                ask.field("likelihood", "How likely, 1 to 5?", "select", options=SCALE),
                ask.field("impact", "How bad, 1 to 5?", "select", options=SCALE),
                ask.field("reason", "Why?", "textarea"),
                ask.field("look_again_on", "Next look", "date", low=today),
            ), "Record the score")),
            NamedForm("change", "Change or close it", Form(where, (
                ask.field("kind", "What happens to it?", "select", options=tuple(
                    Option(kind, _RISK_KINDS[kind]) for kind in ("changed", "reviewed", "closed"))),
                ask.field("controls", "Controls, if they change", "textarea", required=False),
                ask.field("owner", "Owner, if they change", required=False),
                ask.field("next_look_on", "Next look, if it was reviewed", "date", required=False, low=today, rule="look_again_on"),
                ask.field("note", "Why?", "textarea"),
            ), "Record it")),
        )  # fmt: skip
    elif may_change:
        forms = (
            NamedForm("change", "Open it again", Form(where, (
                Field("kind", "", "hidden", "reopened"), ask.field("note", "Why?", "textarea"),
            ), "Open it again")),
        )  # fmt: skip
    return EntryPage(
        head=Head(f"{risk.reference} {risk.title}", place.name, _risk_sentence(risk, score, today)),
        facts_heading="On the register",
        facts=(
            Fact("Score", f"{score} of 25" if score else "Not scored",
                 f"likelihood {risk.likelihood} times impact {risk.impact}" if score else ""),
            Fact("Owner", risk.owner),
            Fact("Controls", risk.controls or "None recorded"),
            Fact("Next look", day_and_date(risk.look_again_on) if risk.look_again_on else "None set"),
            *_indicator_fact(place, risk, address),
        ),
        history_heading="Scores and changes",
        history=tuple(map(_risk_entry, history)),
        forms=forms,
    )  # fmt: skip


def new_risk_page(
    place: Place,
    standings: Sequence[Standing],
    *,
    given: Mapping[str, str],
    refused: RefusedError | None,
    today: date,
    address: Address,
) -> FormPage:
    """The form that puts a risk on the register."""
    ask = Asking(given, refused)
    here = {"service_id": place.service_id}
    fields = (
        ask.field("title", "What could happen, to whom, and why?"),
        ask.field("owner", "Who holds it?", hint="An initial and a surname."),
        ask.field("controls", "What holds it down?", "textarea", required=False),
        ask.field("likelihood", "How likely, 1 to 5?", "select", options=SCALE),
        ask.field("impact", "How bad, 1 to 5?", "select", options=SCALE),
        ask.field("reason", "Why this score?", "textarea"),
        ask.field("look_again_on", "Next look", "date", low=today),
        ask.field("indicator_id", "For which indicator?", "select", required=False, options=_indicators(standings)),
    )
    cancel = Link("Cancel", address("recovery.risks", **here))
    form = Form(address("registers.add_risk", **here), fields, "Record the risk", cancel=cancel)
    return FormPage(Head("New risk", place.name, "Likelihood times impact, with what holds it down."), "The risk", form)


def new_action_page(
    place: Place,
    standings: Sequence[Standing],
    *,
    given: Mapping[str, str],
    refused: RefusedError | None,
    today: date,
    address: Address,
) -> FormPage:
    """The form that opens an action."""
    ask = Asking(given, refused)
    here = {"service_id": place.service_id}
    fields = (
        ask.field("title", "What will be done?"),
        ask.field("owner", "Who does it?", hint="An initial and a surname."),
        ask.field("due_on", "By when?", "date", low=today),
        ask.field("measure", "What will show that it worked?", "textarea", required=False),
        ask.field("source", "Where does it come from?", "select", "It decides in which closure rate it counts.",
                  required=False, options=SOURCES),
        ask.field("high_risk", "Is it high risk?", "yes_no", "Then a second person closes it.", required=False),
        ask.field("indicator_id", "For which indicator?", "select", required=False, options=_indicators(standings)),
    )  # fmt: skip
    cancel = Link("Cancel", address("recovery.actions", **here))
    form = Form(address("registers.add_action", **here), fields, "Open the action", cancel=cancel)
    return FormPage(Head("New action", place.name, "Specific, owned, dated."), "The action", form, advice=_GOOD_ACTION)


def action_page(
    place: Place,
    action: ActionLine,
    history: Sequence[ActionHistory],
    *,
    effect: Fact | None = None,
    may_change: bool,
    given: Mapping[str, str],
    refused: RefusedError | None,
    today: date,
    address: Address,
) -> EntryPage:
    """One action with everything that happened to it."""
    ask = Asking(given, refused)
    is_open = action.state in ("open", "reopened")
    late = is_open and action.due_on < today
    where = address("registers.change_action", service_id=place.service_id, reference=action.reference)
    notes = tuple(Note("This could be clearer", words, "suggest", "i-review") for words in
                  (suggestions(tuple(action.marks or ())) if is_open else ()))  # fmt: skip
    if action.moved > 1:
        moved = Note(f"Its date was moved {counted(action.moved, 'time')}", f"First due {short_date(action.first_due_on)}.",
                     "pending", "i-clock")  # fmt: skip
        notes = (moved, *notes)
    if action.closing:
        notes = (Note("A second person closes it", "It is high risk, and one person has proposed to close it.", "pending"),
                 *notes)  # fmt: skip
    forms = _action_forms(ask, action, where, today) if may_change else ()
    return EntryPage(
        head=Head(f"{action.reference} {action.title}", place.name, _action_sentence(action, today)),
        facts_heading="The action",
        facts=(
            Fact("Owner", action.owner),
            Fact("Due", day_and_date(action.due_on), lateness(action.due_on, today) if late else ""),
            Fact("What will show that it worked", action.measure or "Not said"),
            Fact("High risk", "Yes, a second person closes it" if action.high_risk else "No"),
            *_indicator_fact(place, action, address),
            *((effect,) if effect else ()),
        ),
        history_heading="What happened to it",
        history=tuple(map(_action_entry, history)),
        forms=forms,
        notes=notes,
    )


def _action_forms(ask: Asking, action: ActionLine, where: str, today: date) -> tuple[NamedForm, ...]:
    if action.state not in ("open", "reopened"):
        again = (Field("kind", "", "hidden", "reopened"), ask.field("note", "Why?", "textarea"))
        return (NamedForm("again", "Open it again", Form(where, again, "Open it again")),)
    evidence = ask.field("evidence_reference", "Evidence that it is done", hint="Such as E-044.",
                         required=not action.closing)  # fmt: skip
    close = (Field("kind", "", "hidden", "closed"), evidence)
    found = [NamedForm("close", "Close it", Form(where, close, "Close it"))]
    if action.closing:
        refuse = (Field("kind", "", "hidden", "closure_refused"), ask.field("note", "Why not?", "textarea"))
        found.append(NamedForm("refuse", "Do not close it", Form(where, refuse, "Leave it open")))
    other = (
        ask.field("kind", "What happens?", "select", options=tuple(
            Option(kind, _ACTION_KINDS[kind]) for kind in ("redated", "edited", "no_longer_applicable"))),
        ask.field("due_on", "New date, if it moves", "date", required=False, low=today),
        ask.field("title", "Other words, if they change", required=False),
        ask.field("owner", "Other owner, if they change", required=False),
        ask.field("measure", "What will show that it worked, if it changes", required=False),
        ask.field("note", "Why?", "textarea"),
    )  # fmt: skip
    return (*found, NamedForm("change", "Change it", Form(where, other, "Record the change")))


def _action_sentence(action: ActionLine, today: date) -> str:
    if action.state == "closed":
        on = f" on {long_date(action.closed_on)}" if action.closed_on else ""
        return f"Closed{on}, with {action.evidence_reference}." if action.evidence_reference else f"Closed{on}."
    if action.state == "no_longer_applicable":
        return "It no longer applies."
    return (
        f"Open, {lateness(action.due_on, today)}."
        if action.due_on < today
        else f"Open, due {day_and_date(action.due_on)}."
    )


def _action_entry(one: ActionHistory) -> TimelineEntry:
    parts = [one.note or ""]
    if one.due_on:
        parts.append(f"New date {short_date(one.due_on)}.")
    for name, value in (("Now", one.title), ("Owner", one.owner), ("Measure", one.measure)):
        if value:
            parts.append(f"{name}: {value}.")
    if one.evidence_reference:
        parts.append(f"Evidence {one.evidence_reference}.")
    tone = {"closed": "improving", "redated": "alert", "closure_refused": "alert"}.get(one.kind, "")
    who = f", {one.recorded_initials}" if one.recorded_initials else ""
    return TimelineEntry(
        _ACTION_KINDS.get(one.kind, "Opened"), f"{long_date(one.happened_on)}{who}",
        " ".join(part for part in parts if part), icon="i-tick" if one.kind == "closed" else "i-dot", tone=tone,
    )  # fmt: skip


def _risk_sentence(risk: RiskLine, score: int, today: date) -> str:
    if risk.state == "closed":
        return "This risk is closed."
    late = risk.look_again_on is not None and risk.look_again_on < today
    said = f"It scores {score} of 25" if score else "It is not scored yet"
    if risk.first_score and risk.first_score != score:
        said += f", from {risk.first_score} at first"
    return f"{said}.{' Its next look is late.' if late else ''}"


def _risk_entry(one: RiskHistory) -> TimelineEntry:
    if one.kind == "scored":
        heading = f"Scored {(one.likelihood or 0) * (one.impact or 0)}"
        words = f"Likelihood {one.likelihood}, impact {one.impact}. {one.words or ''}"
    else:
        heading = _RISK_KINDS.get(one.kind, one.kind)
        words = f"{one.words or ''}{f' Controls: {one.controls}' if one.controls else ''}"
    who = f", {one.label}" if one.label else ""
    return TimelineEntry(heading, f"{long_date(one.happened_on)}{who}", words.strip(), icon="i-dot")


def _indicator_fact(place: Place, line: ActionLine | RiskLine, address: Address) -> tuple[Fact, ...]:
    if line.indicator_id is None:
        return ()
    href = address("services.indicator", service_id=place.service_id, indicator_id=line.indicator_id)
    return (Fact("For", "The indicator that it is linked to", href=href),)


def _indicators(standings: Sequence[Standing]) -> tuple[Option, ...]:
    named = (Option(str(one.indicator_id), indicator_definition(one.definition_key).name) for one in standings)
    return (Option("", "The plan as a whole"), *named)
