"""What every page about a sent file needs: who may see what of it, and where it stands."""

import io
import uuid
from typing import Any, cast

from flask import Response, redirect

from mendline.evidence.imports import queries
from mendline.evidence.imports.own import FIGURES
from mendline.evidence.imports.sent import ImportPlace, SentFile
from mendline.evidence.imports.writing import write_csv
from mendline.places.head import address
from mendline.web.components import Link
from mendline.web.frame import reach
from tenants.classes import record_class
from tenants.errors import NotFoundError

HIDDEN = "The rows are shown to whoever sent the file, and to those who may see records of its kind."


def mine(session: Any, import_id: uuid.UUID) -> SentFile:
    """A file that this person may act on."""
    sent = queries.find_import(session, reach(), import_id)
    reach().require("import_facts", sent.provider_id, sent.service_id)
    return sent


def readable(session: Any, import_id: uuid.UUID) -> SentFile:
    """A file whose rows this person may see."""
    sent = queries.find_import(session, reach(), import_id)
    if not sees_rows(sent):
        raise NotFoundError(HIDDEN)
    return sent


def decidable(session: Any, import_id: uuid.UUID) -> SentFile:
    """A file whose rows this person may see, or decide about."""
    sent = queries.find_import(session, reach(), import_id)
    if not sees_rows(sent) and not reach().may("import_facts", sent.provider_id, sent.service_id):
        raise NotFoundError(HIDDEN)
    return sent


def sees_rows(sent: SentFile) -> bool:
    """Whether this person may see what the file says: they sent it, or see records of its kind."""
    return sent.recorded_by == reach().person_id or sees_records(sent)


def sees_records(sent: SentFile) -> bool:
    """Whether this person may see what is kept of the kind that the file holds."""
    kind = sent.found.get("record_type")
    class_ = record_class(str(kind)) if kind else "summary"
    if (
        not kind
        and sent.state in ("refused", "unmapped", "reading", "checking")
        and sent.mapping not in (None, FIGURES)
    ):
        class_ = "records"
    return reach().holds(class_, "r", sent.provider_id, sent.service_id)


def place_of(sent: SentFile) -> ImportPlace:
    """Where the file belongs."""
    return ImportPlace(sent.provider_id, sent.provider, sent.service_id, sent.service)


def listing_of(place: ImportPlace) -> str:
    """The address of the files of a place."""
    if place.service_id is not None:
        return address("imports.of_service", service_id=place.service_id)
    return address("imports.of_provider", provider_id=place.provider_id)


def crumbs(*here: Link) -> tuple[Link, ...]:
    """The way to a page that belongs to no place."""
    return (Link("Services", address("services.listing")), Link("Imports", address("imports.listing")), *here)


def crumbs_at(place: ImportPlace, *here: Link) -> tuple[Link, ...]:
    """The way to a page of a place."""
    if place.service_id is not None and place.service:
        records = Link("Records", address("records.types", service_id=place.service_id))
        return (
            Link("Services", address("services.listing")),
            Link(place.service, address("services.dashboard", service_id=place.service_id)),
            records,
            *here,
        )
    return (Link("Services", address("services.listing")), Link(place.provider), *here)


def crumbs_of(sent: SentFile, *here: Link) -> tuple[Link, ...]:
    """The way to a page of a file."""
    place = place_of(sent)
    last = Link(sent.file_name, address("imports.one", import_id=sent.import_id) if here else "")
    return crumbs_at(place, Link("Imports", listing_of(place)), last, *here)


def csv_answer(name: str, header: tuple[str, ...], rows: list[tuple[str, ...]] | list[list[str]]) -> Response:
    """Rows as a spreadsheet that runs nothing."""
    text = io.StringIO(newline="")
    write_csv(text, header, rows)
    response = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def to_file(import_id: uuid.UUID) -> Response:
    """Back to the page of the file."""
    return cast("Response", redirect(address("imports.one", import_id=import_id), 303))
