"""What a commissioner asks of a service or found on a visit, and the provider's answer."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.people.visits.queries import NoteLine
from tenants.errors import ConflictError, NotPermittedError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

PACK = "pack"
KINDS = {"request": "Request", "finding": "Finding of a visit", PACK: "Request for a pack"}
_WRITTEN = {
    "request": "commissioner request written",
    "finding": "commissioner finding written",
    PACK: "pack asked for by a commissioner",
}
SHORTEST, LONGEST = 10, 2_000


@dataclass(frozen=True)
class GivenNote:
    """What an officer typed; `answer_by` is the day by which an answer is asked for."""

    kind: str
    words: str
    answer_by: date | None


def write_note(
    session: Session, reach: Reach, *, provider_id: uuid.UUID, service_id: uuid.UUID, given: GivenNote, today: date
) -> uuid.UUID:
    """Writes it down for the provider, who is told; it stays the commissioner's own.

    Raises:
        RefusedError: something is missing or too long, or a pack is asked for while one request for it waits.
        NotPermittedError: no grant of the service stands.
    """
    reach.require("write_visits", provider_id, service_id)
    words = given.words.strip()
    problems = {}
    if given.kind not in KINDS:
        problems["kind"] = "Choose what it is."
    if not SHORTEST <= len(words) <= LONGEST:
        problems["words"] = f"Write {SHORTEST} to {LONGEST:,} characters, without names of people or staff."
    if given.answer_by is not None and given.answer_by < today:
        problems["answer_by"] = "Give a day from today on, or none."
    if problems:
        raise RefusedError("Nothing was sent.", problems)
    note_id = new_id()
    done = session.execute(
        text("select reach.write_note(:provider, :service, :note, :kind, :words, :answer_by)"),
        {
            "provider": provider_id,
            "service": service_id,
            "note": note_id,
            "kind": given.kind,
            "words": words,
            "answer_by": given.answer_by,
        },
    ).scalar_one()
    if not done and given.kind == PACK:
        raise RefusedError(
            "Nothing was sent.",
            {"kind": "Your organisation's request for a pack waits already, or no grant of yours opens figures here."},
        )
    if not done:
        raise NotPermittedError("No grant of this service stands any more.")
    note(
        session,
        reach,
        _WRITTEN[given.kind],
        provider_id=provider_id,
        service_id=service_id,
        subject=f"note {note_id}",
    )
    return note_id


def answer_note(session: Session, reach: Reach, line: NoteLine, words: str) -> None:
    """Answers it for the provider; the officer is told. A request for a pack is declined so: what grants it is a share.

    Raises:
        RefusedError: there is no answer, or it is too long.
        ConflictError: a request for a pack was answered already.
        NotPermittedError: the role does not release anything to commissioners here.
    """
    reach.require("release_figures", line.provider_id, line.service_id)
    if line.kind == PACK and line.answers:
        raise ConflictError("This request for a pack was answered already.")
    said = words.strip()
    if not SHORTEST <= len(said) <= LONGEST:
        raise RefusedError(
            "The answer was not sent.",
            {"words": f"Write {SHORTEST} to {LONGEST:,} characters, without names of people or staff."},
        )
    answer_id = new_id()
    done = session.execute(
        text("select reach.answer_note(:provider, :service, :note, :answer, :words)"),
        {
            "provider": line.provider_id,
            "service": line.service_id,
            "note": line.note_id,
            "answer": answer_id,
            "words": said,
        },
    ).scalar_one()
    if not done:
        raise NotPermittedError("Your role does not cover answering commissioners here.")
    note(
        session,
        reach,
        "request of a commissioner for a pack declined" if line.kind == PACK else "commissioner answered",
        provider_id=line.provider_id,
        service_id=line.service_id,
        subject=f"note {line.note_id}",
    )
