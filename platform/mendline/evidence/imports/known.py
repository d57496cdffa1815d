"""The services and indicators that a file may name. Whoever asks for a check hands them in, within their own reach."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from mendline.catalogue.indicators import IndicatorDefinition


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service as files may name it."""

    service_id: UUID
    name: str
    location_id: str | None = None
    own_reference: str | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    area_code: str | None = None


@dataclass(frozen=True, slots=True)
class KnownIndicator:
    """What checking needs to know of an indicator's definition."""

    key: str
    measure_type: str
    cadence: str
    unit: str = ""
    bounded: bool = True  # False: a proportion whose numerator may exceed its denominator, such as rota fill
    names: tuple[str, ...] = ()  # what people call it, and so files do


def known_indicator(definition: IndicatorDefinition) -> KnownIndicator:
    """What checking needs of a definition of the catalogue."""
    exceeds = definition.target.operator == "between" or definition.may_exceed
    return KnownIndicator(
        definition.key, definition.measure_type, definition.cadence, definition.unit, bounded=not exceeds,
        names=(definition.name, definition.short_name),
    )  # fmt: skip


@dataclass(slots=True)
class Known:
    """All that a file may name, ready to be looked up.

    Attributes:
        services: Within the importer's reach.
        indicators: Of the catalogue, by key.
        running: The cadence of each indicator that is set up, by service and key; none means that every pair may come,
            at the cadence of its definition.
    """

    services: tuple[KnownService, ...]
    indicators: dict[str, KnownIndicator]
    running: Mapping[tuple[UUID, str], str] | None = None
    _index: dict[str, dict[str, KnownService | None]] = field(init=False, repr=False)
    _named: dict[str, KnownIndicator] = field(init=False, repr=False)
    _areas: dict[str, tuple[KnownService, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Indexes the services by each of their keys; a key that two services share finds neither."""
        self._index = {
            "location_id": _by((s.location_id, s) for s in self.services),
            "own_reference": _by((s.own_reference, s) for s in self.services),
            "name": _by((s.name, s) for s in self.services),
        }
        self._named = {_folded(name): each for each in self.indicators.values() for name in (each.key, *each.names)}
        self._areas = {}
        for service in self.services:
            if service.area_code:
                area = _folded(service.area_code)
                self._areas[area] = (*self._areas.get(area, ()), service)

    def in_area(self, code: str) -> tuple[KnownService, ...]:
        """The services that lie in the local authority area with this code."""
        return self._areas.get(_folded(code), ())

    def find_indicator(self, text: str) -> KnownIndicator | None:
        """An indicator by its key, or by a name of the catalogue in any case."""
        return self.indicators.get(text) or self._named.get(_folded(text))

    def cadence(self, service: KnownService, indicator: KnownIndicator) -> str | None:
        """How often the indicator is kept at the service; none where it is not set up there."""
        if self.running is None:
            return indicator.cadence
        return self.running.get((service.service_id, indicator.key))

    def find_service(self, text: str, match: str) -> KnownService | None:
        """The one service with this key, if there is exactly one.

        Args:
            text: The cell.
            match: `location_id`, `own_reference`, `name`, or `any` for all three in that order.
        """
        key = _folded(text)
        kinds = self._index if match == "any" else (match,)
        return next((found for kind in kinds if (found := self._index[kind].get(key)) is not None), None)

    def shared(self, text: str, match: str) -> bool:
        """Whether two or more services have this key, so that it tells nothing."""
        key = _folded(text)
        kinds = self._index if match == "any" else (match,)
        return any(key in self._index[kind] and self._index[kind][key] is None for kind in kinds)


def _by(pairs: Iterable[tuple[str | None, KnownService]]) -> dict[str, KnownService | None]:
    index: dict[str, KnownService | None] = {}
    for key, service in pairs:
        if key:
            folded = _folded(key)
            index[folded] = None if folded in index else service
    return index


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
