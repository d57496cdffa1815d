"""The pages of plan templates: those of the catalogue to copy, and the provider's own, version by version."""

import uuid
from typing import cast

from flask import Response, flash, redirect, request

from mendline.places.head import address
from mendline.recovery.plans import forms, queries
from mendline.recovery.plans.forms_templates import guided_form
from mendline.recovery.plans.guided import content_of
from mendline.recovery.plans.presenting_regulator import template_page, templates_page
from mendline.recovery.plans.rows import TemplateLine
from mendline.recovery.plans.templating import LARGEST, copied, save_template, withdraw_template, written_of
from mendline.web.components import Link
from mendline.web.frame import reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import NotFoundError, RefusedError

templates = Section("templates", url_prefix="/plan-templates")

SECTION = "services.listing"


@templates.page("", access="see_plans")
def listing() -> str:
    """What plans can be started from."""
    provider_id = _provider()
    with transaction() as session:
        found = queries.templates_for(session, provider_id)
    view = templates_page(found, may_write=_may_write(provider_id), address=address)
    crumbs = (Link("Services", address("services.listing")), Link("Plan templates"))
    return page("recovery/plans/templates.html", title="Plan templates", crumbs=crumbs, section=SECTION, view=view)


@templates.page("/new", access="change_plans")
def new() -> str:
    """The form of a new template, filled with one of the catalogue's to adapt."""
    return _form(request.args.get("from", ""))


@templates.page("", access="change_plans", methods=("POST",))
def save() -> Response | tuple[str, int]:
    """Saves a template as its next version."""
    written = request.form.get("written", "")
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        written = upload.stream.read(LARGEST + 1).decode("utf-8", errors="replace")
    try:
        with transaction() as session:
            key, version = save_template(
                session, reach(), provider_id=_provider(), written=written, reason=request.form.get("reason", "")
            )
    except RefusedError as refused:
        return _form("", refused, written=written), 422
    flash(f"Version {version} is saved. Plans that run keep the one that they were started from.", "success")
    return cast("Response", redirect(address("templates.one", template_key=key), 303))


@templates.page("/guided", access="change_plans")
def new_guided() -> str:
    """The same as questions: a new template adapted from another, or the next version of one's own."""
    return _guided(request.args.get("from", ""), request.args.get("next", ""))


@templates.page("/guided", access="change_plans", methods=("POST",))
def save_guided() -> Response | tuple[str, int]:
    """Saves what was answered as a template's next version."""
    answers = request.form
    copy_of, next_of = answers.get("copy_of", ""), answers.get("next_of", "")
    try:
        with transaction() as session:
            provider_id = _provider()
            reach().require("change_plans", provider_id)
            source = _source(queries.templates_for(session, provider_id), next_of or copy_of)
            content = content_of(
                source.template, answers, warnings=answers.getlist("warnings"), triggers=answers.getlist("triggers"),
                key=source.key if next_of else "",
            )  # fmt: skip
            key, version = save_template(
                session, reach(), provider_id=provider_id, written=written_of(content),
                reason=answers.get("reason", ""), based_on=copy_of or None,
            )  # fmt: skip
    except RefusedError as refused:
        return _guided(copy_of, next_of, refused), 422
    flash(f"Version {version} is saved. Plans that run keep the one that they were started from.", "success")
    return cast("Response", redirect(address("templates.one", template_key=key), 303))


@templates.page("/<template_key>", access="see_plans")
def one(template_key: str) -> str:
    """One of the provider's templates with its versions; its next version is written here."""
    provider_id = _provider()
    with transaction() as session:
        versions = queries.versions_of(session, provider_id, template_key)
    form = (
        forms.template_form(versions[0].written, is_new=False, address=address, given={})
        if _may_write(provider_id)
        else None
    )
    view = template_page(versions, form)
    crumbs = (Link("Plan templates", address("templates.listing")), Link(view.head.heading))
    return page("recovery/plans/template.html", title=view.head.heading, crumbs=crumbs, section=SECTION, view=view)


@templates.page("/<template_key>/withdrawal", access="change_plans", methods=("POST",))
def withdraw(template_key: str) -> Response:
    """Takes a template out of what can be started."""
    try:
        with transaction() as session:
            withdraw_template(
                session, reach(), provider_id=_provider(), key=template_key, reason=request.form.get("reason", "")
            )
    except RefusedError as refused:
        flash(next(iter(refused.problems.values()), str(refused)), "error")
    else:
        flash("The template is withdrawn. Plans made from it go on.", "success")
    return cast("Response", redirect(address("templates.listing"), 303))


def _guided(copy_of: str, next_of: str, refused: RefusedError | None = None) -> str:
    provider_id = _provider()
    reach().require("change_plans", provider_id)
    with transaction() as session:
        source = _source(queries.templates_for(session, provider_id), next_of or copy_of)
    typed = request.form if request.method == "POST" else {}
    chosen = {name: request.form.getlist(name) for name in ("warnings", "triggers")} if typed else None
    form = guided_form(
        source.template,
        copy_of=source.key,
        next_of=next_of,
        address=address,
        given=typed,
        chosen=chosen,
        refused=refused,
    )
    view = template_page((source,), form)
    crumbs = (Link("Plan templates", address("templates.listing")), Link("Write a template"))
    as_text = "" if next_of else f"{address('templates.new')}?from={source.key}"
    return page(
        "recovery/plans/template_new.html", title="Write a template", crumbs=crumbs, section=SECTION, view=view,
        as_text=as_text,
    )  # fmt: skip


def _source(found: tuple[TemplateLine, ...], key: str) -> TemplateLine:
    """The template of a key; the first of the catalogue where none is named."""
    named = next((each for each in found if each.key == key), None)
    if key and named is None:
        raise NotFoundError("There is no such template.")
    return named or found[0]


def _form(copy_of: str, refused: RefusedError | None = None, *, written: str = "") -> str:
    provider_id = _provider()
    reach().require("change_plans", provider_id)
    with transaction() as session:
        found = {each.key: each for each in queries.templates_for(session, provider_id)}
    source = found.get(copy_of) or next(iter(found.values()))
    text = written or copied(source.template)
    form = forms.template_form(text, is_new=True, address=address, given={}, refused=refused)
    view = template_page((source,), form)
    crumbs = (Link("Plan templates", address("templates.listing")), Link("Write a template"))
    return page("recovery/plans/template_new.html", title="Write a template", crumbs=crumbs, section=SECTION, view=view)


def _provider() -> uuid.UUID:
    """The provider whose templates these are; the first, for the few who work for several."""
    for held in reach().held:
        if reach().may("see_plans", held.provider_id, held.service_id):
            return held.provider_id
    raise NotFoundError("There is nothing here that your sign-in covers.")


def _may_write(provider_id: uuid.UUID) -> bool:
    return reach().may("change_plans", provider_id)
