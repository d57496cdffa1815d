"""What a phone's answers and clock are worth: what a form holds when it opens, what is late, what is the same."""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mendline.catalogue.calendar import is_weekend, shift_band, to_london
from mendline.catalogue.capture_forms import CaptureForm
from mendline.catalogue.wording import date_range

# A phone that sets its clock by the network is right to the second; what is more than this off was set by hand.
CLOCK_MAY_DIFFER = timedelta(minutes=2)
LATE_AFTER = timedelta(minutes=30)
# A check of a shift is made at its end or a little after: 08:20 still belongs to the night.
HAND_OVER = timedelta(minutes=30)
FURTHEST_CLOCK = timedelta(days=2)
BANDS = {"day": "Day shift", "afternoon": "Afternoon shift", "evening": "Evening shift", "night": "Night shift"}
_NIGHT_ENDS = 12


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the clocks of a phone and of the server say of one another.

    Attributes:
        seconds: how far the phone is ahead; below nought, behind.
        is_wrong: it is further off than a phone ever is by itself.
        is_late: what was finished on the phone came in long after.
    """

    seconds: int
    is_wrong: bool
    is_late: bool


def clocks(finished_at: datetime, sent_at: datetime, received_at: datetime) -> Clocks:
    """Compares a phone's clock at sending with ours; how late a record is, the phone's error leaves untouched."""
    error = sent_at - received_at
    return Clocks(
        seconds=round(error.total_seconds()),
        is_wrong=abs(error) > CLOCK_MAY_DIFFER,
        is_late=sent_at - finished_at > LATE_AFTER,
    )


def set_back(form: CaptureForm, answers: Mapping[str, Any], by: Clocks, at: datetime) -> dict[str, Any]:
    """Answers with each time that only the phone's fast clock could have given set back by what it is fast.

    A time that lies before ours is left as it is: it may have been typed from a watch.
    """
    error = timedelta(seconds=by.seconds)
    moved = dict(answers)
    if not by.is_wrong or not timedelta() < error <= FURTHEST_CLOCK:
        return moved
    for declared in form.kind.fields:
        if declared.kind != "datetime" or not isinstance(answers.get(declared.name), str):
            continue
        try:
            typed = datetime.fromisoformat(answers[declared.name])
        except ValueError:
            continue
        local = to_london(at).replace(tzinfo=None)
        if typed.tzinfo is None and local < typed <= local + error + CLOCK_MAY_DIFFER:
            moved[declared.name] = f"{typed - error:%Y-%m-%dT%H:%M}"
    return moved


def digest(answers: Mapping[str, Any]) -> str:
    """What is the same for the same answers, whatever their order; a question left open is not there."""
    kept = {name: value for name, value in sorted(answers.items()) if value not in ("", None, [])}
    return hashlib.sha256(json.dumps(kept, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]


def followed_id(record_id: uuid.UUID, number: int) -> uuid.UUID:
    """The identifier of the form that follows another, such as its second gap: the same wherever it is made."""
    return uuid.uuid5(record_id, f"follows {number}")


def open_questions(form: CaptureForm, answers: Mapping[str, Any], unknown: Collection[str]) -> tuple[str, ...]:
    """Questions of which it was said that the answer is not known yet, and that have none."""
    return tuple(
        name
        for name in form.asked
        if name in unknown and form.may_be_unknown(name) and answers.get(name) in ("", None, [])
    )


def shift_of(at: datetime) -> tuple[date, str]:
    """The shift that ends about now: the day it began, and its band."""
    local = to_london(at - HAND_OVER)
    band = shift_band(local.time())
    began = local.date()
    if band == "night" and local.hour < _NIGHT_ENDS:
        began -= timedelta(days=1)
    return began, band


def shift_words(began: date, band: str) -> str:
    """``Night shift, 16 to 17 November 2026``."""
    last = began + timedelta(days=1) if band == "night" else began
    return f"{BANDS[band]}, {date_range(began, last)}"


def filled_in(
    form: CaptureForm, *, at: datetime, initials: str, people: int | None = None, unit: str = ""
) -> dict[str, Any]:
    """What the form holds when it opens. What was counted is never filled in; who lives on the unit is known."""
    began, band = shift_of(at)
    local = to_london(at.astimezone(UTC))
    known = {
        "now": f"{local:%Y-%m-%dT%H:%M}",
        "today": f"{local:%Y-%m-%d}",
        "shift_on": began.isoformat(),
        "shift_band": band,
        "band_now": shift_band(local.time()),
        "weekend": "yes" if is_weekend(local.date()) else "no",
        "people": "" if people is None else str(people),
        "unit": unit,
        "initials": initials,
    }
    return {name: known[how] for name, how in form.filled.items()} | dict(form.fixed)
