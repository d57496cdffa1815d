"""A day with Mendline in a real Chromium, on the real server, relay, workers, PostgreSQL and Valkey."""

import io
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import Browser
from support.application import (
    CLASSES,
    GROUP_WORDS,
    UNDER_WAY,
    a_person_with_password,
    a_world,
    identifiers_of,
    keep_packs,
    monday,
    person_of,
)
from support.browser import DESKTOP, PHONE, Window, a_browser, a_window
from support.folders import passable_folder
from support.parts import environment_of, parts_of
from support.running import eventually, free_port, lend_assets
from support.tenancy import Groups, Place, add_body, add_grant, add_officer

from mendline.config import state_folder
from mendline.local import smoke
from tenants.database import Database


@dataclass(frozen=True)
class Site:
    """The running application."""

    url: str
    db: Database
    groups: Groups

    def somebody(self, role: str, place: Place | None = None) -> str:
        """The address of somebody new in a role."""
        return a_person_with_password(self.db, place or self.groups.first, role)

    def a_commissioner(self) -> str:
        """An officer whom both providers let see a service."""
        email = a_person_with_password(self.db, None, "commissioner", name="Olu Officer")
        body_id = add_body(self.db)
        add_officer(self.db, body_id, person_of(self.db, email))
        for place in (self.groups.sister, self.groups.second):
            add_grant(self.db, place, body_id, classes=CLASSES)
        return email

    def paths(self) -> dict[str, str]:
        """The kinds of page of a service, by a name."""
        ids = identifiers_of(self.groups.first)
        service = f"/services/{ids['service_id']}"
        indicator = f"{service}/indicators/{ids['indicator_id']}"
        record = f"{service}/records/end_of_shift_check"
        return {
            "dashboard": service,
            "indicator": indicator,
            "figure": f"{indicator}/figures/new",
            "decision": f"{indicator}/decision",
            "evidence": f"{service}/evidence",
            "evidence of one": f"{service}/evidence/{ids['evidence_id']}",
            "new evidence": f"{service}/evidence/new",
            "actions": f"{service}/actions",
            "risks": f"{service}/risks",
            "reviews": f"{service}/reviews",
            "records": f"{service}/records",
            "records of a type": record,
            "record": f"{record}/{ids['record_id']}",
            "new record": f"{record}/new",
            "correction": f"{record}/{ids['record_id']}/correction",
            "packs of a service": f"{service}/packs",
            "pack": f"/packs/{ids['pack_id']}",
        }


@pytest.fixture(scope="module")
def site(database: Database, database_url: str, valkey_url: str, role_passwords: dict[str, str]) -> Iterator[Site]:
    groups = a_world(database, without=UNDER_WAY, newest=2)
    with passable_folder() as folder:
        lend_assets(folder)
        (folder / "frontend").symlink_to(state_folder(os.environ) / "frontend")  # fonts of the pack
        keep_packs(folder, groups)
        environment = environment_of(database_url, valkey_url, role_passwords, folder) | {"MENDLINE_DEMO": "1"}
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with parts_of(environment, Path(folder) / "parts") as parts:
            parts.start("web", "web", "--port", str(port), "--processes", "1", ready="")
            parts.start_relay()
            parts.start_worker("derive", "render")
            eventually(lambda: smoke.answers(f"{url}/health/ready"), "the web server to answer", 60)
            yield Site(url, database, groups)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as opened:
        yield opened


def test_a_figure_that_a_manager_enters_reaches_the_comparison_of_the_provider(site: Site, browser: Browser) -> None:
    with a_window(browser, site.url) as lead, a_window(browser, site.url) as manager:
        lead.sign_in(site.somebody("provider_quality_lead"))
        assert lead.page.url == f"{site.url}/compare/"
        assert "71.4%" not in lead.says()

        manager.sign_in(site.somebody("registered_manager"))
        manager.page.click(f"main a[href='{site.paths()['dashboard']}']")
        manager.page.click(f"main a[href='{site.paths()['indicator']}']")
        manager.page.click(f"main a[href='{site.paths()['figure']}']")
        enter_figure(manager, numerator="250", denominator="350")
        assert "The figure is saved" in manager.says()
        assert "71.4%" in manager.says()

        started = time.monotonic()
        while "71.4%" not in lead.says():
            assert time.monotonic() - started < 20, "the figure did not reach the comparison"
            lead.page.reload()
        assert lead.complaints == []
        assert manager.complaints == []


def test_a_pack_is_asked_for_on_a_page_made_and_downloaded(site: Site, browser: Browser) -> None:
    with a_window(browser, site.url) as manager:
        manager.sign_in(site.somebody("registered_manager"))
        manager.go(site.paths()["packs of a service"])
        manager.page.click("main button:has-text('Make a pack')")
        manager.page.wait_for_selector("main progress, main a[href$='.pdf']")
        link = manager.page.wait_for_selector("main a[href$='.pdf']", timeout=60_000)
        with manager.page.expect_download() as coming:
            link.click()
        content = Path(coming.value.path()).read_bytes()
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert len(pdf.pages) >= 4
            assert "/StructTreeRoot" in pdf.Root
        assert manager.complaints == []


def test_a_commissioner_sees_what_two_providers_granted_and_nothing_else(site: Site, browser: Browser) -> None:
    first, second = site.groups.sister, site.groups.second
    with a_window(browser, site.url) as officer:
        officer.sign_in(site.a_commissioner())
        assert officer.page.url == f"{site.url}/portfolio/"
        assert services_linked(officer) == {f"/portfolio/{first.service_id}", f"/portfolio/{second.service_id}"}
        assert [word for word in GROUP_WORDS if word in officer.says()] == []
        assert {word for word in GROUP_WORDS.values() if word in officer.says()} == {"KITTIWAKE", "SKYLARK"}
        officer.page.click(f"main a[href='/portfolio/{second.service_id}']")
        assert "SKYLARK" in officer.says()
        # Neither provider lets the services' names be shown.
        assert [word for word in ("KITTIWAKE", *GROUP_WORDS) if f"{word} name" in officer.says()] == []
        assert officer.complaints == []


def test_a_carer_sees_what_a_carer_enters_and_saves_a_record_on_a_phone(site: Site, browser: Browser) -> None:
    with a_window(browser, site.url, viewport=PHONE, has_touch=True, is_mobile=True) as carer:
        carer.sign_in(site.somebody("carer"))
        assert carer.page.url == f"{site.url}/work"
        links = hrefs(carer, "main a[href^='/services/']")
        assert links
        assert all("/records" in link for link in links)
        assert hrefs(carer, "header nav a[href]") <= {"/work", "/capture", "/notices"}
        carer.page.click("main a[href$='/records/response_time_sample/new']")
        answers = {
            "sampled_at": f"{monday(1)}T18:30", "minutes_watched": "60", "shift_band": "evening", "weekend": "no", "requests_seen": "10",
            "within_standard": "8", "longest_wait_minutes": "7", "sampler": "AO",
        }  # fmt: skip
        for name, value in answers.items():
            carer.fill_in(name, value)
        carer.page.click("main button[type=submit]")
        carer.page.wait_for_url(lambda url: not url.endswith("/new"))
        assert "the record is saved" in carer.says()
        assert not carer.is_too_wide()
        carer.go("/work")
        assert "Response time sample" in carer.page.inner_text("[aria-labelledby=entries-h]")
        assert carer.complaints == []


def test_signing_in_and_entering_a_figure_need_no_script(site: Site, browser: Browser) -> None:
    with a_window(browser, site.url, java_script_enabled=False) as manager:
        manager.sign_in(site.somebody("registered_manager"))
        manager.go(site.paths()["figure"])
        enter_figure(manager, numerator="262", denominator="350")
        assert "The figure is saved" in manager.says()
        assert "74.9%" in manager.says()


def test_axe_finds_nothing_on_any_kind_of_page_and_no_page_complains(
    site: Site, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    of_service = site.paths()
    visits: list[tuple[str | None, list[str]]] = [
        (None, ["/", "/sign-in"]),
        (site.somebody("registered_manager"), [*of_service.values(), "/work", "/services/", "/packs"]),
        (site.somebody("provider_quality_lead"), ["/compare/"]),
        (site.a_commissioner(), ["/portfolio/", f"/portfolio/{site.groups.second.service_id}", "/work"]),
        (site.somebody("carer"), ["/work", f"{of_service['records']}/response_time_sample/new"]),
    ]
    looked, found = 0, []
    for email, paths in visits:
        with a_window(browser, site.url) as window:
            if email:
                window.sign_in(email)
            for path in paths:
                window.page.set_viewport_size(DESKTOP)
                window.go(path)
                looked += 4
                found += [f"{path} {fault}" for fault in looks(window)]
            found += window.complaints
    with capsys.disabled():
        print(f"\naxe-core: {looked} looks at pages, {len(found)} findings")  # noqa: T201 -- the figure is asked for
    assert found == []


def looks(window: Window) -> list[str]:
    """A page wide and narrow, light and dark."""
    found = []
    for name, size in (("desktop", DESKTOP), ("phone", PHONE)):
        window.page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            window.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{name} {scheme}: {fault}" for fault in window.axe()]
    if window.is_too_wide():
        found.append("is wider than a phone")
    return found + window.refused()


def enter_figure(window: Window, **typed: str) -> None:
    """Enters a figure for the week that ended last, which may be the second for it."""
    answers: dict[str, Any] = {"period_start": monday(1).isoformat(), "reason": "Counted again", **typed}
    for name, value in answers.items():
        window.fill_in(name, value)
    window.page.click("main button[type=submit]")
    window.page.wait_for_url(lambda url: not url.endswith(("/new", "/figures")))


def hrefs(window: Window, selector: str) -> set[str]:
    """Where the links lead."""
    found: list[str] = window.page.eval_on_selector_all(selector, "all => all.map(a => a.getAttribute('href'))")
    return set(found)


def services_linked(window: Window) -> set[str]:
    """The services that a portfolio leads to."""
    return {link.partition("#")[0] for link in hrefs(window, "main a[href^='/portfolio/']")} - {"/portfolio/"}
