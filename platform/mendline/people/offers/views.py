"""Roles that are offered to oneself: read, accepted, declined."""

import uuid
from typing import cast

from flask import Response, flash, redirect, request

from mendline.people.offers.presenting import offer_cards
from mendline.people.signing.browser import require_own_sign_in
from mendline.places.head import address
from mendline.web.frame import cookie_name, ground, origin, reach, transaction
from mendline.web.page import page
from mendline.web.section import SIGNED_IN, Section
from tenants.errors import NotFoundError
from tenants.signin.offers import answer_offer, own_offers

offers = Section("offers", url_prefix="/offers")

_LONGEST_REASON = 200


@offers.page("", access=SIGNED_IN)
def listing() -> str:
    """What is offered to whoever asks, by any provider."""
    with transaction() as session:
        found = own_offers(session)
    cards = offer_cards(found, lambda offer_id: address("offers.answer", offer_id=offer_id))
    return page("people/offers.html", title="Roles offered to you", cards=cards, onwards=address("start.home", later=1))


@offers.page("/<uuid:offer_id>", access=SIGNED_IN, methods=("POST",))
def answer(offer_id: uuid.UUID) -> Response:
    """Accepts or declines an offer. Accepting ends every sign-in, since the role may ask for a stronger one.

    Whoever is a commissioner reads through the read-only role elsewhere; their own answer is written by the web's.
    """
    require_own_sign_in()
    accept = request.form.get("answer") == "accept"
    with ground().database.transaction(reach(), role="web") as session:
        session.info["origin"] = origin()
        why = request.form.get("why", "").strip()[:_LONGEST_REASON]
        if not answer_offer(session, offer_id, accept=accept, why=why):
            raise NotFoundError("This offer is over: it was answered, withdrawn or ran out.")
    if not accept:
        flash("You declined the role.", "success")
        return cast("Response", redirect(address("offers.listing"), 303))
    flash("You accepted the role. Sign in again to work in it.", "success")
    left = cast("Response", redirect(address("signin.form"), 303))
    left.delete_cookie(cookie_name(), path="/", secure=ground().settings.https)
    return left
