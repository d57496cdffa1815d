"""From a file on somebody's device to the figure that leans on it, and from a figure to its test, in a real Chromium."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import text
from support.browser import PHONE, Window, a_browser, a_window
from support.custody import do_jobs
from support.evidence_files import a_pdf
from support.running import lend_assets
from support.triggers import Recovering, a_recovering_service
from support.visiting import KEY, visit
from werkzeug.serving import make_server

from mendline.app import create_app
from mendline.config import Settings
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

    def examine(self) -> list[str]:
        """What the worker does, with the settings of these pages in its environment."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MENDLINE_STATE", str(self.app.extensions["mendline"].settings.state))
            patch.setenv("MENDLINE_FILES_KEY", FILES_KEY)
            return do_jobs(self.db, self.at.home.provider_id, "examine_file")


@pytest.fixture(scope="module")
def here(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    state = tmp_path_factory.mktemp("state")
    lend_assets(state)
    settings = Settings(state=state, secret_key=KEY, role_passwords={}, demonstration=True, files_keys=(FILES_KEY,))
    app = create_app(settings, database)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Here(f"http://127.0.0.1:{server.server_port}", app, database, a_recovering_service(database))
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as running:
        yield running


@contextmanager
def somebody(browser: Browser, here: Here, role: str, *, whole: bool = False, **options: Any) -> Iterator[Window]:
    """A window of somebody with one role, signed in."""
    visitor = visit(here.app, here.db, role, here.at.place, whole_provider=whole)
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
        assert here.examine() == ["done"]
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
