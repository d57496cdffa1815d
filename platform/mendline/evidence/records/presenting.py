"""The pages of source records, from rows to words."""

import uuid
from collections.abc import Iterable
from itertools import pairwise

from mendline.catalogue.record_types import Field, RecordType, record_types
from mendline.catalogue.wording import counted, log_time, long_date
from mendline.evidence.measuring.contributing import figure_items
from mendline.evidence.measuring.marking import measured_types
from mendline.evidence.measuring.rows import CountsFor
from mendline.evidence.pages import RecordListPage, RecordPage, RecordRow, RecordTypesPage, Tile
from mendline.evidence.records.answers import answer_words, answers_of, differences, happened_words, moment_words
from mendline.evidence.records.forms import inside
from mendline.evidence.records.outcomes import AnswerCount, ended_words
from mendline.evidence.records.register import action_behind, written_words
from mendline.evidence.records.rows import WITHDRAWN, Cursor, NewestOfType, OwnEntry, RecordSlice, StoredRecord
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.web.components import Badge, Button, Empty, Fact, Head, Item, Link, Note, Pager, TimelineEntry
from tenants.clock import LONDON

_ICONS = {"people": "i-doc", "observation": "i-eye"}
_OWN_ONLY = "You see the records that you entered."


def tiles_of(kinds: Iterable[RecordType], service_id: uuid.UUID, address: Address, text: str = "") -> tuple[Tile, ...]:
    """A tile for each kind of record that may be entered."""
    return tuple(
        Tile(
            kind.title,
            address("records.new", service_id=service_id, record_type=kind.key),
            text or kind.description,
            _icon(kind),
        )
        for kind in kinds
    )


def entry_items(entries: tuple[OwnEntry, ...], address: Address, *, tell_service: bool) -> tuple[Item, ...]:
    """What a person entered, each leading to the record."""
    return tuple(_entry(entry, address, tell_service) for entry in entries)


def types_page(
    place: Place,
    enterable: tuple[RecordType, ...],
    newest: tuple[NewestOfType, ...],
    entries: tuple[OwnEntry, ...],
    *,
    own_only: bool,
    address: Address,
) -> RecordTypesPage:
    """What may be entered at a service, and what is kept there."""
    kinds = record_types()
    kept = [
        Tile(
            kinds[row.record_type].plural,
            address("records.listing", service_id=place.service_id, record_type=row.record_type),
            f"Newest: {long_date(row.happened_at.astimezone(LONDON).date())}",
            _icon(kinds[row.record_type]),
        )
        for row in newest
        if row.record_type in kinds
    ]
    sentence = (
        _OWN_ONLY
        if own_only
        else f"{counted(len(kept), 'kind')} of record {'is' if len(kept) == 1 else 'are'} kept here."
    )
    return RecordTypesPage(
        head=Head(heading="Records", sub=place.name, sentence=sentence),
        tiles=tiles_of(enterable, place.service_id, address),
        kept=tuple(sorted(kept, key=lambda tile: tile.label)),
        entries=entry_items(entries, address, tell_service=False),
        empty=Empty("No record to enter", "The kinds of record that your role enters would stand here."),
    )


def list_page(
    place: Place,
    kind: RecordType,
    found: RecordSlice,
    *,
    own_only: bool,
    can_enter: bool,
    address: Address,
    answers: tuple[AnswerCount, ...] = (),
) -> RecordListPage:
    """Records of one type, newest first."""
    columns = tuple(kind.field(name) for name in kind.list_fields if name != kind.happened_field)
    here = {"service_id": place.service_id, "record_type": kind.key}
    new = Button(f"New {inside(kind.title)}", address("records.new", **here), "i-plus", "primary")
    sentence = f"{kind.description} {_OWN_ONLY if own_only else ''}".strip()
    if kind.outcomes and answers:
        sentence += f" {ended_words(kind, kind.outcomes, answers)}"
    return RecordListPage(
        head=Head(heading=kind.plural, sub=place.name, sentence=sentence, buttons=(new,) if can_enter else ()),
        columns=tuple(field.label for field in columns),
        rows=tuple(_row(record, kind, columns, address, place) for record in found.records),
        pager=_pager(found, here, address),
        empty=Empty(
            f"No {inside(kind.plural)} yet",
            "What is entered or imported appears here, newest first.",
            button=new if can_enter else None,
        ),
    )


def record_page(
    place: Place,
    kind: RecordType,
    revisions: tuple[StoredRecord, ...],
    *,
    can_change: bool,
    address: Address,
    figures: tuple[CountsFor, ...] | None = None,
) -> RecordPage:
    """One record: what was answered, both clocks, what stood before each correction, and the figures it is behind."""
    newest = revisions[0]
    here = {"service_id": place.service_id, "record_type": kind.key, "record_id": newest.record_id}
    correct = Button("Correct this record", address("records.correction", **here), "i-review")
    withdraw = Button("Withdraw it", address("records.withdrawal", **here), "i-cross")
    written = action_behind(revisions)
    is_open = not written and newest.withdrawn_at is None
    notes = (_written_note(place, written, address),) if written else ()
    if newest.withdrawn_at is not None:
        notes = (*notes, Note("Withdrawn", WITHDRAWN, "pending", "i-cross"))
    return RecordPage(
        head=Head(
            heading=f"{kind.title}, {happened_words(kind, newest.happened_at)}",
            sub=place.name,
            sentence=_stands_since(newest),
            buttons=(correct, withdraw) if can_change and is_open else (),
        ),
        answers=answers_of(kind, newest.payload),
        facts=_facts(kind, revisions),
        revisions=tuple(_correction(kind, after, before) for after, before in pairwise(revisions)),
        used_in=None if figures is None else figure_items(figures, place.service_id, address),
        unused=_unused(kind, newest),
        notes=notes,
    )


def _stands_since(newest: StoredRecord) -> str:
    by = f"by {_who(newest)} on {moment_words(newest.recorded_at)}."
    if newest.withdrawn_at is not None:
        return f"Withdrawn {by}"
    if newest.revision > 1:
        return f"Corrected {counted(newest.revision - 1, 'time')}, last {by}"
    return f"Recorded {by}"


def _unused(kind: RecordType, newest: StoredRecord) -> str:
    """Why no figure is named that counts a record."""
    if newest.withdrawn_at is not None:
        return "It is withdrawn, so no figure counts it."
    if kind.key not in measured_types():
        return "No figure is measured from this kind of record. It is evidence of what happened."
    return "No figure uses this record yet."


def _written_note(place: Place, reference: str, address: Address) -> Note:
    button = Button(
        f"Open action {reference}", address("registers.action", service_id=place.service_id, reference=reference)
    )
    return Note(f"Action {reference} speaks for this record", written_words(reference), "scope", "i-review", button)


def _facts(kind: RecordType, revisions: tuple[StoredRecord, ...]) -> tuple[Fact, ...]:
    newest, first = revisions[0], revisions[-1]
    late = (first.recorded_at - first.happened_at).days
    facts = [
        Fact("Happened", happened_words(kind, newest.happened_at)),
        Fact(
            "Recorded", moment_words(first.recorded_at), f"{counted(late, 'day')} after it happened" if late > 1 else ""
        ),
        Fact("Recorded by", _who(first)),
    ]
    if newest.revision > 1:
        done = "Last corrected" if newest.withdrawn_at is None else "Withdrawn"
        facts.append(Fact(done, moment_words(newest.recorded_at), f"By {_who(newest)}"))
    if newest.source_system:
        facts.append(Fact("Original", newest.source_system, newest.source_reference or ""))
    years = counted(kind.retention_years, "year")
    return (*facts, Fact("Kept for", years, "after it, or the care that it is about, ends"))


def _correction(kind: RecordType, after: StoredRecord, before: StoredRecord) -> TimelineEntry:
    is_withdrawn = after.withdrawn_at is not None
    return TimelineEntry(
        heading="Withdrawn" if is_withdrawn else f"Correction {after.revision - 1}",
        meta=f"{moment_words(after.recorded_at)}, {_who(after)}",
        text="It counts in no figure from then on."
        if is_withdrawn
        else differences(kind, before.payload, after.payload),
        quote=after.reason or "",
    )


def _row(
    record: StoredRecord, kind: RecordType, columns: tuple[Field, ...], address: Address, place: Place
) -> RecordRow:
    return RecordRow(
        when=happened_words(kind, record.happened_at),
        href=address("records.one", service_id=place.service_id, record_type=kind.key, record_id=record.record_id),
        cells=tuple(answer_words(field, record.payload.get(field.name)) or "\N{EN DASH}" for field in columns),
        by=_who(record),
        badge=Badge("Corrected", kind="pending") if record.revision > 1 else None,
    )


def _icon(kind: RecordType) -> str:
    return "i-warn" if kind.safety else _ICONS.get(kind.evidence_category, "i-review")


def _pager(found: RecordSlice, here: dict[str, object], address: Address) -> Pager | None:
    if found.newer is None and found.older is None:
        return None
    return Pager(
        words=f"{counted(len(found.records), 'record')} on this page",
        newer=_turned(found.newer, here, address),
        older=_turned(found.older, here, address),
    )


def _turned(cursor: Cursor | None, here: dict[str, object], address: Address) -> str:
    if cursor is None:
        return ""
    return address("records.listing", **here, **{"before" if cursor.older else "after": str(cursor)})


def _who(record: StoredRecord) -> str:
    if record.recorded_initials:
        return record.recorded_initials
    return record.source_system or "Imported"


def _entry(entry: OwnEntry, address: Address, tell_service: bool) -> Item:
    kind = record_types().get(entry.record_type)
    title = kind.title if kind else entry.record_type.replace("_", " ").capitalize()
    local = entry.recorded_at.astimezone(LONDON)
    sent = f"Sent {long_date(local.date())}, {log_time(local)}."
    link = Link(
        title,
        address("records.one", service_id=entry.service_id, record_type=entry.record_type, record_id=entry.record_id)
        if kind
        else "",
    )
    return Item(
        f"{link.label}, {happened_words(kind, entry.happened_at)}" if kind else title,
        f"{entry.service}. {sent}" if tell_service else sent,
        href=link.href,
        badge=Badge("Corrected", kind="pending") if entry.revision > 1 else Badge("Sent", "i-tick", "ok"),
    )
