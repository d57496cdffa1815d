"""What a commissioner's pages read: a service as its provider last released it, or as it stands where the grant says so."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from mendline.comparison import queries
from mendline.comparison.differencing import Told
from mendline.comparison.queries import DeclineLine
from mendline.comparison.released import thawed
from mendline.comparison.releasing import Released, newest_releases
from mendline.comparison.restated import Restated, restated_of, told_outside
from mendline.indicators.queries import standings
from mendline.indicators.standing import Standing
from mendline.places.queries import find_granted_place, granted_lines
from mendline.places.rows import Place, ServiceLine
from mendline.recovery.queries import DecisionLine, decisions_of
from mendline.services.queries import open_work
from mendline.services.rows import OpenAction
from tenants.clock import now
from tenants.reach import Granted, Reach

RESTATED_FOR = timedelta(days=90)  # how long a correction stays marked on an officer's page


@dataclass(frozen=True, slots=True)
class Seen:
    """One service as an officer may see it; `released` is None where the grant shows it as it stands.

    Attributes:
        told: what outsiders had looked at before it was corrected, where it is shown as it stands.
    """

    place: Place
    standings: tuple[Standing, ...]
    actions: tuple[OpenAction, ...]
    decisions: tuple[DecisionLine, ...]
    released: Released | None
    restated: tuple[Restated, ...] = ()
    told: Told = field(default_factory=dict)


def grant_at(held: Reach, service_id: uuid.UUID) -> Granted | None:
    """The grant by which an officer sees a service; of several, one that shows it as it stands."""
    here = sorted((each for each in held.granted if each.service_id == service_id), key=lambda each: not each.live)
    return here[0] if here else None


def granted_facts(session: Session, held: Reach) -> list[tuple[ServiceLine, tuple[DeclineLine, ...]]]:
    """Each granted service with its declines: live, or as last released; three statements, however many there are."""
    live = {(each.provider_id, each.service_id) for each in held.granted if each.live}
    rest = {(each.provider_id, each.service_id) for each in held.granted} - live
    declined = queries.declines(session, held.provider_ids) if live else ()
    released = newest_releases(session, rest) if rest else {}
    facts: list[tuple[ServiceLine, tuple[DeclineLine, ...]]] = []
    for line in granted_lines(session, held):
        here = (line.provider_id, line.service_id)
        if here in live:
            facts.append((line, tuple(each for each in declined if each.service_id == line.service_id)))
        elif here in released:
            then = thawed(released[here].parts)
            facts.append((replace(then.line, closed_on=line.closed_on), then.declines))
        else:
            facts.append((line, ()))
    return facts


def seen_of(session: Session, held: Reach, grant: Granted) -> Seen:
    """One granted service.

    Raises:
        NotFoundError: the grant ended meanwhile.
    """
    place = find_granted_place(session, held, grant.service_id)
    here = (place.provider_id, place.service_id)
    if grant.live:
        actions, _ = open_work(session, place)
        restated = restated_of(session, *here, since=now() - RESTATED_FOR)
        told = told_outside(session, *here)
        return Seen(place, standings(session, *here), actions, decisions_of(session, *here), None, restated, told)
    released = newest_releases(session, [here]).get(here)
    if released is None:
        return Seen(place, (), (), (), Released.none())
    facts = thawed(released.parts)
    return Seen(
        replace(facts.place, closed_on=place.closed_on), facts.standings, facts.actions, facts.decisions, released
    )
