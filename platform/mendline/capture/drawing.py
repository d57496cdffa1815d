"""Draws a shift form for a person at a service, and the pages that a phone keeps for when there is no signal."""

import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from mendline.capture.forms import questions_of
from mendline.capture.pages import FormPage, FormTile, Home
from mendline.capture.rules import shift_of, shift_words
from mendline.catalogue.capture_forms import CaptureForm, capture_forms
from mendline.catalogue.wording import counted
from mendline.evidence.records.forms import inside
from mendline.places.head import address
from mendline.places.rows import Place
from mendline.web.frame import ground, reach
from mendline.web.page import page
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.reach import Reach
from tenants.signin.keys import accepted

NOBODY = uuid.UUID(int=0)


def form_page(
    place: Place,
    form: CaptureForm,
    record_id: uuid.UUID,
    answers: Mapping[str, Any],
    *,
    unknown: tuple[str, ...] = (),
    refused: RefusedError | None = None,
) -> str:
    """The form for whoever asks, with what is known, and beside each question why it was refused."""
    of, number, total = (request.args.get(name, "") for name in ("of", "n", "total"))
    more = {name: value for name, value in request.args.items() if name in ("of", "n", "total", "completes", "draft")}
    action = address("capture.send_form", service_id=place.service_id, form_key=form.key, **more)
    is_part = bool(of and number.isdigit() and total.isdigit())
    held = reach()
    view = _view(
        form, action=action, record_id=record_id, answers=answers, unknown=unknown, refused=refused,
        service_id=str(place.service_id),
        title=f"Gap {number} of {total}" if is_part else form.title,
        lead=_lead(place, form, answers),
        part=number if is_part else "",
        signed=f"Recorded as {held.initials}, {held.role_label.lower()}. Your initials and the time are saved with it.",
        button=_button(form, number, total) if is_part else f"Send {inside(form.title)}",
        person=person_tag(held),
        completes=request.args.get("completes", ""),
    )  # fmt: skip
    return page("capture/form.html", title=f"{view.title}, {place.name}", section="capture.home", view=view)


def away_page(form: CaptureForm) -> str:
    """The form without a person, a service or an answer in it; script fills in what this device knows."""
    view = _view(
        form, action="", record_id=NOBODY, answers=dict(form.fixed), unknown=(), refused=None, service_id="",
        title=form.title, lead="", part="", signed="Your initials and the time are saved with it.",
        button=f"Send {inside(form.title)}", person="", completes="", is_away=True,
    )  # fmt: skip
    return page("capture/form.html", title=form.title, view=view)


def away_home() -> str:
    """The first page without a person; script draws the tiles of the places that this device knows."""
    tiles = tuple(
        FormTile(form.key, form.title, form.says, form.icon, f"/capture/service/{form.key}")
        for form in capture_forms().values()
        if not form.is_followed
    )
    return page("capture/home.html", title="Record", view=Home("", (("", tiles),), is_away=True))


def _view(
    form: CaptureForm,
    *,
    action: str,
    record_id: uuid.UUID,
    answers: Mapping[str, Any],
    unknown: tuple[str, ...],
    refused: RefusedError | None,
    service_id: str,
    title: str,
    lead: str,
    part: str,
    signed: str,
    button: str,
    person: str,
    completes: str,
    is_away: bool = False,
) -> FormPage:
    whole, found = questions_of(
        form, action=action, record_id=record_id, answers=answers, unknown=unknown, refused=refused
    )
    folded = tuple(found[name] for name in form.folded)
    parts = 2 if part else 1
    return FormPage(
        key=form.key,
        title=title,
        lead=lead,
        service_id=service_id,
        record_id="" if record_id == NOBODY else str(record_id),
        form=whole,
        safety=form.safety,
        asked=tuple(found[name] for name in form.asked),
        folded=folded,
        folded_title=form.folded_title,
        later=tuple(found[name] for name in form.later),
        fixed={**form.fixed, **({"completes": completes} if completes else {})},
        is_folded_open=any(
            each.field.error or (each.field.required and not each.field.value and not is_away) for each in folded
        ),
        signed=signed,
        button=button,
        steps=(parts, 3) if form.then or part else None,
        steps_text="Part 2 of 3: the gaps."
        if part
        else f"Part 1 of 3: the check. {form.says}"
        if form.then
        else form.says,
        then=form.then or "",
        then_counts=form.then_counts or "",
        person=person,
        part=part,
        is_away=is_away,
    )


def _lead(place: Place, form: CaptureForm, answers: Mapping[str, Any]) -> str:
    unit, people = answers.get("unit"), str(answers.get("people_on_unit") or "")
    said = ", ".join(
        part
        for part in (place.name, str(unit or ""), counted(int(people), "person", "people") if people.isdigit() else "")
        if part
    )
    began, band = shift_of(now())
    return f"{said}. {shift_words(began, band)}." if "shift_on" in form.names else f"{said}."


def _button(form: CaptureForm, number: str, total: str) -> str:
    if int(number) < int(total):
        return f"Save and go to gap {int(number) + 1}"
    return "Save the last gap" if form.is_followed else f"Send {inside(form.title)}"


def person_tag(held: Reach) -> str:
    """Stands for a person on a device without saying who it is."""
    return openings(held)[0].person


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens the drafts of one person on a device.

    Attributes:
        person: stands for the person beside each draft.
        secret: what the device makes the key of the drafts from.
    """

    person: str
    secret: str


def openings(held: Reach) -> tuple[Opening, ...]:
    """By the installation's key, then by those that were it before: what was sealed by one of them is sealed anew."""
    return tuple(
        Opening(signed(f"capture person:{held.person_id}", key)[:32], signed(f"capture secret:{held.person_id}", key))
        for key in accepted(ground().key)
    )


def signed(words: str, key: bytes | None = None) -> str:
    """What only this installation can make of some words."""
    return hmac.new(key or ground().key, words.encode(), hashlib.sha256).hexdigest()
