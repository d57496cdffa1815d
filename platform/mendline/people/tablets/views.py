"""The tablets of a service: registered on the tablet itself, by its manager."""

import secrets
import uuid

from flask import Response, flash, make_response, redirect, request, url_for
from flask_login import current_user

from mendline.catalogue.wording import moment
from mendline.people.signing.browser import device_of_request, with_device
from mendline.people.tablets.commands import distrust_tablet, trust_tablet
from mendline.people.tablets.queries import tablets
from mendline.places.head import crumbs_to
from mendline.places.queries import find_place
from mendline.web.components import Link
from mendline.web.frame import ground, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.clock import LONDON, now
from tenants.errors import RefusedError
from tenants.signin.devices import end_on_tablet
from tenants.signin.links import ticket_hash, ticket_of

tablet = Section("tablets", url_prefix="/services")


@tablet.page("/<uuid:service_id>/tablets", access="manage_people", step_up=True)
def listing(service_id: uuid.UUID) -> Response:
    """The tablets that the service trusts, and a form to trust the one that this is."""
    return _listing(service_id, {}, 200)


@tablet.page("/<uuid:service_id>/tablets", access="manage_people", methods=("POST",), step_up=True)
def trust(service_id: uuid.UUID) -> Response:
    """Trusts this browser."""
    device = device_of_request() or secrets.token_urlsafe(32)
    try:
        with transaction() as session:
            place = find_place(session, reach(), service_id)
            trust_tablet(
                session, reach(), place.provider_id, service_id, label=request.form.get("label", ""), device=device
            )
    except RefusedError as refused:
        return _listing(service_id, refused.problems, 422)
    flash("This tablet is registered. People who work here may now set a PIN on it, after signing in fully.", "success")
    return with_device(redirect(url_for("tablets.listing", service_id=service_id), 303), device)  # type: ignore[arg-type]


@tablet.page(
    "/<uuid:service_id>/tablets/<uuid:shared_device_id>/end", access="manage_people", methods=("POST",), step_up=True
)
def distrust(service_id: uuid.UUID, shared_device_id: uuid.UUID) -> Response:
    """Trusts a tablet no longer: it may be lost, so every sign-in on it ends too, but the one that asks."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        device = distrust_tablet(session, reach(), place.provider_id, service_id, shared_device_id)
        kept = ticket_hash(ticket_of(ground().key, current_user.secret))
        end_on_tablet(ground().database, device, kept=kept, at=now())
    flash(
        "That tablet is trusted no longer. No PIN opens anything on it, and what was open there has ended.", "success"
    )
    return redirect(url_for("tablets.listing", service_id=service_id), 303)  # type: ignore[return-value]


def _listing(service_id: uuid.UUID, problems: dict[str, str], status: int) -> Response:
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        found = tablets(session, reach(), place.provider_id, service_id, device_of_request())
    drawn = page(
        "people/tablets.html",
        title="Tablets",
        crumbs=crumbs_to(place, Link("Tablets")),
        section="services.listing",
        place=place,
        lines=[(one, moment(one.registered_at.astimezone(LONDON))) for one in found],
        is_trusted=any(one.is_this_one for one in found),
        problems=problems,
    )
    return make_response(drawn, status)
