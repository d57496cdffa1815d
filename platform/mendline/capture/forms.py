"""A shift form from its layout and its record's declaration, and what is read from one that was sent."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from mendline.capture.pages import Question
from mendline.capture.rows import Sending
from mendline.catalogue.capture_forms import CaptureForm
from mendline.evidence.records.forms import read_answers, read_record_id, record_form
from mendline.web.components import Form
from mendline.web.typed import identifier_or_none
from tenants.errors import RefusedError

UNKNOWN = "unknown"
_WRONG = "What was sent could not be read. Open the form again; what you typed is still on this device."


def questions_of(
    form: CaptureForm,
    *,
    action: str,
    record_id: uuid.UUID,
    answers: Mapping[str, Any],
    unknown: tuple[str, ...] = (),
    refused: RefusedError | None = None,
) -> tuple[Form, Mapping[str, Question]]:
    """The form with what was refused, and its questions by name."""
    whole = record_form(form.kind, action=action, record_id=record_id, answers=answers, refused=refused)
    found = {}
    for asked in whole.fields:
        if asked.name not in form.names:
            continue
        found[asked.name] = Question(
            replace(
                asked,
                hint=form.hints.get(asked.name, asked.hint),
                one=form.one.get(asked.name, ""),
                heading="",
            ),
            fill=form.filled.get(asked.name, ""),
            quick=_quick(form, asked.name, answers),
            can_wait=form.may_be_unknown(asked.name),
            waits=asked.name in unknown,
            safe=_safe(form, asked.name),
        )
    shown = tuple(found[name].field for name in form.names)
    return replace(whole, fields=shown), found


def read_form(form: CaptureForm, given: MultiDict[str, str], *, device: str, at: datetime) -> Sending:
    """A form that was sent without script: both of its clocks are ours.

    Raises:
        RefusedError: it came without its number.
    """
    answers = {name: value for name, value in read_answers(form.kind, given).items() if name in form.names}
    return Sending(
        record_id=read_record_id(given.get("record_id", "")),
        answers=answers | form.given(answers),
        unknown=tuple(given.getlist(UNKNOWN)),
        finished_at=at,
        sent_at=at,
        device=device,
        completes=identifier_or_none(given.get("completes")),
    )


def read_sent(form: CaptureForm, given: Mapping[str, Any], *, device: str) -> Sending:
    """What a phone sends by script.

    Raises:
        RefusedError: it is not what our pages send.
    """
    answers, unknown = given.get("answers"), given.get(UNKNOWN, [])
    if not isinstance(answers, dict) or not isinstance(unknown, list):
        raise RefusedError(_WRONG)
    if any(not isinstance(each, str) for each in unknown) or not all(map(_is_answer, answers.values())):
        raise RefusedError(_WRONG)
    return Sending(
        record_id=read_record_id(str(given.get("record_id", ""))),
        answers={**answers, **form.given(answers)},
        unknown=tuple(unknown),
        finished_at=_moment(given.get("finished_at")),
        sent_at=_moment(given.get("sent_at")),
        device=device,
        completes=identifier_or_none(given.get("completes")),
    )


def _is_answer(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _moment(given: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(given))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RefusedError(_WRONG) from error


def _quick(form: CaptureForm, name: str, answers: Mapping[str, Any]) -> tuple[str, str, str] | None:
    if name in form.all_of:
        source = form.all_of[name]
        number = str(answers.get(source) or "")
        return (f"All {number}".strip(), number, source)
    return (form.none_of[name], "0", "") if name in form.none_of else None


def _safe(form: CaptureForm, name: str) -> tuple[str, str] | None:
    limits = form.ranges.get(name)
    return (f"{limits[0]:g}", f"{limits[1]:g}") if limits else None
