"""Signing in on a real database: what is refused, in which words, and what a session or token reaches."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import text
from support.tenancy import Place, add_membership

from tenants.clock import now, today
from tenants.database import Database
from tenants.directory.onboarding import add_person, add_service, create_provider, give_role
from tenants.errors import NoReachError, NotPermittedError, RefusedError
from tenants.signin.factors import STEP_SECONDS, code_at
from tenants.signin.sessions import (
    GUESSES_AN_HOUR,
    GUESSES_OF_AN_ADDRESS,
    LONGEST,
    TOO_MANY,
    WRONG,
    Guess,
    create_token,
    sign_in,
    sign_out,
    ticket_of,
)

KEY = b"a key of this test only"
PASSWORD = "a long enough password"
AT = now()


@dataclass(frozen=True)
class Known:
    person_id: uuid.UUID
    email: str
    seed: str
    place: Place


@pytest.fixture
def known(database: Database) -> Known:
    """A registered manager of a service of their own provider."""
    email = f"{uuid.uuid4()}@example.org"
    with database.administration() as session:
        provider_id = create_provider(session, "Alderway Care Group")
        service_id = add_service(session, provider_id, "Rosewood House")
        person_id, seed = add_person(session, email.upper(), "Denise Hartley", PASSWORD)
        give_role(session, provider_id, person_id, "registered_manager", service_id=service_id, valid_from=today())
    assert seed is not None
    return Known(person_id, email, seed, Place(provider_id, service_id, ""))


def code_of(known: Known, *, steps: int = 0) -> str:
    return code_at(known.seed, int(AT.timestamp()) // STEP_SECONDS + steps)


def guess(email: str, *, password: str = PASSWORD, code: str = "", address: str | None = None) -> Guess:
    return Guess(email, password, code, address or str(uuid.uuid4()), "Firefox")


def told(database: Database, given: Guess, **more: bool) -> str:
    with pytest.raises(RefusedError) as refused:
        sign_in(database, KEY, given, at=AT, **more)
    return str(refused.value)


def test_the_right_password_and_code_open_a_session_with_the_persons_reach(database: Database, known: Known) -> None:
    cookie = sign_in(database, KEY, guess(f"  {known.email.upper()} ", code=code_of(known)), at=AT)
    reach = database.reach_of(ticket_of(KEY, cookie))
    assert reach.person_id == known.person_id
    assert reach.provider_ids == (known.place.provider_id,)
    assert [held.service_id for held in reach.held] == [known.place.service_id]


def test_wrong_unknown_and_disabled_are_told_in_the_same_words(database: Database, known: Known) -> None:
    assert told(database, guess(known.email, password="wrong", code=code_of(known))) == WRONG
    assert told(database, guess(known.email, code="000000")) == WRONG
    assert told(database, guess(known.email)) == WRONG
    assert told(database, guess("nobody@example.org")) == WRONG
    assert told(database, guess("")) == WRONG
    assert told(database, guess("' or 1=1 --")) == WRONG
    assert told(database, guess("nul\0@example.org", password="\0")) == WRONG
    with database.administration() as session:
        session.execute(
            text("update signin.person set disabled_at = now() where person_id = :id"), {"id": known.person_id}
        )
    assert told(database, guess(known.email, code=code_of(known))) == WRONG


def test_a_code_that_was_used_is_refused_and_the_next_one_works(database: Database, known: Known) -> None:
    sign_in(database, KEY, guess(known.email, code=code_of(known)), at=AT)
    assert told(database, guess(known.email, code=code_of(known))) == WRONG
    assert sign_in(database, KEY, guess(known.email, code=code_of(known, steps=1)), at=AT)


def test_somebody_without_an_authenticator_is_refused(database: Database, known: Known) -> None:
    with database.administration() as session:
        session.execute(
            text("update signin.person set totp_seed = null where person_id = :id"), {"id": known.person_id}
        )
    empty = Known(known.person_id, known.email, "", known.place)
    assert told(database, guess(known.email, code=code_of(empty))) == WRONG


def test_the_second_factor_is_relaxed_in_the_demonstration_and_nowhere_else(database: Database) -> None:
    email = f"{uuid.uuid4()}@example.org"
    with database.administration() as session:
        add_person(session, email, "Invented Person", PASSWORD, second_factor_relaxed=True)
    assert sign_in(database, KEY, guess(email), at=AT, demonstration=True)
    assert told(database, guess(email)) == WRONG


def test_the_demonstration_does_not_relax_it_for_real_people(database: Database, known: Known) -> None:
    assert told(database, guess(known.email), demonstration=True) == WRONG


def test_ten_wrong_guesses_close_an_account_for_an_hour_even_to_the_right_password(
    database: Database, known: Known
) -> None:
    for _ in range(GUESSES_AN_HOUR):
        assert told(database, guess(known.email, password="wrong")) == WRONG
    right = guess(known.email, code=code_of(known))
    assert told(database, right) == TOO_MANY
    assert told(database, guess("somebody.else@example.org")) == WRONG
    later = AT + timedelta(hours=1, seconds=1)
    code = code_at(known.seed, int(later.timestamp()) // STEP_SECONDS)
    assert sign_in(database, KEY, guess(known.email, code=code), at=later)


def test_unknown_accounts_are_limited_like_known_ones(database: Database) -> None:
    email = f"{uuid.uuid4()}@example.org"
    for _ in range(GUESSES_AN_HOUR):
        assert told(database, guess(email)) == WRONG
    assert told(database, guess(email)) == TOO_MANY


def test_an_address_that_guesses_at_many_accounts_is_refused(database: Database, known: Known) -> None:
    address = str(uuid.uuid4())
    with database.as_role("signin") as connection:
        connection.execute(
            text(
                "insert into signin.attempt (attempt_id, email_hash, address_hash, attempted_at, succeeded)"
                " select gen_random_uuid(), sha256(n::text::bytea), sha256(:address), :at, false"
                " from generate_series(1, :n) as n"
            ),
            {"address": address.encode(), "at": AT, "n": GUESSES_OF_AN_ADDRESS},
        )
    assert told(database, guess(known.email, code=code_of(known), address=address)) == TOO_MANY
    assert sign_in(database, KEY, guess(known.email, code=code_of(known)), at=AT)


def test_those_who_sign_in_rightly_are_never_too_many(database: Database, known: Known) -> None:
    for _ in range(GUESSES_AN_HOUR + 1):
        with database.administration() as session:
            session.execute(
                text("update signin.person set totp_last_step = null where person_id = :id"), {"id": known.person_id}
            )
        assert sign_in(database, KEY, guess(known.email, code=code_of(known)), at=AT)


def test_nothing_that_opens_a_session_is_kept(database: Database, known: Known) -> None:
    cookie = sign_in(database, KEY, guess(known.email, code=code_of(known)), at=AT)
    with database.administration() as session:
        rows = session.execute(
            text("select s::text from signin.session s union all select p::text from signin.person p")
        ).scalars()
        kept = "\n".join(rows)
    for secret in (cookie, ticket_of(KEY, cookie), PASSWORD):
        assert secret not in kept
        assert secret.encode().hex() not in kept


def test_a_cookie_is_worth_nothing_under_another_key(database: Database, known: Known) -> None:
    cookie = sign_in(database, KEY, guess(known.email, code=code_of(known)), at=AT)
    for ticket in (ticket_of(b"another key", cookie), ticket_of(KEY, cookie, "token"), cookie):
        with pytest.raises(NoReachError):
            database.reach_of(ticket)


def test_signing_out_ends_the_session_at_once_and_only_that_one(database: Database, known: Known) -> None:
    first = sign_in(database, KEY, guess(known.email, code=code_of(known)), at=AT)
    second = sign_in(database, KEY, guess(known.email, code=code_of(known, steps=1)), at=AT)
    open_reach = database.reach_of(ticket_of(KEY, first))
    sign_out(database, KEY, first, at=now())
    with pytest.raises(NoReachError):
        database.reach_of(ticket_of(KEY, first))
    with pytest.raises(NoReachError), database.transaction(open_reach) as session:
        session.execute(text("select 1"))
    assert database.reach_of(ticket_of(KEY, second)).person_id == known.person_id


def test_a_session_ends_by_itself_after_twelve_hours(database: Database, known: Known) -> None:
    long_ago = AT - LONGEST - timedelta(seconds=1)
    code = code_at(known.seed, int(long_ago.timestamp()) // STEP_SECONDS)
    cookie = sign_in(database, KEY, guess(known.email, code=code), at=long_ago)
    with pytest.raises(NoReachError):
        database.reach_of(ticket_of(KEY, cookie))


def test_a_token_has_its_owners_reach_until_it_ends(database: Database, known: Known) -> None:
    token = create_token(database, KEY, known.email, label="export", at=AT, expires_at=AT + timedelta(days=1))
    assert token.startswith("mnd_")
    assert database.reach_of(ticket_of(KEY, token, "token")).person_id == known.person_id
    over = create_token(database, KEY, known.email, label="over", at=AT, expires_at=AT - timedelta(seconds=1))
    for ticket in (ticket_of(KEY, over, "token"), ticket_of(KEY, token)):
        with pytest.raises(NoReachError):
            database.reach_of(ticket)


def test_a_token_that_only_reads_changes_nothing_and_one_that_writes_does(database: Database, known: Known) -> None:
    ends = AT + timedelta(days=1)
    change = text(
        "insert into action (provider_id, service_id, action_id, reference, title, owner, opened_on, due_on, recorded_at)"
        " values (:provider, :service, gen_random_uuid(), :reference, 'Tried', 'D Hartley', now(), now(), now())"
    )
    values = {"provider": known.place.provider_id, "service": known.place.service_id}
    for may_write, reference in ((True, "A-001"), (False, "A-002")):
        token = create_token(database, KEY, known.email, label="x", at=AT, expires_at=ends, may_write=may_write)
        reach = database.reach_of(ticket_of(KEY, token, "token"))
        if may_write:
            with database.transaction(reach) as session:
                session.execute(change, {**values, "reference": reference})
        else:
            with pytest.raises(NotPermittedError), database.transaction(reach) as session:
                session.execute(change, {**values, "reference": reference})


def test_nobody_unknown_or_disabled_is_given_a_token(database: Database, known: Known) -> None:
    ends = AT + timedelta(days=1)
    with pytest.raises(RefusedError):
        create_token(database, KEY, "nobody@example.org", label="x", at=AT, expires_at=ends)
    with database.administration() as session:
        session.execute(
            text("update signin.person set disabled_at = now() where person_id = :id"), {"id": known.person_id}
        )
    with pytest.raises(RefusedError):
        create_token(database, KEY, known.email, label="x", at=AT, expires_at=ends)


def test_a_role_that_is_given_later_is_in_the_reach_of_a_session_that_is_open(database: Database, known: Known) -> None:
    cookie = sign_in(database, KEY, guess(known.email, code=code_of(known)), at=AT)
    with database.administration() as session:
        other = Place(create_provider(session, "Second Group"), uuid.uuid4(), "")
    add_membership(database, known.person_id, "provider_lead", other, whole_provider=True)
    assert other.provider_id in database.reach_of(ticket_of(KEY, cookie)).provider_ids
