"""Matching the columns of a file: which column means what, and the mapping that it becomes."""

import uuid
from contextlib import suppress

from flask import Response, flash, make_response, request

from mendline.evidence.imports import choosing, forms, forms_mapping, framing, queries
from mendline.evidence.imports.decoding import UnreadableFileError
from mendline.evidence.imports.judging import mapping_for
from mendline.evidence.imports.own import Chosen
from mendline.evidence.imports.sent import SentFile
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.clock import now
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ids import new_id

matching = Section("matching", url_prefix="/imports/<uuid:import_id>")

Answer = Response | str


@matching.page("/mapping", access="import_facts")
def mapping(import_id: uuid.UUID) -> str:
    """Which column means what."""
    with transaction() as session:
        sent = framing.mine(session, import_id)
        target = request.args.get("target", "")
        mapping_id = new_id()
        chosen = forms_mapping.suggestion(sent, target)
        if not target and sent.mapping_id is not None:
            with suppress(UnreadableFileError):  # it is gone meanwhile: what would be proposed stands in its stead
                chosen = forms_mapping.opened_again(sent, mapping_for(session, sent))
                mapping_id = sent.mapping_id
    return _mapping(sent, chosen, mapping_id)


@matching.page("/mapping", access="import_facts", methods=("POST",))
def match(import_id: uuid.UUID) -> Answer:
    """Saves a mapping and has the file checked by it."""
    sent: SentFile | None = None
    chosen: Chosen | None = None
    mapping_id = forms.read_import_id(request.form.get("mapping_id", ""))
    try:
        with transaction() as session:
            sent = framing.mine(session, import_id)
            chosen = forms_mapping.read_chosen(request.form, sent)
            choosing.save_mapping(session, reach(), sent, chosen, mapping_id=mapping_id, at=now())
    except (RefusedError, ConflictError) as refused:
        if sent is None or chosen is None or not isinstance(refused, RefusedError):
            raise
        return make_response(_mapping(sent, chosen, mapping_id, refused), 422)
    flash("The mapping is saved. The file is being checked by it.", "success")
    return framing.to_file(import_id)


@matching.page("/use", access="import_facts", methods=("POST",))
def use(import_id: uuid.UUID) -> Answer:
    """Has the file checked by a mapping that is there already."""
    with transaction() as session:
        choosing.use_mapping(
            session, reach(), framing.mine(session, import_id), request.form.get(forms.MAPPING, ""), now()
        )
    return framing.to_file(import_id)


def _mapping(sent: SentFile, chosen: Chosen, mapping_id: uuid.UUID, refused: forms.Refused = None) -> str:
    if "header" not in sent.found:
        raise NotFoundError("The columns of this file are not read yet.")
    with transaction() as session:
        own = queries.own_mappings(session, sent.provider_id, sent.service_id)
        services = queries.services_of(session, sent.provider_id)
    view = forms_mapping.mapping_page(
        sent, chosen, mapping_id=mapping_id, own=own, services=services, indicators=forms_mapping.indicator_names(),
        address=address, refused=refused,
    )  # fmt: skip
    return page(
        "imports/mapping.html",
        title=f"Match the columns of {sent.file_name}",
        crumbs=framing.crumbs_of(sent, Link("Columns")),
        section="services.listing",
        view=view,
    )
