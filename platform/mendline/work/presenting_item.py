"""One piece of dated work, and who stands in for whom: from rows to words."""

from collections.abc import Mapping, Sequence
from datetime import date

from mendline.catalogue.record_types import RecordType
from mendline.catalogue.wording import lateness, long_date, short_date
from mendline.duties.rows import Colleague, WorkEvent, WorkLine
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.web.components import Badge, Button, Fact, Head, Link, Note, TimelineEntry
from mendline.work.forms import change_forms, finish_form, role_form
from mendline.work.pages import HandOversPage, StandingIn, WorkItemPage
from mendline.work.rows import StandIn
from tenants.errors import RefusedError
from tenants.reach import Reach
from tenants.roles import ROLES

STATES = {
    "open": Badge("To do"),
    "done": Badge("Done", "i-tick", "ok"),
    "cancelled": Badge("Cancelled", kind="hollow"),
    "missed": Badge("Missed", kind="alert"),
}
EVENTS = {
    "recorded": "A record was made for it",
    "done": "Done",
    "redated": "Moved",
    "handed_over": "Handed over",
    "cancelled": "Cancelled",
    "missed": "Missed",
    "reopened": "Opened again",
}
WHY = {"holiday": "holiday", "absence": "absence", "vacancy": "vacancy", "other": "another reason"}


def item_page(
    place: Place,
    held: Reach,
    line: WorkLine,
    events: Sequence[WorkEvent],
    enterable: Sequence[RecordType],
    people: Sequence[Colleague],
    *,
    today: date,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> WorkItemPage:
    """What a piece of work asks, and the ways to do or change it that this person has."""
    problems = dict(refused.problems) if refused else {}
    here = (place.provider_id, place.service_id)
    open_ = line.state in ("open", "missed")
    starts = tuple(_start(each, place, line, address) for each in enterable) if open_ else ()
    leads, own = held.may("manage_actions", *here), line.assigned_id == held.person_id
    by_words = open_ and held.may("do_work", *here) and not starts
    changes = (
        change_forms(
            line, people, today=today, address=address, given=given, problems=problems, leads=leads, own=own
        )
        if line.state == "open"
        else ()
    )  # fmt: skip
    said = lateness(line.due_on, today) if line.state == "open" else STATES[line.state].word.lower()
    return WorkItemPage(
        head=Head(line.title, f"{place.name}. {said[0].upper()}{said[1:]}."),
        facts=_facts(line),
        starts=starts,
        history=tuple(_event(each, place, address) for each in events),
        finish=finish_form(line, address, given, problems) if by_words else None,
        changes=changes,
        note=Note(str(refused), " ".join(problems.values()), kind="pending") if refused else _vacancy(line),
    )


def hand_overs_page(
    place: Place,
    standing: Sequence[StandIn],
    people: Sequence[Colleague],
    roles: Sequence[str],
    *,
    today: date,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> HandOversPage:
    """Who stands in for whom, and the form for more."""
    return HandOversPage(
        head=Head(
            "Hand over work",
            place.name,
            "For a holiday, an absence or a vacancy: the work of a role goes to somebody else from a day to a day.",
        ),
        form=role_form(
            place.service_id, people, roles, today=today, address=address, given=given,
            problems=dict(refused.problems) if refused else {},
        ),
        standing=tuple(
            StandingIn(
                f"{each.to_label} for {each.from_label or ROLES[each.role].label.lower()}",
                f"{ROLES[each.role].label}, {WHY[each.why]}, from {long_date(each.from_on)}"
                + (f" to {long_date(each.until_on)}" if each.until_on else " until it is ended")
                + (f": {each.title}" if each.title else "")
                + (f". {each.note}" if each.note else ""),
                address("work.end_hand_over_here", service_id=place.service_id, delegation_id=each.delegation_id),
            )
            for each in standing
            if each.role in ROLES
        ),
    )  # fmt: skip


def _facts(line: WorkLine) -> tuple[Fact, ...]:
    role = ROLES[line.role].label if line.role in ROLES else line.role
    asked = ROLES[line.asked_role].label if line.asked_role in ROLES else line.asked_role
    moved = f"First due {long_date(line.first_due_on)}." if line.first_due_on != line.due_on else ""
    facts = [
        Fact("Record that it leaves", line.record),
        Fact("Role", role),
        Fact("Asked now", line.assigned_label or f"Whoever works as {asked.lower()}",
             note=f"Stands in: {WHY.get(line.stands_in, line.stands_in)}" if line.stands_in else ""),
        Fact("Due", long_date(line.due_on), note=moved),
        Fact("State", STATES[line.state].word,
             note=f"{long_date(line.closed_on)}, {line.closed_label or ''}".rstrip(", ") if line.closed_on else ""),
    ]  # fmt: skip
    if line.needed > 1:
        facts.append(Fact("Records", f"{line.made} of {line.needed} made"))
    if line.shift_band:
        facts.append(Fact("Shift", f"{line.shift_band.capitalize()}, {short_date(line.opens_on)}"))
    return tuple(facts)


def _start(kind: RecordType, place: Place, line: WorkLine, address: Address) -> Button:
    here = address("records.new", service_id=place.service_id, record_type=kind.key)
    return Button(f"Start: {kind.title.lower()}", f"{here}?completes={line.work_item_id}", "i-doc", "primary")


def _event(each: WorkEvent, place: Place, address: Address) -> TimelineEntry:
    said = [each.note or ""]
    if each.due_on:
        said.append(f"Now due {long_date(each.due_on)}.")
    if each.to_label:
        said.append(f"To {each.to_label}.")
    references: tuple[Link, ...] = ()
    if each.record_id and each.record_type:
        here = {"service_id": place.service_id, "record_type": each.record_type, "record_id": each.record_id}
        references = (Link("the record", address("records.one", **here)),)
    return TimelineEntry(
        EVENTS[each.kind],
        f"{long_date(each.happened_on)}, {each.by_label}",
        " ".join(part for part in said if part),
        icon="i-tick" if each.kind == "done" else "i-dot",
        references=references,
    )


def _vacancy(line: WorkLine) -> Note | None:
    if line.state != "open" or not line.is_vacant or line.role not in ROLES:
        return None
    return Note(
        f"Nobody holds the role: {ROLES[line.role].label.lower()}",
        f"{line.assigned_label or 'The role above'} is asked until somebody does.",
        kind="pending",
    )


def roles_at(people: Sequence[Colleague], steps: Sequence[str]) -> tuple[str, ...]:
    """The roles whose work can be handed over here: those of the plan's steps, and those that somebody holds."""
    return tuple(dict.fromkeys([*steps, *(each.role for each in people)]))
