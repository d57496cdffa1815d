"""Where indicators stood at a past moment: asked here by pages, answered by the area that reads every fact.

A page of a service lies below the area that works statuses out; it asks through this door, which the application
opens when it is made. Reading an earlier day never writes anything.
"""

import uuid
from datetime import date, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from mendline.indicators.standing import Standing


class PastReader(Protocol):
    """Works out standings from the facts that had been recorded by a moment."""

    def __call__(
        self,
        session: Session,
        provider_id: uuid.UUID,
        service_id: uuid.UUID,
        indicator_id: uuid.UUID | None,
        *,
        day: date,
        moment: datetime,
    ) -> tuple[Standing, ...]:
        """Every indicator that the service ran then, or the one named."""


_READERS: list[PastReader] = []


def declare_reader(reader: PastReader) -> None:
    """Opens the door, once per process."""
    _READERS[:] = [reader]


def standings_at(
    session: Session,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID | None = None,
    *,
    day: date,
    moment: datetime,
) -> tuple[Standing, ...]:
    """Where each indicator stood on a day, by what had been recorded by a moment: a fixed number of statements.

    Args:
        session: a transaction within reach.
        provider_id: the provider.
        service_id: the service.
        indicator_id: one indicator; all of them otherwise.
        day: the date in England on which it is judged.
        moment: the end of that day, or an earlier moment of it, in UTC.
    """
    return _READERS[0](session, provider_id, service_id, indicator_id, day=day, moment=moment)
