"""Signing in with a real Chromium: code, passkey, mailed link, PIN on a tablet; on a phone, and without script."""

import re
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, CDPSession
from sqlalchemy import text
from support.browser import DESKTOP, PHONE, Window, a_window
from support.facts import two_providers
from support.site import KEY, a_site
from support.smtp_server import a_mail_server
from support.tenancy import Place
from werkzeug.serving import make_server

from mendline.telling.mail_delivery import MailServer
from mendline.telling.mail_text import Sender
from tenants.clock import now, today
from tenants.database import Database
from tenants.directory.onboarding import add_person, give_role
from tenants.signin.factors import STEP_SECONDS, code_at
from workers.mail import deliver

PASSWORD = "a long enough password"
OTHER = "umbrella quartz lantern"


@dataclass(frozen=True)
class Here:
    """The running pages, at a name for which a browser makes passkeys."""

    url: str
    db: Database
    place: Place

    def somebody(
        self, role: str = "registered_manager", *, seed: bool = True, whole_provider: bool = False
    ) -> tuple[uuid.UUID, str, str]:
        email = f"{uuid.uuid4()}@example.org"
        with self.db.administration() as session:
            person_id, made = add_person(session, email, "Denise Hartley", PASSWORD)
            service_id = None if whole_provider else self.place.service_id
            give_role(session, self.place.provider_id, person_id, role, service_id=service_id, valid_from=today())
            if not seed:
                session.execute(
                    text("update signin.person set totp_seed = null where person_id = :id"), {"id": person_id}
                )
        return person_id, email, made or ""

    def code(self, person_id: uuid.UUID, seed: str) -> str:
        """A code that was not used yet."""
        with self.db.administration() as session:
            session.execute(
                text("update signin.person set totp_last_step = null where person_id = :id"), {"id": person_id}
            )
        return code_at(seed, int(now().timestamp()) // STEP_SECONDS)


@pytest.fixture(scope="module")
def here(database: Database) -> Iterator[Here]:
    mine, _ = two_providers(database, services=1)
    server = make_server("127.0.0.1", 0, a_site(database), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Here(f"http://localhost:{server.server_port}", database, Place(mine[0].provider_id, mine[0].service_id, ""))
    server.shutdown()
    thread.join()


def press(window: Window, words: str) -> None:
    window.page.get_by_role("button", name=words, exact=True).click()


def password_step(window: Window, email: str, password: str = PASSWORD) -> None:
    window.go("/sign-in")
    window.page.fill("[name=email]", email)
    window.page.fill("[name=password]", password)
    press(window, "Sign in")


def with_code(window: Window, here: Here, person: tuple[uuid.UUID, str, str], password: str = PASSWORD) -> None:
    password_step(window, person[1], password)
    window.arrive("/sign-in/step")
    window.page.fill("[name=code]", here.code(person[0], person[2]))
    press(window, "Continue")
    window.page.wait_for_url(lambda url: "/sign-in" not in url)


def a_finger(window: Window) -> CDPSession:
    """An authenticator in the browser that verifies its person."""
    session = window.context.new_cdp_session(window.page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    return session


def sign_out(window: Window) -> None:
    """On a narrow screen the way out is in the menu."""
    window.page.click("details.menu summary")
    window.page.click("details.menu button")
    window.page.wait_for_url(f"{window.url}/")


def looks_right(window: Window) -> None:
    assert window.refused() == []
    assert not window.is_too_wide()


def test_password_and_code_on_a_phone_without_script(here: Here, browser: Browser) -> None:
    person = here.somebody()
    with a_window(browser, here.url, viewport=PHONE, java_script_enabled=False) as window:
        with_code(window, here, person)
        window.go("/account")
        assert "This one" in window.says()


def test_a_passkey_is_set_up_first_and_then_is_all_that_is_needed(here: Here, browser: Browser) -> None:
    _, email, _ = here.somebody(seed=False)
    with a_window(browser, here.url) as window:
        a_finger(window)
        password_step(window, email)
        window.arrive("/account/factors")
        assert "Set up your second step" in window.says()
        looks_right(window)
        window.page.fill("[name=label]", "My phone")
        press(window, "Set up a passkey")
        window.page.wait_for_selector(".codes")
        assert "Your passkey is set up" in window.says()
        looks_right(window)
        window.go("/account")
        assert "My phone" in window.says()
        window.page.click(".out--wide button")
        window.page.wait_for_url(lambda url: "/account" not in url)
        window.go("/sign-in")
        press(window, "Sign in with a passkey")
        window.page.wait_for_url(lambda url: "/sign-in" not in url)
        window.go("/account")
        assert "by passkey" in window.says()
        assert window.complaints == []


def test_a_passkey_confirms_what_needs_a_fresh_factor_and_is_the_second_step_after_a_password(
    here: Here, browser: Browser
) -> None:
    person_id, email, _ = here.somebody(seed=False)
    with a_window(browser, here.url) as window:
        a_finger(window)
        password_step(window, email)
        window.arrive("/account/factors")
        press(window, "Set up a passkey")
        window.page.wait_for_selector(".codes")
        with here.db.administration() as session:
            session.execute(text("set local role mendline_reach"))
            session.execute(
                text("update reach.ticket set factor_at = now() - interval '1 hour' where person_id = :id"),
                {"id": person_id},
            )
        window.go("/account/tokens")
        assert "Confirm that it is you" in window.says()
        press(window, "Use a passkey")
        window.arrive("/account/tokens")
        window.page.click(".out--wide button")
        window.arrive("/")
        password_step(window, email)
        window.arrive("/sign-in/step")
        press(window, "Use a passkey")
        window.page.wait_for_url(lambda url: "/sign-in" not in url)
        window.go("/account")


def test_an_authenticator_without_its_person_is_refused(here: Here, browser: Browser) -> None:
    _, email, _ = here.somebody(seed=False)
    with a_window(browser, here.url) as window:
        session = a_finger(window)
        password_step(window, email)
        window.arrive("/account/factors")
        press(window, "Set up a passkey")
        window.page.wait_for_selector(".codes")
        window.page.click(".out--wide button")
        window.page.wait_for_url(lambda url: "/account" not in url)
        window.go("/sign-in")
        session.send("WebAuthn.disable")
        press(window, "Sign in with a passkey")
        window.page.wait_for_function("document.querySelector('[data-passkey-says]').textContent !== ''")
        assert window.page.url.endswith("/sign-in")


def test_a_forgotten_password_is_chosen_anew_by_a_mailed_link(here: Here, browser: Browser) -> None:
    person = here.somebody()
    with a_window(browser, here.url, viewport=PHONE) as window, a_mail_server() as inbox:
        window.go("/sign-in")
        window.page.get_by_role("link", name="Forgotten your password?").click()
        window.page.fill("[name=email]", person[1])
        press(window, "Send the link")
        assert "a letter with a link is on its way" in window.says()
        with here.db.as_role("signin") as connection:
            mail_id = connection.execute(
                text("select mail_id from signin.mail where person_id = :id"), {"id": person[0]}
            ).scalar_one()
        sender = Sender("Mendline <no-reply@mendline.example>", here.url, KEY.encode())
        deliver(here.db, mail_id, sender, MailServer(inbox.url))
        link = re.search(rf"{here.url}(/reset/\w+)", inbox.letters[0].get_content())
        assert link
        window.go(link[1])
        looks_right(window)
        window.page.fill("[name=password]", OTHER)
        press(window, "Set the password")
        window.arrive("/sign-in/step")
        window.page.fill("[name=code]", here.code(person[0], person[2]))
        press(window, "Continue")
        window.page.wait_for_url(lambda url: "/sign-in" not in url)


def test_a_pin_on_the_homes_tablet(here: Here, browser: Browser) -> None:
    manager, carer = here.somebody(), here.somebody("carer")
    with a_window(browser, here.url, viewport={"width": 820, "height": 1180}) as tablet:
        with_code(tablet, here, manager)
        tablet.go(f"/services/{here.place.service_id}/tablets")
        tablet.page.fill("[name=label]", "Medicines room tablet")
        press(tablet, "Register this device")
        assert "Medicines room tablet" in tablet.says()
        sign_out(tablet)
        with_code(tablet, here, carer)
        tablet.go("/account/pin")
        tablet.page.fill("[name=pin]", "482915")
        press(tablet, "Set the PIN")
        sign_out(tablet)
        tablet.go("/sign-in")
        looks_right(tablet)
        tablet.page.get_by_label("Denise Hartley").check(force=True)
        tablet.page.fill("[name=pin]", "482915")
        press(tablet, "Come back in")
        tablet.arrive("/work")
        assert tablet.complaints == []


def test_axe_finds_nothing_on_the_pages_of_signing_in(here: Here, browser: Browser) -> None:
    person = here.somebody()
    found = []
    with a_window(browser, here.url) as window:
        for path in ("/sign-in", "/reset", "/sign-in/organisation"):
            window.go(path)
            found += [f"{path} {fault}" for fault in window.axe()]
        with_code(window, here, person)
        service = f"/services/{here.place.service_id}/tablets"
        for path in ("/account", "/account/factors", "/account/factors/code", "/account/tokens", "/account/password",
                     "/account/confirm", service):  # fmt: skip
            for size in (PHONE, {"width": 1280, "height": 900}):
                window.page.set_viewport_size(size)
                window.go(path)
                found += [f"{path} {fault}" for fault in window.axe()]
                if window.is_too_wide():
                    found.append(f"{path} is too wide")
    assert found == []


def walked(window: Window, where: str) -> list[str]:
    """What is wrong with the page as it stands."""
    found = [f"{where}: {fault}" for fault in [*window.axe(), *window.refused()]]
    return [*found, f"{where} is too wide"] if window.is_too_wide() else found


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_administrator_sets_up_single_sign_on_from_the_account_page(
    here: Here, browser: Browser, size: dict[str, int]
) -> None:
    person = here.somebody("provider_administrator", whole_provider=True)
    path = f"/providers/{here.place.provider_id}/single-sign-on"
    with a_window(browser, here.url, viewport=size) as window:
        with_code(window, here, person)
        window.go("/account")
        window.page.get_by_role("link", name="Single sign-on of").click()
        window.arrive(path)
        found = walked(window, "the settings")
        window.fill_in("label", "")
        window.fill_in("issuer", "login.example")
        press(window, "Save")
        window.page.wait_for_selector("text=Say what people call it")
        assert "beginning with https://" in window.says()
        assert window.page.input_value("[name=issuer]") == "login.example"
        found += walked(window, "the settings as they were refused")
        for name, value in {
            "label": "Alderway account",
            "issuer": f"https://login-{uuid.uuid4().hex}.example/v2.0",
            "client_id": "mendline",
            "client_secret": "a secret of the issuer",
            "domain": f"d{uuid.uuid4().hex[:10]}.example",
            "strong_values": "mfa",
            "longest_minutes": "720",
        }.items():
            window.fill_in(name, value)
        press(window, "Save")
        window.page.wait_for_selector("text=The settings are saved")
        window.arrive(path)
        assert "Waits for the keeper of" in window.says()
        assert window.page.input_value("[name=client_secret]") == ""
        found += walked(window, "the settings as they were saved")
    assert found == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_manager_registers_a_tablet_from_the_account_page_and_trusts_it_no_longer(
    here: Here, browser: Browser, size: dict[str, int]
) -> None:
    person = here.somebody()
    name = f"Tablet {uuid.uuid4().hex[:8]}"
    with a_window(browser, here.url, viewport=size) as window:
        with_code(window, here, person)
        window.go("/account")
        window.page.get_by_role("link", name="Tablets of your service").click()
        window.arrive(f"/services/{here.place.service_id}/tablets")
        found = walked(window, "the tablets")
        press(window, "Register this device")
        window.page.wait_for_selector("main [aria-invalid=true]")
        found += walked(window, "a tablet without a name")
        window.fill_in("label", name)
        press(window, "Register this device")
        window.page.wait_for_selector(f"h3:has-text('{name}')")
        assert "This device is registered already" in window.says()
        found += walked(window, "a tablet that was registered")
        window.page.locator(f"li:has-text('{name}') button").click()
        window.page.wait_for_selector("text=That tablet is trusted no longer")
        assert name not in window.says()
        found += walked(window, "a tablet that is trusted no longer")
    assert found == []
