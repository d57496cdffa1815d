"""Naming and lifting conflicts of interest: whoever something is about is cut from it by the database."""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mendline.people.access.queries import ConflictLine, conflicts, thing_named, works_here
from tenants.clock import now
from tenants.directory.access_model import Conflict
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

# Kinds of thing that can be about somebody who works there; the ledger names them by the same words.
ABOUT = {
    "record": "Record",
    "escalation": "Escalation",
    "action": "Action",
    "risk": "Risk",
    "review": "Review",
    "evidence": "Evidence",
}


NO_SUCH_THING = "You see nothing like that here. Give its reference, such as R-015, or paste the address of its page."


@dataclass(frozen=True)
class NamedConflict:
    """What somebody named: which thing is about whom; `about` is its reference or address, as they typed it."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    person_id: uuid.UUID | None
    about_kind: str
    about: str
    reason: str


def name_conflict(session: Session, reach: Reach, named: NamedConflict) -> None:
    """Cuts a person from what is about them, from the next statement on, whatever role they hold.

    Whoever reads concerns may name one about anything that they see; whoever made a record, about that record.

    Raises:
        RefusedError: what, whom or why is missing or not to be found, it is oneself, or it stands already.
    """
    problems = {}
    if named.about_kind not in ABOUT:
        problems["about_kind"] = "Choose what it is."
    if named.person_id == reach.person_id:
        problems["person"] = "Somebody else names this. Tell the nominated individual."
    elif not works_here(session, named.provider_id, named.person_id):
        problems["person"] = "Choose whom it is about."
    if len(named.reason.strip()) < 3:
        problems["reason"] = "Say why, in a few words, without what happened."
    thing = None if "about_kind" in problems else _thing(session, reach, named)
    if thing is None and "about_kind" not in problems:
        problems["about"] = NO_SUCH_THING
    if thing is not None and _stands(session, named, thing):
        problems["person"] = "They are cut from it already."
    if problems or thing is None or named.person_id is None:
        raise RefusedError("The conflict was not saved.", problems)
    _add(session, reach, named, named.person_id, thing, lifts=None)


def _thing(session: Session, reach: Reach, named: NamedConflict) -> uuid.UUID | None:
    found = thing_named(session, named.provider_id, named.service_id, named.about_kind, named.about, reach.person_id)
    if not reach.may("see_concerns", named.provider_id, named.service_id):
        reach.require("enter_record", named.provider_id, named.service_id)
        if found is not None and not found.is_own:
            return None
    return found.about_id if found else None


def _stands(session: Session, named: NamedConflict, about_id: uuid.UUID) -> bool:
    lines = conflicts(session, (named.provider_id,))
    return any(each.person_id == named.person_id and each.about_id == about_id for each in lines)


def lift_conflict(session: Session, reach: Reach, line: ConflictLine, why: str) -> None:
    """Takes a conflict back, with its reason; that it stood stays on record.

    Raises:
        RefusedError: no reason.
    """
    reach.require("see_concerns", line.provider_id, line.service_id)
    if len(why.strip()) < 3:
        raise RefusedError("The conflict still stands. Say why it should not, in a few words.")
    named = NamedConflict(line.provider_id, line.service_id, line.person_id, line.about_kind, str(line.about_id), why)
    _add(session, reach, named, line.person_id, line.about_id, lifts=line.conflict_id)


def _add(
    session: Session,
    reach: Reach,
    named: NamedConflict,
    person_id: uuid.UUID,
    about_id: uuid.UUID,
    *,
    lifts: uuid.UUID | None,
) -> None:
    session.add(
        Conflict(
            provider_id=named.provider_id,
            service_id=named.service_id,
            conflict_id=new_id(),
            person_id=person_id,
            about_kind=named.about_kind,
            about_id=about_id,
            lifts=lifts,
            reason=named.reason.strip(),
            recorded_by=reach.person_id,
            recorded_at=now(),
        )
    )
    # The subject of the entry is the thing itself, from which the person is cut: they do not find the entry either.
    note(
        session,
        reach,
        "conflict lifted" if lifts else "conflict named",
        provider_id=named.provider_id,
        service_id=named.service_id,
        subject=f"{named.about_kind} {about_id}",
        why=named.reason.strip(),
    )
    session.flush()
