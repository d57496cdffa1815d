"""One's own account through the pages: second steps, sessions, password, tokens, a home's tablet, mailed links."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from support.facts import two_providers
from support.site import KEY, a_site, csrf_of
from support.tenancy import Place, rest
from werkzeug.test import TestResponse

from mendline.people.members.offering import GivenRole, offer, told_of_role
from mendline.people.signing.browser import device_words
from mendline.people.signing.views_links import SAME_FOR_ALL
from tenants.clock import now, today
from tenants.database import Database
from tenants.directory.onboarding import add_person, give_role
from tenants.errors import NoReachError, NotPermittedError
from tenants.signin.ending import disable, end_sessions_of
from tenants.signin.factors import STEP_SECONDS, code_at
from tenants.signin.links import link_secret, ticket_of
from tenants.signin.one_time import person_for, write_to_invited

PASSWORD = "a long enough password"
OTHER = "umbrella quartz lantern"


@pytest.fixture(scope="module")
def place(database: Database) -> Place:
    mine, _ = two_providers(database, services=2)
    return Place(mine[0].provider_id, mine[0].service_id, "")


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@dataclass
class Person:
    """Somebody with an authenticator, and their browser."""

    site: Flask
    database: Database
    person_id: uuid.UUID
    email: str
    seed: str
    client: FlaskClient
    used: int = 0

    def code(self) -> str:
        """A code that was not used yet."""
        with self.database.administration() as session:
            session.execute(
                text("update signin.person set totp_last_step = null where person_id = :id"), {"id": self.person_id}
            )
        return code_at(self.seed, int(now().timestamp()) // STEP_SECONDS)

    def enter(self, client: FlaskClient | None = None, password: str = PASSWORD) -> FlaskClient:
        """Signs in with both steps."""
        browser = client or self.client
        answer = post(browser, "/sign-in", form="/sign-in", email=self.email, password=password)
        assert answer.location == "/sign-in/step", answer.get_data(as_text=True)
        answer = post(browser, "/sign-in/step", form="/sign-in/step", code=self.code())
        assert answer.location == "/", answer.get_data(as_text=True)
        return browser

    def cookie(self, client: FlaskClient | None = None) -> str:
        found = (client or self.client).get_cookie("mendline")
        assert found is not None
        return found.value

    def is_in(self, client: FlaskClient | None = None) -> bool:
        return (client or self.client).get("/account").status_code == 200


def post(browser: FlaskClient, path: str, *, form: str, **fields: object) -> TestResponse:
    page = browser.get(form)
    assert page.status_code == 200, (form, page.status_code, page.location)
    return browser.post(path, data={"csrf_token": csrf_of(page.get_data(as_text=True)), **fields})


@pytest.fixture
def somebody(site: Flask, database: Database, place: Place) -> Callable[..., Person]:
    def make(role: str = "registered_manager", *, seed: bool = True) -> Person:
        email = f"{uuid.uuid4()}@example.org"
        with database.administration() as session:
            person_id, made = add_person(session, email, "Denise Hartley", PASSWORD)
            give_role(session, place.provider_id, person_id, role, service_id=place.service_id, valid_from=today())
            if not seed:
                session.execute(
                    text("update signin.person set totp_seed = null where person_id = :id"), {"id": person_id}
                )
        return Person(site, database, person_id, email, made or "", site.test_client())

    return make


def acts(database: Database, person: Person) -> list[str]:
    with database.administration() as session:
        rows = session.execute(
            text("select act from ledger_entry where person_id = :id order by recorded_at"), {"id": person.person_id}
        )
        return list(rows.scalars())


def last_mail(database: Database, person_id: uuid.UUID, template: str) -> uuid.UUID:
    with database.as_role("signin") as connection:
        found = connection.execute(
            text(
                "select mail_id from signin.mail where person_id = :id and template = :template"
                " order by created_at desc, mail_id desc limit 1"
            ),
            {"id": person_id, "template": template},
        )
        return uuid.UUID(str(found.scalar_one()))


def last_link(database: Database, person_id: uuid.UUID, template: str) -> str:
    return link_secret(KEY.encode(), last_mail(database, person_id, template))


def test_a_first_factor_is_set_up_before_anything_is_shown(somebody, database: Database) -> None:
    person = somebody(seed=False)
    answer = post(person.client, "/sign-in", form="/sign-in", email=person.email, password=PASSWORD)
    assert answer.location == "/account/factors"
    for path in ("/work", "/services/", "/account", "/account/tokens"):
        assert person.client.get(path).location == "/account/factors", path
    before = person.cookie()
    page = person.client.get("/account/factors/code").get_data(as_text=True)
    seed = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    assert seed
    assert "<svg" in page
    wrong = {"csrf_token": csrf_of(page), "asked": asked(page), "code": "000000"}
    assert person.client.post("/account/factors/code", data=wrong).status_code == 422
    code = code_at(seed[1].replace(" ", ""), int(now().timestamp()) // STEP_SECONDS)
    done = person.client.post("/account/factors/code", data=wrong | {"code": code})
    codes = re.findall(r"<li>(\w{4}-\w{4}-\w{4})</li>", done.get_data(as_text=True))
    assert len(codes) == 10
    assert person.cookie() != before
    assert person.is_in()
    assert "second factor added" in acts(database, person)
    recovered = person.site.test_client()
    post(recovered, "/sign-in", form="/sign-in", email=person.email, password=PASSWORD)
    assert post(recovered, "/sign-in/step", form="/sign-in/step", code=codes[0].upper()).location == "/"
    again = person.site.test_client()
    post(again, "/sign-in", form="/sign-in", email=person.email, password=PASSWORD)
    assert post(again, "/sign-in/step", form="/sign-in/step", code=codes[0]).status_code == 422


def asked(page: str) -> str:
    found = re.search(r'name="asked" value="([^"]+)"', page)
    assert found
    return found[1]


def end_by_signing_out(person: Person, _place: Place) -> None:
    post(person.client, "/sign-out", form="/account")


def end_by_revoking(person: Person, _place: Place) -> None:
    other = person.enter(person.site.test_client())
    page = other.get("/account").get_data(as_text=True)
    (path,) = re.findall(r'action="(/account/sessions/[^"]+/end)"', page)
    assert other.post(path, data={"csrf_token": csrf_of(page)}).status_code == 303


def end_by_idleness(person: Person, _place: Place) -> None:
    rest(person.database, ticket_of(KEY.encode(), person.cookie()), seconds=30 * 60 + 1)


def end_by_age(person: Person, _place: Place) -> None:
    with person.database.administration() as session:
        session.execute(text("set local role mendline_reach"))
        session.execute(
            text("update reach.ticket set expires_at = now() - interval '1 second' where person_id = :id"),
            {"id": person.person_id},
        )


def end_by_a_changed_role(person: Person, place: Place) -> None:
    reach = person.database.command_reach(place.provider_id)
    with person.database.transaction(reach) as session:
        assert end_sessions_of(session, person.person_id, provider_id=place.provider_id) >= 1


def end_by_a_new_password(person: Person, _place: Place) -> None:
    other = person.enter(person.site.test_client())
    answer = post(other, "/account/password", form="/account/password", current=PASSWORD, password=OTHER)
    assert answer.location == "/account"
    assert person.is_in(other)


ENDINGS = (
    end_by_signing_out, end_by_revoking, end_by_idleness, end_by_age, end_by_a_changed_role, end_by_a_new_password,
)  # fmt: skip


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
def test_a_copied_cookie_is_worth_nothing_after(end: Callable[[Person, Place], None], somebody, place: Place) -> None:
    person = somebody()
    person.enter()
    thief = person.site.test_client()
    thief.set_cookie("mendline", person.cookie())
    assert person.is_in(thief)
    end(person, place)
    assert not person.is_in(thief)
    with pytest.raises(NoReachError):
        person.database.reach_of(ticket_of(KEY.encode(), thief.get_cookie("mendline").value))


def test_a_chosen_session_id_is_never_adopted(somebody) -> None:
    person = somebody()
    person.client.set_cookie("mendline", "chosen-by-somebody-else")
    person.enter()
    assert person.cookie() != "chosen-by-somebody-else"
    chosen = person.site.test_client()
    chosen.set_cookie("mendline", "chosen-by-somebody-else")
    assert not person.is_in(chosen)


def test_signing_in_again_in_a_browser_ends_the_sign_in_that_it_had(somebody, database: Database) -> None:
    first, second = somebody(), somebody("senior_carer")
    first.enter()
    copied = first.site.test_client()
    copied.set_cookie("mendline", first.cookie())
    second.enter(first.client)  # nobody signed out in between
    assert not first.is_in(copied)
    assert second.is_in(first.client)
    assert "signed out" in acts(database, first)


def let_the_factor_age(person: Person) -> None:
    with person.database.administration() as session:
        session.execute(text("set local role mendline_reach"))
        session.execute(
            text("update reach.ticket set factor_at = now() - interval '11 minutes' where person_id = :id"),
            {"id": person.person_id},
        )


def test_what_needs_a_fresh_factor_asks_for_one_and_comes_back_under_a_new_session(somebody) -> None:
    person = somebody()
    person.enter()
    let_the_factor_age(person)
    before = person.cookie()
    assert person.client.get("/account").status_code == 200
    for path in ("/account/password", "/account/tokens", "/account/pin"):
        answer = person.client.get(path)
        assert (answer.status_code, answer.location) == (303, f"/account/confirm?next={path}"), path
    page = person.client.get("/account").get_data(as_text=True)
    sent = person.client.post(
        "/account/factors/recovery",
        data={"csrf_token": csrf_of(page)},
        headers={"Referer": "http://localhost/account/factors", "Origin": "http://localhost"},
    )
    assert sent.location == "/account/confirm?next=/account/factors"
    form = "/account/confirm?next=/account/tokens"
    assert post(person.client, "/account/confirm", form=form, code="000000", next="/account/tokens").status_code == 422
    done = post(person.client, "/account/confirm", form=form, code=person.code(), next="/account/tokens")
    assert (done.status_code, done.location) == (303, "/account/tokens")
    assert person.cookie() != before
    assert person.client.get("/account/tokens").status_code == 200
    old = person.site.test_client()
    old.set_cookie("mendline", before)
    assert not person.is_in(old)
    assert "confirmed with a factor" in acts(person.database, person)


@pytest.mark.parametrize("hostile", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
def test_after_confirming_nobody_is_led_away(somebody, hostile: str) -> None:
    person = somebody()
    person.enter()
    done = post(person.client, "/account/confirm", form="/account/confirm", code=person.code(), next=hostile)
    assert done.location == "/account"


def test_outside_the_demonstration_a_password_does_not_stand_in_for_a_factor(somebody) -> None:
    person = somebody()
    person.enter()
    let_the_factor_age(person)
    done = post(person.client, "/account/confirm", form="/account/confirm", password=PASSWORD)
    assert done.status_code == 422


def test_the_last_factor_is_not_taken_away(somebody) -> None:
    person = somebody()
    person.enter()
    assert post(person.client, "/account/factors/code/remove", form="/account/factors").status_code == 403
    assert person.is_in()


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "at least 12"), ("password2026!", "guessed first"), ("P4ssw0rd12345", "guessed first"),
        ("dragondragondragon", "guessed first"), ("aaaaaaaaaaaaaa", "different characters"),
        ("DeniseHartley1", "your name"), ("x" * 300, "at most"),
    ],
)  # fmt: skip
def test_a_password_that_could_be_guessed_is_refused(somebody, password: str, words: str) -> None:
    person = somebody()
    person.enter()
    answer = post(person.client, "/account/password", form="/account/password", current=PASSWORD, password=password)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_a_change_of_password_asks_for_the_old_one(somebody) -> None:
    person = somebody()
    person.enter()
    for wrong in ("", OTHER, PASSWORD.upper(), f" {PASSWORD}"):
        answer = post(person.client, "/account/password", form="/account/password", current=wrong, password=OTHER)
        assert answer.status_code == 422
    person.enter(person.site.test_client())  # by the old one still


def test_asking_for_a_reset_says_the_same_to_everybody_and_writes_to_whom_it_may(
    somebody, site: Flask, database: Database
) -> None:
    person = somebody()
    answers = []
    for email in (person.email, f"{uuid.uuid4()}@example.org", "", "' or 1=1"):
        answer = post(site.test_client(), "/reset", form="/reset", email=email)
        answers.append((answer.status_code, re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True))))
    assert len(set(answers)) == 1
    assert SAME_FOR_ALL in answers[0][1]
    assert last_mail(database, person.person_id, "reset")


def test_a_reset_ends_every_sign_in_works_once_and_still_asks_for_the_second_step(
    somebody, site: Flask, database: Database
) -> None:
    person = somebody()
    person.enter()
    post(site.test_client(), "/reset", form="/reset", email=person.email)
    path = f"/reset/{last_link(database, person.person_id, 'reset')}"
    browser = site.test_client()
    assert post(browser, path, form=path, password="short").status_code == 422
    token = csrf_of(browser.get(path).get_data(as_text=True))
    done = browser.post(path, data={"csrf_token": token, "password": OTHER})
    assert done.location == "/sign-in/step"
    assert not person.is_in()
    assert browser.get_cookie("mendline") is None
    assert browser.get(path).status_code == 404
    assert browser.post(path, data={"csrf_token": token, "password": OTHER}).status_code == 404
    person.enter(password=OTHER)
    assert "password chosen by a mailed link" in acts(database, person)
    assert last_mail(database, person.person_id, "account_changed")


@pytest.mark.parametrize("spoil", [lambda s: s[:-1], lambda s: s[::-1], lambda _s: "0" * 64, lambda s: s + "0"])
def test_a_link_that_is_cut_short_guessed_or_spoilt_opens_nothing(spoil, somebody, site: Flask, database) -> None:
    person = somebody()
    post(site.test_client(), "/reset", form="/reset", email=person.email)
    secret = last_link(database, person.person_id, "reset")
    for purpose in ("reset", "invitation", "verify"):
        assert site.test_client().get(f"/{purpose}/{spoil(secret)}").status_code == 404
    assert site.test_client().get(f"/invitation/{secret}").status_code == 404  # for another purpose


def test_a_link_is_over_after_its_time(somebody, site: Flask, database: Database) -> None:
    person = somebody()
    post(site.test_client(), "/reset", form="/reset", email=person.email)
    secret = last_link(database, person.person_id, "reset")
    with database.as_role("signin") as connection:
        connection.execute(
            text("update signin.one_time set expires_at = now() where person_id = :id"), {"id": person.person_id}
        )
    assert site.test_client().get(f"/reset/{secret}").status_code == 404


def invite(session: Session, place: Place, email: str, name: str) -> uuid.UUID:
    """Gives or offers the role of a carer, with the letter, as the page does."""
    made = person_for(session, provider_id=place.provider_id, email=email, name=name)
    given = GivenRole(place.provider_id, place.service_id, "carer", "substantive", today(), None, "")
    offer(session, given, uuid.uuid4(), person_id=made, name=name)
    told = told_of_role("Alderway", "Rosewood House", "carer", today(), None)
    write_to_invited(session, KEY.encode(), provider_id=place.provider_id, person_id=made, told=told, at=now())
    return made


def test_an_invited_person_accepts_by_choosing_a_password_and_the_link_works_once(
    site: Flask, database: Database, place: Place, somebody
) -> None:
    manager = somebody()
    reach = database.reach_of(ticket_of(KEY.encode(), manager.cookie(manager.enter())))
    email = f"{uuid.uuid4()}@example.org"
    known = somebody("carer")
    with database.transaction(reach) as session:
        made = invite(session, place, email, "New Carer")
        assert invite(session, place, known.email, "Known Carer") == known.person_id
    assert last_mail(database, known.person_id, "role_given")
    path = f"/invitation/{last_link(database, made, 'invitation')}"
    browser = site.test_client()
    assert "offers you the role Carer at" in browser.get(path).get_data(as_text=True)
    assert post(browser, path, form=path, password=OTHER).location == "/account/factors"
    assert browser.get("/work").location == "/account/factors"
    assert site.test_client().get(path).status_code == 404


def test_nobody_invites_to_a_provider_that_they_do_not_manage(database: Database, somebody, place: Place) -> None:
    carer = somebody("carer")
    reach = database.reach_of(ticket_of(KEY.encode(), carer.cookie(carer.enter())))
    with pytest.raises(NotPermittedError), database.transaction(reach) as session:
        invite(session, place, "a@example.org", "A B")


def test_an_address_is_proven_by_a_press_on_the_mailed_page(somebody, database: Database, site: Flask) -> None:
    person = somebody()
    person.enter()
    assert post(person.client, "/account/verify", form="/account").location == "/account"
    path = f"/verify/{last_link(database, person.person_id, 'verify')}"
    assert "Your address is confirmed" in post(site.test_client(), path, form=path).get_data(as_text=True)
    assert site.test_client().get(path).status_code == 404


def make_token(person: Person, **fields: object) -> str:
    answer = post(
        person.client, "/account/tokens", form="/account/tokens", label="export", may_write="no",
        until=(today() + timedelta(days=30)).isoformat(), **fields,
    )  # fmt: skip
    found = re.search(r"mnd_[\w-]+", answer.get_data(as_text=True))
    assert found, answer.get_data(as_text=True)
    return found[0]


def test_a_token_reaches_what_was_chosen_and_the_database_narrows_it_too(
    somebody, database: Database, place: Place
) -> None:
    person = somebody("registered_manager")
    with database.administration() as session:
        give_role(session, place.provider_id, person.person_id, "provider_quality_lead", valid_from=today())
    person.enter()
    whole = database.reach_of(ticket_of(KEY.encode(), make_token(person), "token"))
    narrow = database.reach_of(
        ticket_of(KEY.encode(), make_token(person, services=str(place.service_id), classes="summary"), "token")
    )
    assert narrow.may("see_indicators", place.provider_id, place.service_id)
    assert not narrow.may("see_actions", place.provider_id, place.service_id)
    assert not narrow.may("enter_observation", place.provider_id, place.service_id)
    assert not narrow.providers_with("compare_services")
    counts = {}
    for name, reach in (("whole", whole), ("narrow", narrow)):
        with database.transaction(reach) as session:
            counts[name] = [
                session.execute(text(f"select count(*) from {table}")).scalar_one()
                for table in ("service", "action", "membership")
            ]
    assert counts["whole"][0] == 2
    assert counts["narrow"][0] == 1
    assert counts["narrow"][1] == 0
    answer = person.site.test_client().get("/account", headers={"Authorization": f"Bearer {make_token(person)}"})
    assert answer.status_code == 403  # a token is no way into the account


def test_a_token_is_listed_with_its_last_use_and_ends_at_once(somebody, database: Database) -> None:
    person = somebody()
    person.enter()
    token = make_token(person)
    page = person.client.get("/account/tokens").get_data(as_text=True)
    assert "Only reads" in page
    assert token not in page
    (path,) = re.findall(r'action="(/account/tokens/[^"]+/end)"', page)
    assert person.client.post(path, data={"csrf_token": csrf_of(page)}).status_code == 303
    with pytest.raises(NoReachError):
        database.reach_of(ticket_of(KEY.encode(), token, "token"))


def test_nobody_ends_another_persons_session_or_token(somebody, database: Database) -> None:
    person, other = somebody(), somebody()
    person.enter()
    other.enter()
    make_token(other)
    with database.as_role("signin") as connection:
        session_id, token_id = connection.execute(
            text(
                "select s.session_id, a.token_id from signin.session s join signin.api_token a using (person_id)"
                " where s.person_id = :id limit 1"
            ),
            {"id": other.person_id},
        ).one()
    for path in (f"/account/sessions/{session_id}/end", f"/account/tokens/{token_id}/end"):
        assert post(person.client, path, form="/account").status_code == 404
    assert other.is_in()


def trusted_tablet(manager: Person, place: Place) -> FlaskClient:
    """A tablet that the manager registered on itself, and signed out of."""
    tablet = manager.site.test_client()
    manager.enter(tablet)
    path = f"/services/{place.service_id}/tablets"
    assert post(tablet, path, form=path, label="Medicines room tablet").status_code == 303
    post(tablet, "/sign-out", form="/account")
    return tablet


def test_a_pin_brings_people_back_on_a_trusted_tablet_to_capture_alone(
    somebody, database: Database, place: Place
) -> None:
    manager, carer = somebody(), somebody("senior_carer")
    tablet = trusted_tablet(manager, place)
    carer.enter(tablet)
    assert post(tablet, "/account/pin", form="/account/pin", pin="123456").status_code == 422
    assert post(tablet, "/account/pin", form="/account/pin", pin="482915").status_code == 303
    post(tablet, "/sign-out", form="/account")
    page = tablet.get("/sign-in").get_data(as_text=True)
    assert f'value="{carer.person_id}"' in page
    assert str(manager.person_id) not in page
    wrong = post(tablet, "/sign-in/pin", form="/sign-in", person=carer.person_id, pin="000001")
    assert wrong.status_code == 422
    done = post(tablet, "/sign-in/pin", form="/sign-in", person=carer.person_id, pin="482915")
    assert done.location == "/"
    reach = database.reach_of(ticket_of(KEY.encode(), carer.cookie(tablet)))
    assert reach.sign_in.level == "capture"
    assert reach.may("enter_record", place.provider_id, place.service_id)
    assert not reach.may("see_indicators", place.provider_id, place.service_id)
    assert tablet.get("/work").status_code == 200
    assert tablet.get("/account").status_code == 403
    assert tablet.get("/account/password").status_code == 403
    rest(database, ticket_of(KEY.encode(), carer.cookie(tablet)), seconds=15 * 60 + 1)
    assert tablet.get("/work").status_code == 302


def test_a_pin_is_nothing_on_another_device_and_ends_after_five_wrong_ones_or_with_the_tablets_trust(
    somebody, place: Place
) -> None:
    manager, carer = somebody(), somebody("carer")
    tablet = trusted_tablet(manager, place)
    carer.enter(tablet)
    post(tablet, "/account/pin", form="/account/pin", pin="482915")
    post(tablet, "/sign-out", form="/account")
    elsewhere = manager.site.test_client()
    fields = {"form": "/sign-in", "person": carer.person_id, "pin": "482915"}
    assert post(elsewhere, "/sign-in/pin", **fields).status_code == 422
    for _ in range(5):
        assert post(tablet, "/sign-in/pin", **(fields | {"pin": "111112"})).status_code == 422
    assert post(tablet, "/sign-in/pin", **fields).status_code == 422
    assert str(carer.person_id) not in tablet.get("/sign-in").get_data(as_text=True)
    carer.enter(tablet)  # a full sign-in makes it good again
    post(tablet, "/sign-out", form="/account")
    manager.enter()
    path = f"/services/{place.service_id}/tablets"
    page = manager.client.get(path).get_data(as_text=True)
    for end in re.findall(rf'action="({path}/[^"]+/end)"', page):
        assert manager.client.post(end, data={"csrf_token": csrf_of(page)}).status_code == 303
    assert post(tablet, "/sign-in/pin", **fields).status_code == 422


def test_with_a_tablets_trust_everything_ends_that_is_open_on_it(somebody, place: Place) -> None:
    manager, carer, nurse = somebody(), somebody("carer"), somebody("senior_carer")
    tablet = trusted_tablet(manager, place)
    carer.enter(tablet)
    post(tablet, "/account/pin", form="/account/pin", pin="482915")
    kept = []
    for person in (carer, nurse):  # by PIN, and in full
        if person is carer:
            post(tablet, "/sign-out", form="/account")
            fields = {"person": carer.person_id, "pin": "482915"}
            assert post(tablet, "/sign-in/pin", form="/sign-in", **fields).location == "/"
        else:
            person.enter(tablet)
        stolen = manager.site.test_client()
        stolen.set_cookie("mendline", person.cookie(tablet))
        assert stolen.get("/work").status_code == 200
        kept.append(stolen)
    elsewhere = carer.enter(manager.site.test_client())
    manager.enter()
    path = f"/services/{place.service_id}/tablets"
    page = manager.client.get(path).get_data(as_text=True)
    for end in re.findall(rf'action="({path}/[^"]+/end)"', page):
        assert manager.client.post(end, data={"csrf_token": csrf_of(page)}).status_code == 303
    assert [one.get("/work").status_code for one in kept] == [302, 302]
    assert tablet.get("/work").status_code == 302
    assert carer.is_in(elsewhere)
    assert manager.is_in()
    # Trusted anew, it knows no PIN that was set before.
    again = post(manager.enter(tablet), path, form=path, label="Medicines room tablet")
    assert again.status_code == 303
    post(tablet, "/sign-out", form="/account")
    assert str(carer.person_id) not in tablet.get("/sign-in").get_data(as_text=True)


def test_somebody_who_may_sign_in_no_more_is_refused_everywhere_and_it_is_on_the_ledger(
    somebody, database: Database
) -> None:
    person = somebody()
    person.enter()
    token = make_token(person)
    post(person.site.test_client(), "/reset", form="/reset", email=person.email)
    secret = last_link(database, person.person_id, "reset")
    draft = csrf_of(person.client.get("/account").get_data(as_text=True))
    disable(database, person.email, at=now())
    assert not person.is_in()
    answer = person.client.post("/account/sessions/end-others", data={"csrf_token": draft})
    assert answer.status_code in (302, 403)
    for ticket in (ticket_of(KEY.encode(), token, "token"), ticket_of(KEY.encode(), person.cookie())):
        with pytest.raises(NoReachError):
            database.reach_of(ticket)
    assert person.site.test_client().get(f"/reset/{secret}").status_code == 404
    stranger = person.site.test_client()
    assert post(stranger, "/sign-in", form="/sign-in", email=person.email, password=PASSWORD).status_code == 422
    assert acts(database, person)[-3:] == [
        "person may sign in no more",
        "ended sign-in refused",
        "mailed link refused",
    ]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8", "A browser that does not say what it is"),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_words(agent: str, words: str) -> None:
    assert device_words(agent) == words
