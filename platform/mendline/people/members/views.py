"""Members: who works where, giving and changing roles, requests, and posts that are needed."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from flask import Response, flash, make_response, redirect, request

from mendline.people.desk import DeskPage
from mendline.people.members import queries
from mendline.people.members.commands import (
    Outcome,
    answer_request,
    change_end,
    give_role,
    say_needed,
)
from mendline.people.members.forms import read_place, read_role, read_words, required_day
from mendline.people.members.offering import told_of_role, withdraw_offer
from mendline.people.members.presenting import invite_form, member_page, members_page
from mendline.people.members.presenting_offers import offers_table
from mendline.people.members.rows import Member, Reachable
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import ground, on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from mendline.web.typed import identifier_or_none
from tenants.clock import now
from tenants.errors import NotFoundError, RefusedError
from tenants.signin.one_time import person_for, write_to_invited

members = Section("members", url_prefix="/people")

_SAID: dict[Outcome, str] = {
    "given": "The role is given, and a letter is on its way.",
    "offered": "The role is offered, and a letter is on its way. It opens nothing until it is accepted.",
    "asked": "The role waits for somebody who holds as much.",
}


@members.page("", access="see_people")
def listing() -> str:
    """The people of a provider, or of a service, with their roles; what waits; which post is vacant."""
    given = {name: request.args.get(name, "")[:80] for name in ("name", "role", "service", "state")}
    number = (
        min(max(int(words), 1), 1000) if (words := request.args.get("page", "1")).isascii() and words.isdigit() else 1
    )
    held, providers = reach(), reach().provider_ids
    with transaction() as session:
        found, more = queries.members(
            session,
            providers,
            today=on_day(),
            name=given["name"],
            role=given["role"],
            service_id=identifier_or_none(given["service"]),
            state=given["state"],
            number=number,
        )
        asked = queries.open_requests(session, providers)
        offered = queries.offers(session, providers, today=on_day())
        vacant = queries.vacancies(session, providers, whole=held.providers_with("see_people"), today=on_day())
        services = queries.services_of(session, providers)
    there = {name: words for name, words in given.items() if words}
    view = members_page(
        held,
        found,
        asked,
        vacant,
        services,
        given=given,
        older=address("members.listing", **there, page=number + 1) if more else "",
        newer=address("members.listing", **there, page=number - 1) if number > 1 else "",
        today=on_day(),
        address=address,
    )
    if offered:
        view = replace(view, tables=(offers_table(held, offered, address), *view.tables))
    return page("people/desk.html", title="People", section="members.listing", view=view)


@members.page("/invite", access="change_members", step_up=True)
def invite() -> str:
    """The form that gives a role."""
    with transaction() as session:
        places = _places(queries.services_of(session, reach().provider_ids))
    view = invite_form(reach(), places, request.args, today=on_day(), address=address)
    return page(
        "people/desk.html", title="Give a role", crumbs=_crumbs("Give a role"), section="members.listing", view=view
    )


@members.page("/invite", access="change_members", methods=("POST",), step_up=True)
def send() -> Response:
    """Gives a role, offers it or asks for it, and writes to whoever has it or is to answer."""
    places: tuple[Reachable, ...] = ()
    try:
        with transaction() as session:
            services = queries.services_of(session, reach().provider_ids)
            places = _places(services)
            place = read_place(request.form.get("place", ""), places)
            given = read_role(request.form, place, on_day())
            reach().require("change_members", place.provider_id, place.service_id)
            name = " ".join(read_words(request.form, "name").split())
            person_id = person_for(
                session, provider_id=place.provider_id, email=request.form.get("email", ""), name=name
            )
            outcome = give_role(session, reach(), given, person_id=person_id, name=name, today=on_day())
            if outcome != "asked":
                service = place.name if place.service_id else ""
                told = told_of_role(
                    _provider_of(place.provider_id), service, given.role, given.valid_from, given.valid_until
                )
                _write(session, place.provider_id, person_id, told)
    except RefusedError as refused:
        view = invite_form(reach(), places, request.form, today=on_day(), address=address, refused=refused)
        drawn = page(
            "people/desk.html", title="Give a role", crumbs=_crumbs("Give a role"), section="members.listing", view=view
        )
        return make_response(drawn, 422)
    flash(_SAID[outcome], "success")
    return cast("Response", redirect(address("members.listing"), 303))


@members.page("/roles/<uuid:membership_id>", access="see_people")
def one(membership_id: uuid.UUID) -> str:
    """One role of one person."""
    member, view = _one(membership_id)
    return page(
        "people/desk.html",
        title=member.display_name,
        crumbs=_crumbs(member.display_name),
        section="members.listing",
        view=view,
    )


@members.page("/roles/<uuid:membership_id>", access="change_members", methods=("POST",))
def change(membership_id: uuid.UUID) -> Response:
    """Moves the end of a role, or ends it at once."""
    at_once = request.form.get("act") == "end"
    why = read_words(request.form, "why" if at_once else "reason")
    typed = request.form.get("valid_until", "").strip()
    if not at_once:
        reach().require_fresh_factor(now())  # ending a role only ever makes things safer; moving its end may widen it
    try:
        with transaction() as session:
            member = _found(queries.find_member(session, reach().provider_ids, membership_id))
            change_end(session, reach(), member, until=required_day(typed), at_once=at_once, why=why, today=on_day())
    except RefusedError as refused:
        given = {"act": request.form.get("act", ""), "valid_until": typed, "reason": why}
        member, view = _one(membership_id, refused, given)
        drawn = page(
            "people/desk.html",
            title=member.display_name,
            crumbs=_crumbs(member.display_name),
            section="members.listing",
            view=view,
        )
        return make_response(drawn, 422)
    flash("The role has ended." if at_once else "The end of the role is moved.", "success")
    return cast("Response", redirect(address("members.one", membership_id=membership_id), 303))


@members.page("/requests/<uuid:request_id>", access="change_members", methods=("POST",), step_up=True)
def answer(request_id: uuid.UUID) -> Response:
    """Gives or declines a role that was asked for."""
    give = request.form.get("answer") == "give"
    with transaction() as session:
        waiting = queries.open_requests(session, reach().provider_ids)
        asked = next((each for each in waiting if each.request_id == request_id), None)
        if asked is None:
            raise NotFoundError("There is no such request within your sign-in, or it is answered.")
        outcome = answer_request(session, reach(), asked, give=give, why=read_words(request.form, "why"))
        if outcome is not None:
            provider = _provider_of(asked.provider_id)
            told = told_of_role(provider, asked.service, asked.role, asked.valid_from, asked.valid_until)
            _write(session, asked.provider_id, asked.person_id, told)
    flash(_SAID[outcome] if outcome else "The role is declined.", "success")
    return cast("Response", redirect(address("members.listing"), 303))


@members.page("/offers/<uuid:offer_id>/withdraw", access="change_members", methods=("POST",))
def withdraw(offer_id: uuid.UUID) -> Response:
    """Takes an offer back; this needs no fresh factor, since it only ever makes things safer."""
    with transaction() as session:
        waiting = queries.offers(session, reach().provider_ids, today=on_day())
        offered = next((each for each in waiting if each.offer_id == offer_id), None)
        if offered is None:
            raise NotFoundError("There is no such offer within your sign-in, or it is answered.")
        withdraw_offer(session, reach(), offered)
    flash("The offer is withdrawn.", "success")
    return cast("Response", redirect(address("members.listing"), 303))


@members.page("/posts", access="change_members", methods=("POST",))
def post() -> Response:
    """Says that a role is needed somewhere, or no longer is."""
    with transaction() as session:
        services = queries.services_of(session, reach().provider_ids)
        place = read_place(request.form.get("place", ""), _places(services))
        say_needed(
            session,
            reach(),
            provider_id=place.provider_id,
            service_id=place.service_id,
            role=request.form.get("post_role", "")[:40],
            needed=request.form.get("needed") != "no",
            since=on_day(),
            why=read_words(request.form, "reason"),
        )
    flash("That is saved.", "success")
    return cast("Response", redirect(address("members.listing"), 303))


def _one(
    membership_id: uuid.UUID, refused: RefusedError | None = None, given: dict[str, str] | None = None
) -> tuple[Member, DeskPage]:
    with transaction() as session:
        member = _found(queries.find_member(session, reach().provider_ids, membership_id))
        moves = queries.moves_of(session, member.provider_id, membership_id)
    return member, member_page(reach(), member, moves, today=on_day(), address=address, refused=refused, given=given)


def _found(member: Member | None) -> Member:
    if member is None:
        raise NotFoundError("There is no such role within your sign-in.")
    return member


def _places(services: tuple[Reachable, ...]) -> tuple[Reachable, ...]:
    """Where this person may give roles: whole providers first, then services."""
    held = reach()
    whole = {each.provider_id: each.provider for each in held.held}
    providers = tuple(
        Reachable(provider_id, None, f"{whole[provider_id]} (whole provider)")
        for provider_id in held.providers_with("change_members")
    )
    here = tuple(each for each in services if held.may("change_members", each.provider_id, each.service_id))
    return providers + here


def _provider_of(provider_id: uuid.UUID) -> str:
    return next(each.provider for each in reach().held if each.provider_id == provider_id)


def _write(session: Any, provider_id: uuid.UUID, person_id: uuid.UUID, told: Mapping[str, str]) -> None:
    write_to_invited(session, ground().key, provider_id=provider_id, person_id=person_id, told=told, at=now())


def _crumbs(words: str) -> tuple[Link, ...]:
    return (Link("People", address("members.listing")), Link(words))
