"""Across organisations, in a real Chromium: a pack for a commissioner, and a role that is offered to somebody."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from support.browser import PHONE, Window, a_window
from support.custody import do_jobs
from support.running import lend_assets
from support.tenancy import add_body, add_grant, add_membership, add_officer, add_person
from support.triggers import Recovering, a_recovering_service
from support.visiting import KEY, Visitor, visit, visit_as
from werkzeug.serving import make_server

from mendline.app import create_app
from mendline.config import Settings, state_folder
from tenants.database import Database

NUMBERS = tuple(60.0 + week for week in range(20))


@dataclass(frozen=True)
class Here:
    """The pages over HTTP, and the services of two providers behind them."""

    url: str
    app: Flask
    db: Database
    at: Recovering
    elsewhere: Recovering

    def make_packs(self) -> list[str]:
        """What the worker does."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MENDLINE_STATE", str(self.app.extensions["mendline"].settings.state))
            return do_jobs(self.db, self.at.home.provider_id, "make_pack")


@pytest.fixture(scope="module")
def here(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    state = tmp_path_factory.mktemp("state")
    lend_assets(state)
    (state / "frontend").symlink_to(state_folder(os.environ) / "frontend")  # fonts of the pack
    app = create_app(Settings(state=state, secret_key=KEY, role_passwords={}, demonstration=True), database)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    at = a_recovering_service(database, numbers=NUMBERS)
    yield Here(
        f"http://127.0.0.1:{server.server_port}", app, database, at, a_recovering_service(database, name="Fern Lodge")
    )
    server.shutdown()
    thread.join()


@contextmanager
def window_of(browser: Browser, here: Here, visitor: Visitor, **options: Any) -> Iterator[Window]:
    """The window of somebody who is signed in."""
    cookie = visitor.client.get_cookie("mendline")
    assert cookie is not None
    with a_window(browser, here.url, **options) as window:
        window.context.add_cookies([{"name": "mendline", "value": cookie.value, "url": here.url}])
        yield window


def stands_well(window: Window) -> None:
    """The page as it stands is right for everybody: nothing found by axe-core, refused or pushed out of the window."""
    assert window.axe() == []
    assert not window.is_too_wide()
    assert window.refused() == []


def press(window: Window, words: str) -> None:
    window.page.get_by_role("button", name=words, exact=True).first.click()


def test_a_pack_goes_to_a_commissioner_who_opens_it_until_it_is_taken_back(
    here: Here, browser: Browser, tmp_path: Path
) -> None:
    place, base = here.at.place, f"/services/{here.at.home.service_id}"
    body, person_id = add_body(here.db, name="Eastshire Council"), add_person(here.db, name="Olive Reader")
    add_officer(here.db, body, person_id)
    add_grant(here.db, place, body, classes=("summary", "actions"), live=False)
    manager = visit(here.app, here.db, "registered_manager", place)
    with window_of(browser, here, manager) as mine, window_of(browser, here, visit_as(here.app, here.db, person_id), viewport=PHONE) as theirs:  # fmt: skip
        mine.go("/commissioners")
        mine.page.locator("form[action$='/releases'] button").click()
        expect(mine.page.get_by_text("The figures are released as they stand now")).to_be_visible()
        mine.go(f"{base}/packs")
        mine.page.get_by_role("link", name="A pack for a commissioner").click()
        mine.arrive(f"{base}/packs/commissioner")
        stands_well(mine)
        press(mine, "Make this pack")
        mine.page.wait_for_url(re.compile(r"/packs/[0-9a-f-]{36}$"))
        pack = mine.page.url.removeprefix(here.url)
        assert here.make_packs() == ["done"]
        mine.go(pack)
        assert "Nobody outside sees this pack." in mine.says()
        theirs.go(f"/portfolio/{place.service_id}")
        assert "Packs" not in theirs.says()
        mine.fill_in("purpose", "Contract meeting")
        press(mine, "Share this pack")
        expect(mine.page.get_by_text("The pack is shared")).to_be_visible()
        stands_well(mine)
        theirs.go(f"/portfolio/{place.service_id}")
        theirs.page.get_by_role("link", name=re.compile("^Pack ")).click()
        expect(theirs.page.get_by_text("You see this pack until")).to_be_visible()
        stands_well(theirs)
        opened = theirs.page.url.removeprefix(here.url)
        with theirs.page.expect_download() as taken:
            theirs.page.get_by_role("link", name="Download PDF").click()
        saved = tmp_path / "copy.pdf"
        taken.value.save_as(saved)
        assert saved.read_bytes().startswith(b"%PDF")
        mine.go(pack)
        assert "2 looks" in mine.says()
        mine.page.locator("summary", has_text="Take it back").click()
        mine.page.locator("details[open] input[type=text]").fill("Sent too early")
        press(mine, "Take it back")
        expect(mine.page.get_by_text("The pack is taken back")).to_be_visible()
        answer = theirs.open(opened)
        assert answer is not None
        assert answer.status == 404


def test_a_role_of_another_provider_is_read_first_and_opens_once_it_is_accepted(here: Here, browser: Browser) -> None:
    person_id = add_person(here.db, name="Kay Carer")
    add_membership(here.db, person_id, "carer", here.elsewhere.place)
    manager = visit(here.app, here.db, "registered_manager", here.at.place)
    with window_of(browser, here, manager) as mine:
        mine.go("/people/invite")
        mine.fill_in("name", "Kay Carer")
        mine.fill_in("email", f"{person_id}@example.org")
        mine.fill_in("place", str(here.at.home.service_id))
        mine.fill_in("role", "senior_carer")
        press(mine, "Give the role")
        mine.arrive("/people")
        assert "Waiting for acceptance" in mine.says()
        stands_well(mine)
        with window_of(browser, here, visit_as(here.app, here.db, person_id), viewport=PHONE) as theirs:
            theirs.go("/")
            theirs.arrive("/offers")
            assert "offers you the role Senior carer at Rowan House" in theirs.says()
            stands_well(theirs)
            theirs.page.get_by_role("button", name=re.compile("^Accept")).click()
            theirs.arrive("/sign-in")
            assert "Sign in again to work in it" in theirs.says()
        with window_of(browser, here, visit_as(here.app, here.db, person_id), viewport=PHONE) as theirs:
            theirs.go(f"/services/{here.at.home.service_id}")
        mine.go("/people")
        assert "Waiting for acceptance" not in mine.says()
