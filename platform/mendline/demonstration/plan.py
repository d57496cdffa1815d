"""The whole demonstration for one day, as plain values: the loader writes them through the ordinary commands."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from mendline.demonstration import figures, organisations, story
from mendline.demonstration.model import (
    DemoIndicator,
    Demonstration,
    DemoObservation,
    DemoPlan,
    DemoService,
)
from mendline.demonstration.records import records_of
from mendline.demonstration.sources import Clock, clock, named, stories

ATTRIBUTION = (
    "Contains public sector information licensed under the Open Government Licence v3.0. "
    "COVID Tracking Project at The Atlantic, CC BY 4.0."
)


def demonstration(today: date) -> Demonstration:
    """Provider groups, people, figures, records and recovery stories, moved so that the newest week is just over.

    The same day gives the same values with the same identifiers, on every machine.

    Args:
        today: The day of the demonstration; the newest weekly period is the last ISO week that ended before it.
    """
    when = clock(today)
    services = organisations.services()
    pairs = list(figures.indicators(services, when))
    series: dict[UUID, Sequence[DemoObservation]] = {
        indicator.indicator_id: tuple(figures.observations(indicator, line, when, _told(services, indicator)))
        for indicator, line in pairs
    }
    settings = _settings(services, [indicator for indicator, _ in pairs], series, when)
    return Demonstration(
        today=today,
        last_week=when.last_week,
        attribution=ATTRIBUTION,
        providers=organisations.providers(),
        services=services,
        inspections=tuple(organisations.inspections(when)),
        requirements=tuple(organisations.requirements(when)),
        people=organisations.everybody(),
        memberships=tuple(organisations.memberships(when)),
        bodies=tuple(organisations.bodies(when)),
        grants=tuple(organisations.grants(when)),
        plans=tuple(_plans(services, when)),
        indicators=tuple(indicator for indicator, _ in pairs),
        observations=tuple(one for figure in series.values() for one in figure),
        records=tuple(one for setting in settings for one in records_of(setting)),
        evidence=tuple(one for setting in settings for one in story.evidence(setting)),
        events=tuple(one for setting in settings for one in story.events(setting)),
        actions=tuple(one for setting in settings for one in story.actions(setting)),
        risks=tuple(one for setting in settings for one in story.risks(setting)),
        reviews=tuple(one for setting in settings for one in story.reviews(setting)),
        escalations=tuple(one for setting in settings for one in story.escalations(setting)),
    )


def _told(services: Sequence[DemoService], indicator: DemoIndicator) -> dict[str, object]:
    key = next(one.key for one in services if one.service_id == indicator.service_id)
    told = stories().get(key, {}).get("indicators", [])
    return next((dict(one) for one in told if one["key"] == indicator.definition_key), {})


def _settings(
    services: Sequence[DemoService],
    indicators: Sequence[DemoIndicator],
    series: dict[UUID, Sequence[DemoObservation]],
    when: Clock,
) -> list[story.Setting]:
    people = {person.label: person for person in organisations.everybody()}
    kept: dict[UUID, dict[str, DemoIndicator]] = {service.service_id: {} for service in services}
    for indicator in indicators:
        kept[indicator.service_id][indicator.definition_key] = indicator
    return [story.Setting(service, kept[service.service_id], series, people, when) for service in services]


def _plans(services: Sequence[DemoService], when: Clock) -> list[DemoPlan]:
    return [
        DemoPlan(
            service.provider_id,
            service.service_id,
            named("plan", service.key),
            told["template"],
            told["title"],
            told["goal"],
            when.day(told["starts_on"]),
            told["weeks"],
        )
        for service in services
        if (told := stories().get(service.key, {}).get("plan")) is not None
    ]
