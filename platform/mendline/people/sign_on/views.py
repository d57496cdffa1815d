"""Single sign-on: a provider's settings, the proof of its domain, and the way to the issuer and back."""

import uuid

from flask import Response, flash, make_response, redirect, request, url_for

from mendline.people.sign_on.commands import FIRST_ROLES, KEEPERS, SignOnAsked, set_sign_on
from mendline.people.sign_on.queries import provider_name, services_of, settings_of
from mendline.people.signing.browser import path_of_ours, pending_secret, this_browser, with_pending
from mendline.people.views import follow, signin
from mendline.web.components import Link
from mendline.web.frame import ground, network, reach, transaction
from mendline.web.looks import count_refused
from mendline.web.page import page
from mendline.web.section import PUBLIC, Section
from mendline.web.security import start_form
from tenants.clock import now
from tenants.errors import RefusedError, UnavailableError
from tenants.roles import ROLES
from tenants.signin.openid import Asker
from tenants.signin.organisations import SignOn, by_identifier, for_address
from tenants.signin.single_sign_on import UNKNOWN, come_back, keep_client_secret, prove_domain, send_away

sign_on = Section("sign_on", url_prefix="/providers")


@sign_on.page("/<uuid:provider_id>/single-sign-on", access="manage_people", step_up=True)
def settings(provider_id: uuid.UUID) -> Response:
    """The provider's settings."""
    return _settings_page(provider_id, {}, 200)


@sign_on.page("/<uuid:provider_id>/single-sign-on", access="manage_people", methods=("POST",), step_up=True)
def save(provider_id: uuid.UUID) -> Response:
    """Writes the settings down; the keeper of the domain's mail is asked where it is new."""
    form = request.form
    asked = SignOnAsked(
        form.get("label", ""), form.get("issuer", ""), form.get("client_id", ""), form.get("domain", ""),
        form.get("keeper", ""), form.get("default_role", ""), form.get("default_service", ""),
        form.get("strong_values", ""), form.get("longest_minutes", ""), form.get("enabled") == "yes",
    )  # fmt: skip
    try:
        with transaction() as session:
            made = set_sign_on(session, reach(), ground().key, provider_id, asked, at=now())
            if form.get("client_secret"):
                keep_client_secret(ground().database, ground().key, made, form["client_secret"], at=now())
    except RefusedError as refused:
        return _settings_page(provider_id, refused.problems, 422)
    flash("The settings are saved. They hold once the keeper of the domain's mail has agreed.", "success")
    return redirect(url_for("sign_on.settings", provider_id=provider_id), 303)  # type: ignore[return-value]


@signin.page("/sign-in/organisation", access=PUBLIC)
def organisation() -> Response:
    """Asks for the address, whose domain names the organisation."""
    start_form()
    return _organisation("", "", 200)


@signin.page("/sign-in/organisation", access=PUBLIC, methods=("POST",))
def to_organisation() -> Response:
    """Sends the browser to the organisation's own sign-in."""
    email = request.form.get("email", "")
    found = for_address(ground().database, email)
    if found is None:
        return _organisation(email, UNKNOWN, 422)
    return _away(found, email, by_form=True)


@signin.page("/sign-in/organisation/<uuid:connection_id>", access=PUBLIC)
def at_organisation(connection_id: uuid.UUID) -> Response:
    """A provider's own address for its people's bookmarks, and where somebody confirms through it that it is them.

    They press before they go on: nobody is signed in because a link was opened.
    """
    start_form()
    found = by_identifier(ground().database, connection_id)
    return _organisation("", UNKNOWN, 404) if found is None else _away(found, "")


@signin.page("/sign-in/organisation/back", access=PUBLIC)
def back() -> Response:
    """Where the issuer sends the browser back to."""
    start_form()
    try:
        done, wanted = come_back(
            ground().database, ground().key, _asker(), pending_secret(), request.args, this_browser(),
            network=network(), at=now(),
        )  # fmt: skip
    except (RefusedError, UnavailableError) as problem:
        return _organisation("", str(problem), 422 if isinstance(problem, RefusedError) else 503)
    return follow(done, wanted)


@signin.page("/sign-in/domain/<secret>", access=PUBLIC)
def domain(secret: str) -> str:  # noqa: ARG001 -- looked at with the press alone, since programs open links too
    """Asks whoever keeps a domain's mail for one press."""
    start_form()
    return page("people/domain.html", title="Agree to single sign-on", done="", over=False)


@signin.page("/sign-in/domain/<secret>", access=PUBLIC, methods=("POST",))
def agree(secret: str) -> Response:
    """Takes the agreement."""
    proved = prove_domain(ground().database, secret)
    if proved is None:
        count_refused("link of a letter")
    drawn = page("people/domain.html", title="Agree to single sign-on", done=proved or "", over=proved is None)
    return make_response(drawn, 200 if proved else 404)


def _away(found: SignOn, email: str, *, by_form: bool = False) -> Response:
    """To the issuer: by a page that leads on, since the answer to a form of ours may lead nowhere else."""
    try:
        sent = send_away(
            ground().database, _asker(), found, redirect_uri=f"{ground().settings.public_url}/sign-in/organisation/back",
            next_path=path_of_ours(request.values.get("next", "")), email=email, at=now(),
            fresh=request.args.get("fresh") == "yes",
        )  # fmt: skip
    except (RefusedError, UnavailableError) as problem:
        return _organisation(email, str(problem), 503)
    drawn = page(
        "people/to_organisation.html", title="To your organisation", label=found.label, url=sent.url, by_itself=by_form
    )
    return with_pending(make_response(drawn), sent.secret)


def _asker() -> Asker:
    return Asker(ground().settings.sign_on_hosts)


def _organisation(email: str, message: str, status: int) -> Response:
    drawn = page(
        "people/organisation.html", title="Sign in with your organisation", email=email, message=message,
        next_path=path_of_ours(request.values.get("next", "")),
    )  # fmt: skip
    return make_response(drawn, status)


def _settings_page(provider_id: uuid.UUID, problems: dict[str, str], status: int) -> Response:
    with transaction() as session:
        name = provider_name(session, reach(), provider_id)
        found = settings_of(session, provider_id)
        services = services_of(session, provider_id)
    typed = request.form if problems else None
    drawn = page(
        "people/sign_on.html",
        title="Single sign-on",
        crumbs=(Link(name), Link("Single sign-on")),
        provider=name,
        found=found,
        typed=typed,
        services=services,
        roles=[(key, ROLES[key].label) for key in FIRST_ROLES],
        keepers=KEEPERS,
        problems=problems,
        back_url=f"{ground().settings.public_url}/sign-in/organisation/back",
        bookmark=f"{ground().settings.public_url}/sign-in/organisation/{found.connection_id}" if found else "",
    )
    return make_response(drawn, status)
