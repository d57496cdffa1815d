"""From a file on somebody's device to the figure that it moves, and back again, in a real Chromium."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import text
from support.browser import PHONE, Window, a_window
from support.sending import FILES_KEY, House, a_house
from werkzeug.serving import make_server

from tenants.database import Database

EXPORT = "Home,Week starting,Charts right,Charts looked at,Audit no\r\n{rows}"


@pytest.fixture(scope="module")
def house(database: Database, tmp_path_factory: pytest.TempPathFactory) -> House:
    return a_house(database, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def url(house: House) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@contextmanager
def a_manager(browser: Browser, house: House, url: str, **options: Any) -> Iterator[Window]:
    cookie = house.visit().client.get_cookie("mendline")
    assert cookie is not None
    with a_window(browser, url, **options) as window:
        window.context.add_cookies([{"name": "mendline", "value": cookie.value, "url": url}])
        yield window


def working(house: House, page: Page) -> None:
    """What the worker does, with the settings of these pages in its environment, once the page says that it waits."""
    page.wait_for_selector("text=What happens now")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MENDLINE_STATE", str(house.state))
        patch.setenv("MENDLINE_FILES_KEY", FILES_KEY)
        assert house.work() == ["done"]


def stands_well(window: Window) -> None:
    assert window.axe() == []
    assert not window.is_too_wide()
    assert window.refused() == []


def a_file(folder: Path, *rows: str) -> str:
    path = folder / "medicines_audit_export.csv"
    path.write_text(EXPORT.format(rows="".join(f"{row}\r\n" for row in rows)), encoding="utf-8")
    return str(path)


def newest(house: House) -> float | None:
    with house.db.administration() as session:
        return session.scalar(
            text(
                "select numerator from observation where provider_id = :p order by recorded_at desc, revision desc limit 1"
            ),
            {"p": house.home.provider_id},
        )


def matched(window: Window, name: str) -> None:
    """Matches the columns of the export on the page, where most is suggested already."""
    page = window.page
    page.click("text=Match the columns")
    page.locator("aside select[name=target]").select_option("observations")
    page.click("text=Show its fields")
    stands_well(window)
    assert page.locator("select[name=c_at_service]").input_value() == "Home"
    assert page.locator("select[name=c_period]").input_value() == "Week starting"
    chosen = {
        "indicator": "=mar_compliance_pct", "numerator": "Charts right", "denominator": "Charts looked at", "value": "",
        "state": "", "at_source": "Audit no",
    }  # fmt: skip
    for field, column in chosen.items():
        page.locator(f"select[name=c_{field}]").select_option(column)
    page.fill("input[name=name]", name)
    page.fill("input[name=system]", "Medicines system")
    page.click("text=Save the mapping and check the file")


def taken_back(window: Window, house: House) -> None:
    page = window.page
    page.click("text=Take it back")
    stands_well(window)
    page.fill("textarea[name=reason]", "It was the export of another month")
    page.click("text=Take the import back")
    working(house, page)
    page.wait_for_selector("text=1 fact of this file were taken back.")


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE}], ids=["desk", "phone"])
def test_a_manager_sends_a_file_matches_mends_imports_and_takes_it_back(
    browser: Browser, house: House, url: str, tmp_path: Path, options: dict[str, Any]
) -> None:
    name = "Audit export" if not options else "Audit export by phone"
    week = "09/11/2026" if not options else "02/11/2026"
    with a_manager(browser, house, url, **options) as window:
        page = window.page
        window.go(f"/services/{house.home.service_id}/records")
        page.click("text=Import a file")
        stands_well(window)
        page.set_input_files("input[name=file]", a_file(tmp_path, f"Home 0,{week},ninety,100,A-1"))
        page.click("text=Send the file")
        stands_well(window)
        working(house, page)
        page.wait_for_selector("text=Match the columns")  # the page looks for itself how far the work is
        matched(window, name)
        working(house, page)
        page.wait_for_selector("text=What is to be mended")
        stands_well(window)
        assert "“ninety” is not a number" in window.says()
        assert newest(house) is None

        window.go(f"/services/{house.home.service_id}/imports")
        page.set_input_files("input[name=file]", a_file(tmp_path, f"Home 0,{week},90,100,A-1"))
        page.locator("select[name=mapping]").select_option(label=f"{name} (yours)")
        page.click("text=Send the file")
        working(house, page)
        page.wait_for_selector("text=1 row would be saved.")
        stands_well(window)
        page.get_by_role("button", name="Import the file").click()
        working(house, page)
        page.wait_for_selector("text=1 fact came in with this file.")
        assert newest(house) == 90
        stands_well(window)

        taken_back(window, house)
        assert newest(house) is None
        window.go(f"/services/{house.home.service_id}/imports")
        assert "Taken back" in window.says()
        assert window.complaints == []


def test_a_file_comes_in_without_a_script(browser: Browser, house: House, url: str, tmp_path: Path) -> None:
    with a_manager(browser, house, url, java_script_enabled=False) as window:
        page = window.page
        window.go(f"/services/{house.home.service_id}/imports")
        content = "service,indicator,period,numerator,denominator\r\nHome 0,mar_compliance_pct,26/10/2026,80,100\r\n"
        path = tmp_path / "plain.csv"
        path.write_text(content, encoding="utf-8")
        page.set_input_files("input[name=file]", str(path))
        page.locator("select[name=mapping]").select_option("observations")
        page.click("text=Send the file")
        working(house, page)
        page.reload()
        page.get_by_role("button", name="Import the file").click()
        working(house, page)
        page.reload()
        assert "1 fact came in with this file." in window.says()
        assert newest(house) == 80
