"""The forms of dated work: finishing, moving, handing over and cancelling it."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from mendline.duties.handing_over import GivenHandOver
from mendline.duties.rows import Colleague, WorkLine
from mendline.places.head import Address
from mendline.web.components import Field, Form, Link, Option
from mendline.web.typed import read_day, read_identifier
from tenants.errors import RefusedError
from tenants.roles import ROLES

WHY = (
    Option("holiday", "Holiday"),
    Option("absence", "Absence"),
    Option("vacancy", "Nobody holds the role"),
    Option("other", "Another reason"),
)

Problems = Mapping[str, str]


def finish_form(line: WorkLine, address: Address, given: Mapping[str, str], problems: Problems) -> Form:
    """Says that work is done whose record is words and a place."""
    return Form(
        address("work.finish_item", **_here(line)),
        (
            Field("words", "What was done, and where the record is kept", "textarea", given.get("words", ""),
                  hint=f"The record: {line.record}.", error=problems.get("words", "")),
        ),
        "Done",
    )  # fmt: skip


def change_forms(
    line: WorkLine,
    people: Sequence[Colleague],
    *,
    today: date,
    address: Address,
    given: Mapping[str, str],
    problems: Problems,
    leads: bool,
    own: bool,
) -> tuple[tuple[str, str, Form], ...]:
    """What may be changed: by whoever leads all of it, by whoever does it the handing over."""
    found = []
    if leads or own:
        form = _hand_over(line, people, today=today, address=address, given=given, problems=problems)
        found.append(("Hand it over", "hand-over", form))
    if leads:
        move = Form(
            address("work.move_item", **_here(line)),
            (
                Field("due_on", "New date", "date", given.get("due_on", ""), error=problems.get("due_on", "")),
                Field("reason", "Why it moves", "textarea", given.get("reason", ""), error=problems.get("reason", "")),
            ),
            "Move it",
            footnote="Both dates stay visible.",
        )
        cancel = Form(
            address("work.cancel_item", **_here(line)),
            (
                Field("cancel_reason", "Why it is not needed", "textarea", given.get("cancel_reason", ""),
                      error=problems.get("cancel_reason", "")),
            ),
            "Cancel it",
        )  # fmt: skip
        found += [("Move its date", "move", move), ("Cancel it", "cancel", cancel)]
    return tuple(found)


def role_form(
    service_id: uuid.UUID,
    people: Sequence[Colleague],
    roles: Sequence[str],
    *,
    today: date,
    address: Address,
    given: Mapping[str, str],
    problems: Problems,
) -> Form:
    """Hands over all that a role is asked at a service for a time."""
    fields = (
        Field("role", "Role", "select", given.get("role", ""), error=problems.get("role", ""),
              options=tuple(Option(role, ROLES[role].label) for role in roles if role in ROLES)),
        Field("from_person", "Instead of", "select", given.get("from_person", ""), required=False,
              hint="Leave it open where nobody holds the role.", error=problems.get("from_person", ""),
              options=_people(people)),
        *_common(people, today, given, problems),
    )  # fmt: skip
    return Form(
        address("work.hand_over_role", service_id=service_id),
        fields,
        "Hand it over",
        Link("Back to the plan", address("plans.of_service", service_id=service_id)),
        trouble=tuple(words for name, words in problems.items() if name not in {each.name for each in fields}),
    )


def read_hand_over(
    given: Mapping[str, str], *, role: str, work_item_id: uuid.UUID | None, from_person: uuid.UUID | None, today: date
) -> GivenHandOver:
    """A hand-over as typed.

    Raises:
        RefusedError: a date or person cannot be read.
    """
    problems: dict[str, str] = {}
    to_person = read_identifier(given.get("to_person", ""), "to_person", problems)
    until = read_day(given.get("until_on", ""), "until_on", problems)
    begins = read_day(given.get("from_on", ""), "from_on", problems) or today
    chosen = read_identifier(given.get("from_person", ""), "from_person", problems)
    if problems:
        raise RefusedError("Nothing was handed over.", problems)
    return GivenHandOver(
        role=role,
        to_person=to_person,
        why=given.get("why", ""),
        from_on=begins,
        until_on=until,
        work_item_id=work_item_id,
        from_person=chosen or from_person,
        note=given.get("note", ""),
    )


def _hand_over(
    line: WorkLine,
    people: Sequence[Colleague],
    *,
    today: date,
    address: Address,
    given: Mapping[str, str],
    problems: Problems,
) -> Form:
    others = [each for each in people if each.person_id != line.assigned_id]
    return Form(
        address("work.hand_over_item", **_here(line)), _common(others, today, given, problems), "Hand it over",
        footnote="Who hands over, to whom, why and until when stays on the record.",
    )  # fmt: skip


def _common(
    people: Sequence[Colleague], today: date, given: Mapping[str, str], problems: Problems
) -> tuple[Field, ...]:
    return (
        Field("to_person", "To", "select", given.get("to_person", ""), options=_people(people),
              error=problems.get("to_person", "")),
        Field("why", "Why", "select", given.get("why", ""), options=WHY, error=problems.get("why", "")),
        Field("from_on", "From", "date", given.get("from_on", today.isoformat()), error=problems.get("from_on", "")),
        Field("until_on", "Last day", "date", given.get("until_on", ""), required=False,
              hint="Leave it open where the day is not known.", error=problems.get("until_on", "")),
        Field("note", "More about it", value=given.get("note", ""), required=False, error=problems.get("note", "")),
    )  # fmt: skip


def _people(people: Sequence[Colleague]) -> tuple[Option, ...]:
    return tuple(
        Option(
            str(each.person_id), f"{each.label}, {ROLES[each.role].label.lower() if each.role in ROLES else each.role}"
        )
        for each in people
    )


def _here(line: WorkLine) -> dict[str, uuid.UUID]:
    return {"service_id": line.service_id, "work_item_id": line.work_item_id}
