"""The coverage of quality statements by kinds of evidence."""

import uuid

from mendline.indicators.queries import standings
from mendline.places.head import address, crumbs_to, offers_at
from mendline.places.queries import find_place
from mendline.services.coverage import coverage_of
from mendline.services.coverage_page import cell_page, coverage_page, framework_of
from mendline.services.coverage_queries import coverage_facts
from mendline.web.components import Link
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import Section
from tenants.errors import NotFoundError

coverage = Section("coverage", url_prefix="/services/<uuid:service_id>/coverage")


@coverage.page("", access="see_evidence")
def matrix(service_id: uuid.UUID) -> str:
    """Quality statements against kinds of evidence, with the gaps."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_evidence", place.provider_id, place.service_id)
        found = standings(session, place.provider_id, place.service_id, periods="parts")
        pieces, records = coverage_facts(session, place, on_day())
    view = coverage_page(
        place, found, pieces, records, today=on_day(), offers=offers_at(reach(), place), address=address
    )
    return page(
        "services/coverage.html",
        title=f"Coverage, {place.name}",
        crumbs=crumbs_to(place, Link("Coverage")),
        section="services.listing",
        view=view,
    )


@coverage.page("/<code>/<category>", access="see_evidence")
def cell(service_id: uuid.UUID, code: str, category: str) -> str:
    """What there is of one kind of evidence for one statement."""
    with transaction() as session:
        place = find_place(session, reach(), service_id)
        reach().require("see_evidence", place.provider_id, place.service_id)
        known = framework_of(place)
        if code not in known.nodes or category not in {each.code for each in known.evidence_categories}:
            raise NotFoundError("There is no such statement or kind of evidence.")
        pieces, records = coverage_facts(session, place, on_day())
    row = next(each for each in coverage_of(known, pieces, records, on_day()) if each.node.code == code)
    here = (place.provider_id, place.service_id)
    see_records = reach().may("see_records", *here)
    view = cell_page(
        place, row, category, known, offers=offers_at(reach(), place), address=address, see_records=see_records
    )
    crumbs = crumbs_to(
        place, Link("Coverage", address("coverage.matrix", service_id=service_id)), Link(known.nodes[code].title)
    )
    return page(
        "services/coverage_cell.html", title=view.head.heading, crumbs=crumbs, section="services.listing", view=view
    )
