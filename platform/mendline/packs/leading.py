"""Where the figures of a pack lead: pages on the platform as at the pack's moment, for whoever may sign in there."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True, slots=True)
class Ways:
    """Addresses of a service's pages; each is empty where pages reach nobody.

    Attributes:
        service: of the service's own page.
        as_at: the moment of the pack, as addresses carry it.
    """

    service: str = ""
    as_at: str = ""

    def figure(self, indicator_id: uuid.UUID, period_start: date) -> str:
        """What is behind one figure: the records that were counted and those that were not."""
        return self._to(f"indicators/{indicator_id}/figures/{period_start.isoformat()}?as_at={self.as_at}")

    def indicator(self, indicator_id: uuid.UUID) -> str:
        """An indicator with its target, its decisions and the history of its figures."""
        return self._to(f"indicators/{indicator_id}?as_at={self.as_at}")

    def evidence(self, indicator_id: uuid.UUID) -> str:
        """The evidence that is linked to an indicator."""
        return self._to(f"evidence?indicator={indicator_id}")

    def check(self, check_id: uuid.UUID) -> str:
        """A spot check with the records that it drew."""
        return self._to(f"checks/{check_id}")

    def drill(self, drill_id: uuid.UUID) -> str:
        """An inspection drill with its claims and answers."""
        return self._to(f"drills/{drill_id}")

    def records(self, record_type: str) -> str:
        """The records of one kind."""
        return self._to(f"records/{record_type}")

    def _to(self, page: str) -> str:
        return f"{self.service}/{page}" if self.service else ""


def ways(pages: str, service_id: uuid.UUID, as_at: datetime) -> Ways:
    """Ways to the pages of a service.

    Args:
        pages: where pages reach people; they reach nobody where it is empty.
        service_id: the service.
        as_at: the moment of the pack.
    """
    moment = as_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return Ways(f"{pages}/services/{service_id}" if pages else "", moment)
