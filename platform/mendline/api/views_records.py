"""Source records by their declared types, and evidence."""

import uuid
from datetime import datetime

from flask import Response, request, url_for

from mendline.api import cursors
from mendline.api.asking import answer_list, answer_slice, bodies_of, limit
from mendline.api.bodies import RECORD
from mendline.api.queries import own_place
from mendline.api.resources_records import KeptRecordOut, RecordOut, RecordTypeOut
from mendline.api.table import CURSOR, LIMIT, api
from mendline.api.wire import picked, plain
from mendline.api.writing import written
from mendline.catalogue.csv_template import template_csv
from mendline.catalogue.record_types import RecordType, record_types
from mendline.catalogue.schema import json_schema
from mendline.evidence.records.commands import note_look
from mendline.evidence.records.entering_many import Sent
from mendline.evidence.records.entering_many import enter_records as save_records
from mendline.evidence.records.permits import known_type, require_entry, seen_by
from mendline.evidence.records.queries import records_of_type
from mendline.evidence.records.rows import Cursor, StoredRecord
from mendline.web.frame import reach, transaction
from mendline.web.section import SIGNED_IN
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.ids import new_id


@api.operation("GET", "/record-types", access=SIGNED_IN, answer=RecordTypeOut, paged=True, query=(CURSOR, LIMIT))
def types() -> Response:
    """The declared kinds of source record, each with its JSON Schema and the address of its template."""
    return answer_slice(sorted(record_types().values(), key=lambda one: one.key), lambda one: one.key, _type)


@api.operation("GET", "/record-types/<record_type>/template.csv", access=SIGNED_IN, media="text/csv")
def template(record_type: str) -> Response:
    """The spreadsheet to fill in: a header, and one row that shows what goes into each column."""
    kind = known_type(record_type)
    response = Response(template_csv(kind), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{kind.key}.csv"'
    return response


@api.operation(
    "GET",
    "/services/<uuid:service_id>/records/<record_type>",
    access="see_service",
    answer=RecordOut,
    paged=True,
    query=(CURSOR, LIMIT),
)
def records_of(service_id: uuid.UUID, record_type: str) -> Response:
    """The records of one type, newest first; a carer sees their own."""
    kind, most = known_type(record_type), limit()
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        here = (place.provider_id, place.service_id)
        own = seen_by(reach(), *here, kind)
        found = records_of_type(session, *here, kind.key, own=own, cursor=_cursor(), most=most)
        ids = [record.record_id for record in found.records]
        note_look(session, reach(), kind, provider_id=here[0], service_id=here[1], records=ids)
    more = found.older
    following = cursors.written(more.happened_at.isoformat(), str(more.record_id)) if more else None
    return answer_list([_record(one) for one in found.records], following)


@api.operation(
    "POST",
    "/services/<uuid:service_id>/records/<record_type>",
    access="enter_record",
    answer=KeptRecordOut,
    status=201,
    body=RECORD,
    paged=True,
)
def enter_records(service_id: uuid.UUID, record_type: str) -> Response:
    """Enters one record or up to 1,000, all or none; the same sent again counts once, and a reason makes a correction."""
    kind, given = known_type(record_type), bodies_of(RECORD)
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        require_entry(reach(), place.provider_id, place.service_id, kind)

        def save() -> dict[str, object]:
            sent = [Sent(one.get("record_id") or new_id(), one["answers"], one.get("reason")) for one in given]
            kept = save_records(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id, kind=kind, sent=sent,
                at=now(),
            )  # fmt: skip
            return {"items": [plain(picked(KeptRecordOut, one)) for one in kept], "next_cursor": None}

        return written(session, place.provider_id, 201, save)


def _type(kind: RecordType) -> RecordTypeOut:
    return picked(
        RecordTypeOut,
        kind,
        record_type=kind.key,
        template=url_for("api.template", record_type=kind.key),
        schema=json_schema(kind),
    )


def _record(row: StoredRecord) -> RecordOut:
    return picked(RecordOut, row, answers=row.payload)


def _cursor() -> Cursor | None:
    given = request.args.get("cursor")
    if not given:
        return None
    at, record_id = cursors.read(given, 2)
    try:
        found = Cursor(datetime.fromisoformat(at), uuid.UUID(record_id))
    except ValueError as wrong:
        raise RefusedError("This cursor is not one that was given. Begin again without it.") from wrong
    return found
