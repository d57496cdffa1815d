"""The pages of minutes, from rows to words."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from mendline.catalogue.wording import month_and_year
from mendline.places.head import Address
from mendline.recovery.minutes.assembling import (
    GivenNotes,
    MonthLine,
    assembled,
    attendance_of,
    text_of,
)
from mendline.recovery.minutes.pages import MinutesEntry, MinutesListPage, MinutesPage, MinutesService
from mendline.recovery.minutes.queries import NotesDraft, SignedMinutes
from mendline.web.components import Badge, Field, Form, Head, Item, Link, Note
from tenants.clock import LONDON
from tenants.errors import RefusedError

MONTHS_SHOWN = 12


def minutes_list(
    provider_id: uuid.UUID,
    provider: str,
    signed: Mapping[date, tuple[str, str, datetime]],
    *,
    today: date,
    address: Address,
) -> MinutesListPage:
    """The months of a provider: signed ones with what they came to, open ones to be written."""
    months = [_back(today, step) for step in range(MONTHS_SHOWN)]
    for month in signed:
        if month not in months:
            months.append(month)
    open_ones = sum(month not in signed for month in months[1:4])
    sentence = "Minutes are assembled from what was decided, and signed by a person."
    if open_ones:
        sentence += f" Of the last three months, {open_ones} {'has' if open_ones == 1 else 'have'} no signed minutes."
    return MinutesListPage(
        Head("Oversight minutes", provider, sentence),
        tuple(_month_item(provider_id, month, signed.get(month), address) for month in sorted(months, reverse=True)),
    )


def minutes_page(
    provider_id: uuid.UUID,
    provider: str,
    month: date,
    lines: Sequence[MonthLine],
    draft: NotesDraft | None,
    signed: SignedMinutes | None,
    *,
    may_keep: bool,
    typed: Mapping[str, str],
    address: Address,
    refused: RefusedError | None = None,
) -> MinutesPage:
    """The minutes of a month, signed or being written."""
    content = signed.content if signed else assembled(lines, _notes(draft))
    here = {"provider_id": provider_id, "month": f"{month:%Y-%m}"}
    form = None
    if may_keep:
        form = _correction(here, typed, refused, address) if signed else _writing(here, draft, typed, refused, address)
    return MinutesPage(
        head=Head(f"Oversight minutes, {month_and_year(month)}", provider, ""),
        summary=content["summary"],
        services=tuple(_service(one) for one in content["services"]),
        attendance=tuple(f"{one['name']}, {one['role']}" for one in content["attendance"]),
        challenge=content["challenge"],
        notes=content["notes"],
        addenda=tuple(
            Item(f"Correction, {_when(one.recorded_at)}", f"{one.words} {one.added_label}, {one.added_role}.")
            for one in (signed.addenda if signed else ())
        ),
        signed=Note(
            f"Signed by {signed.signed_label}, {signed.signed_role}, on {_when(signed.recorded_at)}",
            "These minutes are closed. A correction is added below them.",
            icon="i-lock",
        )
        if signed
        else None,
        form=form,
        may_draft=signed is None,
    )


def given_notes(typed: Mapping[str, str]) -> GivenNotes:
    """What the form sends."""
    attending = attendance_of(typed.get("attendance", "")[:4_000])
    return GivenNotes(attending, typed.get("challenge", "")[:8_000], typed.get("notes", "")[:8_000])


def _notes(draft: NotesDraft | None) -> GivenNotes:
    if draft is None:
        return GivenNotes((), "", "")
    attending = tuple((one["name"], one["role"]) for one in draft.attendance)
    return GivenNotes(attending, draft.notes.get("challenge", ""), draft.notes.get("notes", ""))


def _writing(
    here: Mapping[str, Any],
    draft: NotesDraft | None,
    typed: Mapping[str, str],
    refused: RefusedError | None,
    address: Address,
) -> Form:
    known = {
        "attendance": text_of(draft.attendance) if draft else "",
        "challenge": draft.notes.get("challenge", "") if draft else "",
        "notes": draft.notes.get("notes", "") if draft else "",
    }
    given = {**known, **{name: typed[name] for name in known if name in typed}}
    problems = dict(refused.problems) if refused else {}
    asked = (
        ("attendance", "Who attended?", "One a line: name, role. For example: H Marsh, nominated individual.", True),
        ("challenge", "What was asked hard, and what was the answer?", "The challenge that the decisions met.", True),
        ("notes", "Anything else to note", "", False),
    )
    return Form(
        action=address("minutes.save", **here),
        fields=tuple(
            Field(name, label, "textarea", given[name], hint=hint, error=problems.get(name, ""), required=needed)
            for name, label, hint, needed in asked
        ),
        submit="Sign these minutes",
        cancel=Link("Back", address("minutes.of_provider", provider_id=here["provider_id"])),
        trouble=(str(refused),) if refused and not problems else (),
        footnote="Signed once, with the decisions as they stand now."
        + (f" Notes kept by {draft.saved_label}, {_when(draft.saved_at)}." if draft else ""),
    )


def _correction(
    here: Mapping[str, Any], typed: Mapping[str, str], refused: RefusedError | None, address: Address
) -> Form:
    problems = dict(refused.problems) if refused else {}
    return Form(
        action=address("minutes.correct", **here),
        fields=(
            Field(
                "correction", "What is corrected?", "textarea", typed.get("correction", ""),
                error=problems.get("correction", ""),
            ),
        ),
        submit="Add the correction",
    )  # fmt: skip


def _service(content: Mapping[str, Any]) -> MinutesService:
    return MinutesService(
        content["name"],
        tuple(
            MinutesEntry(one["heading"], f"{one['when']}, {one['by']}", one["text"], one["weak"] == "yes")
            for one in content["entries"]
        ),
    )


def _month_item(
    provider_id: uuid.UUID, month: date, signed: tuple[str, str, datetime] | None, address: Address
) -> Item:
    href = address("minutes.one", provider_id=provider_id, month=f"{month:%Y-%m}")
    if signed is None:
        return Item(month_and_year(month), "Not signed.", href=href, badge=Badge("Open", kind="pending"))
    label, summary, at = signed
    return Item(
        month_and_year(month), f"{summary} Signed by {label} on {_when(at)}.", href=href,
        badge=Badge("Signed", "i-lock", "ok"),
    )  # fmt: skip


def _when(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%-d %B %Y}"


def _back(today: date, months: int) -> date:
    number = today.year * 12 + today.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
