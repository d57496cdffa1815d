"""Data protection: requests about people's data, the retention schedule, legal holds, transfers of services."""

import uuid
from collections.abc import Callable
from typing import cast

from flask import Response, flash, redirect, request

from mendline.catalogue.record_types import record_types
from mendline.custody import commands, commands_transfers, queries
from mendline.custody.pages import CustodyPage
from mendline.custody.presenting import (
    crumbs,
    holds_page,
    request_page,
    requests_page,
    schedule_page,
    start_page,
)
from mendline.custody.presenting_transfers import transfer_page, transfers_page
from mendline.custody.rows import ERASURE, EXPORT, Keeper
from mendline.custody.schedule import schedule_of
from mendline.packs.storage import fetch
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import ground, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import NotFoundError, RefusedError
from tenants.ledger import note

custody = Section("custody")

Answer = Response | str | tuple[str, int]


@custody.page("/custody", access="see_custody")
def start() -> str:
    """The providers whose data one keeps."""
    with transaction() as session:
        keepers = [
            queries.find_keeper(session, reach(), provider_id) for provider_id in reach().providers_with("see_custody")
        ]
    return page(
        "custody/custody.html", title="Data protection", section="custody.start", view=start_page(keepers, address)
    )


@custody.page("/providers/<uuid:provider_id>/custody", access="see_custody", step_up=True)
def requests(provider_id: uuid.UUID) -> str:
    """What was asked about people's data."""
    return _requests(provider_id, {}, {}, "")


@custody.page("/providers/<uuid:provider_id>/custody/exports", access="keep_custody", methods=("POST",), step_up=True)
def ask_export(provider_id: uuid.UUID) -> Answer:
    """Asks for an archive of everything that is held on a person."""
    return _ask(provider_id, EXPORT, "x_", "The archive is being made. Its page shows when it is ready.")


@custody.page("/providers/<uuid:provider_id>/custody/erasures", access="keep_custody", methods=("POST",), step_up=True)
def ask_erasure(provider_id: uuid.UUID) -> Answer:
    """Asks for a person's data to be erased."""
    return _ask(provider_id, ERASURE, "e_", "The erasure is asked for. Somebody else approves it now.")


@custody.page("/providers/<uuid:provider_id>/custody/requests/<uuid:request_id>", access="see_custody")
def one(provider_id: uuid.UUID, request_id: uuid.UUID) -> str:
    """One request."""
    return _one(provider_id, request_id, {})


@custody.page(
    "/providers/<uuid:provider_id>/custody/requests/<uuid:request_id>/approve",
    access="keep_custody",
    methods=("POST",),
    step_up=True,
)
def approve(provider_id: uuid.UUID, request_id: uuid.UUID) -> Answer:
    """Approves what somebody else asked for."""
    with transaction() as session:
        queries.find_keeper(session, reach(), provider_id)
        commands.approve(session, reach(), provider_id, request_id)
    flash("It is approved and will be done in the background.", "success")
    return _to("custody.one", provider_id=provider_id, request_id=request_id)


@custody.page(
    "/providers/<uuid:provider_id>/custody/requests/<uuid:request_id>/refuse", access="keep_custody", methods=("POST",)
)
def refuse(provider_id: uuid.UUID, request_id: uuid.UUID) -> Answer:
    """Refuses a request, with a reason."""
    typed = _typed("reason")

    def act() -> None:
        with transaction() as session:
            queries.find_keeper(session, reach(), provider_id)
            commands.refuse(session, reach(), provider_id, request_id, typed)

    again = _tried(act, lambda problems: _one(provider_id, request_id, problems))
    return again or _to("custody.one", provider_id=provider_id, request_id=request_id)


@custody.page(
    "/providers/<uuid:provider_id>/custody/requests/<uuid:request_id>.zip", access="keep_custody", step_up=True
)
def file(provider_id: uuid.UUID, request_id: uuid.UUID) -> Response:
    """The archive of a person's data, as a download that is written into the ledger.

    An administrator sees to it that it is made and does not read it: it holds the records themselves.
    """
    with transaction() as session:
        queries.find_keeper(session, reach(), provider_id)
        reach().require("see_records", provider_id)
        found = queries.find_request(session, provider_id, request_id)
        if found.object_key is None:
            raise NotFoundError("There is no archive here. It is not ready yet, or its thirty days are over.")
        note(
            session,
            reach(),
            "archive of a person's data downloaded",
            provider_id=provider_id,
            subject=f"request {request_id}",
        )
    response = Response(fetch(ground().settings.state, found.object_key), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{request_id}.zip"'
    return response


@custody.page("/providers/<uuid:provider_id>/custody/schedule", access="see_custody")
def schedule(provider_id: uuid.UUID) -> str:
    """How long each type of record is kept."""
    return _schedule(provider_id, {}, {})


@custody.page("/providers/<uuid:provider_id>/custody/schedule", access="keep_custody", methods=("POST",))
def set_years(provider_id: uuid.UUID) -> Answer:
    """Sets how long a type of record is kept."""
    typed = _typed("record_type", "years", "reason")

    def act() -> None:
        with transaction() as session:
            queries.find_keeper(session, reach(), provider_id)
            commands.set_years(session, reach(), provider_id, typed)

    again = _tried(act, lambda problems: _schedule(provider_id, typed, problems))
    return again or _to("custody.schedule", provider_id=provider_id)


@custody.page("/providers/<uuid:provider_id>/custody/holds", access="see_custody")
def holds(provider_id: uuid.UUID) -> str:
    """Legal holds."""
    return _holds(provider_id, {}, {})


@custody.page("/providers/<uuid:provider_id>/custody/holds", access="keep_custody", methods=("POST",))
def place_hold(provider_id: uuid.UUID) -> Answer:
    """Places a legal hold."""
    typed = _typed("service_id", "person_reference", "reason")

    def act() -> None:
        with transaction() as session:
            queries.find_keeper(session, reach(), provider_id)
            commands.place_hold(session, reach(), provider_id, typed)

    again = _tried(act, lambda problems: _holds(provider_id, typed, problems))
    return again or _to("custody.holds", provider_id=provider_id)


@custody.page(
    "/providers/<uuid:provider_id>/custody/holds/<uuid:hold_id>/release",
    access="keep_custody",
    methods=("POST",),
    step_up=True,
)
def release_hold(provider_id: uuid.UUID, hold_id: uuid.UUID) -> Answer:
    """Releases a legal hold."""
    typed = _typed("reason")

    def act() -> None:
        with transaction() as session:
            queries.find_keeper(session, reach(), provider_id)
            commands.release_hold(session, reach(), provider_id, hold_id, typed)

    again = _tried(act, lambda problems: _holds(provider_id, {}, problems))
    return again or _to("custody.holds", provider_id=provider_id)


@custody.page("/providers/<uuid:provider_id>/custody/transfers", access="see_custody", step_up=True)
def transfers(provider_id: uuid.UUID) -> str:
    """Services that go to another provider or come from one."""
    return _transfers(provider_id, {}, (), {})


@custody.page("/providers/<uuid:provider_id>/custody/transfers", access="keep_custody", methods=("POST",), step_up=True)
def propose(provider_id: uuid.UUID) -> Answer:
    """Offers a service to another provider."""
    typed, chosen = _typed("service_id", "reason"), tuple(request.form.getlist("classes"))
    made: list[tuple[uuid.UUID, str]] = []

    def act() -> None:
        with transaction() as session:
            queries.find_keeper(session, reach(), provider_id)
            made.append(commands_transfers.propose_transfer(session, reach(), provider_id, typed, chosen))

    again = _tried(act, lambda problems: _transfers(provider_id, typed, chosen, problems))
    if again:
        return again
    transfer_id, code = made[0]
    return _transfer(provider_id, transfer_id, {}, code)  # shown here alone: a redirect could not carry it safely


@custody.page(
    "/providers/<uuid:provider_id>/custody/transfers/taking", access="keep_custody", methods=("POST",), step_up=True
)
def take_up(provider_id: uuid.UUID) -> Answer:
    """Takes up a service that another provider offers."""
    typed = _typed("code")

    def act() -> None:
        with transaction() as session:
            queries.find_keeper(session, reach(), provider_id)
            commands_transfers.take_up_transfer(session, reach(), provider_id, typed["code"])

    again = _tried(act, lambda problems: _transfers(provider_id, typed, (), problems))
    return again or _to("custody.transfers", provider_id=provider_id)


@custody.page("/providers/<uuid:provider_id>/custody/transfers/<uuid:transfer_id>", access="see_custody")
def transfer(provider_id: uuid.UUID, transfer_id: uuid.UUID) -> str:
    """One transfer."""
    return _transfer(provider_id, transfer_id, {}, "")


@custody.page(
    "/providers/<uuid:provider_id>/custody/transfers/<uuid:transfer_id>/approve",
    access="keep_custody",
    methods=("POST",),
    step_up=True,
)
def approve_transfer(provider_id: uuid.UUID, transfer_id: uuid.UUID) -> Answer:
    """Approves one's own side of a transfer."""
    with transaction() as session:
        queries.find_keeper(session, reach(), provider_id)
        began = commands_transfers.approve_transfer(session, reach(), provider_id, transfer_id)
    flash("Both sides have approved. The service goes over now." if began else "Your side has approved.", "success")
    return _to("custody.transfer", provider_id=provider_id, transfer_id=transfer_id)


@custody.page(
    "/providers/<uuid:provider_id>/custody/transfers/<uuid:transfer_id>/refuse",
    access="keep_custody",
    methods=("POST",),
)
def refuse_transfer(provider_id: uuid.UUID, transfer_id: uuid.UUID) -> Answer:
    """Refuses or withdraws a transfer."""
    typed = _typed("reason")

    def act() -> None:
        with transaction() as session:
            queries.find_keeper(session, reach(), provider_id)
            commands_transfers.refuse_transfer(session, reach(), provider_id, transfer_id, typed)

    again = _tried(act, lambda problems: _transfer(provider_id, transfer_id, problems, ""))
    return again or _to("custody.transfer", provider_id=provider_id, transfer_id=transfer_id)


def _ask(provider_id: uuid.UUID, kind: str, prefix: str, said: str) -> Answer:
    names = ("person_reference", "also_named", "service_id", "reason")
    typed = {name: request.form.get(f"{prefix}{name}", "") for name in names}
    made: list[uuid.UUID] = []

    def act() -> None:
        with transaction() as session:
            queries.find_keeper(session, reach(), provider_id)
            made.append(commands.ask_about_person(session, reach(), provider_id, kind, typed))

    again = _tried(act, lambda problems: _requests(provider_id, typed, problems, kind))
    if again:
        return again
    flash(said, "success")
    return _to("custody.one", provider_id=provider_id, request_id=made[0])


def _requests(provider_id: uuid.UUID, typed: dict[str, str], problems: dict[str, str], asked: str) -> str:
    with transaction() as session:
        keeper = queries.find_keeper(session, reach(), provider_id)
        found = queries.requests(session, provider_id)
        services = queries.services_of(session, provider_id)
    view = requests_page(keeper, found, services, address, typed=typed, problems=problems, asked=asked)
    return _page(view, keeper, "Data protection")


def _one(provider_id: uuid.UUID, request_id: uuid.UUID, problems: dict[str, str]) -> str:
    with transaction() as session:
        keeper = queries.find_keeper(session, reach(), provider_id)
        found = queries.find_request(session, provider_id, request_id)
    collects = reach().may("see_records", provider_id)
    view = request_page(keeper, found, reach().person_id, address, problems, collects=collects)
    return _page(view, keeper, "Request")


def _schedule(provider_id: uuid.UUID, typed: dict[str, str], problems: dict[str, str]) -> str:
    with transaction() as session:
        keeper = queries.find_keeper(session, reach(), provider_id)
        kept = schedule_of(record_types(), queries.years_set(session, provider_id))
    return _page(schedule_page(keeper, kept, address, typed, problems), keeper, "Retention schedule")


def _holds(provider_id: uuid.UUID, typed: dict[str, str], problems: dict[str, str]) -> str:
    with transaction() as session:
        keeper = queries.find_keeper(session, reach(), provider_id)
        found = queries.holds(session, provider_id)
        services = queries.services_of(session, provider_id)
    return _page(holds_page(keeper, found, services, address, typed, problems), keeper, "Legal holds")


def _transfers(provider_id: uuid.UUID, typed: dict[str, str], chosen: tuple[str, ...], problems: dict[str, str]) -> str:
    with transaction() as session:
        keeper = queries.find_keeper(session, reach(), provider_id)
        found = queries.transfers(session, provider_id)
        services = queries.services_of(session, provider_id)
    view = transfers_page(keeper, found, services, address, typed=typed, chosen=chosen, problems=problems)
    return _page(view, keeper, "Transfers")


def _transfer(provider_id: uuid.UUID, transfer_id: uuid.UUID, problems: dict[str, str], code: str) -> str:
    with transaction() as session:
        keeper = queries.find_keeper(session, reach(), provider_id)
        found = queries.find_transfer(session, provider_id, transfer_id)
        other = queries.other_steps(session, transfer_id)
    return _page(transfer_page(keeper, found, other, address, problems, code), keeper, "Transfer")


def _page(view: CustodyPage, keeper: Keeper, title: str) -> str:
    last = (Link(title),) if title != "Data protection" else ()
    where = crumbs(keeper, address, *last)
    return page(
        "custody/custody.html", title=f"{title}, {keeper.name}", crumbs=where, section="custody.start", view=view
    )


def _typed(*names: str) -> dict[str, str]:
    """The listed fields of the form; whatever else was sent is not looked at."""
    return {name: request.form.get(name, "") for name in names}


def _tried(act: Callable[[], None], again: Callable[[dict[str, str]], str]) -> tuple[str, int] | None:
    """Does an act; the page again with what was wrong where it is refused."""
    try:
        act()
    except RefusedError as refused:
        if not refused.problems:
            raise
        return again(dict(refused.problems)), 422
    return None


def _to(endpoint: str, **where: uuid.UUID) -> Response:
    return cast("Response", redirect(address(endpoint, **where), 303))
