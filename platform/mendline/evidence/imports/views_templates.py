"""Templates to fill in: one for each kind of record, and one for figures."""

from flask import Response

from mendline.catalogue.csv_template import example_row
from mendline.catalogue.record_types import record_types
from mendline.evidence.imports import framing
from mendline.evidence.imports.own import FIGURES
from mendline.evidence.imports.pages import TemplatesPage
from mendline.evidence.imports.writing import TEMPLATE_HEADER
from mendline.evidence.records.permits import known_type
from mendline.places.head import address
from mendline.web.components import Head, Item, Link
from mendline.web.page import page
from mendline.web.section import SIGNED_IN, Section

import_templates = Section("import_templates", url_prefix="/imports/templates")


@import_templates.page("", access=SIGNED_IN)
def listing() -> str:
    """A template for each kind of record, and one for figures."""
    tiles = [
        Item(
            "Figures",
            "A row for each service, indicator and week or month.",
            href=address("import_templates.one", record_type=FIGURES),
        )
    ]
    tiles += [
        Item(kind.plural, kind.description, href=address("import_templates.one", record_type=key))
        for key, kind in sorted(record_types().items(), key=lambda item: item[1].plural)
    ]
    sentence = "Each is a spreadsheet with a header and one row that shows what goes into each column."
    view = TemplatesPage(Head("Templates to fill in", "", sentence), tuple(tiles))
    return page(
        "imports/templates.html",
        title="Templates",
        crumbs=framing.crumbs(Link("Templates")),
        section="services.listing",
        view=view,
    )


@import_templates.page("/<record_type>.csv", access=SIGNED_IN)
def one(record_type: str) -> Response:
    """One template as CSV."""
    if record_type == FIGURES:
        return framing.csv_answer(FIGURES, TEMPLATE_HEADER, [])
    row = example_row(known_type(record_type))
    return framing.csv_answer(
        record_type, ("service", "source_reference", *row), [("Name of the service", "1", *row.values())]
    )
