"""Setting up from the command line: what is made, and what is refused in words instead of a stack trace."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from support.tenancy import issue_ticket

from tenants.clock import today
from tenants.database import Database
from tenants.directory.model import Membership, Provider, Service
from tenants.directory.onboarding import (
    add_commissioning_body,
    add_officer,
    add_operator,
    add_person,
    add_service,
    create_provider,
    end_officer,
    end_operator,
    give_role,
)
from tenants.errors import RefusedError
from tenants.roles import ROLES
from tenants.signin.model import Person

PASSWORD = "a long enough password"
DAY = date(2026, 11, 2)


def an_email() -> str:
    return f"{uuid.uuid4()}@example.org"


def refused(database: Database, act: Callable[[Session], Any]) -> str:
    with pytest.raises(RefusedError) as told, database.administration() as session:
        act(session)
    return str(told.value)


def a_place(session: Session) -> tuple[uuid.UUID, uuid.UUID]:
    provider_id = create_provider(session, "Alderway Care Group")
    return provider_id, add_service(session, provider_id, "Rosewood House")


def test_a_provider_has_a_name_and_is_no_demonstration(database: Database) -> None:
    with database.administration() as session:
        made = session.get_one(Provider, create_provider(session, "  Alderway  ", cqc_provider_id="1-101"))
        assert (made.name, made.cqc_provider_id, made.is_demonstration) == ("Alderway", "1-101", False)
    assert refused(database, lambda session: create_provider(session, "  ")) == "A provider needs a name."


def test_a_service_has_a_name_a_known_kind_and_a_provider(database: Database) -> None:
    with database.administration() as session:
        provider_id = create_provider(session, "Alderway")
        made = session.get_one(Service, (provider_id, add_service(session, provider_id, " Elm Court ", kind="nursing")))
        assert (made.name, made.code, made.kind) == ("Elm Court", "ELM", "nursing")
    assert refused(database, lambda session: add_service(session, provider_id, " ")) == "A service needs a name."
    assert "hospital" in refused(database, lambda session: add_service(session, provider_id, "X", kind="hospital"))
    assert "no such provider" in refused(database, lambda session: add_service(session, uuid.uuid4(), "X"))


def test_a_person_gets_an_authenticator_and_a_password_that_is_kept_hashed(database: Database) -> None:
    email = an_email()
    with database.administration() as session:
        person_id, seed = add_person(session, f" {email.upper()} ", " Denise Hartley ", PASSWORD)
        made = session.get_one(Person, person_id)
        assert (made.email, made.name, made.totp_seed) == (email, "Denise Hartley", seed)
        assert made.password_hash is not None
        assert made.password_hash.startswith("$argon2id$")
        assert made.second_factor_relaxed is False


def test_only_a_person_of_the_demonstration_has_no_authenticator(database: Database) -> None:
    with database.administration() as session:
        person_id, seed = add_person(session, an_email(), "Invented", PASSWORD, second_factor_relaxed=True)
        assert seed is None
        assert session.get_one(Person, person_id).second_factor_relaxed is True


@pytest.mark.parametrize(
    ("email", "name", "password", "said"),
    [
        ("a@example.org", "Ann", "eleven char", "at least 12"),
        ("nowhere", "Ann", PASSWORD, "not an email address"),
        ("@example.org", "Ann", PASSWORD, "not an email address"),
        ("ann@", "Ann", PASSWORD, "not an email address"),
        ("a@example.org", "  ", PASSWORD, "needs a name"),
    ],
)
def test_a_person_without_what_signing_in_needs_is_refused(
    email: str, name: str, password: str, said: str, database: Database
) -> None:
    assert said in refused(database, lambda session: add_person(session, email, name, password))


def test_an_address_signs_in_one_person(database: Database) -> None:
    email = an_email()
    with database.administration() as session:
        add_person(session, email, "First", PASSWORD)
    assert "already" in refused(database, lambda session: add_person(session, email.upper(), "Second", PASSWORD))


@pytest.mark.parametrize("role", [role.key for role in ROLES.values()])
def test_each_role_is_held_at_its_own_level_and_at_no_other(role: str, database: Database) -> None:
    with database.administration() as session:
        provider_id, service_id = a_place(session)
        person_id, _ = add_person(session, an_email(), "Denise Hartley", PASSWORD)
    for level, at in (("provider", None), ("service", service_id)):

        def give(session: Session, at: uuid.UUID | None = at) -> uuid.UUID:
            return give_role(session, provider_id, person_id, role, service_id=at, valid_from=DAY)

        if ROLES[role].level == level:
            with database.administration() as session:
                found = session.scalar(
                    text("select role from membership where membership_id = :id"), {"id": give(session)}
                )
            assert found == role
        else:
            assert ROLES[role].label in refused(database, give)


def test_a_role_carries_the_initials_that_records_show(database: Database) -> None:
    with database.administration() as session:
        provider_id, service_id = a_place(session)
        person_id, _ = add_person(session, an_email(), "Denise Ann Hartley", PASSWORD)
        made = give_role(session, provider_id, person_id, "carer", service_id=service_id, valid_from=DAY)
        found = session.get_one(Membership, (provider_id, made))
        assert (found.display_name, found.initials, found.service_id) == ("Denise Ann Hartley", "DA", service_id)


def test_a_role_that_cannot_be_is_refused(database: Database) -> None:
    with database.administration() as session:
        provider_id, service_id = a_place(session)
        foreign = create_provider(session, "CANARYGROUP")
        person_id, _ = add_person(session, an_email(), "Denise Hartley", PASSWORD)

    def give(session: Session, **changes: Any) -> uuid.UUID:
        fields: dict[str, Any] = {"role": "carer", "service_id": service_id, "valid_from": DAY, "person_id": person_id}
        return give_role(session, **{"provider_id": provider_id, **fields, **changes})

    assert "no role 'king'" in refused(database, lambda session: give(session, role="king"))
    assert "no such person" in refused(database, lambda session: give(session, person_id=uuid.uuid4()))
    assert "no such service" in refused(database, lambda session: give(session, provider_id=foreign))
    assert "ends on the day" in refused(database, lambda session: give(session, valid_until=DAY - timedelta(days=1)))
    with database.administration() as session:
        assert give(session, valid_until=DAY)


def test_an_officer_works_for_a_body_from_a_day_on(database: Database) -> None:
    with database.administration() as session:
        body_id = add_commissioning_body(session, "Northmoor Council")
        person_id, _ = add_person(session, an_email(), "Olu Adeyemi", PASSWORD)
        add_officer(session, body_id, person_id, valid_from=today())
        found = session.execute(
            text("select valid_from from commissioner_officer where person_id = :id"), {"id": person_id}
        )
        assert found.scalar_one() == today()


def test_an_officer_and_an_operator_end_at_once(database: Database) -> None:
    with database.administration() as session:
        body_id = add_commissioning_body(session, "Fell Council")
        person_id, _ = add_person(session, "officer.end@example.org", "Olu Officer", PASSWORD)
        add_officer(session, body_id, person_id, valid_from=today())
        add_operator(session, person_id, valid_from=today())
        session.expire_all()
        end_officer(session, body_id, person_id, last_day=today() - timedelta(days=1))
        end_operator(session, person_id, last_day=today() - timedelta(days=1))
    reach = database.reach_of(issue_ticket(database, person_id))
    assert (reach.granted, reach.operates) == ((), False)
    with database.administration() as session:
        add_operator(session, person_id, valid_from=today())
    assert database.reach_of(reach.ticket).operates
    for ending in (end_officer, end_operator):
        told = (body_id, uuid.uuid4()) if ending is end_officer else (uuid.uuid4(),)
        with pytest.raises(RefusedError), database.administration() as session:
            ending(session, *told, last_day=today())
