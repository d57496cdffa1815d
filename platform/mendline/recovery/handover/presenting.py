"""Hand-over pages, from rows to words."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

from mendline.catalogue.wording import counted, long_date, short_date
from mendline.places.head import Address
from mendline.recovery.handover.owning import Ownership
from mendline.recovery.handover.rows import Member, Owned, Passed
from mendline.recovery.registers.pages import EscalationsPage, FormPage
from mendline.web.components import Empty, Field, Form, Head, Item, ItemList, Link, Option, WorkItem, WorkList
from tenants.errors import RefusedError
from tenants.roles import ROLES

KIND_WORDS = {
    "indicator": ("indicator", "indicators"),
    "action": ("action", "actions"),
    "risk": ("risk", "risks"),
    "escalation": ("escalation", "escalations"),
    "work": ("piece of work", "pieces of work"),
    "clock": ("clock", "clocks"),
    "review": ("review", "reviews"),
}


def owners_page(found: Sequence[Ownership], address: Address) -> EscalationsPage:
    """Owners with how much they own: those who left or leave first, with the days without an owner."""
    by_owner: dict[str, list[Ownership]] = defaultdict(list)
    for each in found:
        by_owner[each.owned.owner].append(each)
    lines = sorted(by_owner.items(), key=lambda pair: (-_days(pair[1]), pair[0]))
    without = [pair for pair in lines if any(each.needs_owner for each in pair[1])]
    others = [pair for pair in lines if pair not in without]
    things = sum(each.days_without is not None or not each.is_known for each in found)
    sentence = (
        f"{counted(things, 'thing')} {'has' if things == 1 else 'have'} no owner who works there."
        if things
        else "Everything has an owner who works there."
    )
    return EscalationsPage(
        head=Head("Hand-over", "Who owns what at the services in your reach", sentence),
        lists=(
            WorkList(
                "Without an owner, or leaving",
                tuple(_owner(name, things, address) for name, things in without),
                aside="Longest first",
                empty="Nobody who owns something has left or leaves within four weeks.",
            ),
            WorkList("Everybody else", tuple(_owner(name, things, address) for name, things in others)),
        ),
    )


def passing_page(
    owner: str,
    things: Sequence[Ownership],
    people: Sequence[Member],
    *,
    given: Mapping[str, str],
    refused: RefusedError | None,
    address: Address,
) -> FormPage:
    """The one page that hands over what somebody owns, to one or to several."""
    problems = refused.problems if refused else {}
    takers = _takers(people, owner)
    fields = [
        Field(
            "to_person",
            "Who takes it?",
            "select",
            given.get("to_person", ""),
            hint="Everything below goes to them, unless you name somebody else beside it.",
            error=problems.get("to_person", ""),
            options=takers,
            required=False,
        ),
        Field(
            "reason",
            "Why?",
            "text",
            given.get("reason", ""),
            hint="It stands on the record of each. Such as: left on 20 November.",
            error=problems.get("reason", ""),
        ),
    ]
    for each in things:
        name = f"to_{each.owned.item_id}"
        fields.append(
            Field(
                name,
                _label(each.owned),
                "select",
                given.get(name, ""),
                hint=_hint(each),
                error=problems.get(name, ""),
                options=takers,
                required=False,
            )
        )
    form = Form(
        address("handover.pass_all", owner=owner),
        tuple(fields),
        f"Hand over {counted(len(things), 'thing')}",
        Link("Back", address("handover.listing")),
    )
    counts: dict[str, int] = defaultdict(int)
    for each in things:
        counts[each.owned.kind] += 1
    advice = ItemList(
        "What they own", tuple(Item(counted(count, *KIND_WORDS[kind])) for kind, count in sorted(counts.items()))
    )
    head = Head(f"Hand over from {owner}", "", f"{counted(len(things), 'thing')} of theirs, all in one step.")
    return FormPage(head, "Who takes what", form, advice)


def passed_page(lines: Sequence[Passed]) -> EscalationsPage:
    """What a hand-over was made of."""
    groups: dict[str, list[Passed]] = defaultdict(list)
    for line in lines:
        groups[line.to_label].append(line)
    first = lines[0]
    sentence = f"{counted(len(lines), 'thing')} from {first.from_label}, on {long_date(first.happened_on)}."
    return EscalationsPage(
        head=Head("Handed over", f"By {first.recorded_label}: {first.reason}", sentence),
        lists=tuple(
            WorkList(
                f"To {name} ({len(group)})",
                tuple(
                    WorkItem(
                        f"{KIND_WORDS[line.kind][0].capitalize()}: {line.title}",
                        line.service,
                        short_date(line.happened_on),
                        f"{counted(line.days_without, 'day')} without an owner" if line.days_without else "",
                        icon="i-person",
                    )
                    for line in group
                ),
            )
            for name, group in sorted(groups.items())
        ),
        empty=Empty("Nothing was handed over", ""),
    )


def _owner(name: str, things: Sequence[Ownership], address: Address) -> WorkItem:
    counts: dict[str, int] = defaultdict(int)
    for each in things:
        counts[each.owned.kind] += 1
    said = ", ".join(counted(count, *KIND_WORDS[kind]) for kind, count in sorted(counts.items()))
    places = sorted({each.owned.service for each in things})
    days, leaves = _days(things), next((each.leaves_on for each in things if each.leaves_on), None)
    unknown = any(not each.is_known for each in things)
    when = f"{counted(days, 'day')}" if days > 0 else f"Leaves {short_date(leaves)}" if leaves else ""
    note = "without an owner" if days > 0 else "Nobody of that name works there" if unknown else ""
    return WorkItem(
        name,
        f"{said}. {', '.join(places[:3])}{' and more' if len(places) > 3 else ''}.",
        when,
        note,
        late=days > 0 or unknown,
        href=address("handover.of", owner=name),
        icon="i-person",
        tone="alert" if days > 0 else "pending" if leaves or unknown else "",
    )


def _days(things: Sequence[Ownership]) -> int:
    return max((each.days_without or 0 for each in things), default=0)


def _takers(people: Sequence[Member], owner: str) -> tuple[Option, ...]:
    found: dict[uuid.UUID, Option] = {}
    for each in people:
        if each.name != owner:
            role = ROLES[each.role].label if each.role in ROLES else each.role
            found.setdefault(each.person_id, Option(str(each.person_id), f"{each.name}, {role.lower()}"))
    return tuple(found.values())


def _label(owned: Owned) -> str:
    named = f"{owned.subject} " if owned.kind in ("action", "risk") else ""
    return f"{KIND_WORDS[owned.kind][0].capitalize()}: {named}{owned.title}"


def _hint(each: Ownership) -> str:
    due = f" Due {short_date(each.owned.due_on)}." if each.owned.due_on else ""
    days = f" {counted(each.days_without, 'day')} without an owner." if each.days_without else ""
    return f"{each.owned.service}.{due}{days}"
