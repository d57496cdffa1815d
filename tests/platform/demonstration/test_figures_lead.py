"""Every figure on the dashboards, the indicators and the comparison of the demonstration leads down to its records."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support.tenancy import Place
from support.visiting import Visitor, an_application, visit, visit_as

from mendline.demonstration.importing import import_files
from mendline.demonstration.load import load
from mendline.demonstration.model import Demonstration, DemoService
from mendline.demonstration.plan import demonstration
from tenants.clock import today
from tenants.database import Database

FIGURE = re.compile(r"[≤≥]?\s?[\d,]+(\.\d+)?( of [\d,]+)?(%| hours| points| days)?")
DOWN = re.compile(
    r"/figures/\d{4}-\d\d-\d\d|#history-h|/escalations|/aims/history[^#]*#(target|baseline)$"
    r"|/compare/[0-9a-f-]{36}/|#services$|#members-h$|/coverage/[a-z.-]+/[a-z_]+$"
)

# What is a number and leads nowhere itself, by the heading of its column or its name, each with the reason.
WITH_REASON = {
    "Count": "the parts of the result beside it, which leads down",
    "Counts": "the parts of the figure whose period leads down",
    "Figure": "its period, at the head of the row, leads down",
    "Change": "the difference of two results that lead down",
    "Number": "the parts of the result beside it, which leads down",
    "Indicators": "how many of a service's indicators read so; the service at the head of the row leads to them",
    "Done": "pieces of work in a week of the plan, each of which is a page of My work",
    "Late or missed": "pieces of work in a week of the plan, each of which is a page of My work",
    "To do": "pieces of work in a week of the plan, each of which is a page of My work",
}


@dataclass
class Found:
    """A number that a reader sees.

    Attributes:
        heading: of its column, or its name.
        row: the words at the head of its row.
    """

    words: str
    heading: str
    row: str
    links: list[str] = field(default_factory=list)


class Numbers(HTMLParser):
    """Reads the numbers of cells and of named facts, each with what it leads to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Found] = []
        self._headings: list[str] = []
        self._column = -1
        self._cell: Found | None = None
        self._name = ""
        self._inside: list[str] = []
        self._row = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "thead":
            self._headings = []
        if tag == "tr":
            self._column, self._row = -1, ""
        if tag in ("th", "td"):
            self._column += 1
        if tag == "th" and any(each.startswith("thead.") for each in self._inside):
            self._headings.append("")
        if tag in ("td", "dd") and said.get("class") != "meta":  # small print below a figure says what it is of
            heading = self._name if tag == "dd" else self._headings[self._column] if self._headings else ""
            self._cell = Found("", heading, self._row)
        if tag == "dt":
            self._name = ""
        if tag == "a" and self._cell is not None:
            self._cell.links.append(said.get("href") or "")
        if tag in ("thead", "th", "td", "dd", "dt", "span", "svg", "a"):
            self._inside.append(f"{tag}.{said.get('class') or ''}")

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1].startswith(f"{tag}."):
            self._inside.pop()
        if tag in ("td", "dd") and self._cell is not None:
            if FIGURE.fullmatch(self._cell.words.strip()):
                self.found.append(self._cell)
            self._cell = None

    def handle_data(self, data: str) -> None:
        open_now = self._inside[-1].partition(".")[0] if self._inside else ""
        aside = any(each in ("span.vh", "span.meta") or each.startswith("svg.") for each in self._inside)
        if any(each.startswith("thead.") for each in self._inside):
            if self._headings:
                self._headings[-1] += data.strip()
        elif any(each.startswith("th.") for each in self._inside):
            self._row = self._row or data.strip()
        elif open_now == "dt":
            self._name += data.strip()
        elif self._cell is not None and not aside:
            self._cell.words += data


def astray(page: str) -> list[Found]:
    """Figures that lead nowhere, without a reason."""
    return [
        one
        for one in Numbers(page).found
        if not any(DOWN.search(href) for href in one.links) and one.heading.partition(" by ")[0] not in WITH_REASON
    ]


@pytest.fixture(scope="module")
def planned() -> Demonstration:
    return demonstration(today())


@pytest.fixture(scope="module")
def reader(database: Database, planned: Demonstration, state_folder: Path) -> Visitor:
    first = planned.services[0]
    provider = next(one for one in planned.providers if one.provider_id == first.provider_id)
    load(database, planned, [provider], lambda _: None)
    app = an_application(database, state_folder)
    import_files(database, app.extensions["mendline"].settings, planned)
    place = Place(first.provider_id, first.service_id, "")
    return visit(app, database, "nominated_individual", place, whole_provider=True)


def services(planned: Demonstration) -> Iterator[DemoService]:
    yield from (one for one in planned.services if one.provider_id == planned.services[0].provider_id)


def test_a_figure_that_leads_nowhere_is_found() -> None:
    table = (
        "<table><thead><tr><th>Indicator</th><th>Baseline</th><th>Now</th><th>Target</th></tr></thead><tbody><tr><th>Falls</th>"
        "<td>72%</td><td><a href='/indicators/1/figures/2026-11-16'>61%</a></td><td>90%</td></tr></tbody></table>"
    )
    found = astray(f"{table}<dl><dt>Target by 13 Dec</dt><dd>98%</dd><dt>Change</dt><dd>3</dd></dl>")
    assert [(one.words, one.heading, one.row) for one in found] == [
        ("72%", "Baseline", "Falls"),
        ("90%", "Target", "Falls"),
        ("98%", "Target by 13 Dec", "Falls"),
    ]


def test_each_figure_of_a_dashboard_leads_to_its_records(reader: Visitor, planned: Demonstration) -> None:
    seen = 0
    for service in services(planned):
        page = reader.get(f"/services/{service.service_id}")
        assert page.status == 200
        assert astray(page.text) == [], service.name
        seen += len(Numbers(page.text).found)
    assert seen > 14 * 20


def test_each_figure_of_an_indicator_leads_to_its_records(reader: Visitor, planned: Demonstration) -> None:
    home = planned.services[0].service_id
    for indicator in (one for one in planned.indicators if one.service_id == home):
        page = reader.get(f"/services/{home}/indicators/{indicator.indicator_id}")
        assert page.status == 200
        assert astray(page.text) == [], indicator.definition_key


@pytest.mark.parametrize("page", ["plan", "coverage", "checks", "story", "reviews", "actions", "risks", "escalations"])
def test_each_figure_of_the_pages_beside_it_leads_to_its_records(
    reader: Visitor, planned: Demonstration, page: str
) -> None:
    for service in list(services(planned))[:3]:
        found = reader.get(f"/services/{service.service_id}/{page}")
        assert found.status == 200
        assert astray(found.text) == [], service.name


@pytest.mark.parametrize("page", ["chart", "decision", "aims/history"])
def test_each_figure_of_the_pages_of_an_indicator_leads_to_its_records(
    reader: Visitor, planned: Demonstration, page: str
) -> None:
    home = planned.services[0].service_id
    for indicator in [one for one in planned.indicators if one.service_id == home][:6]:
        found = reader.get(f"/services/{home}/indicators/{indicator.indicator_id}/{page}")
        assert found.status == 200
        assert astray(found.text) == [], indicator.definition_key


def test_each_count_of_the_list_of_services_leads_to_its_service(reader: Visitor) -> None:
    page = reader.get("/services/")
    assert page.status == 200
    assert astray(page.text) == []


@pytest.mark.parametrize("weeks", [0, 6], ids=["today", "as at an earlier day"])
def test_each_figure_of_the_comparison_leads_to_its_records(
    reader: Visitor, planned: Demonstration, weeks: int
) -> None:
    asked = f"?as_at={(planned.last_week - timedelta(weeks=weeks)).isoformat()}" if weeks else ""
    page = reader.get(f"/compare/{asked}")
    assert page.status == 200
    assert astray(page.text) == []
    assert len(Numbers(page.text).found) > 100


@pytest.mark.parametrize("weeks", [0, 6], ids=["today", "as at an earlier day"])
def test_a_pooled_figure_leads_over_its_services_to_their_records(
    reader: Visitor, planned: Demonstration, weeks: int
) -> None:
    asked = f"?as_at={(planned.last_week - timedelta(weeks=weeks)).isoformat()}" if weeks else ""
    pools = sorted(set(re.findall(r'href="(/compare/[0-9a-f-]{36}/[^"]+)"', reader.get(f"/compare/{asked}").text)))
    assert len(pools) >= 6
    for href in pools:
        assert href.endswith(asked)
        page = reader.get(href)
        assert astray(page.text) == [], href
        first = next(one for one in Numbers(page.text).found if one.heading == "Its own figure")
        assert first.links[0].endswith(asked)
        assert reader.get(first.links[0]).status == 200


def test_a_target_and_a_baseline_lead_to_who_set_them(reader: Visitor, planned: Demonstration) -> None:
    home = planned.services[0].service_id
    ways = sorted(set(re.findall(r'href="([^"]+/aims/history#\w+)"', reader.get(f"/services/{home}").text)))
    assert len(ways) >= 12
    for way in ways:
        href, _, anchor = way.partition("#")
        page = reader.get(href).text
        assert f'id="{anchor}"' in page, way
        assert anchor == "target" or "/figures/" in page, way


def test_what_a_figure_leads_to_is_there(reader: Visitor, planned: Demonstration) -> None:
    page = reader.get(f"/services/{planned.services[0].service_id}").text
    ways = sorted({href for one in Numbers(page).found for href in one.links if "/figures/" in href})
    assert len(ways) >= 12
    for href in ways:
        assert reader.get(href).status == 200, href


def test_a_figure_reads_alike_on_the_comparison_and_on_the_page_behind_it(reader: Visitor) -> None:
    cells = [one for one in Numbers(reader.get("/compare/").text).found if one.heading == "MAR compliance"]
    assert len(cells) >= 10
    for cell in cells:
        if "/figures/" in cell.links[0]:
            behind = Numbers(reader.get(cell.links[0]).text).found
            assert next(one for one in behind if one.heading == "Figure").words == cell.words, cell.row


def test_the_demonstration_shows_claims_that_were_tested(reader: Visitor, planned: Demonstration) -> None:
    page = reader.get(f"/services/{planned.services[0].service_id}/checks").text
    assert "2 of 2 tested claims held." in page
    assert "13 of 14 agree" in page
    assert "7 of 8 claims found" in page


def test_the_demonstration_shows_a_file_that_came_in_and_one_that_was_refused(
    reader: Visitor, planned: Demonstration
) -> None:
    page = reader.get(f"/services/{planned.services[0].service_id}/imports")
    assert page.says("3 saved, 2 unchanged")
    assert page.says("3 refused")
    refused = re.search(r'href="([^"]+)"[^>]*>Incident log, old tablet', page.text)
    assert refused is not None
    assert reader.get(refused.group(1)).says("Nothing was imported: 3 problems to mend.")


def test_what_a_senior_carer_recorded_is_theirs_and_begins_the_next_check(
    database: Database, reader: Visitor, planned: Demonstration
) -> None:
    (amara,) = [one for one in planned.people if one.email.startswith("amara.okafor@")]
    carer, service_id = visit_as(reader.client.application, database, amara.person_id), planned.services[0].service_id
    assert carer.get(f"/capture/{service_id}/medicines_check").says("Primrose, 14 people")
    assert "/records/end_of_shift_check/" in carer.get(f"/services/{service_id}/records/end_of_shift_check").text
