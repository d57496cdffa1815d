"""The bill of materials, and which known flaws are open for longer than they may be."""

import importlib.util
import json
import re
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
TODAY = date(2026, 11, 23)


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("deploy_auditing", DEPLOY / "auditing.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


auditing = loaded()


def test_the_bill_of_materials_names_everything_that_is_locked_once_with_its_hashes() -> None:
    bill = auditing.bill_of_materials(auditing.locked_components(), datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert (bill["bomFormat"], bill["specVersion"], bill["metadata"]["timestamp"]) == (
        "CycloneDX", "1.6", "2026-11-23T12:00:00Z",
    )  # fmt: skip
    purls = [each["purl"] for each in bill["components"]]
    assert len(purls) == len(set(purls))
    locked = set(re.findall(r"(?m)^([\w.-]+)(?:\[\S*\])?==([^\s;]+)", (DEPLOY / "requirements-test.lock").read_text()))
    assert {f"pkg:pypi/{name}@{version}" for name, version in locked} <= set(purls)
    front_end = json.loads((DEPLOY / "frontend/package-lock.json").read_text())["packages"]
    assert sum(purl.startswith("pkg:npm/") for purl in purls) == len(front_end) - 1
    lengths = {"SHA-256": 64, "SHA-512": 128}
    assert all(each["hashes"] for each in bill["components"])
    assert all(len(each["content"]) == lengths[each["alg"]] for one in bill["components"] for each in one["hashes"])
    scopes = {each["name"]: each["scope"] for each in bill["components"]}
    assert (scopes["flask"], scopes["pytest"], scopes["chart.js"], scopes["axe-core"]) == (
        "required", "excluded", "required", "excluded",
    )  # fmt: skip


@pytest.mark.parametrize(("severity", "days"), [("critical", 2), ("high", 7), ("medium", 30), ("low", 90), ("", 2)])
def test_a_flaw_is_late_when_its_time_is_over_and_not_before(severity: str, days: int) -> None:
    flaw = auditing.Flaw("jinja2", "GHSA-1", severity)
    for age, state in ((days, "in time"), (days + 1, "late")):
        line = auditing.Line(flaw, TODAY - timedelta(days=age))
        assert [each.state for each in auditing.judge([flaw], [line], TODAY)] == [state]


def test_the_severity_that_a_person_wrote_down_counts_where_the_client_says_none() -> None:
    line = auditing.Line(auditing.Flaw("jinja2", "GHSA-1", "low"), TODAY - timedelta(days=80))
    assert [each.state for each in auditing.judge([auditing.Flaw("jinja2", "GHSA-1")], [line], TODAY)] == ["in time"]


def test_a_flaw_that_nobody_wrote_down_is_new() -> None:
    assert [each.state for each in auditing.judge([auditing.Flaw("jinja2", "GHSA-1", "low")], [], TODAY)] == ["new"]


@pytest.mark.parametrize(
    ("until", "how", "state"), [(0, "never reached", "shut in"), (-1, "never reached", "late"), (0, "", "late")]
)
def test_a_flaw_that_is_shut_in_waits_until_the_day_that_is_written_down_with_how(
    until: int, how: str, state: str
) -> None:
    flaw = auditing.Flaw("jinja2", "GHSA-1", "high")
    line = auditing.Line(flaw, TODAY - timedelta(days=60), TODAY + timedelta(days=until), how)
    assert [each.state for each in auditing.judge([flaw], [line], TODAY)] == [state]


LOCKED = auditing.Component("pypi", "jinja2", "3.1.6", (), runs=True)
FLAWED = {"name": "Jinja2", "version": "3.1.6", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.7"]}]}


def test_flaws_are_read_from_what_the_clients_say() -> None:
    assert auditing.python_flaws({"dependencies": [FLAWED]}, [LOCKED]) == [auditing.Flaw("Jinja2", "PYSEC-1")]
    said = {
        "vulnerabilities": {
            "chart.js": {"via": ["other", {"source": 7, "url": "//advisories/GHSA-2", "severity": "moderate"}]},
            "other": {"via": []},
        }
    }
    assert auditing.npm_flaws(said) == [auditing.Flaw("chart.js", "GHSA-2", "moderate")]


@pytest.mark.parametrize(
    "dependencies",
    [[], [{"name": "jinja2", "skip_reason": "not found"}], [{"name": "other", "version": "1", "vulns": []}]],
)
def test_what_nobody_answered_about_is_not_audited(dependencies: list[dict[str, object]]) -> None:
    with pytest.raises(auditing.NotAuditedError, match="jinja2"):
        auditing.python_flaws({"dependencies": dependencies}, [LOCKED])
    with pytest.raises(auditing.NotAuditedError, match="Not Allowed"):
        auditing.npm_flaws({"message": "405 Method Not Allowed", "statusCode": 405})


def test_every_flaw_that_is_written_down_can_be_read_and_says_how_where_it_is_shut_in() -> None:
    lines = auditing.read_lines((DEPLOY / "flaws.csv").read_text(encoding="utf-8"))
    assert [line for line in lines if line.shut_in_until and not line.how] == []
    known = auditing.read_lines(
        "package,identifier,severity,seen_on,shut_in_until,how\njinja2,GHSA-1,low,2026-11-01,2026-12-01,no such filter\n"
    )
    assert known == [
        auditing.Line(auditing.Flaw("jinja2", "GHSA-1", "low"), date(2026, 11, 1), date(2026, 12, 1), "no such filter")
    ]


def test_the_times_are_those_that_people_are_told() -> None:
    told = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for severity, words in (("critical", "2 days"), ("high", "7 days"), ("medium", "30 days"), ("low", "90 days")):
        line = next(each for each in told.splitlines() if each.startswith("|") and severity in each and "days" in each)
        assert words in line
        assert f"{auditing.DAYS[severity]} days" == words
