"""Files of facts: sent, matched, looked over, imported, taken back; each step a page that works without a script."""

import uuid
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from typing import Any, BinaryIO, cast

from flask import Response, flash, make_response, redirect, request

from mendline.evidence.files.keeping import keeper_of
from mendline.evidence.files.kinds import LARGEST_BYTES, kind_of_name
from mendline.evidence.files.verdict import RefusedFileError
from mendline.evidence.imports import commands, forms, framing, queries
from mendline.evidence.imports.pages import TemplatesPage
from mendline.evidence.imports.presenting import imports_page, problems_page, undo_page
from mendline.evidence.imports.presenting_file import import_page
from mendline.evidence.imports.proposals import NOTHING, counts_of
from mendline.evidence.imports.sent import ImportPlace
from mendline.evidence.imports.undoing import built_since
from mendline.places.head import address
from mendline.web.components import Head, Item, Link
from mendline.web.frame import ground, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.clock import now
from tenants.errors import ConflictError, MendlineError, NotFoundError, RefusedError
from tenants.ids import new_id

imports = Section("imports")

_AROUND = 1024 * 1024  # what a form adds to the file that it carries
LARGEST_SENT = LARGEST_BYTES + _AROUND
_MOST_CSV = 5_000

Answer = Response | str


@imports.page("/imports", access="see_imports")
def listing() -> Answer:
    """The place where this person imports: their provider, or their service; a choice where there are several."""
    providers = reach().providers_with("see_imports")
    here = [ImportPlace(held.provider_id, held.provider) for held in reach().held if held.provider_id in providers]
    here += [
        ImportPlace(held.provider_id, held.provider, held.service_id, "")
        for held in reach().held
        if held.service_id is not None and held.provider_id not in providers
        and reach().may("see_imports", held.provider_id, held.service_id)
    ]  # fmt: skip
    here = list(dict.fromkeys(here))
    if len(here) == 1:
        return cast("Response", redirect(framing.listing_of(here[0]), 303))
    with transaction() as session:
        places = [
            queries.find_place(session, reach(), provider_id=one.provider_id, service_id=one.service_id) for one in here
        ]
    tiles = tuple(
        Item(one.name, "Files that were sent, and the form that sends the next.", href=framing.listing_of(one))
        for one in places
    )
    view = TemplatesPage(Head("Imports", "", "Choose where the files belong."), tiles)
    return page("imports/templates.html", title="Imports", section="services.listing", view=view)


@imports.page("/providers/<uuid:provider_id>/imports", access="see_imports")
def of_provider(provider_id: uuid.UUID) -> Answer:
    """The files of a provider, and the form that sends the next."""
    return _listing(lambda session: queries.find_place(session, reach(), provider_id=provider_id))


@imports.page("/services/<uuid:service_id>/imports", access="see_imports")
def of_service(service_id: uuid.UUID) -> Answer:
    """The files that were sent to a service, and the form that sends the next."""
    return _listing(lambda session: queries.find_place(session, reach(), service_id=service_id))


@imports.page("/providers/<uuid:provider_id>/imports", access="import_facts", methods=("POST",), largest=LARGEST_SENT)
def send_to_provider(provider_id: uuid.UUID) -> Answer:
    """Takes in a file that may name any service of a provider."""
    return _send(lambda session: queries.find_place(session, reach(), provider_id=provider_id))


@imports.page("/services/<uuid:service_id>/imports", access="import_facts", methods=("POST",), largest=LARGEST_SENT)
def send_to_service(service_id: uuid.UUID) -> Answer:
    """Takes in a file of one service."""
    return _send(lambda session: queries.find_place(session, reach(), service_id=service_id))


@imports.page("/imports/<uuid:import_id>", access="see_imports")
def one(import_id: uuid.UUID) -> str:
    """One file, from its first reading to its taking back."""
    return _one(import_id)


@imports.page("/imports/<uuid:import_id>/leave-out", access="import_facts", methods=("POST",))
def leave_out(import_id: uuid.UUID) -> Answer:
    """Has rows left out that contradict each other, and the file checked once more."""
    with transaction() as session:
        commands.leave_out(session, reach(), framing.mine(session, import_id), now())
    return framing.to_file(import_id)


@imports.page("/imports/<uuid:import_id>/again", access="import_facts", methods=("POST",))
def try_again(import_id: uuid.UUID) -> Answer:
    """Has the step of a file done once more that was given up."""
    with transaction() as session:
        commands.try_again(session, reach(), framing.mine(session, import_id), now())
    flash("It is tried again.", "success")
    return framing.to_file(import_id)


@imports.page("/imports/<uuid:import_id>/problems", access="see_imports")
def problems(import_id: uuid.UUID) -> str:
    """The problems of a file, page by page."""
    given = request.args.get("after", "0")
    after = min(int(given), 1_000_000) if given.isascii() and given.isdigit() else 0
    with transaction() as session:
        sent = framing.readable(session, import_id)
        found = queries.problems_of(session, sent, after)
    return page(
        "imports/problems.html",
        title=f"Problems in {sent.file_name}",
        crumbs=framing.crumbs_of(sent, Link("Problems")),
        section="services.listing",
        view=problems_page(sent, found, after, queries.PAGE, address),
    )


@imports.page("/imports/<uuid:import_id>/problems.csv", access="see_imports")
def problems_csv(import_id: uuid.UUID) -> Response:
    """The problems of a file as a spreadsheet that runs nothing."""
    with transaction() as session:
        sent = framing.readable(session, import_id)
        found = queries.problems_of(session, sent, 0, _MOST_CSV)
    rows = [[one["line"], one["column"], one["value"], one["reason"], one["advice"]] for one in found]
    return framing.csv_answer("problems", ("line", "column", "cell", "problem", "what to do"), rows)


@imports.page("/imports/<uuid:import_id>/save", access="import_facts", methods=("POST",))
def save(import_id: uuid.UUID) -> Answer:
    """Has a checked file imported, with what was decided about its rows."""
    try:
        with transaction() as session:
            sent = framing.mine(session, import_id)
            commands.let_in(session, reach(), sent, on_conflict=request.form.get("on_conflict", "stop"), at=now())
    except RefusedError as refused:
        return make_response(_one(import_id, refused), 422)
    return framing.to_file(import_id)


@imports.page("/imports/<uuid:import_id>/undo", access="import_facts")
def undo(import_id: uuid.UUID) -> str:
    """What taking an import back means."""
    return _undo(import_id, "", None)


@imports.page("/imports/<uuid:import_id>/undo", access="import_facts", methods=("POST",))
def take_back(import_id: uuid.UUID) -> Answer:
    """Takes back everything that a file brought."""
    reason = request.form.get("reason", "")
    try:
        with transaction() as session:
            commands.ask_undo(session, reach(), framing.mine(session, import_id), reason, now())
    except RefusedError as refused:
        return make_response(_undo(import_id, reason, refused), 422)
    return framing.to_file(import_id)


@imports.page("/imports/<uuid:import_id>/discard", access="import_facts", methods=("POST",))
def put_aside(import_id: uuid.UUID) -> Answer:
    """Puts a file aside that is not wanted; the file itself goes."""
    with transaction() as session:
        sent = framing.mine(session, import_id)
        commands.discard(session, reach(), sent, now())
    if sent.object_key is not None:
        with suppress(MendlineError):
            keeper_of(ground().settings).store.remove(sent.object_key)
    flash("The file was put aside. Nothing of it was imported.", "success")
    return cast("Response", redirect(framing.listing_of(framing.place_of(sent)), 303))


Finding = Callable[[Any], ImportPlace]


def _listing(find: Finding, chosen: str = "", import_id: uuid.UUID | None = None, refused: forms.Refused = None) -> str:
    before = _before(request.args.get("before", ""))
    with transaction() as session:
        place = find(session)
        lines = queries.history_of(session, place, before)
        own = queries.own_mappings(session, place.provider_id, place.service_id)
    form = None
    if reach().may("import_facts", place.provider_id, place.service_id):
        form = forms.send_form(
            place, own, import_id=import_id or new_id(), address=address, chosen=chosen, refused=refused
        )
    view = imports_page(place, lines, own, form=form, most=queries.PAGE, first=before is None, address=address)
    crumbs = framing.crumbs_at(place, Link("Imports"))
    return page(
        "imports/list.html", title=f"Imports, {place.name}", crumbs=crumbs, section="services.listing", view=view
    )


def _send(find: Finding) -> Answer:
    import_id = forms.read_import_id(request.form.get(forms.IMPORT_ID, ""))
    chosen = request.form.get(forms.MAPPING, "")
    with transaction() as session:
        place = find(session)
        reach().require("import_facts", place.provider_id, place.service_id)
    try:
        _take_in(place, import_id, chosen)
    except (RefusedError, ConflictError) as refused:
        named: forms.Refused = refused
        if isinstance(refused, RefusedFileError) and not refused.problems:
            named = RefusedError("The file was not taken.", {forms.FILE: str(refused)})
        status = 409 if isinstance(refused, ConflictError) else 422
        return make_response(_listing(find, chosen, import_id, named), status)
    return framing.to_file(import_id)


def _take_in(place: ImportPlace, import_id: uuid.UUID, chosen: str) -> None:
    """Keeps the file before the transaction that tells of it, and removes it where that does not come about."""
    sent = request.files.get(forms.FILE)
    if sent is None or not sent.filename:
        raise RefusedFileError("Choose a file to send.")
    kind = kind_of_name(sent.filename)
    if kind is None or kind.key not in ("csv", "xlsx", "txt"):
        raise RefusedFileError(
            "Send a CSV file or an Excel workbook (.xlsx). Other files can be saved as one of these."
        )
    keeper = keeper_of(ground().settings)
    with closing(sent):
        kept = keeper.keep(reach(), place.provider_id, sent.filename[-200:], cast("BinaryIO", sent.stream))
    added = False
    try:
        with transaction() as session:
            commands.send_file(session, reach(), place, import_id=import_id, kept=kept, mapping=chosen, at=now())
        added = True
    finally:
        if not added:
            with suppress(MendlineError):
                keeper.store.remove(kept.object_key)


def _one(import_id: uuid.UUID, refused: RefusedError | None = None) -> str:
    with transaction() as session:
        sent = queries.find_import(session, reach(), import_id)
        found = queries.problems_of(session, sent, 0, 10) if sent.problems else ()
        rows = counts_of(session, sent) if sent.state == "checked" else NOTHING
    view = import_page(
        sent,
        problems=found,
        rows=rows,
        may_import=reach().may("import_facts", sent.provider_id, sent.service_id),
        sees_rows=framing.sees_rows(sent),
        sees_records=framing.sees_records(sent),
        address=address,
        refused=refused,
    )
    return page(
        "imports/import.html",
        title=f"Import {sent.file_name}",
        crumbs=framing.crumbs_of(sent),
        section="services.listing",
        view=view,
    )


def _undo(import_id: uuid.UUID, typed: str, refused: RefusedError | None) -> str:
    with transaction() as session:
        sent = framing.mine(session, import_id)
        if sent.state != "saved" or sent.batch_id is None:
            raise NotFoundError("Only a file that was imported can be taken back.")
        built = built_since(session, sent.provider_id, sent.batch_id, sent.changed_at).told()
    return page(
        "imports/undo.html",
        title=f"Take back {sent.file_name}",
        crumbs=framing.crumbs_of(sent, Link("Take it back")),
        section="services.listing",
        view=undo_page(sent, built, address, typed, refused),
    )


def _before(given: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(given) if given else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
