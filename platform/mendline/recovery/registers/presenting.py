"""The pages of escalations, from rows to words."""

import uuid
from collections.abc import Sequence
from datetime import date

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.rules import rules
from mendline.catalogue.triggers import triggers
from mendline.catalogue.wording import counted, day_and_date, lateness, short_date
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, service_head
from mendline.places.rows import Place
from mendline.recovery.registers.outcomes import OUTCOMES
from mendline.recovery.registers.pages import EscalationsPage
from mendline.recovery.registers.rows import EpisodeLine, EscalationLine, OversightLine
from mendline.recovery.triggers.opening import label_of
from mendline.web.components import (
    Badge,
    Button,
    Empty,
    Head,
    Item,
    ItemList,
    Option,
    WorkItem,
    WorkList,
)

OLD_OUTCOMES = {"agreed": "Agreed", "accepted": "Accepted"}
SCALE = tuple(Option(str(number), str(number)) for number in range(1, 6))


def escalations_page(
    place: Place,
    standings: tuple[Standing, ...],
    lines: Sequence[EscalationLine],
    episodes: Sequence[EpisodeLine],
    *,
    mine: frozenset[uuid.UUID],
    today: date,
    offers: Offers,
    may_open: bool,
    address: Address,
) -> EscalationsPage:
    """The escalations of a service, those that wait first, and the signs that last."""
    open_lines = [line for line in lines if line.is_open]
    sentence = _sentence(open_lines, mine, today)
    head = service_head(
        place, standings, offers=offers, address=address, current="escalations.listing", sentence=sentence
    )
    if may_open:
        new = Button("Escalate something", address("escalations.new", service_id=place.service_id), "i-up")
        head = Head(
            head.heading, head.sub, head.sentence, (new, *head.buttons), head.tabs, head.tabs_label, head.crumbs
        )
    return EscalationsPage(
        head=head,
        lists=_lists(lines, mine, today, address, tell=False),
        rail=(_warnings(episodes, today),),
        empty=Empty("Nothing was escalated", "Triggers and people put matters here, with a date for a decision."),
    )


def everywhere_page(
    lines: Sequence[EscalationLine],
    matters: Sequence[OversightLine],
    *,
    mine: frozenset[uuid.UUID],
    today: date,
    may_set: bool,
    address: Address,
) -> EscalationsPage:
    """The escalations of every service within reach, and what is before the provider's level."""
    open_lines = [line for line in lines if line.is_open]
    services = len({line.service_id for line in lines})
    rules_button = Button("Rules and thresholds", address("escalations.rules"))
    return EscalationsPage(
        head=Head(
            "Escalations",
            f"{counted(services, 'service')}",
            _sentence(open_lines, mine, today),
            buttons=(rules_button,) if may_set else (),
        ),
        lists=_lists(lines, mine, today, address, tell=True),
        rail=(_matters(matters, today, address),),
        empty=Empty("Nothing was escalated", "Triggers and people put matters here, with a date for a decision."),
    )


def title_of(line: EscalationLine) -> str:
    """What an escalation is called: its rule, or what was asked for."""
    known = rules().get(line.trigger)
    if known:
        return known.title
    kind = triggers().kinds.get(line.kind or line.trigger)
    return kind.title if kind else indicator_definition(line.definition_key).name


def outcome_words(outcome: str) -> str:
    """How it ended, in words."""
    return OUTCOMES.get(outcome) or OLD_OUTCOMES.get(outcome) or outcome.replace("_", " ").capitalize()


def _sentence(lines: Sequence[EscalationLine], mine: frozenset[uuid.UUID], today: date) -> str:
    if not lines:
        return "Nothing waits for a decision."
    late = sum(line.due_on < today for line in lines)
    oldest = max((today - line.opened_on).days for line in lines)
    waits = sum(line.escalation_id in mine for line in lines)
    said = f"{counted(len(lines), 'escalation')} {'waits' if len(lines) == 1 else 'wait'} for a decision"
    said += f", {waits} of them for you." if waits and waits < len(lines) else ", yours." if waits else "."
    said += f" {late} {'is' if late == 1 else 'are'} late." if late else ""
    return f"{said} The oldest has waited for {counted(oldest, 'day')}." if oldest else f"{said} All were opened today."


def _lists(
    lines: Sequence[EscalationLine], mine: frozenset[uuid.UUID], today: date, address: Address, *, tell: bool
) -> tuple[WorkList, ...]:
    groups = (
        ("Waiting for your decision", [one for one in lines if one.is_open and one.escalation_id in mine]),
        ("Waiting for others", [one for one in lines if one.is_open and one.escalation_id not in mine]),
        ("Decided", [one for one in lines if not one.is_open]),
    )
    return tuple(
        WorkList(f"{heading} ({len(found)})", tuple(_item(one, mine, today, address, tell=tell) for one in found))
        for heading, found in groups
        if found
    )


def _item(line: EscalationLine, mine: frozenset[uuid.UUID], today: date, address: Address, *, tell: bool) -> WorkItem:
    href = address("escalations.one", service_id=line.service_id, escalation_id=line.escalation_id)
    where = f"{line.service}. " if tell else ""
    name = indicator_definition(line.definition_key).name
    if not line.is_open:
        made = f" Made {', '.join(line.made)}." if line.made else ""
        return WorkItem(
            heading=title_of(line),
            text=f"{where}{name}. {outcome_words(line.outcome or '')}: {line.reason}{made}",
            when=f"Decided {short_date(line.decided_on)}" if line.decided_on else "Decided",
            when_note=line.decided_label or "",
            href=href,
            icon="i-tick",
        )
    late = line.due_on < today
    age = (today - line.opened_on).days
    return WorkItem(
        heading=title_of(line),
        text=f"{where}{_asked(line, name)}",
        when=_capital(lateness(line.due_on, today)) if late else f"Due {day_and_date(line.due_on)}",
        when_note=f"{label_of(line.role)}, opened today"
        if age == 0
        else f"{label_of(line.role)}, open for {counted(age, 'day')}",
        late=late,
        href=href,
        icon="i-up",
        tone="alert" if late else "pending",
        button=Button("Decide", href, kind="primary", about=f" on {title_of(line)}, {line.service}")
        if line.escalation_id in mine
        else None,
    )


def _asked(line: EscalationLine, name: str) -> str:
    """What is asked, without the rule's title, which stands above it, and with the figure's name once."""
    said = line.asked.removeprefix(f"{title_of(line)}: ")
    return f"{said[:1].upper()}{said[1:]}" if name in said else f"{name}. {said[:1].upper()}{said[1:]}"


def _warnings(episodes: Sequence[EpisodeLine], today: date) -> ItemList:
    lasting = [one for one in episodes if one.ended_on is None and one.family == "warning"]
    held = [one for one in episodes if one.ended_on is None and one.held_back]
    known = rules()
    items = [
        Item(
            known[one.rule_key].title if one.rule_key in known else one.rule_key,
            f"{one.sentence}.",
            due=f"for {counted((today - one.opened_on).days, 'day')}" if one.opened_on < today else "since today",
            due_last=True,
            badge=Badge("Contradicts", kind="concern") if one.is_contradiction else None,
        )
        for one in lasting
    ]
    items += [
        Item(
            known[one.rule_key].title if one.rule_key in known else one.rule_key,
            "This rule fired so often that it was held back. Look at its threshold.",
            badge=Badge("Held back", kind="pending"),
        )
        for one in held
    ]
    return ItemList("Early signs that last", tuple(items), empty="No early sign lasts at present.")


def _matters(matters: Sequence[OversightLine], today: date, address: Address) -> ItemList:
    return ItemList(
        "Before the provider",
        tuple(
            Item(
                f"{one.reference} {one.asked}",
                f"{one.service}." + (f" {one.reply} ({one.replied_label})" if one.reply else ""),
                due=f"Answered {short_date(one.replied_on)}" if one.replied_on else _due(one.due_on, today),
                late=one.replied_on is None and one.due_on < today,
                href=address("escalations.matter", service_id=one.service_id, matter=one.reference),
                due_last=True,
            )
            for one in matters[:20]
        ),
        empty="Nothing is before the provider.",
    )


def _due(due_on: date, today: date) -> str:
    return _capital(lateness(due_on, today)) if due_on < today else f"Reply due {short_date(due_on)}"


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
