"""Figures of an area, which come to every service that lies in it."""

from collections.abc import Sequence

from mendline.evidence.imports.binding import BoundColumn
from mendline.evidence.imports.findings import Findings
from mendline.evidence.imports.known import Known, KnownService

AREA = "area"

NO_SERVICE = "A row is about an area in which none of your services lies, and was left out"
NOT_KEPT = "A service in the area does not keep the indicator, so the figure was left out there"
NOT_OPEN = "A row is about a time in which a service in the area was not open, and was left out there"


class AreaFinder:
    """Finds the services that lie in a row's area.

    A published file speaks of many areas, of which a provider knows a few; so a row without a service is no problem. A
    file that brings nothing at all is one.
    """

    def __init__(self, column: BoundColumn, known: Known, findings: Findings) -> None:
        """Looks into the column with the area's code."""
        self._column, self._known, self._findings = column, known, findings

    def find(self, cells: Sequence[str]) -> tuple[KnownService, ...]:
        """The services in the area; none after it was told that the row is left out."""
        found = self._known.in_area(self._column.raw(cells))
        if not found:
            self._findings.warn(NO_SERVICE)
        return found

    def finish(self, brought: int) -> None:
        """Tells what is missing where a file without other problems brings no figure."""
        if brought or self._findings.total:
            return
        self._findings.problem(
            0, self._column.header, "", "brings no figure: no service that lies in one of its areas keeps its indicator",
            "Say in the service register which area each service lies in, and add the indicator to the service.",
        )  # fmt: skip
