"""Fills an empty database with the demonstration: people and places first, then facts by the ordinary commands.

Each provider's facts are one transaction, and what is there already is left alone, so that a load that was cut short is
finished by the next one and changes that people made are never undone.
"""

import json
import multiprocessing
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from mendline.comparison.rebuild import rebuild
from mendline.comparison.releasing import last_releases, release
from mendline.config import Settings
from mendline.demonstration.checking import load_checks
from mendline.demonstration.files import add_files
from mendline.demonstration.following import load_following
from mendline.demonstration.importing import import_files
from mendline.demonstration.model import DemoMembership, Demonstration, DemoObservation, DemoPerson, DemoProvider
from mendline.demonstration.plan import demonstration
from mendline.demonstration.planned_work import load_planned_work
from mendline.demonstration.tables import rows_of_service_facts, setting_rows
from mendline.demonstration.told import load_told
from mendline.evidence.measuring.marking import mark_records, placed
from mendline.indicators.commands import save_observations
from mendline.indicators.model import Observation
from mendline.indicators.rows import ObservationRow
from mendline.recovery.model import TriggerEpisode
from mendline.recovery.triggers.evaluation import evaluate
from tenants.clock import LONDON, now, today
from tenants.database import Database, insert_many
from tenants.directory.access_model import PlatformOperator
from tenants.directory.model import (
    CommissionerGrant,
    CommissionerOfficer,
    CommissioningBody,
    Inspection,
    Membership,
    Provider,
    RegulatoryRequirement,
    Service,
)
from tenants.reach import Reach
from tenants.roles import ROLES
from tenants.signin.model import Person
from tenants.signin.passwords import hash_password

PASSWORD = "demonstration-2026"  # noqa: S105 -- printed on purpose: there is nothing real behind it
Progress = Callable[[str], object]


def main(settings: Settings, progress: Progress = print) -> None:
    """Loads what is missing and writes the sign-ins to `demo.json` in the state folder.

    The largest provider is loaded here and the others beside it, in a process of their own: on two cores that takes
    half of the time.

    Args:
        settings: of this installation.
        progress: told each step in a line.

    Raises:
        RuntimeError: the process beside this one failed; what it said stands in its output.
    """
    progress("Planning")
    day = today()
    apart = multiprocessing.get_context("spawn")  # a fork would share the connections of this process
    may_begin = apart.Event()
    beside = apart.Process(target=_load_others, args=(settings, day, may_begin), daemon=True)
    beside.start()
    planned = demonstration(day)
    database = Database(settings.database_url, settings.role_passwords)
    try:
        progress("People and places")
        with database.administration() as session:
            _directory(session, planned)
        may_begin.set()
        largest, _ = _parts(planned)
        _provider(database, planned, largest, progress)
        beside.join()
        if beside.exitcode:
            raise RuntimeError(f"Loading the other providers ended with status {beside.exitcode}.")
        progress("Evidence files and imports")
        add_files(database, settings, planned)
        import_files(database, settings, planned)
    finally:
        beside.kill()
        database.dispose()
    write_sign_ins(settings.state, planned)


def _load_others(settings: Settings, day: date, may_begin: Event) -> None:
    planned = demonstration(day)
    may_begin.wait()
    database = Database(settings.database_url, settings.role_passwords)
    try:
        for provider in _parts(planned)[1]:
            _provider(database, planned, provider, lambda _: None)
    finally:
        database.dispose()


def _parts(planned: Demonstration) -> tuple[DemoProvider, tuple[DemoProvider, ...]]:
    """The provider with the most figures, and the others."""
    sizes = Counter(one.provider_id for one in planned.observations)
    largest = max(planned.providers, key=lambda one: sizes[one.provider_id])
    return largest, tuple(one for one in planned.providers if one is not largest)


def load(database: Database, planned: Demonstration, providers: Sequence[DemoProvider], progress: Progress) -> None:
    """Loads what is missing of some providers of a demonstration, one after the other; people and places of all."""
    progress("People and places")
    with database.administration() as session:
        _directory(session, planned)
    for provider in providers:
        _provider(database, planned, provider, progress)


def _provider(database: Database, planned: Demonstration, provider: DemoProvider, progress: Progress) -> None:
    progress(f"{provider.name}: figures and records")
    reach = database.command_reach(provider.provider_id)
    with database.transaction(reach) as session:
        _facts(session, reach, planned, provider.provider_id)
    with database.administration() as session:
        # Fresh tables have no statistics, and the plans without them take thirty times as long.
        session.execute(text("analyze"))
    progress(f"{provider.name}: working out where each indicator stands")
    rebuild(database, provider.provider_id)
    with database.administration() as session:
        load_told(session, planned, provider.provider_id)
    with database.transaction(reach) as session:
        load_following(session, reach, planned, provider.provider_id)
        load_checks(session, reach, planned, provider.provider_id)
    progress(f"{provider.name}: asking the early warnings and triggers")
    _triggers(database, provider.provider_id)
    _release(database, planned, provider.provider_id)


def _release(database: Database, planned: Demonstration, provider_id: uuid.UUID) -> None:
    """Releases to commissioners what is granted to them, where nothing was released yet."""
    reach = database.command_reach(provider_id)
    with database.transaction(reach) as session:
        known = set(last_releases(session, (provider_id,)))
        for service_id in sorted({one.service_id for one in planned.grants if one.provider_id == provider_id} - known):
            release(session, reach, service_id, "Agreed at the governance meeting")


def _triggers(database: Database, provider_id: uuid.UUID) -> None:
    """Fires whatever the facts fire, where no rule was ever asked."""
    reach = database.command_reach(provider_id)
    with database.transaction(reach) as session:
        fired = select(func.count()).select_from(TriggerEpisode).where(TriggerEpisode.provider_id == provider_id)
        if session.scalar(fired):
            return
        services = session.scalars(
            select(Service.service_id).where(Service.provider_id == provider_id, Service.closed_on.is_(None))
        ).all()
        changed = dict.fromkeys(services, ("*",))
        evaluate(session, reach, provider_id, changed, today=today(), now=now())


def write_sign_ins(state: Path, planned: Demonstration) -> None:
    """Leaves the sign-ins where the start page and `mendline up` find them, whole or not at all."""
    half = state / "demo.json.part"
    half.write_text(json.dumps({"sign_ins": sign_ins(planned)}, indent=1), encoding="utf-8")
    half.replace(state / "demo.json")


def sign_ins(planned: Demonstration) -> list[dict[str, Any]]:
    """One sign-in for each role, in the order of the permission matrix, then the other providers' people."""
    roles: dict[uuid.UUID, list[DemoMembership]] = {}
    for membership in planned.memberships:
        roles.setdefault(membership.person_id, []).append(membership)
    officers = {officer for body in planned.bodies for officer in body.officers}
    names = {provider.provider_id: provider.name for provider in planned.providers}
    services = {service.service_id: service.name for service in planned.services}
    found = [
        _sign_in(person, roles.get(person.person_id, []), officers, names, services)
        for person in planned.people
        if person.is_listed
    ]
    order = list(ROLES)
    return sorted(found, key=lambda one: order.index(one["role"]))


def _sign_in(
    person: DemoPerson,
    held: Sequence[DemoMembership],
    officers: set[uuid.UUID],
    providers: dict[uuid.UUID, str],
    services: dict[uuid.UUID, str],
) -> dict[str, Any]:
    if person.is_operator:
        role, where = "platform_operator", "Mendline"
    elif person.person_id in officers:
        role, where = "commissioner_officer", "Northmoor Council"
    else:
        role = held[0].role
        service = held[0].service_id
        where = (f"{services[service]}, " if service else "") + providers[held[0].provider_id]
    return {
        "role": role,
        "role_label": ROLES[role].label,
        "name": person.name,
        "organisation": where,
        "email": person.email,
        "password": PASSWORD,
        "provider_id": str(held[0].provider_id) if held else None,
        "service_ids": [str(one.service_id) for one in held if one.service_id],
    }


def _directory(session: Session, planned: Demonstration) -> None:
    """Everything that the owner of the tables sets up; nothing where the first provider is there already."""
    if session.scalar(select(Provider.provider_id).where(Provider.provider_id == planned.providers[0].provider_id)):
        return
    at = now()
    people = {person.person_id: person for person in planned.people}
    hashed = hash_password(PASSWORD)
    session.add_all(
        Provider(
            provider_id=one.provider_id,
            name=one.name,
            cqc_provider_id=one.cqc_provider_id,
            is_demonstration=True,
            created_at=at,
        )
        for one in planned.providers
    )
    session.add_all(
        Person(
            person_id=one.person_id,
            email=one.email,
            name=one.name,
            password_hash=hashed,
            second_factor_relaxed=True,
            created_at=at,
        )
        for one in planned.people
    )
    session.flush()
    session.add_all(Service(**_without(asdict(one), "key"), created_at=at) for one in planned.services)
    session.flush()
    session.add_all(Inspection(**asdict(one), recorded_at=_at(one.published_on)) for one in planned.inspections)
    session.add_all(
        RegulatoryRequirement(**asdict(one), recorded_at=_at(one.issued_on)) for one in planned.requirements
    )
    session.add_all(
        Membership(
            **asdict(one),
            display_name=people[one.person_id].name,
            initials=people[one.person_id].initials,
            recorded_at=at,
        )
        for one in planned.memberships
    )
    _bodies_and_operators(session, planned, at)


def _bodies_and_operators(session: Session, planned: Demonstration, at: datetime) -> None:
    """Those outside the providers: commissioning bodies with their officers and grants, and whoever runs the platform."""
    session.add_all(CommissioningBody(body_id=one.body_id, name=one.name) for one in planned.bodies)
    session.flush()
    session.add_all(
        PlatformOperator(person_id=one.person_id, valid_from=at.date()) for one in planned.people if one.is_operator
    )
    session.add_all(
        CommissionerOfficer(body_id=body.body_id, person_id=officer, valid_from=body.valid_from)
        for body in planned.bodies
        for officer in body.officers
    )
    session.add_all(
        # Where a name may be shown, the figures are shown as they stand; the others as they were released.
        CommissionerGrant(**asdict(one) | {"classes": list(one.classes), "live": one.show_name}, recorded_at=at)
        for one in planned.grants
    )


def _facts(session: Session, reach: Reach, planned: Demonstration, provider_id: uuid.UUID) -> None:
    """A provider's facts; nothing where it has figures already."""
    known = select(func.count()).select_from(Observation).where(Observation.provider_id == provider_id)
    if session.scalar(known):
        return
    for table, rows in setting_rows(planned, provider_id):
        insert_many(session, table, rows)
    for revision in (1, 2):
        figures = [one for one in planned.observations if one.provider_id == provider_id and one.revision == revision]
        save_observations(
            session,
            reach,
            [_row(one) for one in figures],
            provider_id=provider_id,
            source="imported",
            today=planned.today,
        )
    for table, rows in rows_of_service_facts(planned, provider_id):
        insert_many(session, table, rows)
    load_planned_work(session, planned, provider_id)
    mark_records(
        session,
        provider_id,
        (
            placed(one.service_id, one.record_type, one.happened_at, one.payload)
            for one in planned.records
            if one.provider_id == provider_id
        ),
    )


def _row(one: DemoObservation) -> ObservationRow:
    return ObservationRow(
        one.service_id,
        one.indicator_id,
        one.period_start,
        one.numerator,
        one.denominator,
        one.value,
        None if one.state in ("final", "provisional", "revised") else one.state,
        one.reason,
        {"system": "Published series, see the start page"},
        one.recorded_at,
    )


def _at(day: date | None) -> datetime:
    return datetime.combine(day, time(9, 0), LONDON) if day else now()


def _without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
