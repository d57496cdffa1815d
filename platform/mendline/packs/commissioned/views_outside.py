"""A pack that is shared with a commissioner, as their officer opens it: its page, and a copy marked for them."""

import uuid

from flask import Response

from mendline.comparison.commissioned import name_of
from mendline.comparison.looking import note_look
from mendline.comparison.shared_packs import SharedPack, shared_packs
from mendline.evidence.files.leaving import mark_words
from mendline.packs.commissioned.presenting import shared_page
from mendline.packs.copies import copy_of
from mendline.packs.storage import fetch
from mendline.places.head import address
from mendline.places.queries import find_granted_place
from mendline.places.rows import Place
from mendline.web.components import Link
from mendline.web.frame import ground, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.clock import now
from tenants.errors import NotFoundError
from tenants.reach import Granted

outside = Section("shared_packs", url_prefix="/portfolio/<uuid:service_id>/packs")


@outside.page("/<uuid:share_id>", access="see_service")
def one(service_id: uuid.UUID, share_id: uuid.UUID) -> str:
    """What a shared pack is, for whom and until when, with its download."""
    place, pack, grant = _shared(service_id, share_id)
    note_look(ground().database, reach(), [(pack.provider_id, pack.service_id)], f"pack {pack.reference}", _told(pack))
    service = name_of(place.name, place.service_id, {grant.service_id: grant})
    view = shared_page(pack, service, place.provider, grant.until, address=address)
    crumbs = (
        Link("Services you commission", address("commissioner.portfolio")),
        Link(service, address("commissioner.service", service_id=service_id)),
        Link(pack.reference),
    )
    return page(
        "packs/pack.html",
        title=view.head.heading,
        crumbs=crumbs,
        section="commissioner.portfolio",
        view=view,
        sharing=None,
    )


@outside.page("/<uuid:share_id>.pdf", access="see_service")
def file(service_id: uuid.UUID, share_id: uuid.UUID) -> Response:
    """A copy that says across its pages for whom it is and when; the ledger keeps the copy's fingerprint."""
    held, at = reach(), now()
    _, pack, _ = _shared(service_id, share_id)
    copy = copy_of(fetch(ground().settings.state, pack.object_key), mark_words(held.name, at, pack.body))
    told = {**_told(pack), **copy.told}
    note_look(ground().database, held, [(pack.provider_id, pack.service_id)], f"pack {pack.reference}, a copy", told)
    # The share may have been withdrawn while the copy was made: it is asked once more before anything leaves.
    _shared(service_id, share_id)
    return copy.answer(pack.reference)


def _shared(service_id: uuid.UUID, share_id: uuid.UUID) -> tuple[Place, SharedPack, Granted]:
    """A pack that is open to whoever asks, by a grant of the service that stands.

    Raises:
        NotFoundError: there is none; why is not told.
    """
    held = reach()
    grants = [each for each in held.granted if each.service_id == service_id]
    if not grants:
        raise NotFoundError("There is no such service within your sign-in.")
    with transaction() as session:
        place = find_granted_place(session, held, service_id)
        found = shared_packs(session, place.provider_id, place.service_id)
    pack = next((each for each in found if each.share_id == share_id), None)
    if pack is None:
        raise NotFoundError("There is no such pack within your sign-in. The provider may have made a newer one.")
    return place, pack, next(each for each in grants if each.provider_id == pack.provider_id)


def _told(pack: SharedPack) -> dict[str, str]:
    return {"share": str(pack.share_id)}
