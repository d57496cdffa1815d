"""A real Chromium over the real application, which notes what a page complains about and what axe-core finds on it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, Response, sync_playwright
from support.application import PASSWORD

from mendline.config import state_folder

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 20_000
_COMPLAINTS = """
window.__refused = [];
document.addEventListener("securitypolicyviolation", e => window.__refused.push(e.violatedDirective + " " + e.blockedURI));
"""
_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations.map(v => v.id + ": " + v.help + " | " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" ~ "));
}"""


@contextmanager
def a_browser() -> Iterator[Browser]:
    """The machine's Chromium, or the one that Playwright brought."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """One person's browser.

    Attributes:
        complaints: errors in the console, refused by the content policy, failed to load, left for another site.
    """

    url: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Opens a page of ours, which must be there."""
        answer = self.open(path)
        assert answer is not None
        assert answer.status == 200, f"{path} answers {answer.status}"

    def open(self, path: str) -> Response | None:
        """Goes to a page, also without a signal; where the page that stands moves on by itself just then, once it has."""
        try:
            return self.page.goto(f"{self.url}{path}")
        except Error as error:
            if "ERR_ABORTED" not in error.message:
                raise
            self.page.wait_for_load_state()
            return self.page.goto(f"{self.url}{path}")

    def arrive(self, path: str) -> None:
        """Waits for a page by its path alone: where to go next may stand in another page's address."""
        self.page.wait_for_url(lambda url: urlsplit(url).path == path)

    def sign_in(self, email: str) -> None:
        """Signs in with the form."""
        self.go("/sign-in")
        self.page.fill("[name=email]", email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def fill_in(self, name: str, value: str) -> None:
        """Answers a question, whatever its control."""
        control = self.page.locator(f"main [name='{name}']")
        kind = control.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            control.select_option(value)
        elif kind == "radio":
            self.page.locator(f"main [name='{name}'][value='{value}']").check(force=True)
        else:
            control.first.fill(value)

    def says(self) -> str:
        """What a reader sees, spaces evened out."""
        return " ".join(self.page.inner_text("body").split())

    def axe(self) -> list[str]:
        """What axe-core finds on the page as it stands."""
        self.page.evaluate(_axe_source())
        found: list[str] = self.page.evaluate(_AXE)
        return found

    def refused(self) -> list[str]:
        """What the content policy of the page that stands refused."""
        found: list[str] = self.page.evaluate("window.__refused || []")
        return found

    def is_too_wide(self) -> bool:
        """Whether the page must be pushed sideways to be read."""
        wide: bool = self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
        return wide


@contextmanager
def a_window(browser: Browser, url: str, **options: Any) -> Iterator[Window]:
    """A browser without cookies, which closes with the block."""
    context = browser.new_context(
        **{
            "viewport": DESKTOP,
            "locale": "en-GB",
            "timezone_id": "Europe/London",
            "reduced_motion": "reduce",
            **options,
        }
    )
    context.set_default_timeout(PATIENCE_MS)
    if options.get("java_script_enabled", True):
        context.add_init_script(_COMPLAINTS)
    window = Window(url, context, context.new_page())
    _listen(window)
    try:
        yield window
    finally:
        context.close()


def _listen(window: Window) -> None:
    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            window.complaints.append(f"console: {message.text}")

    def response(answer: Response) -> None:
        if answer.status >= 400:
            window.complaints.append(f"{answer.status}: {answer.url}")

    def request(asked: Request) -> None:
        if not asked.url.startswith((f"{window.url}/", "data:", "blob:")):
            window.complaints.append(f"asked elsewhere: {asked.url}")

    window.page.on("console", console)
    window.page.on("pageerror", lambda error: window.complaints.append(f"script: {error}"))
    window.page.on("response", response)
    window.page.on("request", request)


def _axe_source() -> str:
    source = state_folder(os.environ) / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
    return Path(source).read_text(encoding="utf-8")
