"""Provider groups, services, inspections, people, commissioning bodies and their grants."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from mendline.demonstration.model import (
    DemoBody,
    DemoGrant,
    DemoInspection,
    DemoMembership,
    DemoPerson,
    DemoProvider,
    DemoRequirement,
    DemoService,
)
from mendline.demonstration.sources import Clock, groups, named, people, stories

FRAMEWORK = "saf-2023"  # the framework in force when the demonstration's inspections were made
KEY_QUESTIONS = ("safe", "effective", "caring", "responsive", "well-led")
# Ratings by key question where a service has no story of its own: one key question differs, as it often does.
_USUAL: Mapping[str, tuple[str, ...]] = {
    "outstanding": ("good", "good", "outstanding", "outstanding", "outstanding"),
    "good": ("good", "good", "good", "good", "good"),
    "requires_improvement": ("requires_improvement", "good", "good", "good", "requires_improvement"),
}


def providers() -> tuple[DemoProvider, ...]:
    """The groups."""
    return tuple(
        DemoProvider(named("provider", one["key"]), one["key"], one["name"], one["cqc_provider_id"])
        for one in groups()["providers"]
    )


def services() -> tuple[DemoService, ...]:
    """The services of every group, in the order of the file."""
    return tuple(
        DemoService(
            provider_id=named("provider", group["key"]),
            service_id=named("service", one["key"]),
            key=one["key"],
            name=one["name"],
            code=one["code"],
            kind=one["kind"],
            cqc_location_id=one["location_id"],
            own_reference=one["own_reference"],
            region=one["region"],
            beds=one["beds"],
            people_count=one["people"],
            registered_manager=one["manager"],
            opened_on=one["opened_on"],
        )
        for group in groups()["providers"]
        for one in group["services"]
    )


def ratings() -> Mapping[str, str]:
    """The overall rating of each service, by its key."""
    return {one["key"]: one["rating"] for group in groups()["providers"] for one in group["services"]}


def inspections(clock: Clock) -> Iterator[DemoInspection]:
    """The last published assessment of each service."""
    rated = ratings()
    for place, service in enumerate(services()):
        told = stories().get(service.key, {}).get("inspection")
        if told is None:
            inspected = clock.day(date(2025, 1 + place % 12, 8 + place % 14))
            told = {
                "key_questions": dict(zip(KEY_QUESTIONS, _USUAL[rated[service.key]], strict=True)),
                "outcome": "No breaches of regulation."
                if rated[service.key] != "requires_improvement"
                else "One breach of regulation.",
            }
            published = date(inspected.year + inspected.month // 11, (inspected.month + 1) % 12 + 1, 12)
        else:
            inspected, published = clock.day(told["inspected_on"]), clock.day(told["published_on"])
        yield DemoInspection(
            service.provider_id,
            service.service_id,
            named("inspection", service.key),
            inspected,
            published,
            FRAMEWORK,
            rated[service.key],
            told["key_questions"],
            told["outcome"],
        )


def requirements(clock: Clock) -> Iterator[DemoRequirement]:
    """Breaches and notices: as the stories tell, and one requirement notice where a service requires improvement."""
    for service in services():
        told = stories().get(service.key, {}).get("requirements")
        if told is None and ratings()[service.key] == "requires_improvement":
            told = [_usual_notice()]
        for number, one in enumerate(told or []):
            yield DemoRequirement(
                service.provider_id,
                service.service_id,
                named("requirement", service.key, number),
                one["kind"],
                one["regulation"],
                one["summary"],
                clock.day(one["issued_on"]),
                clock.maybe(one.get("comply_by")),
                clock.maybe(one.get("met_on")),
            )


def _usual_notice() -> Mapping[str, Any]:
    return {
        "kind": "requirement_notice",
        "regulation": "hsca-17",
        "summary": "Checks that do not find what inspectors find.",
        "issued_on": date(2026, 8, 21),
        "comply_by": date(2027, 1, 15),
    }


def everybody() -> tuple[DemoPerson, ...]:
    """All people who can sign in."""
    return tuple(
        DemoPerson(
            person_id=named("person", one["email"]),
            name=one["name"],
            email=one["email"],
            initials="".join(word[0] for word in one["name"].split()[:2]).upper(),
            label=label(one["name"]),
            is_operator=bool(one.get("operator", False)),
            is_listed=bool(one.get("sign_in", False)),
        )
        for one in people()["people"]
    )


def label(name: str) -> str:
    """Initial and surname: `D Hartley`."""
    first, last = name.split()
    return f"{first[0]} {last}"


def memberships(clock: Clock) -> Iterator[DemoMembership]:
    """Who holds which role where."""
    homes = {service.key: service for service in services()}
    for one in people()["people"]:
        for role in one.get("roles", []):
            service = homes.get(role.get("service"))
            provider = service.provider_id if service else named("provider", role["provider"])
            yield DemoMembership(
                provider,
                service.service_id if service else None,
                named("membership", one["email"], role["role"]),
                named("person", one["email"]),
                role["role"],
                clock.day(date(2025, 4, 7)),
            )


def bodies(clock: Clock) -> Iterator[DemoBody]:
    """The commissioning bodies."""
    for one in people()["bodies"]:
        officers = tuple(
            named("person", person["email"]) for person in people()["people"] if person.get("body") == one["key"]
        )
        yield DemoBody(named("body", one["key"]), one["name"], officers, clock.day(date(2025, 4, 7)))


def grants(clock: Clock) -> Iterator[DemoGrant]:
    """What each body may see."""
    homes: Mapping[str, tuple[UUID, UUID]] = {one.key: (one.provider_id, one.service_id) for one in services()}
    for body in people()["bodies"]:
        for one in body["grants"]:
            provider_id, service_id = homes[one["service"]]
            yield DemoGrant(
                named("grant", body["key"], one["service"]),
                named("body", body["key"]),
                provider_id,
                service_id,
                tuple(one["classes"]),
                one["show_name"],
                clock.day(body["from"]),
                clock.day(body["until"]),
                body["purpose"],
                body["lawful_basis"],
            )
