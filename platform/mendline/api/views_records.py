"""Source records by their declared types, and evidence."""

import uuid
from datetime import datetime

from flask import Response, request, url_for

from mendline.api import cursors
from mendline.api.asking import answer, answer_list, bodies_of, body_of, limit
from mendline.api.bodies import EVIDENCE, RECORD
from mendline.api.queries import own_place
from mendline.api.resources import (
    AddedEvidenceOut,
    EvidenceOut,
    KeptRecordOut,
    RecordOut,
    RecordTypeOut,
)
from mendline.api.table import CURSOR, LIMIT, api
from mendline.api.wire import picked, plain
from mendline.api.writing import written
from mendline.catalogue.csv_template import template_csv
from mendline.catalogue.record_types import RecordType, record_types
from mendline.catalogue.schema import json_schema
from mendline.evidence.commands import add_evidence
from mendline.evidence.files.views import LARGEST_SENT, given_file, take_in
from mendline.evidence.forms import read_evidence_id
from mendline.evidence.queries import PAGE as EVIDENCE_PAGE
from mendline.evidence.queries import evidence_of
from mendline.evidence.records.commands import enter_record, note_look
from mendline.evidence.records.permits import known_type, require_entry, seen_by
from mendline.evidence.records.queries import records_of_type
from mendline.evidence.records.rows import Cursor, StoredRecord
from mendline.evidence.rules import GivenEvidence
from mendline.web.frame import on_day, reach, transaction
from mendline.web.section import SIGNED_IN
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.ids import new_id


@api.operation("GET", "/record-types", access=SIGNED_IN, answer=RecordTypeOut, paged=True)
def types() -> Response:
    """The declared kinds of source record, each with its JSON Schema and the address of its template."""
    return answer_list([_type(one) for one in sorted(record_types().values(), key=lambda one: one.key)])


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
    """Enters one record or up to 1,000, all or none; the same record sent again counts once."""
    kind, given = known_type(record_type), bodies_of(RECORD)
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        require_entry(reach(), place.provider_id, place.service_id, kind)

        def save() -> dict[str, object]:
            kept = []
            for number, one in enumerate(given, start=1):
                try:
                    record = enter_record(
                        session,
                        reach(),
                        provider_id=place.provider_id,
                        service_id=place.service_id,
                        kind=kind,
                        record_id=one.get("record_id") or new_id(),
                        raw=one["answers"],
                        at=now(),
                    )
                except RefusedError as refused:
                    raise _numbered(refused, number, len(given)) from refused
                kept.append(picked(KeptRecordOut, record))
            return {"items": [plain(one) for one in kept], "next_cursor": None}

        return written(session, place.provider_id, 201, save)


@api.operation(
    "GET",
    "/services/<uuid:service_id>/evidence",
    access="see_evidence",
    answer=EvidenceOut,
    paged=True,
    query=(CURSOR,),
)
def evidence(service_id: uuid.UUID) -> Response:
    """The evidence index of a service, newest first; the originals stay where they are."""
    given = request.args.get("cursor")
    number = _number(given) if given else 1
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("see_evidence", place.provider_id, place.service_id)
        found, more = evidence_of(session, place.provider_id, place.service_id, number=number)
    following = cursors.written(str(number + 1)) if more and len(found) == EVIDENCE_PAGE else None
    return answer_list([picked(EvidenceOut, one) for one in found], following)


@api.operation(
    "POST",
    "/services/<uuid:service_id>/evidence",
    access="add_evidence",
    answer=AddedEvidenceOut,
    status=201,
    body=EVIDENCE,
    largest=LARGEST_SENT,
)
def point_to_evidence(service_id: uuid.UUID) -> Response:
    """Adds a pointer to an original that another system keeps, or the original itself, as a file."""
    if request.mimetype == "multipart/form-data":
        return _take_file(service_id)
    given = body_of(EVIDENCE)
    evidence_id = given.pop("evidence_id", None) or new_id()
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        reach().require("add_evidence", place.provider_id, place.service_id)

        def add() -> AddedEvidenceOut:
            supports = tuple(given.get("supports", ()))
            said = {"sha256": None, "sample_size": None} | given | {"supports": supports}
            reference = add_evidence(
                session, reach(), provider_id=place.provider_id, service_id=place.service_id,
                evidence_id=evidence_id, given=GivenEvidence(**said), today=on_day(), at=now(),
            )  # fmt: skip
            return AddedEvidenceOut(evidence_id, reference)

        return written(session, place.provider_id, 201, add)


@api.operation(
    "GET",
    "/services/<uuid:service_id>/evidence/<uuid:evidence_id>/file",
    access="see_files",
    media="*/*",
)
def evidence_file(service_id: uuid.UUID, evidence_id: uuid.UUID) -> Response:
    """The file of a piece of evidence, once it was examined and found harmless."""
    return given_file(service_id, evidence_id)


def _take_file(service_id: uuid.UUID) -> Response:
    """Sent again with the same `evidence_id` or under the same key, a file counts once."""
    given, key = request.form.get("evidence_id", ""), request.headers.get("Idempotency-Key")
    if given:
        evidence_id = read_evidence_id(given)
    else:
        evidence_id = uuid.uuid5(service_id, f"{reach().person_id} {key}") if key else new_id()
    return answer(AddedEvidenceOut(evidence_id, take_in(service_id, evidence_id)), 201)


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


def _number(cursor: str) -> int:
    (number,) = cursors.read(cursor, 1)
    if not number.isdecimal() or not 1 <= int(number[:5]) <= 10_000:
        raise RefusedError("This cursor is not one that was given. Begin again without it.")
    return int(number[:5])


def _numbered(refused: RefusedError, number: int, of: int) -> RefusedError:
    if of == 1:
        return refused
    return RefusedError(str(refused), {f"{number}.{field}": words for field, words in refused.problems.items()})
