"""The page of one file, as far as it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mendline.catalogue.record_types import record_types
from mendline.catalogue.wording import counted
from mendline.evidence.imports.pages import Clash, Count, DecideForm, Dispute, ImportPage, PreviewRow, Waiting
from mendline.evidence.imports.proposals import Counts
from mendline.evidence.imports.sent import WORKING, SentFile
from mendline.evidence.imports.wording import COUNTS, moment_words, place_words, problem_line, state_of
from mendline.places.head import Address
from mendline.web.components import Badge, Button, Fact, Field, Head, Link, Note, Option
from tenants.errors import ConflictError, RefusedError

_BECOMES = {
    "new": Badge("New", "i-plus", "ok"),
    "changed": Badge("Changed", "i-review", "improve"),
    "unchanged": Badge("Unchanged", "i-tick", "hollow"),
    "kept": Badge("Correction stands", "i-lock", "hollow"),
    "written": Badge("Follows its action", "i-lock", "hollow"),
    "conflict": Badge("Differs", "i-warn", "alert"),
    "alike": Badge("Looks like one kept", "i-eye", "pending"),
}
_SENTENCES = {
    "reading": "The columns of the file are being read.",
    "unmapped": "Say which column means what. What is suggested is only a suggestion.",
    "checking": "The file is being checked, row by row. Nothing is imported yet.",
    "checked": "Nothing is imported yet. Look at what would change, then import the file.",
    "saving": "The file is being imported, all of it or nothing.",
    "undoing": "The import is being taken back.",
}
_SHOWN_PROBLEMS = 10


def import_page(
    sent: SentFile,
    *,
    problems: Sequence[Mapping[str, Any]],
    rows: Counts,
    may_import: bool,
    sees_rows: bool,
    sees_records: bool,
    address: Address,
    refused: RefusedError | ConflictError | None = None,
) -> ImportPage:
    """One file as far as it is.

    Args:
        sent: the file.
        problems: the first of them.
        rows: how many may be records which are kept already, and how many of them wait.
        may_import: whether this person imports here.
        sees_rows: whether they may see what the file says: they sent it, or see records of its kind.
        sees_records: whether they may see what is kept.
        address: makes addresses.
        refused: why the last decision was not taken.
    """
    here = {"import_id": sent.import_id}
    failed = sent.is_stuck
    working = sent.state in WORKING and not failed
    state = Badge("Not finished", "i-warn", "alert") if failed else state_of(sent.state, rows.open)
    facts = _facts(sent)
    counts = _counts(sent) if sent.state in ("checked", "refused", "saved", "undone") and "counts" in sent.found else ()
    told = tuple(problem_line(one) for one in problems[:_SHOWN_PROBLEMS])
    count = int(sent.found.get("problem_count") or 0)
    more = Link(f"All {count:,} problems", address("imports.problems", **here)) if count > len(told) and told else None
    acts: list[Button] = []
    if may_import:
        acts = _acts(sent, failed, address)
    return ImportPage(
        head=Head(sent.file_name, place_words(sent), _sentence(sent, failed=failed), buttons=tuple(acts)),
        state=state,
        facts=facts,
        notes=_notes(sent, failed, refused),
        working=working,
        step=sent.job_error
        if sent.job_state == "queued" and sent.job_error
        else sent.progress_text or "Waiting for its turn",
        done=sent.progress if sent.job_state == "running" else None,
        counts=counts,
        columns=("Line", "Becomes", *sent.found.get("columns", ())) if sees_rows else (),
        rows=tuple(_row(one) for one in sent.found.get("rows", ()))
        if sees_rows and sent.state in ("checked", "refused")
        else (),
        rows_hidden=""
        if sees_rows
        else "The rows are shown to whoever sent the file, and to those who may see records of this kind.",
        problems=told if sees_rows else (),
        more_problems=more,
        download=Link("Download as CSV", address("imports.problems_csv", **here)) if told and sees_rows else None,
        clashes=tuple(_clash(one, sees_rows, sees_records) for one in sent.found.get("conflicts", ())[:50])
        if sent.state == "checked"
        else (),
        decide=_decide(sent, rows, address, refused) if sent.state == "checked" and may_import else None,
        discard=address("imports.put_aside", **here)
        if may_import and (sent.state in ("unmapped", "checked", "refused") or (failed and sent.state != "undoing"))
        else "",
        again=address("imports.try_again", **here) if may_import and failed else "",
        leave_out=_dispute(sent, address) if may_import and sent.may_leave_out else None,
        left_out=tuple(map(problem_line, sent.found.get("left_out", ()))) if sees_rows else (),
        left_out_words=_left_out_words(sent),
    )


def _facts(sent: SentFile) -> tuple[Fact, ...]:
    found = sent.found
    facts = [
        Fact("Sent", f"{moment_words(sent.recorded_at)} by {sent.recorded_initials or 'the command line'}"),
        Fact("For", sent.service or f"{sent.provider}, any of its services"),
    ]
    if sent.mapping:
        version = f", version {sent.mapping_version}" if sent.mapping_version else ""
        facts.append(Fact("Mapping", f"{sent.mapping}{version}"))
    if found.get("record_type") in record_types():
        facts.append(Fact("Holds", record_types()[found["record_type"]].plural))
    elif sent.mapping and "lines" in found:
        facts.append(Fact("Holds", "Figures"))
    if "lines" in found:
        facts.append(Fact("Rows", f"{found['lines']:,}"))
    if "encoding" in found:
        facts.append(Fact("Read as", f"{found['encoding']}, {found['delimiter']}"))
    facts.append(
        Fact("Fingerprint, SHA-256", sent.sha256, "" if sent.object_key else "The file itself is not kept any more.")
    )
    return tuple(facts)


def _sentence(sent: SentFile, *, failed: bool) -> str:
    if failed:
        kept = "taken back: all of it still stands" if sent.state == "undoing" else "imported"
        return f"The work on this file did not finish. Nothing of it was {kept}."
    if sent.state in _SENTENCES:
        return _SENTENCES[sent.state]
    count = int(sent.found.get("problem_count") or 0)
    told = {
        "refused": f"Nothing was imported: {counted(count, 'problem')} to mend." if count else "Nothing was imported.",
        "saved": f"{counted(int(sent.found.get('saved') or 0), 'fact')} came in with this file.",
        "undone": f"{counted(int(sent.found.get('taken_back') or 0), 'fact')} of this file were taken back.",
    }
    return told.get(sent.state, sent.said or "The file was put aside.")


def _notes(sent: SentFile, failed: bool, refused: RefusedError | ConflictError | None) -> tuple[Note, ...]:
    notes = []
    if refused is not None:
        notes.append(Note(str(refused), " ".join(getattr(refused, "problems", {}).values()), "alert"))
    if failed:
        notes.append(Note("This did not finish", sent.job_error or "Try again, or send the file again.", "alert"))
    if sent.state == "refused" and sent.said:
        notes.append(Note("This file cannot be imported as it stands", sent.said, "alert"))
    if sent.state == "checked" and sent.said:
        notes.append(Note("Look again", sent.said, "pending"))
    if sent.state == "checked" and sent.found.get("before"):
        when = datetime.fromisoformat(sent.found["before"])
        notes.append(
            Note(
                "The very same file was imported before",
                f"That was on {moment_words(when)}. Importing it again changes nothing.",
                "pending",
            )
        )
    if sent.state == "undone":
        built = list(sent.found.get("built", ()))
        notes.append(Note("Why it was taken back", sent.said or ""))
        if built:
            notes.append(Note("What had been built on it", " ".join(built), "pending"))
    warnings = sent.found.get("warnings", ()) if sent.state in ("checked", "refused") else ()
    if warnings:
        notes.append(Note("Read with care", " ".join(f"{one}." for one in warnings), ""))
    return tuple(notes)


def _counts(sent: SentFile) -> tuple[Count, ...]:
    counts = sent.found.get("counts", {})
    shown = []
    for key, word, note, tone in COUNTS:
        number = int(counts.get(key) or 0)
        if number or key in ("new", "changed", "unchanged", "refused"):
            shown.append(Count(f"{number:,}", word, note, tone if number else ""))
    return tuple(shown)


def _row(one: Mapping[str, Any]) -> PreviewRow:
    becomes = _BECOMES.get(one.get("verdict", ""), Badge("Refused", "i-warn", "alert"))
    return PreviewRow(str(one["line"]), tuple(one["cells"]), becomes)


def _clash(one: Mapping[str, Any], sees_rows: bool, sees_records: bool) -> Clash:
    hidden = "Recorded by hand"
    stands = one["stands"] if sees_records else hidden
    return Clash(
        str(one["line"]),
        one["what"],
        one["file"] if sees_rows else "",
        f"{stands} ({one['who']})" if one["who"] else stands,
    )


def _decide(sent: SentFile, rows: Counts, address: Address, refused: RefusedError | ConflictError | None) -> DecideForm:
    counts = sent.found.get("counts", {})
    problems = getattr(refused, "problems", {}) if refused is not None else {}
    conflict = None
    if counts.get("conflict"):
        conflict = Field(
            "on_conflict", f"What happens with the {counts['conflict']:,} conflicting rows?", "choice",
            sent.on_conflict if sent.on_conflict != "stop" else "",
            "They say something else than what somebody recorded or corrected by hand.", problems.get("on_conflict", ""),
            options=(
                Option("skip", "Leave them out", "What was recorded by hand stands."),
                Option("update", "Take the file's", "Each becomes a new revision; what stood before is kept with it."),
                Option("stop", "Import nothing", "Sort it out first, then send the file again."),
            ),
        )  # fmt: skip
    changes = int(counts.get("new", 0)) + int(counts.get("changed", 0))
    return DecideForm(
        address("imports.save", import_id=sent.import_id),
        "Import the file",
        conflict,
        waiting=_waiting(sent, rows, address),
        errors=tuple((f"f-{name}" if name != "decisions" else "waiting", words) for name, words in problems.items()),
        footnote=_footnote(changes, rows),
    )


def _footnote(changes: int, rows: Counts) -> str:
    """What pressing the button would do."""
    if changes:
        others = ", and those decided as other records" if rows.proposed else ""
        return f"{counted(changes, 'row')} would be saved{others}."
    return f"No row would change anything{' beside those that were decided' if rows.proposed else ''}."


def _waiting(sent: SentFile, rows: Counts, address: Address) -> Waiting | None:
    """The rows that may be records which are kept already, and the way to them."""
    if not rows.proposed:
        return None
    where = address("merging.rows", import_id=sent.import_id)
    if rows.open:
        look = "looks" if rows.open == 1 else "look"
        words = f"{counted(rows.open, 'row')} {look} like a record that is kept already. Decide what each is first."
        return Waiting(words, Link("Decide what they are", where), is_open=True)
    return Waiting(
        f"All {rows.proposed:,} rows that look like records kept already are decided."
        if rows.proposed > 1
        else "The row that looks like a record kept already is decided.",
        Link("Look at what was decided", where),
    )


def _acts(sent: SentFile, failed: bool, address: Address) -> list[Button]:
    here = {"import_id": sent.import_id}
    acts = []
    if "header" in sent.found and sent.state in ("unmapped", "checked", "refused"):
        kind = "primary" if sent.state == "unmapped" else ""
        acts.append(Button("Match the columns", address("matching.mapping", **here), "i-review", kind))
    if sent.state == "saved" and not failed:
        acts.append(Button("Take it back", address("imports.undo", **here), "i-cross"))
    return acts


def _dispute(sent: SentFile, address: Address) -> Dispute:
    count = int(sent.found["contradictions"])
    rows = "1 row contradicts" if count == 1 else f"{count:,} rows contradict"
    return Dispute(
        f"{rows} an earlier row of the same file, and nothing else is wrong with it. Nobody but you can know which one is"
        " right: mend the file if you can. Otherwise both rows of each pair can be left out. They are listed, and stay so.",
        address("imports.leave_out", import_id=sent.import_id),
        "Leave them out and check again",
    )


def _left_out_words(sent: SentFile) -> str:
    count, shown = int(sent.found.get("left_out_count") or 0), len(sent.found.get("left_out", ()))
    if not count:
        return ""
    rows = "1 row contradicts" if count == 1 else f"{count:,} rows contradict"
    listed = f" The first {shown:,} are listed." if count > shown else ""
    return f"{rows} an earlier row of the file. Both rows of each pair were left out, as chosen.{listed}"
