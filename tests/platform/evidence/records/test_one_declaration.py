"""A new kind of record is one file of the catalogue: everything that shows or checks records follows from it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.facts import Home, two_providers
from support.shifts import place_of
from support.visiting import Visitor, an_application, visit

from mendline.catalogue import record_types as declared
from mendline.packs.composing import compose
from mendline.packs.order import PackOrder
from mendline.packs.reading import read_pack_facts
from tenants.clock import now
from tenants.database import Database

KEY = "window_check"
DECLARATION = """
key: window_check
version: '1'
title: Window check
plural: Window checks
description: That windows above the ground floor open only as far as is safe.
entered_by: [carer, registered_manager]
retention_years: 3
purpose: To know that windows are safe
lawful_basis: governance
happened_field: checked_on
evidence_category: processes
evidence_letter: R
quality_statements: [safe.safe-environments]
list_fields: [checked_on, windows]
fields:
- name: checked_on
  label: When were the windows checked?
  kind: date
  required: true
- name: windows
  label: How many windows were checked?
  kind: integer
  required: true
  minimum: 1
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database) -> Iterator[Home]:
    """A service, and a catalogue with one more file."""
    shutil.copytree(declared.DATA / "record_types", tmp_path / "record_types")
    (tmp_path / "record_types" / f"{KEY}.yaml").write_text(DECLARATION, encoding="utf-8")
    monkeypatch.setattr(declared, "DATA", tmp_path)
    declared.record_types.cache_clear()
    yield two_providers(database)[0][0]
    monkeypatch.undo()
    declared.record_types.cache_clear()


def entered(visitor: Visitor, home: Home) -> str:
    """Refuses a wrong answer, takes a right one, and gives the address of the record."""
    here = f"/services/{home.service_id}/records/{KEY}"
    form = visitor.get(f"{here}/new")
    assert form.says("How many windows were checked?")
    found = re.search(r'name="record_id" value="([^"]+)"', form.text)
    assert found
    given = {"record_id": found[1], "checked_on": "2026-01-17", "windows": "0"}
    refused = visitor.post(here, given)
    assert (refused.status, refused.says("must be 1 or more")) == (422, True)
    assert visitor.post(here, given | {"windows": "12"}).status == 303
    return f"{here}/{found[1]}"


def test_one_file_makes_form_check_template_schema_pages_and_the_line_of_the_pack(
    database: Database, home: Home, state_folder: Path
) -> None:
    manager = visit(an_application(database, state_folder), database, "registered_manager", place_of(home))
    record = entered(manager, home)
    assert manager.get(record).says("How many windows were checked?")
    assert record in manager.get(record.rpartition("/")[0]).text
    assert "checked_on,windows" in manager.get(f"/api/v1/record-types/{KEY}/template.csv").text
    assert '"window_check"' in manager.get("/api/v1/record-types").text
    with database.transaction(database.command_reach(home.provider_id)) as session:
        facts = read_pack_facts(session, database.command_reach(home.provider_id), home.service_id, now())
    (held,) = compose(facts, PackOrder("P-1", now(), "JO")).held
    assert (held.what, held.records, held.purpose) == ("Window checks", "1", "To know that windows are safe")
