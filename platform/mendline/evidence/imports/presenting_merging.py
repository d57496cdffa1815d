"""The page of rows that may be records which are kept already, from rows to words."""

from collections.abc import Mapping, Sequence
from typing import Any

from mendline.catalogue.wording import counted, short_date
from mendline.evidence.imports.pages import Candidate, MergingPage, Proposal
from mendline.evidence.imports.proposals import PAGE, Counts, ProposedRow, WaitingFile
from mendline.evidence.imports.sent import SentFile
from mendline.places.head import Address
from mendline.web.components import Empty, Head, Link, Pager, Tab, WorkItem
from tenants.clock import LONDON
from tenants.errors import RefusedError

_SHOWN = (("open", "Not decided"), ("decided", "Decided"), ("all", "All"))


def merging_page(
    sent: SentFile,
    counts: Counts,
    rows: Sequence[ProposedRow],
    *,
    shown: str,
    is_first: bool,
    may_decide: bool,
    sees_records: bool,
    address: Address,
    refused: RefusedError | None = None,
) -> MergingPage:
    """Some of the rows, with what a person may say of them.

    Args:
        sent: the file.
        counts: how many rows there are and wait.
        rows: those of this page, and one more where others follow.
        shown: `open`, `decided` or `all`.
        is_first: whether these are the first ones.
        may_decide: whether this person imports here, and the file still waits.
        sees_records: whether they may see what is kept.
        address: makes addresses.
        refused: why the last decision was not taken.
    """
    here = {"import_id": sent.import_id}
    listed = rows[:PAGE]
    numbers = {"open": counts.open, "decided": counts.proposed - counts.open, "all": counts.proposed}
    older = ""
    if len(rows) > PAGE:
        older = address("merging.rows", **here, shown=shown, after=f"{listed[-1].line}.{listed[-1].row_id}")
    first = "" if is_first else address("merging.rows", **here, shown=shown)
    pager = Pager(f"{counted(len(listed), 'row')} of {numbers[shown]:,}", newer=first, older=older)
    with_one = counts.open_with_one
    return MergingPage(
        Head(
            "Rows that look like records kept already",
            sent.file_name,
            _sentence(counts),
        ),
        tuple(
            Tab(f"{label} ({numbers[key]:,})", address("merging.rows", **here, shown=key), key == shown)
            for key, label in _SHOWN
        ),
        tuple(_proposal(one, sent, sees_records, address) for one in listed),
        pager if older or first else None,
        address("merging.decide", **here) if may_decide else "",
        Link("Back to the file", address("imports.one", **here)),
        open=counted(counts.open, "row") if counts.open else "",
        open_with_one=counted(with_one, "row") if with_one else "",
        errors=tuple(refused.problems.values()) or (str(refused),) if refused is not None else (),
        empty=Empty("No rows here", "Choose another list above, or go back to the file."),
    )


def waiting_item(one: WaitingFile, address: Address, *, tell: bool) -> WorkItem:
    """A file that waits, as a line of a person's own work."""
    place = f"{one.service or 'Several services'}. " if tell else ""
    look = "looks" if one.open == 1 else "look"
    return WorkItem(
        heading=f"Decide about {counted(one.open, 'row')} of {one.file_name}",
        text=f"{place}{'It' if one.open == 1 else 'They'} {look} like records kept already; the file waits for it.",
        when=short_date(one.recorded_at.astimezone(LONDON).date()),
        when_note="Sent",
        href=address("merging.rows", import_id=one.import_id),
        tone="pending",
    )


def _sentence(counts: Counts) -> str:
    if not counts.proposed:
        return "No row of this file looks like a record that is kept already."
    if not counts.open:
        return "Each row is decided. Nothing is imported before the file is."
    return (
        f"{counts.open:,} of {counts.proposed:,} are not decided yet. The file waits until all are: decide now or later,"
        " alone or with others who import here."
    )


def _proposal(one: ProposedRow, sent: SentFile, sees_records: bool, address: Address) -> Proposal:
    kind = str(sent.found.get("record_type") or "")
    return Proposal(
        str(one.row_id),
        str(one.line),
        one.what,
        tuple(_candidate(each, one, kind, sees_records, address) for each in one.candidates),
        is_new=one.decision == "new",
        is_open=one.decision is None,
        said=_said(one),
    )


def _candidate(each: Mapping[str, Any], row: ProposedRow, kind: str, sees_records: bool, address: Address) -> Candidate:
    if sees_records:
        differs = "; ".join(
            f"{label}: file {mine or 'not answered'}, kept {theirs or 'not answered'}"
            for label, mine, theirs in each["differs"]
        )
    else:
        differs = ", ".join(label for label, _, _ in each["differs"])
    words = f"The one by {each['who']}" + (f". Differs in: {differs}" if differs else ". Says the same")
    if each.get("action") and differs:
        words += f". It follows action {each['action']}, so the file changes nothing in it"
    href = (
        address("records.one", service_id=each["service_id"], record_type=kind, record_id=each["record_id"])
        if sees_records and kind
        else ""
    )
    return Candidate(each["record_id"], f"{words}.", href, each["record_id"] == str(row.record_id))


def _said(one: ProposedRow) -> str:
    if one.decision is None:
        return "Not decided"
    word = "The same record" if one.decision == "same" else "Another record"
    if one.decided_at is None:
        return word
    by = f"{one.decided_initials}, " if one.decided_initials else ""
    return f"{word} ({by}{short_date(one.decided_at.astimezone(LONDON).date())})"
