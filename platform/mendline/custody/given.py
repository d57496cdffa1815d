"""What was typed for an act of custody, checked; and who did it."""

import re
import uuid
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mendline.catalogue.parsing import PERSON_PATTERN
from mendline.custody.queries import services_of
from tenants.clock import now
from tenants.errors import ConflictError, RefusedError
from tenants.reach import Reach

LONGEST_REASON = 1000


def made_by(reach: Reach) -> dict[str, Any]:
    """Who did it and when, as every row of custody holds it."""
    return {"recorded_by": reach.person_id, "recorded_initials": reach.initials, "recorded_at": now()}


def flush_or_conflict(session: Session) -> None:
    """Two people who press at the same moment: the second is told, not thrown out."""
    try:
        session.flush()
    except IntegrityError as problem:
        raise ConflictError("Somebody did this at the same moment. Look again.") from problem


def reason_of(typed: dict[str, str], problems: dict[str, str]) -> str:
    """The reason that was typed; what is wrong with it joins the problems, as with all below."""
    reason = " ".join(typed["reason"].split())
    if not reason:
        problems["reason"] = "Give a reason. Whoever looks at this in years needs it."
    elif len(reason) > LONGEST_REASON:
        problems["reason"] = f"Use at most {LONGEST_REASON} characters."
    return reason


def reference_of(typed: dict[str, str], problems: dict[str, str], *, required: bool) -> str | None:
    """The reference of the person whom it is about; None where none is given."""
    reference = typed["person_reference"].strip().upper()
    if not reference and not required:
        return None
    if not re.fullmatch(PERSON_PATTERN, reference):
        problems["person_reference"] = "Give the person's reference as records show it, such as P-014."
    return reference


def service_of(
    session: Session, provider_id: uuid.UUID, typed: dict[str, str], problems: dict[str, str]
) -> uuid.UUID | None:
    """The service that was chosen, one of the provider's; None for the whole provider."""
    given = typed["service_id"]
    if not given:
        return None
    known = {str(one.service_id): one.service_id for one in services_of(session, provider_id)}
    if given not in known:
        problems["service_id"] = "Choose a service of yours."
        return None
    return known[given]


def refuse_for(problems: dict[str, str]) -> None:
    """Refuses what was typed where something is wrong with it.

    Raises:
        RefusedError: with each problem at its field.
    """
    if problems:
        raise RefusedError("Nothing was saved. Mend what is named below and send it again.", problems)
