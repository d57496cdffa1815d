"""Shift forms in a real Chromium: counted touches, no signal, a killed tab, two devices, a shared tablet, an ended sign-in."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select, text
from support.browser import DESKTOP, PHONE, Window, a_window
from support.facts import two_providers
from support.site import a_site
from support.tenancy import Place
from werkzeug.serving import make_server

from mendline.capture.model import Arrival, Conflict
from mendline.evidence.model import Record
from tenants.clock import now, today
from tenants.database import Database
from tenants.directory.onboarding import add_person, give_role
from tenants.signin.factors import STEP_SECONDS, code_at

PASSWORD = "a long enough password"
KEPT_DRAFTS = """() => new Promise(done => { const a = indexedDB.open("mendline-capture", 1);
    a.onsuccess = () => { const c = a.result.transaction("drafts").objectStore("drafts").count();
    c.onsuccess = () => { a.result.close(); done(c.result); } } })"""
READY = "[data-capture=form][data-ready]"


@dataclass(frozen=True)
class Here:
    """The running pages."""

    url: str
    db: Database
    place: Place

    def somebody(self, role: str = "senior_carer") -> tuple[uuid.UUID, str, str]:
        email = f"{uuid.uuid4()}@example.org"
        with self.db.administration() as session:
            person_id, made = add_person(session, email, "Amara Okafor", PASSWORD)
            give_role(
                session, self.place.provider_id, person_id, role, service_id=self.place.service_id, valid_from=today()
            )
        return person_id, email, made or ""

    def code(self, person: tuple[uuid.UUID, str, str]) -> str:
        with self.db.administration() as session:
            session.execute(
                text("update signin.person set totp_last_step = null where person_id = :id"), {"id": person[0]}
            )
        return code_at(person[2], int(now().timestamp()) // STEP_SECONDS)

    def sent_by(self, person: tuple[uuid.UUID, str, str], table: Any = Record) -> int:
        with self.db.administration() as session:
            return session.execute(
                select(func.count()).select_from(table).where(table.recorded_by == person[0])
            ).scalar_one()

    def end_roles(self, person: tuple[uuid.UUID, str, str]) -> None:
        with self.db.administration() as session:
            session.execute(
                text(
                    "update membership set valid_until = current_date - 1, valid_from = current_date - 30 where person_id = :id"
                ),
                {"id": person[0]},
            )

    def end_sign_in(self, person: tuple[uuid.UUID, str, str]) -> None:
        with self.db.administration() as session:
            session.execute(text("set local role mendline_reach"))
            session.execute(text("delete from reach.ticket where person_id = :id"), {"id": person[0]})


@pytest.fixture(scope="module")
def here(database: Database) -> Iterator[Here]:
    mine, _ = two_providers(database, services=1)
    server = make_server("127.0.0.1", 0, a_site(database), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Here(f"http://localhost:{server.server_port}", database, Place(mine[0].provider_id, mine[0].service_id, ""))
    server.shutdown()
    thread.join()


@contextmanager
def phone(browser: Browser, here: Here, **options: Any) -> Iterator[Window]:
    with a_window(browser, here.url, **{"viewport": PHONE, "has_touch": True, **options}) as window:
        yield window


def sign_in(window: Window, here: Here, person: tuple[uuid.UUID, str, str]) -> None:
    window.go("/sign-in")
    window.page.fill("[name=email]", person[1])
    window.page.fill("[name=password]", PASSWORD)
    window.page.get_by_role("button", name="Sign in", exact=True).click()
    window.page.wait_for_url("**/sign-in/step*")
    window.page.fill("[name=code]", here.code(person))
    window.page.get_by_role("button", name="Continue", exact=True).click()
    window.page.wait_for_url(lambda url: "/sign-in" not in url)


def sign_out(window: Window) -> None:
    window.page.click("details.menu summary")
    window.page.click("details.menu button")
    window.page.wait_for_url(f"{window.url}/")


def open_home(window: Window) -> None:
    """Opens the first page and waits until the device keeps what it needs without a signal."""
    window.go("/capture")
    window.page.evaluate(
        """() => new Promise(done => { const sw = navigator.serviceWorker;
        if (sw.controller) { done(); } else { sw.addEventListener("controllerchange", () => done()); } })"""
    )


def sent_at_last(window: Window, here: Here, person: tuple[uuid.UUID, str, str], times: int) -> None:
    """Waits until a device has sent what it kept: by the page that stood without a signal, or by the one that opens now."""
    window.open("/capture")
    for _ in range(200):
        if here.sent_by(person) >= times:
            break
        window.page.wait_for_timeout(100)
    assert here.sent_by(person) == times
    window.page.wait_for_selector("[data-unsent]", state="hidden")


def check_form(window: Window, here: Here, query: str = "") -> None:
    window.open(f"/capture/{here.place.service_id}/medicines_check{query}")
    window.page.wait_for_selector(READY)


def answer_check(page: Page, *, people: str = "14", gaps: str = "0") -> None:
    if not page.locator("[data-folded]").get_attribute("open") is not None:
        page.click("[data-folded] > summary")
    page.fill("[name=people_on_unit]", people)
    page.fill("[name=charts_checked]", people)
    page.fill("[name=gaps_found]", gaps)
    page.check("[name=cd_balance_agrees][value=yes]")
    page.check("[name=time_critical_on_time][value=yes]")


def saved(window: Window) -> None:
    window.page.locator("[data-signal]", has_text="Draft saved").wait_for()


def send(window: Window) -> None:
    window.page.click(".dock button")


def test_a_check_without_gaps_takes_at_most_ten_touches(here: Here, browser: Browser) -> None:
    person = here.somebody()
    with phone(browser, here) as window:
        sign_in(window, here, person)
        check_form(window, here)
        answer_check(window.page)
        send(window)
        window.page.wait_for_url("**/capture?*")
        touches = 0
        page, began = window.page, now()

        def touch(selector: str) -> None:
            nonlocal touches
            page.locator(selector).first.tap()
            touches += 1

        touch("[data-tile=medicines_check]")
        page.wait_for_selector(READY)
        assert page.input_value("[name=charts_checked]") == ""
        assert page.input_value("[name=gaps_found]") == ""
        assert "people. " in str(page.text_content("[data-lead]")), "the unit and the shift stay told beside the place"
        touch("[data-ask=charts_checked] [data-quick]")
        touch("[data-ask=gaps_found] [data-quick]")
        touch("[data-ask=cd_balance_agrees] label:has([value=yes])")
        touch("[name=fridge_temperature]")
        for each in "4.6":
            page.keyboard.type(each)
            touches += 1
        assert "In range" in window.says()
        touch("[data-ask=time_critical_on_time] label:has([value=yes])")
        touch(".dock button")
        page.wait_for_url("**/capture?*")
        assert touches <= 10, touches
        assert (now() - began).total_seconds() < 30
        assert here.sent_by(person) == 2
        assert window.complaints == []


def test_without_a_signal_a_check_is_kept_and_sent_once_when_there_is_one(here: Here, browser: Browser) -> None:
    person = here.somebody()
    with phone(browser, here) as window:
        sign_in(window, here, person)
        open_home(window)
        window.context.set_offline(True)
        check_form(window, here)
        assert "No signal" in window.says()
        answer_check(window.page)
        saved(window)
        send(window)
        window.page.wait_for_selector("[data-unsent]:not([hidden])")
        assert "Not sent yet (1)" in window.says()
        assert here.sent_by(person) == 0
        window.context.set_offline(False)
        sent_at_last(window, here, person, 1)
        assert (here.sent_by(person), here.sent_by(person, Arrival)) == (1, 1)


def test_a_killed_tab_without_a_signal_loses_nothing(here: Here, browser: Browser) -> None:
    person = here.somebody()
    with phone(browser, here) as window:
        sign_in(window, here, person)
        open_home(window)
        window.context.set_offline(True)
        check_form(window, here)
        window.page.fill("[name=charts_checked]", "13")
        saved(window)
        window.page.close()
        window.page = window.context.new_page()
        window.open("/capture")
        window.page.locator("[data-going-list] a").first.click()
        window.page.wait_for_selector(READY)
        assert window.page.input_value("[name=charts_checked]") == "13"


def test_a_sign_in_that_ends_eats_no_draft(here: Here, browser: Browser) -> None:
    person = here.somebody()
    with phone(browser, here) as window:
        sign_in(window, here, person)
        check_form(window, here)
        answer_check(window.page)
        saved(window)
        here.end_sign_in(person)
        send(window)
        window.page.wait_for_url(lambda url: "/sign-in" in url)
        assert here.sent_by(person) == 0
        sign_in(window, here, person)
        window.open("/capture")
        window.page.wait_for_selector("[data-signal].is-sent")
        assert here.sent_by(person) == 1


def test_a_shared_tablet_shows_the_next_person_nothing_and_gives_it_back_to_the_first(
    here: Here, browser: Browser
) -> None:
    first, second = here.somebody(), here.somebody()
    with phone(browser, here, viewport={"width": 820, "height": 1180}) as tablet:
        sign_in(tablet, here, first)
        check_form(tablet, here)
        tablet.page.fill("[name=charts_checked]", "12")
        saved(tablet)
        sign_out(tablet)
        sign_in(tablet, here, second)
        tablet.open("/capture")
        tablet.page.wait_for_selector("[data-locked]:not([hidden])")
        assert "1 draft of somebody else is locked" in tablet.says()
        assert tablet.page.locator("[data-going-list] li").count() == 0
        kept = tablet.page.evaluate(
            """() => new Promise(done => { const a = indexedDB.open("mendline-capture", 1);
            a.onsuccess = () => { const s = a.result.transaction(["keys", "drafts"]); const k = s.objectStore("keys").getAll(),
            d = s.objectStore("drafts").getAll(); s.oncomplete = () => { a.result.close(); done({
              readable: JSON.stringify(d.result), exportable: k.result.filter(r => r.key).map(r => r.key.extractable)}) } } })"""
        )
        assert "charts_checked" not in kept["readable"]
        assert kept["exportable"] == [False]
        sign_out(tablet)
        sign_in(tablet, here, first)
        tablet.open("/capture")
        tablet.page.locator("[data-going-list] a").first.click()
        tablet.page.wait_for_selector(READY)
        assert tablet.page.input_value("[name=charts_checked]") == "12"


def test_drafts_go_from_the_device_with_the_role_and_those_of_another_service_stay(
    here: Here, browser: Browser
) -> None:
    person = here.somebody()
    with phone(browser, here) as window:
        sign_in(window, here, person)
        check_form(window, here)
        window.page.fill("[name=charts_checked]", "12")
        saved(window)
        window.go("/capture")
        window.page.wait_for_selector("[data-going-list] li")
        assert window.page.evaluate(KEPT_DRAFTS) == 1
        here.end_roles(person)
        window.go("/capture")
        window.page.wait_for_function(f"async () => await ({KEPT_DRAFTS})() === 0")
        assert "Your role fills in no shift form" in window.says()
        assert window.page.locator("[data-going-list] li").count() == 0


def test_two_devices_with_one_draft_show_a_choice(here: Here, browser: Browser) -> None:
    person, manager = here.somebody(), here.somebody("registered_manager")
    draft = uuid.uuid4()
    with phone(browser, here) as one, phone(browser, here) as other:
        for window, gaps in ((one, "0"), (other, "1")):
            sign_in(window, here, person)
            check_form(window, here, f"?draft={draft}")
            answer_check(window.page, gaps=gaps)
        send(one)
        one.page.wait_for_url("**/capture?*")
        send(other)
        other.page.wait_for_url("**/gap?*")
        assert (here.sent_by(person), here.sent_by(person, Conflict)) == (1, 1)
        other.open("/capture")
        assert "a manager chooses one" in other.says()
    with a_window(browser, here.url, viewport=DESKTOP) as desk:
        sign_in(desk, here, manager)
        desk.go(f"/capture/{here.place.service_id}/arrivals")
        assert "Choose one: End-of-shift medicines check" in desk.says()
        assert desk.axe() == []
        desk.page.get_by_role("button", name="The second stands").click()
        desk.page.wait_for_selector("text=Both versions stay on record")


def test_gaps_are_asked_one_at_a_time_without_a_signal(here: Here, browser: Browser) -> None:
    person = here.somebody()
    with phone(browser, here) as window:
        sign_in(window, here, person)
        open_home(window)
        window.context.set_offline(True)
        check_form(window, here)
        answer_check(window.page, gaps="2")
        assert "Continue to the 2 gaps" in window.says()
        send(window)
        for number in (1, 2):
            window.page.wait_for_url(f"**n={number}&*")
            window.page.wait_for_selector(READY)
            assert f"Gap {number} of 2" in window.says()
            window.page.check("[name=person_safe][value=checked]")
            window.fill_in("person", f"P-01{number}")
            window.fill_in("round_slot", "night")
            window.fill_in("medicine", "Co-careldopa")
            window.page.check("[name=what_is_known][value=unknown]")
            window.fill_in("done_so_far", "Told the manager.")
            window.page.check("[name=told][value=manager]")
            window.page.check("[name=harm_level][value=none]")
            send(window)
        window.page.wait_for_selector("[data-unsent]:not([hidden])")
        assert "Not sent yet (3)" in window.says()
        window.context.set_offline(False)
        sent_at_last(window, here, person, 3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_right_on_a_phone(here: Here, browser: Browser, scheme: str) -> None:
    with phone(browser, here, color_scheme=scheme) as window:
        sign_in(window, here, here.somebody("registered_manager"))
        for path in ("/capture", *(f"/capture/{here.place.service_id}/{key}" for key in FORMS)):
            window.go(path)
            assert window.axe() == [], path
            assert not window.is_too_wide(), path
            assert window.refused() == []
        assert window.complaints == []


FORMS = ("medicines_check", "gap", "discrepancy", "incident", "response_times", "practice", "feedback")


def test_a_check_is_sent_without_script(here: Here, browser: Browser) -> None:
    person = here.somebody()
    with phone(browser, here, java_script_enabled=False) as window:
        sign_in(window, here, person)
        window.go(f"/capture/{here.place.service_id}/medicines_check")
        window.page.fill("[name=people_on_unit]", "14")
        window.page.fill("[name=charts_checked]", "14")
        window.page.fill("[name=gaps_found]", "0")
        window.page.check("[name=cd_balance_agrees][value=yes]")
        window.page.check("[name=time_critical_on_time][value=yes]")
        send(window)
        assert "End-of-shift medicines check: sent." in window.says()
        assert here.sent_by(person) == 1
