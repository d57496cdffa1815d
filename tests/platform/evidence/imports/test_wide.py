"""A sheet with columns for several indicators: suggested, matched, saved, checked cell by cell, and used again."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from support.facts import an_indicator
from support.sending import FILES_KEY, House, a_house, send

from mendline.catalogue.indicators import indicator_definitions
from mendline.evidence.imports.own import Chosen, chosen_of, declared, likeliest_target, read_own
from mendline.evidence.imports.wide import WIDE, WideFigure, suggested_figures
from tenants.database import Database
from tenants.errors import RefusedError

HEADER = [
    "Home", "Week commencing", "MAR compliance in audit numerator", "MAR compliance in audit denominator",
    "Controlled drug balance checks completed (%)", "Remarks",
]  # fmt: skip
MAR, DRUGS = "mar_compliance_pct", "controlled_drug_checks_pct"
FIGURES = (
    WideFigure(MAR, HEADER[2], HEADER[3]),
    WideFigure(DRUGS, value=HEADER[4]),
)
CHOSEN = Chosen(
    WIDE, "Weekly sheet", "Sheet", {"at_service": "Home", "period": "Week commencing"}, missing="n/a", figures=FIGURES
)


@pytest.fixture
def house(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    made = a_house(database, tmp_path)
    monkeypatch.setenv("MENDLINE_STATE", str(tmp_path))
    monkeypatch.setenv("MENDLINE_FILES_KEY", FILES_KEY)
    with database.administration() as session:
        an_indicator(session, made.home.provider_id, made.home.service_id, DRUGS)
    return made


def sheet(*rows: str) -> str:
    return "\r\n".join([",".join(HEADER), *rows]) + "\r\n"


def figures(house: House) -> list[tuple[str, float | None, float | None, float | None, str]]:
    with house.db.administration() as session:
        rows = session.execute(
            text(
                "select i.definition_key, o.numerator, o.denominator, o.value, o.state from observation o"
                " join service_indicator i using (provider_id, service_id, indicator_id)"
                " where o.provider_id = :p order by o.period_start, i.definition_key"
            ),
            {"p": house.home.provider_id},
        )
        return [tuple(row) for row in rows]


def test_columns_are_suggested_by_the_name_of_the_indicator_and_the_part_behind_it() -> None:
    assert suggested_figures(HEADER) == FIGURES
    assert likeliest_target(HEADER) == WIDE


@pytest.mark.parametrize("key", sorted(indicator_definitions()))
def test_every_indicator_is_known_by_its_key_and_by_its_name(key: str) -> None:
    name = indicator_definitions()[key].name
    for column in (key, name, f"{name} (%)"):
        (found,) = suggested_figures([column])
        assert found.indicator == key, column


def test_columns_of_no_indicator_are_left_alone() -> None:
    assert suggested_figures(["Home", "Week", "Remarks", "Manager", ""]) == ()


def test_a_sheet_s_mapping_opens_again_as_it_was_saved() -> None:
    assert chosen_of(read_own(declared(CHOSEN, HEADER))) == CHOSEN


@pytest.mark.parametrize(
    ("figures", "field"),
    [
        ((), "w0_indicator"),
        ((WideFigure("", HEADER[2]),), "w0_indicator"),
        ((WideFigure("no_such_key", HEADER[2]),), "w0_indicator"),
        ((WideFigure(MAR, HEADER[2]), WideFigure(MAR, HEADER[3])), "w1_indicator"),
        ((WideFigure(MAR, denominator=HEADER[3]),), "w0_numerator"),
        ((WideFigure(MAR, "Another column"),), "w0_numerator"),
    ],
)
def test_a_sheet_without_what_it_needs_is_no_mapping(figures: tuple[WideFigure, ...], field: str) -> None:
    chosen = Chosen(WIDE, "Weekly sheet", "", CHOSEN.columns, figures=figures)
    with pytest.raises(RefusedError) as refused:
        declared(chosen, HEADER)
    assert list(refused.value.problems) == [field]


def test_a_sheet_is_matched_on_a_page_comes_in_and_its_mapping_serves_the_next(house: House) -> None:
    visitor = house.visit()
    sent = send(
        visitor, house.home, "week 46.csv", sheet("Home 0,09/11/2026,96,100,98.5,fine", "Home 0,16/11/2026,95,100,n/a,")
    )
    house.work()
    page = visitor.get(f"{sent.location}/mapping")
    chosen = dict(
        re.findall(
            r'<select class="select" id="f-(w\d_\w+)"(?:(?!</select>).)*?<option value="([^"]+)" selected>', page.text
        )
    )
    assert chosen == {
        "w0_indicator": MAR, "w0_numerator": HEADER[2], "w0_denominator": HEADER[3], "w1_indicator": DRUGS,
        "w1_value": HEADER[4],
    }  # fmt: skip
    mapping_id = re.search(r'name="mapping_id" value="([^"]+)"', page.text)[1]
    fields = chosen | {
        "target": WIDE, "mapping_id": mapping_id, "name": "Weekly sheet", "missing": "n/a", "c_at_service": "Home",
        "c_period": "Week commencing",
    }  # fmt: skip
    refused = visitor.post(f"{sent.location}/mapping", fields | {"w1_indicator": MAR})
    assert refused.status == 422
    assert refused.says("This indicator stands above already.")
    assert visitor.post(f"{sent.location}/mapping", fields).status == 303
    house.work()
    checked = visitor.get(sent.location)
    assert checked.says("4 rows would be saved.")
    assert checked.says("96 of 100")
    assert checked.says("Controlled drug balance checks completed")
    visitor.post(f"{sent.location}/save", {})
    house.work()
    assert figures(house) == [
        (DRUGS, None, None, 98.5, "final"), (MAR, 96, 100, 96, "final"),
        (DRUGS, None, None, None, "missing"), (MAR, 95, 100, 95, "final"),
    ]  # fmt: skip
    # The next sheet by the same mapping: what is wrong is told by its cell, what stays the same is no new revision.
    wrong = sheet("Home 0,09/11/2026,96,100,98.5,fine", "Home 0,16/11/2026,101,100,ninety,")
    again = send(visitor, house.home, "week 47.csv", wrong, mapping_id)
    house.work()
    told = visitor.get(f"{again.location}/problems.csv").text
    assert f"3,{HEADER[2]},101,is more than its denominator" in told
    assert f"3,{HEADER[4]},ninety,is not a number" in told
    corrected = send(
        visitor,
        house.home,
        "week 47.csv",
        sheet("Home 0,09/11/2026,97,100,98.5,fine", "Home 0,16/11/2026,95,100,99,"),
        mapping_id,
    )
    house.work()
    rows = re.findall(
        r"\b(?:New|Unchanged|Changed)\b", visitor.get(corrected.location).text.partition("The first rows")[2]
    )
    assert rows == ["Changed", "Unchanged", "Unchanged", "New"]


def test_empty_cells_of_an_indicator_that_one_of_the_services_does_not_keep_are_no_problem(house: House) -> None:
    visitor = house.visit("provider_quality_lead", whole_provider=True)
    sent = send(
        visitor, house.home, "all.csv", sheet("Home 0,09/11/2026,96,100,98,", "Home 1,09/11/2026,90,100,,"), whole=True
    )
    house.work()
    page = visitor.get(f"{sent.location}/mapping")
    mapping_id = re.search(r'name="mapping_id" value="([^"]+)"', page.text)[1]
    fields = {
        "target": WIDE, "mapping_id": mapping_id, "name": "Group sheet", "c_at_service": "Home", "c_period": "Week commencing",
        "w0_indicator": MAR, "w0_numerator": HEADER[2], "w0_denominator": HEADER[3], "w1_indicator": DRUGS, "w1_value": HEADER[4],
    }  # fmt: skip
    assert visitor.post(f"{sent.location}/mapping", fields).status == 303
    house.work()
    assert visitor.get(sent.location).says("3 rows would be saved.")
    filled = send(visitor, house.home, "filled.csv", sheet("Home 1,09/11/2026,90,100,97,"), mapping_id, whole=True)
    house.work()
    told = visitor.get(f"{filled.location}/problems.csv").text
    assert f"2,{HEADER[4]},{DRUGS},is not set up at Home 1" in told
