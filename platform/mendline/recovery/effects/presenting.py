"""Look-backs, from rows to words."""

from collections.abc import Mapping, Sequence
from datetime import date

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import (
    counted,
    date_range,
    day_and_date,
    figure,
    lateness,
    long_date,
    rounded,
    short_date,
)
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.recovery.effects.rows import EffectLine
from mendline.recovery.effects.rules import PERIODS, VERDICT_WORDS, Comparison, Side
from mendline.recovery.registers.pages import EntryPage, EscalationsPage, NamedForm
from mendline.web.asking import Asking
from mendline.web.components import (
    Empty,
    Fact,
    Field,
    Form,
    Head,
    Note,
    Option,
    TimelineEntry,
    WorkItem,
    WorkList,
)
from tenants.errors import RefusedError

MINUS = "\N{MINUS SIGN}"
_TONES = {"worked": "ok", "not_yet": "pending", "no": "alert"}


def effect_item(line: EffectLine, today: date, address: Address, *, tell: bool = False) -> WorkItem:
    """A look-back as a line of a list, here and on a person's own page."""
    place = f"{line.service}. " if tell else ""
    if line.verdict:
        when, note, late = VERDICT_WORDS[line.verdict], short_date(line.decided_on or line.due_on), False
    else:
        when, note, late = short_date(line.due_on), lateness(line.due_on, today), line.due_on < today
    return WorkItem(
        heading=f"What did {line.reference} change?",
        text=f"{place}{line.title}. Closed {short_date(line.closed_on)}. Owner: {line.owner}.",
        when=when,
        when_note=note,
        late=late,
        href=address("effects.one", service_id=line.service_id, check_id=line.check_id),
        icon="i-tick" if line.verdict == "worked" else "i-review",
        tone=_TONES.get(line.verdict or "", "pending" if late else ""),
    )


def effects_page(place: Place, lines: Sequence[EffectLine], *, today: date, address: Address) -> EscalationsPage:
    """The look-backs of a service."""
    waits = [line for line in lines if line.waits]
    done = [line for line in lines if line.verdict]
    due = sum(line.due_on <= today for line in waits)
    sentence = f"{counted(due, 'look-back')} {'is' if due == 1 else 'are'} due." if due else "No look-back is due."
    return EscalationsPage(
        head=Head("Look-backs", place.name, sentence),
        lists=(
            WorkList("To look at", tuple(effect_item(line, today, address) for line in waits), empty="None is booked."),
            *((WorkList("Looked at", tuple(effect_item(line, today, address) for line in done)),) if done else ()),
        )
        if lines
        else (),
        empty=Empty(
            "No look-backs yet",
            "When an action with an indicator is closed, a look at what it changed is booked by itself.",
        ),
    )


def effect_page(
    place: Place,
    line: EffectLine,
    found: Comparison,
    *,
    may_decide: bool,
    given: Mapping[str, str],
    refused: RefusedError | None,
    today: date,
    address: Address,
) -> EntryPage:
    """One look-back: before, after, the caution, and the verdict or the form for it."""
    definition = indicator_definition(line.definition_key, line.definition_version)
    change = found.change
    unit = "points" if definition.measure_type == "proportion" else ""
    interval = (
        f"{_signed(change.change, definition.decimals)} {unit}".strip() if change is not None else "Not enough figures"
    )
    limits = (
        f"95% interval {_signed(change.lower, definition.decimals)} to {_signed(change.upper, definition.decimals)}"
        if change is not None
        else ""
    )
    facts = (
        Fact("Before it was opened", _value(found.before, line), _periods(found.before, line), big=True),
        Fact("After it was closed", _value(found.after, line), _periods(found.after, line), big=True),
        Fact("Change", interval, limits),
        Fact(
            "Indicator",
            definition.name,
            href=address("services.indicator", service_id=line.service_id, indicator_id=line.indicator_id),
        ),
        Fact(
            "Action",
            f"{line.reference} {line.title}",
            f"Opened {short_date(line.opened_on)}, closed {short_date(line.closed_on)}",
            href=address("registers.action", service_id=line.service_id, reference=line.reference),
        ),
        Fact("Look at it by", day_and_date(line.due_on), "" if line.verdict else lateness(line.due_on, today)),
    )
    cautions = (Note("Read this with care", " ".join(found.cautions), "suggest"),)
    forms = _forms(line, given, refused, address) if may_decide and line.waits else ()
    return EntryPage(
        head=Head(f"What did {line.reference} change?", place.name, found.sentence),
        facts_heading="Before and after",
        facts=facts,
        history_heading="What happened",
        history=_history(line),
        forms=forms,
        notes=cautions,
    )


def effect_note(lines: Sequence[EffectLine], today: date, address: Address) -> Fact | None:
    """What an action's own page says of its look-back; None where none was booked."""
    newest = next((line for line in lines if line.newest), None)
    if newest is None:
        return None
    href = address("effects.one", service_id=newest.service_id, check_id=newest.check_id)
    if newest.verdict:
        said = f"{VERDICT_WORDS[newest.verdict]}: {newest.verdict_reason}"
        return Fact(
            "What it changed", said, f"{long_date(newest.decided_on or today)}, {newest.decided_label}", href=href
        )
    return Fact(
        "What it changed", f"To be looked at by {long_date(newest.due_on)}", lateness(newest.due_on, today), href=href
    )


def _history(line: EffectLine) -> tuple[TimelineEntry, ...]:
    booked = TimelineEntry(
        "Booked",
        f"Look {line.number}, {counted(line.periods, 'period')} after the closure",
        line.reason or f"By itself, when {line.reference} was closed.",
        icon="i-clock",
    )
    if not line.verdict:
        return (booked,)
    seen = (line.seen or {}).get("sentence", "")
    told = TimelineEntry(
        VERDICT_WORDS[line.verdict],
        f"{long_date(line.decided_on or line.due_on)}, {line.decided_label}",
        f"Seen then: {seen}" if seen else "",
        quote=line.verdict_reason or "",
        icon="i-tick" if line.verdict == "worked" else "i-review",
    )
    return (told, booked)


def _forms(
    line: EffectLine, given: Mapping[str, str], refused: RefusedError | None, address: Address
) -> tuple[NamedForm, ...]:
    ask = Asking(given, refused)
    is_moving = (
        "move_reason" in given
    )  # both forms ask for a number of periods: the trouble is told in the one that was sent
    trouble = ask.problems.get("periods", "")
    usual = str(PERIODS.get(line.cadence, 6))
    here = {"service_id": line.service_id, "check_id": line.check_id}
    each = "weeks" if line.cadence == "weekly" else "months"
    verdict = Form(
        address("effects.decide_one", **here),
        (
            ask.field(
                "verdict",
                "Did it work?",
                "choice",
                options=(
                    Option("worked", "It worked", "The figures and what you saw agree."),
                    Option("not_yet", "Not yet", "Another look is booked."),
                    Option("no", "It did not work", "Open another action, or escalate."),
                ),
            ),
            ask.field("reason", "What do you rest this on?", "textarea", "The figures above are kept with it."),
            Field(
                "periods",
                "If not yet: look again after how many more?",
                "number",
                given.get("periods", usual),
                error="" if is_moving else trouble,
                required=False,
                unit=each,
            ),
        ),
        "Record the verdict",
    )
    move = Form(
        address("effects.move_one", **here),
        (
            Field(
                "periods",
                "How many after the closure?",
                "number",
                str(line.periods),
                error=trouble if is_moving else "",
                unit=each,
            ),
            ask.field("move_reason", "Why?"),
        ),
        "Look then",
    )
    return NamedForm("verdict", "Your verdict", verdict), NamedForm("move", "Look at another time", move)


def _value(side: Side, line: EffectLine) -> str:
    if side.value is None:
        return "No final figure"
    return figure(side.value, indicator_definition(line.definition_key, line.definition_version))


def _periods(side: Side, line: EffectLine) -> str:
    if side.first is None or side.last is None:
        return ""
    word = "week" if line.cadence == "weekly" else "month"
    return f"{counted(side.periods, word)}, {date_range(side.first, side.last)}"


def _signed(value: float, decimals: int) -> str:
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    return f"{sign}{rounded(abs(value), max(1, decimals))}"
