"""The first page of a day, from rows to words: a carer's tiles, a manager's list, or what a sign-in covers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from mendline.catalogue.calendar import to_london
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.record_types import RecordType
from mendline.catalogue.wording import counted, day_and_date, lateness, listed, short_date
from mendline.evidence.pages import CarerHomePage, Tile
from mendline.evidence.records.presenting import entry_items, tiles_of
from mendline.evidence.records.rows import OwnEntry
from mendline.places.head import Address
from mendline.web.components import (
    Button,
    Empty,
    Head,
    Item,
    ItemList,
    Link,
    ScopeColumn,
    ScopeLine,
    WorkItem,
    WorkList,
)
from mendline.web.readings import DECISION_WORDS
from mendline.work.pages import CoversPage, MyWorkPage
from mendline.work.rows import Change, LateAction, OpenEscalation, Waiting, WaitingFigure, Workplace
from mendline.work.sources import Found
from tenants.classes import CLASSES
from tenants.reach import Reach
from tenants.roles import ROLES

FIRST_TILES = 6
CHANGE_WORDS = {
    "decision": ("decision",),
    "action": ("new action",),
    "escalation": ("new escalation",),
    "work": ("piece of work done", "pieces of work done"),
    "objective": ("change of an objective", "changes of objectives"),
}
CHANGE_PAGES = {
    "decision": "recovery.reviews",
    "action": "recovery.actions",
    "escalation": "services.dashboard",
    "work": "plans.of_service",
    "objective": "plans.of_service",
}
_NOTHING_ASKED = Found()
_NOTHING_TO_ENTER = Empty("No record to enter", "The kinds of record that your role enters would stand here.")

# What a person may enter at each service where they hold a role.
Enterable = Sequence[tuple[Workplace, tuple[RecordType, ...]]]


def carer_page(
    enterable: Enterable,
    entries: tuple[OwnEntry, ...],
    *,
    today: date,
    address: Address,
    lists: tuple[WorkList, ...] = (),
) -> CarerHomePage:
    """All that a carer needs: what they are asked to do, what they may enter, and what they entered."""
    several = len(enterable) > 1
    tiles = tuple(
        tile
        for place, kinds in enterable
        for tile in tiles_of(_ordered(kinds, entries), place.service_id, address, text=place.name if several else "")
    )
    names = ", ".join(place.name for place, _ in enterable)
    return CarerHomePage(
        head=Head("My work", f"{_day(today)}. {names}." if names else f"{_day(today)}.", "Choose what to record."),
        lists=lists,
        tiles=tiles,
        entries=entry_items(entries, address, tell_service=several),
        empty=_NOTHING_TO_ENTER,
    )


def work_page(
    held: Reach,
    enterable: Enterable,
    entries: tuple[OwnEntry, ...],
    waits: Waiting,
    *,
    today: date,
    address: Address,
    asked: Found = _NOTHING_ASKED,
    changes: tuple[Change, ...] = (),
    since: datetime | None = None,
) -> MyWorkPage:
    """What waits for a manager or lead, most pressing first; below it what they may enter."""
    mine = tuple(each for each in waits.escalations if _is_to(held, each))
    others = tuple(each for each in waits.escalations if not _is_to(held, each))
    declines = tuple(each for each in waits.figures if each.what == "decline")
    reviews = tuple(each for each in waits.figures if each.what == "review")
    # One service needs no name on each line.
    tell = len(enterable) != 1
    counts = _counts(mine, declines, reviews, waits.actions)
    lists = (
        WorkList(
            f"Waiting for a decision ({counts['decide']})",
            (
                *(_decline(each, held, address, tell) for each in declines),
                *(_asked_of_me(each, today, address, tell) for each in mine),
            ),
            aside=_shown(len(declines), counts["declines"]) or "Longest first",
        ),
        WorkList(
            f"Reviews due ({counts['reviews']})",
            tuple(_review(each, held, today, address, tell) for each in reviews),
            aside=_shown(len(reviews), counts["reviews"]) or "Earliest first",
        ),
        WorkList(
            f"Late actions ({counts['actions']})",
            tuple(_late(each, today, address, tell) for each in waits.actions),
            aside=_shown(len(waits.actions), counts["actions"]) or "Latest first",
        ),
        *asked.lists,
    )
    tiles, more = _first_tiles(enterable, entries, address)
    return MyWorkPage(
        head=Head(
            "My work",
            _sub(held, enterable, today),
            _sentence(counts, asked.pressing, decides=held.may_anywhere("record_decision")),
        ),
        lists=tuple(each for each in lists if each.items),
        rail=(*_changed(changes, since, address, tell=tell), *_rail(others, entries, address, tell=tell)),
        tiles=tiles,
        more=more,
        empty=Empty("Nothing waits for you", "Declines without a decision, reviews due and late actions appear here."),
    )


def covers_page(held: Reach) -> CoversPage:
    """What a sign-in covers; no content of any provider."""
    return CoversPage(
        head=Head(
            "What this sign-in covers",
            held.role_label,
            "There is nothing to do here for this sign-in."
            if held.held or held.granted
            else "This sign-in covers no service. Whoever manages people at a provider can give it a role.",
        ),
        columns=(
            ScopeColumn("It covers", _covered(held) or (ScopeLine("Signing in and out, and this page."),)),
            ScopeColumn(
                "It does not cover",
                tuple(ScopeLine(f"{words[0].upper()}{words[1:]}", "i-lock") for words in _not_covered(held)),
            ),
        ),
    )


def _covered(held: Reach) -> tuple[ScopeLine, ...]:
    lines = [
        ScopeLine(f", {each.provider}: {_listed(ROLES[each.role].classes)}", "i-tick", ROLES[each.role].label)
        for each in held.held
    ]
    lines += [
        ScopeLine(
            f": {_listed(dict.fromkeys(sorted(each.classes), 'r'))}, until {short_date(each.until)}", strong=each.body
        )
        for each in held.granted
    ]
    return tuple(lines)


def _not_covered(held: Reach) -> tuple[str, ...]:
    open_to = {key for each in held.held for key in ROLES[each.role].classes}
    open_to |= {key for each in held.granted for key in each.classes}
    return tuple(words for key, words in CLASSES.items() if key not in open_to)


def _listed(classes: Mapping[str, str]) -> str:
    return "; ".join(CLASSES[key] for key in classes if key in CLASSES)


def _counts(
    mine: tuple[OpenEscalation, ...],
    declines: tuple[WaitingFigure, ...],
    reviews: tuple[WaitingFigure, ...],
    actions: tuple[LateAction, ...],
) -> dict[str, int]:
    return {
        "declines": declines[0].total if declines else 0,
        "decide": (declines[0].total if declines else 0) + len(mine),
        "reviews": reviews[0].total if reviews else 0,
        "actions": actions[0].total if actions else 0,
    }


def _sentence(counts: Mapping[str, int], pressing: int, *, decides: bool) -> str:
    total = counts["decide"] + counts["reviews"] + counts["actions"] + pressing
    if not total:
        return "Nothing waits for you this week."
    if decides:
        said = f"{counted(total, 'thing')} {'needs' if total == 1 else 'need'} you this week."
    else:
        said = f"{counted(total, 'thing')} {'waits' if total == 1 else 'wait'} here this week."
    parts = []
    if counts["declines"]:
        parts.append(
            f"{counted(counts['declines'], 'decline')} {'has' if counts['declines'] == 1 else 'have'} no decision"
        )
    if counts["actions"]:
        parts.append(f"{counted(counts['actions'], 'action')} {'is' if counts['actions'] == 1 else 'are'} late")
    if pressing:
        parts.append(f"{counted(pressing, 'piece')} of planned work {'is' if pressing == 1 else 'are'} due or overdue")
    return f"{said} {listed(parts)}." if parts else said


def _changed(
    changes: tuple[Change, ...], since: datetime | None, address: Address, *, tell: bool
) -> tuple[ItemList, ...]:
    """What others did since the last visit."""
    if since is None:
        return ()
    seen = short_date(to_london(since).date())
    items = tuple(
        Item(
            counted(each.count, *CHANGE_WORDS[each.what]),
            _at(each.service, f"Latest {each.latest}", tell),
            href=address(CHANGE_PAGES[each.what], service_id=each.service_id),
        )
        for each in changes
    )
    return (ItemList(f"Since your last visit, {seen}", items, empty="Nothing changed since then."),)


def _sub(held: Reach, enterable: Enterable, today: date) -> str:
    places = [place.name for place, _ in enterable] or list(dict.fromkeys(each.provider for each in held.held))
    return f"{_day(today)}. {', '.join(places)}."


def _day(today: date) -> str:
    return f"{day_and_date(today)} {today.year}"


def _decline(each: WaitingFigure, held: Reach, address: Address, tell: bool) -> WorkItem:
    days = each.unescalated_days or 0
    since = f"since {short_date(each.declined_since)}" if each.declined_since else ""
    return WorkItem(
        heading=indicator_definition(each.definition_key).name,
        text=_at(each.service, each.sentence, tell),
        when=f"{counted(days, 'day')} without a decision" if days else "No decision yet",
        when_note=since,
        late=True,
        href=_figure(each, address),
        icon="i-flag",
        tone="alert",
        button=_decide(each, held, address, "Decide", "primary"),
    )


def _asked_of_me(each: OpenEscalation, today: date, address: Address, tell: bool) -> WorkItem:
    late = each.due_on < today
    return WorkItem(
        heading=indicator_definition(each.definition_key).name,
        text=_at(each.service, f"{_opened(each)}. {each.asked}", tell),
        when=_capital(lateness(each.due_on, today)),
        when_note=f"due {short_date(each.due_on)}",
        late=late,
        href=_figure(each, address),
        icon="i-up",
        tone="alert" if late else "pending",
        button=Button("Look", _figure(each, address), about=indicator_definition(each.definition_key).name),
    )


def _opened(each: OpenEscalation) -> str:
    """Who put it before somebody; what a rule opened is not yet an answer of the service to its decline."""
    return f"{'Opened by a rule' if each.origin == 'rule' else 'Escalated'} on {short_date(each.opened_on)}"


def _review(each: WaitingFigure, held: Reach, today: date, address: Address, tell: bool) -> WorkItem:
    due = each.review_due_on or today
    last = (
        f"last {DECISION_WORDS.get(each.last_decision, each.last_decision).lower()}, {short_date(each.last_decision_on)}"
        if each.last_decision and each.last_decision_on
        else "no decision yet"
    )
    return WorkItem(
        heading=indicator_definition(each.definition_key).name,
        text=_at(each.service, each.sentence, tell),
        when=_capital(lateness(due, today)),
        when_note=last,
        late=due < today,
        href=_figure(each, address),
        tone="pending" if due < today else "",
        button=_decide(each, held, address, "Record decision"),
    )


def _late(each: LateAction, today: date, address: Address, tell: bool) -> WorkItem:
    moved = f" First due {short_date(each.first_due_on)}." if each.first_due_on != each.due_on else ""
    here = address("recovery.actions", service_id=each.service_id)
    return WorkItem(
        heading=f"{each.reference} {each.title}",
        text=_at(each.service, f"Owner {each.owner}.{moved}", tell),
        when=_capital(lateness(each.due_on, today)),
        when_note=f"was due {short_date(each.due_on)}",
        late=True,
        href=here,
        icon="i-clock",
        tone="alert",
    )


def _decide(each: WaitingFigure, held: Reach, address: Address, words: str, kind: str = "") -> Button | None:
    if not held.may("record_decision", each.provider_id, each.service_id):
        return None
    here = address("recovery.decide", service_id=each.service_id, indicator_id=each.indicator_id)
    about = f"{indicator_definition(each.definition_key).name}, {each.service}"
    return Button(words, here, kind=kind, about=about)


def _rail(
    others: tuple[OpenEscalation, ...], entries: tuple[OwnEntry, ...], address: Address, *, tell: bool
) -> tuple[ItemList, ...]:
    lists = []
    if others:
        lists.append(ItemList("Waiting for others", tuple(_with_others(each, address, tell) for each in others)))
    if entries:
        items = entry_items(entries[:5], address, tell_service=tell)
        lists.append(ItemList("What you entered", items))
    return tuple(lists)


def _with_others(each: OpenEscalation, address: Address, tell: bool) -> Item:
    to = each.to_label or ROLES[each.to_role].label if each.to_role in ROLES else each.to_role.replace("_", " ")
    return Item(
        indicator_definition(each.definition_key).name,
        _at(each.service, f"{_opened(each)}. {to} decides", tell),
        due=f"by {short_date(each.due_on)}",
        href=_figure(each, address),
        due_last=True,
    )


def _first_tiles(
    enterable: Enterable, entries: tuple[OwnEntry, ...], address: Address
) -> tuple[tuple[Tile, ...], Link | None]:
    """A few kinds of record, the likeliest first."""
    for place, kinds in enterable:
        tiles = tiles_of(_ordered(kinds, entries)[:FIRST_TILES], place.service_id, address)
        more = Link(
            f"All {counted(len(kinds), 'kind')} at {place.name}", address("records.types", service_id=place.service_id)
        )
        return tiles, more if len(kinds) > FIRST_TILES or len(enterable) > 1 else None
    return (), None


def _ordered(kinds: Sequence[RecordType], entries: tuple[OwnEntry, ...]) -> list[RecordType]:
    """Those that the person entered last, then those where somebody may need help, then the rest by name."""
    recent = {entry.record_type: place for place, entry in reversed(list(enumerate(entries)))}
    return sorted(kinds, key=lambda kind: (recent.get(kind.key, len(entries)), kind.safety is None, kind.title))


def _is_to(held: Reach, each: OpenEscalation) -> bool:
    return any(
        row.provider_id == each.provider_id and row.role == each.to_role and row.service_id in (None, each.service_id)
        for row in held.held
    )


def _figure(each: WaitingFigure | OpenEscalation, address: Address) -> str:
    return address("services.indicator", service_id=each.service_id, indicator_id=each.indicator_id)


def _at(service: str, words: str, tell: bool) -> str:
    return f"{service}. {words}" if tell else words


def _shown(shown: int, total: int) -> str:
    return f"The first {shown}" if total > shown else ""


def _capital(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"
