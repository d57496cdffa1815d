"""From a file on somebody's device to the figure that leans on it, and from a figure to its test, in a real Chromium."""

import io
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import text
from support.browser import PHONE, Window, a_window
from support.custody import do_jobs
from support.evidence_files import a_pdf
from support.facts import an_indicator, figures
from support.pdf import words_of
from support.running import lend_assets
from support.triggers import Recovering, a_recovering_service, derive
from support.visiting import KEY, visit
from werkzeug.serving import make_server

from mendline.app import create_app
from mendline.config import Settings, state_folder
from tenants.clock import today
from tenants.database import Database

FILES_KEY = "the key of the files of these tests alone"


@dataclass(frozen=True)
class Here:
    """The pages over HTTP, and a service in recovery behind them."""

    url: str
    app: Flask
    db: Database
    at: Recovering

    @property
    def base(self) -> str:
        return f"/services/{self.at.home.service_id}"

    def work(self, kind: str, at: Recovering | None = None) -> list[str]:
        """What the worker does, with the settings of these pages in its environment."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MENDLINE_STATE", str(self.app.extensions["mendline"].settings.state))
            patch.setenv("MENDLINE_FILES_KEY", FILES_KEY)
            return do_jobs(self.db, (at or self.at).home.provider_id, kind)


@pytest.fixture(scope="module")
def here(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    state = tmp_path_factory.mktemp("state")
    lend_assets(state)
    (state / "frontend").symlink_to(state_folder(os.environ) / "frontend")  # fonts of the pack
    settings = Settings(state=state, secret_key=KEY, role_passwords={}, demonstration=True, files_keys=(FILES_KEY,))
    app = create_app(settings, database)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Here(f"http://127.0.0.1:{server.server_port}", app, database, a_recovering_service(database))
    server.shutdown()
    thread.join()


@contextmanager
def somebody(
    browser: Browser, here: Here, role: str, *, whole: bool = False, at: Recovering | None = None, **options: Any
) -> Iterator[Window]:
    """A window of somebody with one role, signed in."""
    visitor = visit(here.app, here.db, role, (at or here.at).place, whole_provider=whole)
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


def test_a_file_is_sent_examined_linked_to_a_figure_and_saved_again(
    here: Here, browser: Browser, tmp_path: Path
) -> None:
    original = tmp_path / "Audit of medicines.pdf"
    original.write_bytes(a_pdf())
    with somebody(browser, here, "registered_manager") as window:
        window.go(f"{here.base}/evidence/files/new")
        stands_well(window)
        window.page.set_input_files("[name=file]", str(original))
        window.page.check("[name=letter][value=A]", force=True)
        window.fill_in("title", "Audit of medicines, Primrose unit")
        window.fill_in("dated_on", (today() - timedelta(days=2)).isoformat())
        window.page.check(f"[name=supports][value='{here.at.home.indicator_id}']", force=True)
        window.page.click("main form button[type=submit]")
        window.page.wait_for_url("**/evidence/*-*")
        assert "Being examined" in window.says()
        assert here.work("examine_file") == ["done"]
        window.page.reload()
        assert "Ready to open" in window.says()
        assert "1 figure leans on it." in window.says()
        stands_well(window)
        with window.page.expect_download() as kept:
            window.page.click("a[href$='/file']")
        assert Path(kept.value.path()).read_bytes() == original.read_bytes()
        assert kept.value.suggested_filename == original.name
        window.go(f"{here.base}/evidence?indicator={here.at.home.indicator_id}")
        assert "Audit of medicines, Primrose unit" in window.says()


def test_a_claim_is_tested_on_a_phone_and_holds(here: Here, browser: Browser) -> None:
    period = a_counted_figure(here)
    asked = f"{here.base}/checks/new?indicator={here.at.home.indicator_id}&period={period}"
    with somebody(browser, here, "provider_quality_lead", whole=True, viewport=PHONE, has_touch=True) as window:
        window.go(asked)
        stands_well(window)
        window.page.click("main form button[type=submit]")
        window.page.wait_for_url("**/checks/*-*")
        for _ in range(3):
            window.page.check("[name=finding][value=agrees]", force=True)
            window.page.locator("form:has([name=finding]) button[type=submit]").click()
        window.page.locator("form[action$='/end'] button[type=submit]").click()
        window.page.wait_for_load_state()
        assert "The claim holds" in window.says()
        stands_well(window)
        window.go(f"{here.base}/checks")
        assert "S-001" in window.says()


def test_a_drill_runs_against_the_clock_and_its_result_stands_in_a_pack(here: Here, browser: Browser) -> None:
    at = a_service_with_three_claims(here, "Hazel House")
    base = f"/services/{at.home.service_id}"
    with somebody(browser, here, "registered_manager", at=at) as window:
        start_a_drill(window, base)
        clock = window.page.locator("[data-waited]")
        began = clock.inner_text()
        window.page.wait_for_function(
            "began => document.querySelector('[data-waited]').textContent !== began", arg=began
        )
        stands_well(window)
        answer(window, "found", evidence_reference="E-046, medicines file")
        window.page.get_by_role("heading", name="Claim 2 of 3").wait_for()
        answer(window, "contradicts")
        window.page.get_by_role("link", name="Say in a few words what does not fit").wait_for()
        answer(window, "contradicts", note="The chart has two gaps more")
        window.page.get_by_role("heading", name="Claim 3 of 3").wait_for()
        answer(window, "not_found")
        window.page.get_by_text("1 of 3 claims found").wait_for()
        assert window.page.locator("[name=result]").count() == 0
        assert "1 contradicted" in window.says()
        stands_well(window)
        window.go(f"{base}/packs")
        window.page.get_by_role("button", name="Make a pack").click()
        window.page.wait_for_url("**/packs/*-*")
        assert here.work("make_pack", at) == ["done"]
        window.page.reload()
        with window.page.expect_download() as coming:
            window.page.locator("main a[href$='.pdf']").first.click()
        told = said_in(Path(coming.value.path()).read_bytes())
        assert "Inspection drills: claims drawn at random, against a clock" in told
        assert "D-001" in told
        assert "1 of 3 claims found" in told
        assert "Not found: " in told


def test_a_drill_is_answered_on_a_phone(here: Here, browser: Browser) -> None:
    at = a_service_with_three_claims(here, "Maple House")
    with somebody(browser, here, "registered_manager", at=at, viewport=PHONE, has_touch=True) as window:
        start_a_drill(window, f"/services/{at.home.service_id}")
        for number in (1, 2, 3):
            window.page.get_by_role("heading", name=f"Claim {number} of 3").wait_for()
            stands_well(window)
            answer(window, "found", evidence_reference="E-001")
        window.page.get_by_text("3 of 3 claims found").wait_for()
        stands_well(window)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_the_pages_of_records_checks_and_packs_are_right(
    here: Here, browser: Browser, scheme: str, size: dict[str, int] | None
) -> None:
    options: dict[str, Any] = {"color_scheme": scheme} | ({"viewport": size} if size else {})
    with somebody(browser, here, "registered_manager", **options) as window:
        for path in ("records", "records/incident", "records/incident/new", "evidence", "checks", "packs"):
            window.go(f"{here.base}/{path}")
            assert window.axe() == [], path
            assert not window.is_too_wide(), path
    with somebody(browser, here, "provider_administrator", whole=True, **options) as window:
        for path in ("/webhooks", "/webhooks/new", "/api/v1/docs"):
            window.go(path)
            assert window.axe() == [], path
            assert not window.is_too_wide(), path


def a_counted_figure(here: Here, records: int = 3) -> str:
    """A figure that was worked out from records; gives the first day of its period."""
    period = today() - timedelta(days=today().weekday() + 7)
    home = here.at.home
    rows = [
        {"p": home.provider_id, "s": home.service_id, "i": home.indicator_id, "day": period, "r": uuid.uuid4()}
        for _ in range(records)
    ]
    with here.db.administration() as session:
        session.execute(
            text(
                "insert into counted_record (provider_id, service_id, indicator_id, period_start, record_id, measurement,"
                " revision, record_type, happened_on, verdict)"
                " values (:p, :s, :i, :day, :r, 1, 1, 'medicines_discrepancy', :day, 'counted')"
            ),
            rows,
        )
    return period.isoformat()


def a_service_with_three_claims(here: Here, name: str) -> Recovering:
    """A service in recovery with two more indicators, each with a figure that can be asked for."""
    at = a_recovering_service(here.db, name=name)
    first = today() - timedelta(days=today().weekday(), weeks=4)
    for key in ("care_review_on_time_pct", "call_bell_within_standard_pct"):
        with here.db.administration() as session:
            more = an_indicator(session, at.home.provider_id, at.home.service_id, key, started_on=first)
            figures(session, more, [(180, 200)] * 4, first=first)
        derive(here.db, Recovering(more))
    return at


def start_a_drill(window: Window, base: str) -> None:
    """Draws the claims of a service, whose first one is asked for."""
    window.go(f"{base}/checks")
    stands_well(window)
    window.page.get_by_role("button", name="Start an inspection drill").click()
    window.page.wait_for_url("**/drills/*-*")
    window.page.get_by_role("heading", name="Claim 1 of 3").wait_for()


def answer(window: Window, result: str, **words: str) -> None:
    """Answers the claim that is asked for."""
    window.page.check(f"[name=result][value={result}]", force=True)
    for name, value in words.items():
        window.fill_in(name, value)
    window.page.get_by_role("button", name="Answer and go on").click()


def said_in(pdf: bytes) -> str:
    """What a pack says, its lines joined."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return " ".join(" ".join(words_of(page).split()) for page in opened.pages)
