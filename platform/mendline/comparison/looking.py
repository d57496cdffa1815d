"""Every look of an outsider stands in the ledger of the provider whose service was looked at."""

import uuid
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mendline.web.frame import origin
from tenants.database import Database
from tenants.ledger import note
from tenants.reach import Reach


def note_look(
    database: Database,
    held: Reach,
    places: Iterable[tuple[uuid.UUID, uuid.UUID]],
    what: str,
    detail: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Writes down what was looked at, one entry per service, before the page is answered.

    The page itself was read in a read-only transaction of the `reader` role; the note is a transaction of its own.
    """
    body = held.granted[0].body if held.granted else ""
    with database.transaction(held, role="web") as session:
        session.info["origin"] = origin()
        for provider_id, service_id in places:
            note(
                session,
                held,
                "external look",
                provider_id=provider_id,
                service_id=service_id,
                subject=what,
                detail={"body": body, **detail},
            )
