"""A file that waits to be imported when its service closes."""

from pathlib import Path

import pytest
from sqlalchemy import text
from support.sending import FILES_KEY, House, a_house, csv_of, send

from tenants.database import Database


@pytest.fixture
def house(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    made = a_house(database, tmp_path)
    monkeypatch.setenv("MENDLINE_STATE", str(tmp_path))
    monkeypatch.setenv("MENDLINE_FILES_KEY", FILES_KEY)
    return made


@pytest.mark.parametrize(("closed_on", "kept"), [("2026-11-08", 0), ("2026-11-09", 2)], ids=["before", "within"])
def test_its_weeks_up_to_the_last_day_are_imported_and_a_later_one_refuses_the_file(
    house: House, closed_on: str, kept: int
) -> None:
    manager = house.visit()
    weeks = ("Home 0,mar_compliance_pct,02/11/2026,95,100,,,", "Home 0,mar_compliance_pct,09/11/2026,96,100,,,")
    sent = send(manager, house.home, "weeks.csv", csv_of(*weeks), "observations")
    house.work()
    with house.db.administration() as session:
        session.execute(
            text("update service set closed_on = :day where service_id = :s"),
            {"day": closed_on, "s": house.home.service_id},
        )
    manager.get(sent.location)
    manager.post(f"{sent.location}/save", {"on_conflict": "stop"})
    house.work()
    with house.db.administration() as session:
        found = session.execute(
            text("select count(*) from observation where service_id = :s"), {"s": house.home.service_id}
        )
        assert found.scalar_one() == kept
    assert kept or manager.get(sent.location).says("closed on 2026-11-08")
