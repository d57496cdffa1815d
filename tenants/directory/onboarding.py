"""Setting up from the command line: provider groups, services, people and grants, as the owner of the tables."""

import uuid
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.clock import now, today
from tenants.directory.access_model import PlatformOperator
from tenants.directory.areas import read_area
from tenants.directory.model import (
    CommissionerOfficer,
    CommissioningBody,
    Membership,
    Provider,
    Service,
)
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.roles import ROLES
from tenants.signin.factors import new_seed
from tenants.signin.model import Person
from tenants.signin.passwords import SHORTEST, hash_password

KINDS = ("residential", "nursing", "home_care", "supported_living")


def create_provider(
    session: Session, name: str, *, cqc_provider_id: str | None = None, provider_id: uuid.UUID | None = None
) -> uuid.UUID:
    """A new tenant; returns its identifier.

    Raises:
        RefusedError: it has no name.
    """
    if not name.strip():
        raise RefusedError("A provider needs a name.")
    made = Provider(
        provider_id=provider_id or new_id(),
        name=name.strip(),
        cqc_provider_id=cqc_provider_id,
        is_demonstration=False,
        created_at=now(),
    )
    session.add(made)
    session.flush()
    return made.provider_id


def add_service(
    session: Session,
    provider_id: uuid.UUID,
    name: str,
    *,
    kind: str = "residential",
    code: str | None = None,
    cqc_location_id: str | None = None,
    own_reference: str | None = None,
    region: str | None = None,
    area_code: str | None = None,
    beds: int | None = None,
    people_count: int | None = None,
    registered_manager: str | None = None,
    opened_on: date | None = None,
    service_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """A new service of a provider; returns its identifier.

    Raises:
        RefusedError: it has no name, is of an unknown kind, its area has no such code, or its provider does not exist.
    """
    if not name.strip():
        raise RefusedError("A service needs a name.")
    if kind not in KINDS:
        raise RefusedError(f"There is no kind of service {kind!r}. The kinds are: {', '.join(KINDS)}.")
    if session.get(Provider, provider_id) is None:
        raise RefusedError("There is no such provider. Create it first: mendline provider create.")
    made = Service(
        provider_id=provider_id,
        service_id=service_id or new_id(),
        name=name.strip(),
        code=code or name.strip()[:3].upper(),
        kind=kind,
        cqc_location_id=cqc_location_id,
        own_reference=own_reference,
        region=region,
        area_code=read_area(area_code),
        beds=beds,
        people_count=people_count,
        registered_manager=registered_manager,
        opened_on=opened_on,
        created_at=now(),
    )
    session.add(made)
    session.flush()
    return made.service_id


def add_person(
    session: Session,
    email: str,
    name: str,
    password: str,
    *,
    second_factor_relaxed: bool = False,
    person_id: uuid.UUID | None = None,
) -> tuple[uuid.UUID, str | None]:
    """Somebody who can sign in; what they may do comes from roles given next.

    Returns:
        Their identifier, and the seed of their authenticator unless the second factor is relaxed (demonstration only).

    Raises:
        RefusedError: the password is short, the address is none or is taken, or there is no name.
    """
    if not name.strip():
        raise RefusedError("A person needs a name: first name and surname.")
    if len(password) < SHORTEST:
        raise RefusedError(f"A password has at least {SHORTEST} characters.")
    address = email.strip().lower()
    if not all(address.partition("@")):
        raise RefusedError(f"{email!r} is not an email address.")
    if session.scalar(select(Person.person_id).where(Person.email == address)) is not None:
        raise RefusedError("Somebody signs in with that address already. Give them a role instead.")
    seed = None if second_factor_relaxed else new_seed()
    made = Person(
        person_id=person_id or new_id(),
        email=address,
        name=name.strip(),
        password_hash=hash_password(password),
        totp_seed=seed,
        second_factor_relaxed=second_factor_relaxed,
        created_at=now(),
    )
    session.add(made)
    session.flush()
    return made.person_id, seed


def works_for(session: Session, provider_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    """Whether somebody works for a provider, by a role that stands or is to come: a further one needs no acceptance."""
    found = session.scalar(
        select(Membership.membership_id)
        .where(
            Membership.provider_id == provider_id,
            Membership.person_id == person_id,
            (Membership.valid_until.is_(None)) | (Membership.valid_until >= today()),
        )
        .limit(1)
    )
    return found is not None


def give_role(
    session: Session,
    provider_id: uuid.UUID,
    person_id: uuid.UUID,
    role: str,
    *,
    service_id: uuid.UUID | None = None,
    valid_from: date,
    valid_until: date | None = None,
) -> uuid.UUID:
    """A role at a provider, or at one of its services.

    Raises:
        RefusedError: the role does not exist, is held elsewhere than asked, ends before it begins, or the person or
            service does not exist.
    """
    known = ROLES.get(role)
    if known is None:
        raise RefusedError(f"There is no role {role!r}. The roles are: {', '.join(ROLES)}.")
    if known.level not in ("service", "provider") or (known.level == "provider" and service_id is not None):
        raise RefusedError(f"{known.label} is not a role at {'a service' if service_id else 'a provider'}.")
    if known.level == "service" and service_id is None:
        raise RefusedError(f"{known.label} is a role at a service: name the service.")
    if valid_until is not None and valid_until < valid_from:
        raise RefusedError("A role ends on the day it begins, or later.")
    person = session.get(Person, person_id)
    if person is None:
        raise RefusedError("There is no such person. Invite them first: mendline person invite.")
    if service_id is not None and session.get(Service, (provider_id, service_id)) is None:
        raise RefusedError("There is no such service at this provider.")
    made = Membership(
        provider_id=provider_id,
        membership_id=new_id(),
        service_id=service_id,
        person_id=person_id,
        role=role,
        display_name=person.name,
        initials="".join(word[0] for word in person.name.split()[:2]).upper(),
        valid_from=valid_from,
        valid_until=valid_until,
        recorded_at=now(),
    )
    session.add(made)
    session.flush()
    return made.membership_id


def add_commissioning_body(session: Session, name: str, *, body_id: uuid.UUID | None = None) -> uuid.UUID:
    """A council or integrated care board; returns its identifier."""
    made = CommissioningBody(body_id=body_id or new_id(), name=name)
    session.add(made)
    session.flush()
    return made.body_id


def add_officer(session: Session, body_id: uuid.UUID, person_id: uuid.UUID, *, valid_from: date) -> None:
    """Lets a person work for a commissioning body."""
    session.add(CommissionerOfficer(body_id=body_id, person_id=person_id, valid_from=valid_from))
    session.flush()


def end_officer(session: Session, body_id: uuid.UUID, person_id: uuid.UUID, *, last_day: date) -> None:
    """Somebody no longer works for a commissioning body after a day; yesterday ends it at once.

    Raises:
        RefusedError: they do not work for it.
    """
    officer = session.get(CommissionerOfficer, (body_id, person_id))
    if officer is None:
        raise RefusedError("They are no officer of that body.")
    officer.valid_until = last_day
    session.flush()


def add_operator(session: Session, person_id: uuid.UUID, *, valid_from: date) -> None:
    """Lets a person run the platform: they see names, plans and queues, and no row of a provider."""
    known = session.get(PlatformOperator, person_id)
    if known is None:
        session.add(PlatformOperator(person_id=person_id, valid_from=valid_from))
    else:
        known.valid_until = None
    session.flush()


def end_operator(session: Session, person_id: uuid.UUID, *, last_day: date) -> None:
    """Somebody no longer runs the platform after a day; yesterday ends it at once.

    Raises:
        RefusedError: they do not run it.
    """
    operator = session.get(PlatformOperator, person_id)
    if operator is None:
        raise RefusedError("They do not run the platform.")
    operator.valid_until = last_day
    session.flush()
