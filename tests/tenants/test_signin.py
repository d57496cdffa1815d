"""Signing in on a real database: what is refused, in which words, and what a session or token reaches."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from support.tenancy import Place

from tenants.clock import now, today
from tenants.database import Database
from tenants.directory.onboarding import add_person, add_service, create_provider, give_role
from tenants.errors import NoReachError, NotPermittedError, RefusedError
from tenants.signin.attempts import GUESSES_AN_HOUR, GUESSES_OF_AN_ADDRESS, OVERALL_A_MINUTE, Source, count
from tenants.signin.factors import STEP_SECONDS, code_at
from tenants.signin.links import keyed_hash
from tenants.signin.sessions import LONGEST, Browser, Opened, sign_out, ticket_of
from tenants.signin.signing import (
    TOO_MANY,
    WRONG,
    WRONG_CODE,
    Guess,
    SecondStep,
    find_person,
    second_step,
    sign_in,
    use_code,
)
from tenants.signin.tokens import create_token

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


def guess(
    email: str, *, password: str = PASSWORD, code: str = "", address: str | None = None, device: str = ""
) -> Guess:
    return Guess(email, password, code, address or str(uuid.uuid4()), "Firefox", device)


def enter(database: Database, given: Guess, *, at=AT, **more: bool) -> str:
    """Signs in and gives the cookie."""
    opened = sign_in(database, KEY, given, at=at, **more)
    assert isinstance(opened, Opened), "a second step is asked for"
    return opened.cookie


def told(database: Database, given: Guess, **more: bool) -> str:
    with pytest.raises(RefusedError) as refused:
        sign_in(database, KEY, given, at=AT, **more)
    return str(refused.value)


def test_the_right_password_and_code_open_a_session_with_the_persons_reach(database: Database, known: Known) -> None:
    cookie = enter(database, guess(f"  {known.email.upper()} ", code=code_of(known)), at=AT)
    reach = database.reach_of(ticket_of(KEY, cookie))
    assert reach.person_id == known.person_id
    assert reach.provider_ids == (known.place.provider_id,)
    assert [held.service_id for held in reach.held] == [known.place.service_id]


def test_wrong_unknown_and_disabled_are_told_in_the_same_words(database: Database, known: Known) -> None:
    assert told(database, guess(known.email, password="wrong", code=code_of(known))) == WRONG
    assert told(database, guess(known.email, code="000000")) == WRONG
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
    enter(database, guess(known.email, code=code_of(known)), at=AT)
    assert told(database, guess(known.email, code=code_of(known))) == WRONG
    assert enter(database, guess(known.email, code=code_of(known, steps=1)), at=AT)


def test_somebody_without_a_factor_sets_one_up_before_anything_is_shown(database: Database, known: Known) -> None:
    with database.administration() as session:
        session.execute(
            text("update signin.person set totp_seed = null where person_id = :id"), {"id": known.person_id}
        )
    opened = sign_in(database, KEY, guess(known.email), at=AT)
    assert isinstance(opened, Opened)
    assert opened.level == "enrol"
    reach = database.reach_of(ticket_of(KEY, opened.cookie))
    assert reach.provider_ids == ()
    assert not reach.may("see_service", known.place.provider_id, known.place.service_id)
    with database.transaction(reach) as session:
        for table in ("service", "membership", "provider", "ledger_entry", "action"):
            assert session.execute(text(f"select count(*) from {table}")).scalar_one() == 0


def test_without_the_code_a_second_step_is_asked_for_and_opens_nothing_by_itself(
    database: Database, known: Known
) -> None:
    step = sign_in(database, KEY, guess(known.email), at=AT)
    assert isinstance(step, SecondStep)
    assert (step.has_code, step.has_passkey) == (True, False)
    with pytest.raises(NoReachError):
        database.reach_of(ticket_of(KEY, step.secret))
    opened = second_step(database, KEY, step.secret, code_of(known), Browser(), address="192.0.2.1", at=AT)
    reach = database.reach_of(ticket_of(KEY, opened.cookie))
    assert reach.person_id == known.person_id
    assert reach.sign_in.is_fresh(AT)
    with pytest.raises(RefusedError):  # the step is over
        second_step(database, KEY, step.secret, code_of(known, steps=1), Browser(), address="192.0.2.1", at=AT)


def test_a_second_step_ends_after_five_wrong_codes_or_ten_minutes(database: Database, known: Known) -> None:
    step = sign_in(database, KEY, guess(known.email), at=AT)
    assert isinstance(step, SecondStep)
    for _ in range(5):
        with pytest.raises(RefusedError, match=WRONG_CODE[:20]):
            second_step(database, KEY, step.secret, "000000", Browser(), address=str(uuid.uuid4()), at=AT)
    with pytest.raises(RefusedError, match="Sign in again"):
        second_step(database, KEY, step.secret, code_of(known), Browser(), address=str(uuid.uuid4()), at=AT)
    late = AT + timedelta(minutes=10, seconds=1)
    other = sign_in(database, KEY, guess(known.email), at=AT)
    assert isinstance(other, SecondStep)
    with pytest.raises(RefusedError, match="Sign in again"):
        second_step(database, KEY, other.secret, code_of(known), Browser(), address=str(uuid.uuid4()), at=late)


def test_a_code_used_a_hundred_times_at_once_opens_one_session(
    database: Database, known: Known, figure: Callable[[str], None]
) -> None:
    def once(_number: int) -> bool:
        try:
            return isinstance(
                sign_in(database, KEY, guess(known.email, code=code_of(known), device="d"), at=AT), Opened
            )
        except RefusedError:
            return False

    enter(database, guess(known.email, code=code_of(known, steps=-1), device="d"))
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(once, range(9)))
    assert sum(opened) == 1
    with database.as_role("signin") as connection:  # the limit out of the way, the code alone is what refuses
        person = find_person(connection, "p.person_id = :id", id=known.person_id)
        assert person is not None
        again = [use_code(connection, KEY, person, code_of(known), at=AT) for _ in range(100)]
    figure(f"a code used again: refused {again.count(None)} of {len(again)}")
    assert again == [None] * 100


def test_the_second_factor_is_relaxed_in_the_demonstration_and_nowhere_else(database: Database) -> None:
    email = f"{uuid.uuid4()}@example.org"
    with database.administration() as session:
        add_person(session, email, "Invented Person", PASSWORD, second_factor_relaxed=True)
    assert enter(database, guess(email), demonstration=True)
    assert told(database, guess(email)) == WRONG
    assert told(database, guess(email, code="123456")) == WRONG


def test_the_demonstration_does_not_relax_it_for_real_people(database: Database, known: Known) -> None:
    assert isinstance(sign_in(database, KEY, guess(known.email), at=AT, demonstration=True), SecondStep)


def wear_out(database: Database, email: str) -> None:
    for _ in range(GUESSES_AN_HOUR):
        assert told(database, guess(email, password="wrong")) == WRONG


def test_a_flood_of_guesses_closes_an_account_to_strangers_for_an_hour_and_to_nobody_else(
    database: Database, known: Known
) -> None:
    enter(database, guess(known.email, code=code_of(known, steps=-1), device="the browser at work"))
    wear_out(database, known.email)
    assert told(database, guess(known.email)) == TOO_MANY
    assert told(database, guess(known.email, device="a browser nobody knows")) == TOO_MANY
    assert told(database, guess("somebody.else@example.org")) == WRONG
    assert enter(database, guess(known.email, code=code_of(known), device="the browser at work"))
    later = AT + timedelta(hours=1, seconds=1)
    assert isinstance(sign_in(database, KEY, guess(known.email), at=later), SecondStep)


def test_at_a_closed_account_the_right_code_beside_the_password_is_heard(database: Database, known: Known) -> None:
    wear_out(database, known.email)
    assert told(database, guess(known.email, code="000000")) == TOO_MANY
    assert enter(database, guess(known.email, code=code_of(known)))


def test_codes_are_not_guessed_at_a_closed_account(database: Database, known: Known) -> None:
    wear_out(database, known.email)
    for _ in range(GUESSES_AN_HOUR):
        assert told(database, guess(known.email, code="000000")) == TOO_MANY
    assert told(database, guess(known.email, code=code_of(known))) == TOO_MANY


def test_guesses_from_a_known_browser_are_limited_by_themselves(database: Database, known: Known) -> None:
    enter(database, guess(known.email, code=code_of(known), device="at work"))
    for _ in range(GUESSES_AN_HOUR):
        assert told(database, guess(known.email, password="wrong", device="at work")) == WRONG
    assert told(database, guess(known.email, device="at work")) == TOO_MANY
    assert isinstance(sign_in(database, KEY, guess(known.email), at=AT), SecondStep)


def test_of_a_thousand_guesses_at_an_account_ten_are_evaluated(
    database: Database, known: Known, figure: Callable[[str], None]
) -> None:
    evaluated = sum(told(database, guess(known.email, password=f"guess {n}")) == WRONG for n in range(60))
    with database.as_role("signin") as connection:
        connection.execute(text("select 1"))
        for n in range(940):
            source = Source(f"198.51.{n % 250}.{n // 250}")
            evaluated += not count(connection, KEY, known.email, source, at=AT).is_closed
    figure(f"1,000 guesses at an account: {evaluated} evaluated in an hour")
    assert evaluated == GUESSES_AN_HOUR


def test_more_guesses_a_minute_than_the_machine_should_hash_are_put_off_but_not_in_known_browsers(
    database: Database, known: Known
) -> None:
    enter(database, guess(known.email, code=code_of(known, steps=-1), device="at work"))
    later = AT + timedelta(hours=3)
    with database.as_role("signin") as connection:
        connection.execute(
            text(
                "insert into signin.attempt (attempt_id, email_hash, address_hash, attempted_at, succeeded)"
                " select gen_random_uuid(), sha256(n::text::bytea), sha256(n::text::bytea), :at, false"
                " from generate_series(1, :n) as n"
            ),
            {"at": later, "n": OVERALL_A_MINUTE},
        )
    with pytest.raises(RefusedError, match="too many"):
        sign_in(database, KEY, guess(known.email), at=later)
    assert isinstance(sign_in(database, KEY, guess(known.email, device="at work"), at=later), SecondStep)
    with database.as_role("signin") as connection:
        connection.execute(text("delete from signin.attempt where attempted_at >= :at"), {"at": later})


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
                " select gen_random_uuid(), sha256(n::text::bytea), :address, :at, false"
                " from generate_series(1, :n) as n"
            ),
            {"address": keyed_hash(KEY, "address", address), "at": AT, "n": GUESSES_OF_AN_ADDRESS},
        )
    assert told(database, guess(known.email, code=code_of(known), address=address)) == TOO_MANY
    assert enter(database, guess(known.email, code=code_of(known)), at=AT)


def test_those_who_sign_in_rightly_are_never_too_many(database: Database, known: Known) -> None:
    for _ in range(GUESSES_AN_HOUR + 1):
        with database.administration() as session:
            session.execute(
                text("update signin.person set totp_last_step = null where person_id = :id"), {"id": known.person_id}
            )
        assert enter(database, guess(known.email, code=code_of(known)), at=AT)


def test_nothing_that_opens_a_session_is_kept(database: Database, known: Known) -> None:
    cookie = enter(database, guess(known.email, code=code_of(known)), at=AT)
    with database.administration() as session:
        rows = session.execute(
            text("select s::text from signin.session s union all select p::text from signin.person p")
        ).scalars()
        kept = "\n".join(rows)
    for secret in (cookie, ticket_of(KEY, cookie), PASSWORD):
        assert secret not in kept
        assert secret.encode().hex() not in kept


def test_a_cookie_is_worth_nothing_under_another_key(database: Database, known: Known) -> None:
    cookie = enter(database, guess(known.email, code=code_of(known)), at=AT)
    for ticket in (ticket_of(b"another key", cookie), ticket_of(KEY, cookie, "token"), cookie):
        with pytest.raises(NoReachError):
            database.reach_of(ticket)


def test_signing_out_ends_the_session_at_once_and_only_that_one(database: Database, known: Known) -> None:
    first = enter(database, guess(known.email, code=code_of(known)), at=AT)
    second = enter(database, guess(known.email, code=code_of(known, steps=1)), at=AT)
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
    cookie = enter(database, guess(known.email, code=code), at=long_ago)
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


def test_an_unknown_address_takes_as_long_as_a_known_one(
    database: Database, known: Known, figure: Callable[[str], None]
) -> None:
    """Medians of interleaved tries, by the clock of the process, so that a busy machine does not decide."""

    def taken(email: str) -> float:
        started = time.thread_time()
        with pytest.raises(RefusedError):
            sign_in(database, KEY, guess(email, password="wrong"), at=AT)
        return time.thread_time() - started

    taken(known.email)
    known_ones, unknown_ones = [], []
    for number in range(GUESSES_AN_HOUR - 1):
        known_ones.append(taken(known.email))
        unknown_ones.append(taken(f"nobody.{number}@example.org"))
    apart = abs(median(known_ones) - median(unknown_ones))
    figure(f"wrong passwords for known and unknown people: medians {apart * 1000:.2f} ms apart")
    assert apart < 0.005


def test_sign_ins_and_refusals_stand_in_the_providers_ledger(database: Database, known: Known) -> None:
    told(database, guess(known.email, password="wrong"))
    cookie = enter(database, guess(known.email, code=code_of(known)))
    sign_out(database, KEY, cookie, at=now())
    with database.administration() as session:
        rows = session.execute(
            text("select act, person_id, actor from ledger_entry where provider_id = :id order by recorded_at"),
            {"id": known.place.provider_id},
        ).all()
    assert [row.act for row in rows] == ["sign-in refused", "signed in", "signed out"]
    assert {(row.person_id, row.actor) for row in rows} == {(known.person_id, "registered_manager")}


def test_the_web_role_cannot_note_a_sign_in_or_see_a_credential(database: Database, known: Known) -> None:
    reach = database.reach_of(ticket_of(KEY, enter(database, guess(known.email, code=code_of(known)))))
    for statement in (
        "select reach.note_sign_in(gen_random_uuid(), 'signed in', '{}')",
        "select reach.issue_ticket('x', gen_random_uuid(), now(), 1, true, 'full', null, null, null)",
        "select reach.revoke_of(gen_random_uuid(), null, true)",
        "select * from signin.person",
        "select * from signin.passkey",
        "select * from signin.mail",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), database.transaction(reach) as session:
            session.execute(text(statement))
