"""Do the figures of a commissioner's pack still trace: each to a fact of its time, rounded as the pack shows it."""

import csv
import io
import uuid
from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import indicator_definition
from mendline.indicators.charting import unit_of
from mendline.packs.tracing import MOST_TOLD, Traced

# Such a pack names no revision, which would tell of corrections: any that stood by its moment may be the one it shows.
_FACTS = text("""
select i.definition_key, o.period_start, o.value
from observation o
join service_indicator i on i.provider_id = o.provider_id and i.service_id = o.service_id
    and i.indicator_id = o.indicator_id
where o.provider_id = :provider and o.service_id = :service and o.recorded_at <= :as_at and o.value is not null
""")


def trace_shown(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, *, as_at: datetime, facts: bytes
) -> Traced:
    """Each row of `facts.csv` against the facts that were recorded by the pack's moment: one statement.

    Args:
        session: a transaction that sees the provider.
        provider_id: whose pack it is.
        service_id: of which service.
        as_at: the moment of the release that the pack holds.
        facts: its `facts.csv`.
    """
    stored: defaultdict[tuple[str, date], set[float]] = defaultdict(set)
    here = {"provider": provider_id, "service": service_id, "as_at": as_at}
    for row in session.execute(_FACTS, here):
        stored[row.definition_key, row.period_start].add(row.value)
    rows = list(csv.DictReader(io.StringIO(facts.decode("utf-8-sig"), newline="")))
    lost = []
    for each in rows:
        decimals = unit_of(indicator_definition(each["definition"])).decimals
        values = stored[each["definition"], date.fromisoformat(each["period_start"])]
        if float(each["value"]) not in {round(value, decimals) for value in values}:
            lost.append(f"NO FACT says what the pack says of {each['indicator']}, {each['period_start']}.")
    told = f"{len(rows) - len(lost)} of {len(rows)} figures trace to their facts."
    return Traced(not lost, (told, *lost[:MOST_TOLD]))
