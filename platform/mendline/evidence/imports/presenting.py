"""The pages around files: those that were sent, the problems of one, and taking one back."""

from collections.abc import Mapping, Sequence
from typing import Any

from mendline.catalogue.wording import counted
from mendline.evidence.imports.pages import ImportLine, ImportsPage, ProblemsPage, UndoPage
from mendline.evidence.imports.sent import ImportPlace, OwnMapping, SentFile, SentLine
from mendline.evidence.imports.wording import COUNTS, moment_words, place_words, problem_line, state_of
from mendline.places.head import Address
from mendline.web.components import Empty, Field, Form, Head, Item, Link, Note, Pager
from tenants.errors import RefusedError


def imports_page(
    place: ImportPlace,
    lines: Sequence[SentLine],
    own: Sequence[OwnMapping],
    *,
    form: Form | None,
    most: int,
    first: bool,
    address: Address,
) -> ImportsPage:
    """Where files are sent to a place, and the files that were."""
    shown = lines[:most]
    here = _listing_of(place, address)
    older = f"{here}?before={shown[-1].recorded_at.isoformat().replace('+', '%2B')}" if len(lines) > most else ""
    pager = Pager(counted(len(shown), "file"), newer="" if first else here, older=older) if older or not first else None
    return ImportsPage(
        head=Head(
            "Imports",
            place.name,
            "A file of figures or records comes in whole or not at all. You see what it would change before it does, and"
            " can take it back as one step.",
        ),
        form=form,
        lines=tuple(_line(line, address) for line in shown),
        mappings=tuple(
            Item(
                one.name,
                f"Version {one.version}, {'by ' + one.recorded_initials + ', ' if one.recorded_initials else ''}"
                f"{moment_words(one.recorded_at)}",
            )
            for one in own
        ),
        templates=Link("Templates to fill in", address("import_templates.listing")),
        pager=pager,
        empty=Empty(
            "No files yet", "Each file stands here from the moment it is sent: who sent it, when, and what it changed."
        ),
    )


def problems_page(
    sent: SentFile, problems: Sequence[Mapping[str, Any]], after: int, most: int, address: Address
) -> ProblemsPage:
    """Some of a file's problems."""
    here = {"import_id": sent.import_id}
    count = int(sent.found.get("problem_count") or 0)
    kept = sent.problems
    last = after + len(problems)
    words = f"{after + 1:,} to {last:,} of {kept:,}" if problems else "None"
    sentence = f"{counted(count, 'problem')} keep this file out. Mend them in the file and send it again."
    if count > kept:
        sentence += f" The first {kept:,} are kept."
    return ProblemsPage(
        Head(f"Problems in {sent.file_name}", place_words(sent), sentence),
        tuple(problem_line(one) for one in problems),
        Pager(
            words,
            newer=address("imports.problems", **here, after=max(0, after - most)) if after else "",
            older=address("imports.problems", **here, after=last) if last < kept else "",
        ),
        Link("Download as CSV", address("imports.problems_csv", **here)),
        Link("Back to the file", address("imports.one", **here)),
    )


def undo_page(
    sent: SentFile, built: Sequence[str], address: Address, typed: str, refused: RefusedError | None
) -> UndoPage:
    """What taking an import back means."""
    saved = int(sent.found.get("saved") or 0)
    field = Field(
        "reason", "Why is it taken back?", "textarea", typed, "Shown beside each figure and record.",
        refused.problems.get("reason", "") if refused else "",
    )  # fmt: skip
    notes = [
        Note(
            "Nothing is deleted",
            "Each fact gets a revision that withdraws it, or that says again what stood before.",
            "",
        )
    ]
    if built:
        notes.append(Note("What was built on it since", " ".join(built), "pending"))
    form = Form(
        address("imports.take_back", import_id=sent.import_id),
        (field,),
        "Take the import back",
        cancel=Link("Keep it", address("imports.one", import_id=sent.import_id)),
    )
    return UndoPage(
        Head(
            f"Take back {sent.file_name}",
            place_words(sent),
            f"{counted(saved, 'fact')} came in with this file on {moment_words(sent.changed_at)}.",
        ),
        tuple(notes),
        form,
    )


def _listing_of(place: ImportPlace, address: Address) -> str:
    if place.service_id is not None:
        return address("imports.of_service", service_id=place.service_id)
    return address("imports.of_provider", provider_id=place.provider_id)


def _line(line: SentLine, address: Address) -> ImportLine:
    saved = f"{line.saved:,} saved" if line.saved is not None else ""
    counts = ", ".join(
        f"{number:,} {word}"
        for key, word, _, _ in COUNTS
        if (number := int(line.counts.get(key) or 0)) and not (line.saved is not None and key in ("new", "changed"))
    )
    if line.problem_count and not counts:
        counts = counted(line.problem_count, "problem")
    return ImportLine(
        line.file_name,
        address("imports.one", import_id=line.import_id),
        ", ".join(part for part in (line.service, line.mapping) if part),
        f"{moment_words(line.recorded_at)} by {line.recorded_initials or 'the command line'}",
        ", ".join(part for part in (saved, counts) if part),
        state_of(line.state, line.undecided),
    )
