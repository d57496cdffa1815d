"""Rows of a file that may be records which are kept already: looked at page by page, and decided."""

import uuid
from typing import cast

from flask import Response, flash, make_response, redirect, request
from werkzeug.datastructures import MultiDict

from mendline.catalogue.wording import counted
from mendline.evidence.imports import deciding, framing
from mendline.evidence.imports.presenting_merging import merging_page
from mendline.evidence.imports.proposals import SHOWN, counts_of, proposals_of
from mendline.evidence.imports.target import NEW, SAME
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.clock import now
from tenants.errors import RefusedError

merging = Section("merging", url_prefix="/imports/<uuid:import_id>/rows")

_FIRST = (-1, uuid.UUID(int=0))
_SAID = {"same": SAME, "new": NEW, "open": deciding.OPEN}


@merging.page("", access="see_imports")
def rows(import_id: uuid.UUID) -> str:
    """Some of the rows; the open ones unless others are asked for."""
    return _rows(import_id)


@merging.page("", access="import_facts", methods=("POST",))
def decide(import_id: uuid.UUID) -> Response:
    """Takes what was said of each row, of those that are ticked, or of all that are open."""
    act, _, said = request.form.get("act", "each").partition("-")
    try:
        with transaction() as session:
            sent = framing.mine(session, import_id)
            if act == "each":
                count = deciding.decide_each(session, reach(), sent, _each(request.form), now())
            else:
                ticked = deciding.ALL if act == "all" else _ticked(request.form)
                count = deciding.decide_many(session, reach(), sent, ticked, _decision(act, said), now())
            left = counts_of(session, sent).open
    except RefusedError as refused:
        return make_response(_rows(import_id, refused), 422)
    flash(f"{counted(count, 'row')} decided. {_left(left)}", "success")
    where = address("merging.rows", import_id=import_id) if left else address("imports.one", import_id=import_id)
    return cast("Response", redirect(where, 303))


def _rows(import_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    shown = request.args.get("shown", "open")
    shown = shown if shown in SHOWN else "open"
    after = _after(request.args.get("after", ""))
    with transaction() as session:
        sent = framing.decidable(session, import_id)
        counts = counts_of(session, sent)
        found = proposals_of(session, sent, shown, after)
    view = merging_page(
        sent,
        counts,
        found,
        shown=shown,
        is_first=after == _FIRST,
        may_decide=sent.state == "checked" and reach().may("import_facts", sent.provider_id, sent.service_id),
        sees_records=framing.sees_records(sent),
        address=address,
        refused=refused,
    )
    return page(
        "imports/merging.html",
        title=f"Rows of {sent.file_name}",
        crumbs=framing.crumbs_of(sent, Link("Rows to decide")),
        section="services.listing",
        view=view,
    )


def _left(left: int) -> str:
    if not left:
        return "Now the file can be imported."
    return f"{counted(left, 'row')} still to decide."


def _each(given: MultiDict[str, str]) -> dict[uuid.UUID, str]:
    """What was chosen for each row.

    Raises:
        RefusedError: it is no choice of the page.
    """
    try:
        chosen = {uuid.UUID(name[2:]): said for name, said in given.items() if name.startswith("d_") and said}
        return {row: said if said in (NEW, deciding.OPEN) else str(uuid.UUID(said)) for row, said in chosen.items()}
    except ValueError as wrong:
        raise _no_choice() from wrong


def _ticked(given: MultiDict[str, str]) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(one) for one in given.getlist("row")]
    except ValueError as wrong:
        raise _no_choice() from wrong


def _decision(act: str, said: str) -> str:
    if act not in ("ticked", "all") or said not in _SAID or (act, said) == ("all", "open"):
        raise _no_choice()
    return _SAID[said]


def _no_choice() -> RefusedError:
    return RefusedError("Nothing was decided.", {"rows": "Choose one of the records, or that it is another one."})


def _after(given: str) -> tuple[int, uuid.UUID]:
    """The row behind which a page begins; from the first on where it is not clear."""
    line, _, row = given.partition(".")
    try:
        return (int(line), uuid.UUID(row)) if line.isascii() and line.isdigit() and len(line) < 10 else _FIRST
    except ValueError:
        return _FIRST
