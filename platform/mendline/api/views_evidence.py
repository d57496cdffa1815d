"""Evidence of a service: pointers to originals elsewhere, files that are kept here, and looks at originals."""

import uuid

from flask import Response, request

from mendline.api import cursors
from mendline.api.asking import answer, answer_list, body_of
from mendline.api.bodies import EVIDENCE, EVIDENCE_CHECK
from mendline.api.queries import own_place
from mendline.api.resources_records import AddedEvidenceOut, EvidenceOut
from mendline.api.resources_recovery import ReferenceOut
from mendline.api.table import CURSOR, api
from mendline.api.wire import picked
from mendline.api.writing import written
from mendline.evidence.commands import add_evidence, record_check
from mendline.evidence.files.views import LARGEST_SENT, given_file, take_in
from mendline.evidence.forms import read_evidence_id
from mendline.evidence.queries import PAGE as EVIDENCE_PAGE
from mendline.evidence.queries import evidence_of
from mendline.evidence.rules import GivenEvidence
from mendline.web.frame import on_day, reach, transaction
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.ids import new_id


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
    "POST",
    "/services/<uuid:service_id>/evidence/<uuid:evidence_id>/checks",
    access="add_evidence",
    answer=ReferenceOut,
    status=201,
    body=EVIDENCE_CHECK,
)
def check_evidence(service_id: uuid.UUID, evidence_id: uuid.UUID) -> Response:
    """Records that somebody looked at the original: it is unchanged, changed, not found, or withdrawn with a reason."""
    given = body_of(EVIDENCE_CHECK)
    with transaction() as session:
        place = own_place(session, reach(), service_id)
        here = {"provider_id": place.provider_id, "service_id": place.service_id, "evidence_id": evidence_id}
        reach().require("add_evidence", place.provider_id, place.service_id)

        def look() -> ReferenceOut:
            return ReferenceOut(
                record_check(session, reach(), **here, result=given["result"], at=now(), reason=given.get("reason", ""))
            )

        return written(session, place.provider_id, 201, look)


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


def _number(cursor: str) -> int:
    (number,) = cursors.read(cursor, 1)
    if not number.isdecimal() or not 1 <= int(number[:5]) <= 10_000:
        raise RefusedError("This cursor is not one that was given. Begin again without it.")
    return int(number[:5])
