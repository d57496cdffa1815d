"""Taking the figure that the records make in place of one that was entered: a person's act, with its reason."""

import uuid
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from mendline.evidence.measuring.deriving import MEASURED
from mendline.evidence.measuring.queries import figure_sources
from mendline.indicators.marking import mark_stale
from mendline.indicators.model import Observation
from tenants.database import insert_many
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_REASON = 8


def take_measured(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    period_start: date,
    reason: str,
    at: datetime,
) -> None:
    """Puts what the records say in place of the figure that stands; that one is kept beside it.

    Raises:
        NotFoundError: there is no such figure within reach.
        NotPermittedError: the role does not enter figures here.
        RefusedError: the reason is missing, or the records say nothing else.
    """
    reach.require("enter_observation", provider_id, service_id)
    words = " ".join(reason.split())
    if len(words) < SHORTEST_REASON:
        told = "Say why the records are right, in a few words. It is shown beside both figures."
        raise RefusedError(f"Nothing was saved. {told}", {"reason": told})
    found = figure_sources(session, provider_id, service_id, indicator_id, period_start)
    newest = found.newest
    if newest is None or newest.outcome != "differs" or not found.revisions:
        raise RefusedError("The records say nothing else than the figure that stands, so nothing was saved.")
    stands = found.revisions[0]
    here = {
        "provider_id": provider_id,
        "service_id": service_id,
        "indicator_id": indicator_id,
        "period_start": period_start,
    }
    row: dict[str, Any] = here | {
        "revision": stands.revision + 1,
        "observation_id": new_id(),
        "numerator": newest.numerator,
        "denominator": newest.denominator,
        "value": newest.value,
        "state": "revised" if newest.state == "final" and stands.state in {"final", "revised"} else newest.state,
        "source": MEASURED,
        "reason": words,
        "pointer": None,
        "batch_id": None,
        "recorded_by": reach.person_id,
        "recorded_initials": reach.initials,
        "recorded_at": at,
    }
    insert_many(session, cast("Table", Observation.__table__), [row])
    mark_stale(session, provider_id, service_id, indicator_id, period_start, reach.person_id)
    note(
        session,
        reach,
        "observation.taken_from_records",
        provider_id=provider_id,
        service_id=service_id,
        subject=f"observation {row['observation_id']}",
        detail={"period": period_start.isoformat(), "revision": row["revision"], "reason": words},
    )
