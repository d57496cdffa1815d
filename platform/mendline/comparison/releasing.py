"""Releasing a service's figures to commissioners: written once, frozen, never changed; and reading what was released."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import period_end
from mendline.comparison.queries import declines
from mendline.comparison.released import Facts, frozen
from mendline.indicators.queries import standings
from mendline.places.queries import find_place, service_lines
from mendline.recovery.queries import decisions_of
from mendline.services.queries import open_work
from tenants.clock import now
from tenants.directory.access_model import Release
from tenants.errors import NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach


@dataclass(frozen=True, slots=True)
class Released:
    """The newest release of a service, with the parts that the reader is shown."""

    release_id: uuid.UUID
    figures_to: date | None
    recorded_at: datetime | None
    parts: Mapping[str, Any]

    @classmethod
    def none(cls) -> "Released":
        """Nothing was released yet."""
        return cls(uuid.UUID(int=0), None, None, {})

    @property
    def years(self) -> Mapping[str, Any]:
        """Twelve months in place of a figure that is too small, by indicator."""
        years: Mapping[str, Any] = self.parts.get("summary", {}).get("years", {})
        return years

    @property
    def withheld(self) -> frozenset[uuid.UUID]:
        """Indicators whose newest figure was taken out as small."""
        return frozenset(uuid.UUID(each) for each in self.parts.get("summary", {}).get("withheld", ()))


# The newest release of each service; its parts are those that the policies show to this reader.
_NEWEST = text("""
select r.provider_id, r.service_id, r.release_id, r.part, r.figures_to, r.content, r.recorded_at
from release r
where r.provider_id = any (:providers) and r.service_id = any (:services) and not exists (
    select 1 from release n
    where n.provider_id = r.provider_id and n.service_id = r.service_id
      and (n.recorded_at, n.release_id) > (r.recorded_at, r.release_id))
""")

_LAST = text("""
select distinct on (r.service_id) r.service_id, r.figures_to, r.recorded_at, r.recorded_label, r.note
from release r
where r.provider_id = any (:providers)
order by r.service_id, r.recorded_at desc
""")


@dataclass(frozen=True, slots=True)
class LastRelease:
    """When a service's figures were last released, and by whom."""

    service_id: uuid.UUID
    figures_to: date | None
    recorded_at: datetime
    recorded_label: str
    note: str | None


def release(session: Session, reach: Reach, service_id: uuid.UUID, words: str) -> uuid.UUID:
    """Freezes what commissioners see of a service from now on, until the next release.

    Raises:
        RefusedError: there is no figure to release.
        NotFoundError: the service is not within reach.
    """
    place = find_place(session, reach, service_id)
    reach.require("release_figures", place.provider_id, place.service_id)
    found = standings(session, place.provider_id, place.service_id)
    line = next((each for each in service_lines(session, reach) if each.service_id == service_id), None)
    if line is None:
        raise NotFoundError("There is no such service within your sign-in.")
    ends = [period_end(each.cadence, each.last_period) for each in found if each.last_period]
    if not ends:
        raise RefusedError("Nothing was released. There is no figure yet.")
    actions, _ = open_work(session, place)
    facts = Facts(
        place=place,
        line=line,
        standings=found,
        declines=tuple(each for each in declines(session, (place.provider_id,)) if each.service_id == service_id),
        actions=actions,
        decisions=decisions_of(session, place.provider_id, place.service_id),
    )
    release_id, at = new_id(), now()
    here = (place.provider_id, place.service_id)
    before = newest_releases(session, [here]).get(here, Released.none())
    for part, content in frozen(facts, before.parts.get("told")).items():
        session.add(
            Release(
                provider_id=place.provider_id,
                service_id=place.service_id,
                release_id=release_id,
                part=part,
                figures_to=max(ends),
                content=content,
                note=words.strip() or None,
                recorded_by=reach.person_id,
                recorded_label=reach.name,
                recorded_at=at,
            )
        )
    note(
        session,
        reach,
        "figures released",
        provider_id=place.provider_id,
        service_id=place.service_id,
        subject=f"release {release_id}",
        detail={"figures_to": max(ends).isoformat()},
        why=words.strip(),
    )
    session.flush()
    return release_id


def newest_releases(
    session: Session, places: Iterable[tuple[uuid.UUID, uuid.UUID]]
) -> Mapping[tuple[uuid.UUID, uuid.UUID], Released]:
    """What was last released of these services, as far as the reader's grants open it: one statement."""
    wanted = set(places)
    values = {
        "providers": list({provider for provider, _ in wanted}),
        "services": list({service for _, service in wanted}),
    }
    parts: defaultdict[tuple[uuid.UUID, uuid.UUID], dict[str, Any]] = defaultdict(dict)
    heads: dict[tuple[uuid.UUID, uuid.UUID], Any] = {}
    for row in session.execute(_NEWEST, values):
        key = (row.provider_id, row.service_id)
        if key in wanted:
            parts[key][row.part] = row.content
            heads[key] = row
    return {
        key: Released(row.release_id, row.figures_to, row.recorded_at, parts[key])
        for key, row in heads.items()
        if "place" in parts[key].get("summary", {})
    }


def last_releases(session: Session, providers: tuple[uuid.UUID, ...]) -> Mapping[uuid.UUID, LastRelease]:
    """When each service's figures were last released, for the provider's own page."""
    rows = session.execute(_LAST, {"providers": list(providers)}).mappings()
    return {row["service_id"]: LastRelease(**row) for row in rows}
