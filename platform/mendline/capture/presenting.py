"""Capture from rows to words: the first page, how records came in, two versions side by side."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from mendline.capture.pages import ArrivalsPage, FormTile, ToChoose, Version
from mendline.capture.rows import ArrivalRow, ConflictRow, DraftRow
from mendline.capture.rules import shift_words
from mendline.catalogue.calendar import to_london
from mendline.catalogue.capture_forms import CaptureForm, capture_forms, form_for
from mendline.catalogue.record_types import RecordType
from mendline.catalogue.wording import counted, day_and_date, lateness, log_time, short_date
from mendline.duties.rows import WorkLine
from mendline.evidence.records.answers import answer_words
from mendline.places.head import Address
from mendline.web.components import Badge, Button, Item, WorkItem, WorkList

DUE_SHOWN = 3  # above what can be recorded at any time, which a thumb should still reach


def tiles_at(service_id: uuid.UUID, kinds: Sequence[RecordType], address: Address) -> tuple[FormTile, ...]:
    """The forms whose records this person may enter at a service."""
    enterable = {kind.key for kind in kinds}
    return tuple(
        FormTile(
            form.key, form.title, form.says, form.icon,
            address("capture.form", service_id=service_id, form_key=form.key),
        )
        for form in capture_forms().values()
        if form.record_type in enterable and not form.is_followed
    )  # fmt: skip


def due_lists(
    lines: Sequence[WorkLine], today: date, address: Address, *, tell: bool
) -> tuple[WorkList, WorkList | None]:
    """What this person is asked to record now, each with the form that does it: the first few, and the others folded."""
    items = tuple(_due(line, today, address, tell=tell) for line in lines)
    others = len(items) - DUE_SHOWN
    first = WorkList(
        "Due now",
        items[:DUE_SHOWN],
        aside="Earliest first" if items else "",
        empty="Nothing is due. You can record any time.",
    )
    return first, WorkList(f"{others} more due", items[DUE_SHOWN:]) if others > 0 else None


def draft_items(drafts: Sequence[DraftRow], address: Address) -> tuple[Item, ...]:
    """Drafts that wait for an answer, each leading to its form."""
    return tuple(
        Item(
            capture_forms()[draft.form].title,
            f"{draft.service}. {counted(len(draft.open_questions), 'question')} open: {_open(draft)}.",
            due=f"Kept {_when(draft.saved_at)}",
            href=address("capture.form", service_id=draft.service_id, form_key=draft.form, draft=draft.record_id),
        )
        for draft in drafts
        if draft.form in capture_forms()
    )


def sent_items(rows: Sequence[ArrivalRow], address: Address, *, tell_who: bool = False) -> tuple[Item, ...]:
    """What was sent, with the marks of its clocks."""
    return tuple(_sent(row, address, tell_who=tell_who) for row in rows)


def conflict_items(rows: Sequence[ConflictRow]) -> tuple[Item, ...]:
    """What this person sent twice with different answers."""
    return tuple(
        Item(
            capture_forms()[row.form].title,
            "It was sent twice, with different answers. Both are kept, and a manager chooses one.",
            due=f"Sent {_when(row.received_at)}",
            badge=Badge("Choose one", "i-warn", "pending"),
        )
        for row in rows
        if row.form in capture_forms()
    )


def arrivals_page(
    name: str, waiting: Sequence[ConflictRow], rows: Sequence[ArrivalRow], address: Address, *, may_choose: bool
) -> ArrivalsPage:
    """How a service's records came in, and what waits for a choice."""
    marked = sum(row.is_late or row.is_clock_wrong for row in rows)
    said = f"The newest {counted(len(rows), 'record')} from phones and tablets." if rows else "Nothing came in yet."
    lead = f"{said} {counted(marked, 'arrival')} marked." if marked else said
    return ArrivalsPage(
        title=f"Sent from phones, {name}",
        lead=lead,
        to_choose=tuple(_to_choose(row, address) for row in waiting if row.form in capture_forms()),
        arrivals=sent_items(rows, address, tell_who=True),
        may_choose=may_choose,
    )


def marks(row: ArrivalRow) -> tuple[str, ...]:
    """What is marked of an arrival, in sentences."""
    said = []
    if row.is_late:
        said.append(f"Late: finished on the device {_when(row.finished_at)}, came in {_when(row.received_at)}.")
    if row.is_clock_wrong:
        way = "ahead" if row.clock_seconds > 0 else "behind"
        said.append(f"The device's clock was {counted(max(1, abs(row.clock_seconds) // 60), 'minute')} {way}.")
    if row.is_moved:
        said.append("A time in it was set back by that.")
    return tuple(said)


def _due(line: WorkLine, today: date, address: Address, *, tell: bool) -> WorkItem:
    form = next((found for key in line.record_types if (found := form_for(key))), None)
    more = {"service_id": line.service_id}
    href = (
        address("capture.form", **more, form_key=form.key, completes=line.work_item_id)
        if form
        else address("work.item", **more, work_item_id=line.work_item_id)
    )
    late = line.due_on < today
    shift = f"{shift_words(line.opens_on, line.shift_band)}." if line.shift_band else ""
    return WorkItem(
        line.title,
        " ".join(part for part in (f"{line.service}." if tell else "", shift, line.record) if part),
        when="Today" if line.due_on == today else lateness(line.due_on, today) if late else day_and_date(line.due_on),
        late=late,
        icon=form.icon if form else "i-review",
        tone="alert" if late else "",
        button=Button("Start", href, kind="primary", about=line.title),
    )


def _sent(row: ArrivalRow, address: Address, *, tell_who: bool) -> Item:
    said = " ".join((f"{row.service}, by {row.recorded_label}." if tell_who else f"{row.service}.", *marks(row)))
    marked = Badge("Late", "i-clock", "pending") if row.is_late else None
    if row.is_clock_wrong:
        marked = Badge("Clock wrong", "i-clock", "pending")
    form = capture_forms().get(row.form)
    return Item(
        form.title if form else row.form,
        said,
        due=f"Sent {_when(row.received_at)}",
        href=address("records.one", service_id=row.service_id, record_type=row.record_type, record_id=row.record_id),
        badge=marked,
    )


def _to_choose(row: ConflictRow, address: Address) -> ToChoose:
    form = capture_forms()[row.form]
    here = {"service_id": row.service_id, "record_id": row.record_id, "digest": row.digest}
    first = {name: _typed_words(form, name, value) for name, value in (row.first or {}).items()}
    second = {
        name: _typed_words(form, name, value) for name, value in row.answers.items() if value not in ("", [], None)
    }
    stands = f"Stands now. {row.first_label}, {_when(row.first_at)}." if row.first_at else "Stands now."
    return ToChoose(
        form.title,
        address("capture.choose_version", **here),
        Version("The first", stands, _answers(form, first, second)),
        Version(
            "The second",
            f"{row.recorded_label}, {row.device}, {_when(row.received_at)}.",
            _answers(form, second, first),
        ),
    )


def _answers(form: CaptureForm, mine: Mapping[str, str], other: Mapping[str, str]) -> tuple[tuple[str, str, bool], ...]:
    lines = [
        (declared.label, mine.get(declared.name, "Not answered"), mine.get(declared.name) != other.get(declared.name))
        for declared in form.kind.fields
        if declared.name in mine or declared.name in other
    ]
    return tuple(sorted(lines, key=lambda line: not line[2]))


def _typed_words(form: CaptureForm, name: str, value: Any) -> str:
    """An answer in words, whether it was stored or only typed."""
    declared = next((one for one in form.kind.fields if one.name == name), None)
    if declared is None:
        return str(value)
    if declared.kind == "boolean" and isinstance(value, str):
        return "Yes" if value == "yes" else "No"
    if declared.kind == "datetime":
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return str(value)
        local = to_london(moment) if moment.tzinfo else moment
        return f"{short_date(local.date())}, {log_time(local)}"
    return answer_words(declared, value)


def _open(draft: DraftRow) -> str:
    kind = capture_forms()[draft.form].kind
    return ", ".join(kind.field(name).label.rstrip("?") for name in draft.open_questions)


def _when(at: datetime | None) -> str:
    if at is None:
        return ""
    local = to_london(at)
    return f"{short_date(local.date())}, {log_time(local)}"
