"""Files into a real database: all of a file or nothing, the same file twice, and messages that say what to do."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from support.facts import a_provider, a_service, an_indicator
from support.import_files import real

from mendline.catalogue.csv_template import example_row
from mendline.catalogue.record_types import record_type
from mendline.evidence import importing
from mendline.evidence.importing import (
    ImportRefusedError,
    check_file,
    find_any_mapping,
    names_of,
    save_file,
)
from mendline.evidence.imports.mapping import MappingError
from mendline.evidence.model import ImportBatch, Record, RecordMark
from mendline.indicators.model import Observation, StaleMark
from tenants.errors import NotFoundError, RefusedError
from tenants.jobs import Job
from tenants.ledger import LedgerEntry

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
HEADER = "service,indicator,period,numerator,denominator,value,state,source_reference\r\n"


def csv_of(*rows):
    return HEADER + "".join(f"{row}\r\n" for row in rows)


def a_group(database, *services, indicators=("mar_compliance_pct",), name="Harbour Care"):
    """A provider whose services run the indicators weekly."""
    with database.administration() as session:
        provider_id = a_provider(session, name)
        for service in services or ("Rowan House",):
            service_id = a_service(session, provider_id, service)
            for key in indicators:
                an_indicator(session, provider_id, service_id, key)
    return provider_id


def run(database, provider_id, content, mapping="observations", at=AT, reach=None, file_name="week.csv"):
    """Imports as the command does: names, check, one transaction."""
    reach = reach or database.command_reach(provider_id)
    stream = content if hasattr(content, "read") else io.BytesIO(content.encode())
    with database.transaction(reach) as session:
        names = names_of(session, reach, provider_id)
    plan = check_file(stream, find_any_mapping(mapping), names, at)
    with database.transaction(reach) as session:
        return save_file(session, reach, plan, names, provider_id=provider_id, file_name=file_name, at=at)


def counted(database, provider_id, table, *where):
    with database.administration() as session:
        return session.scalar(select(func.count()).select_from(table).where(table.provider_id == provider_id, *where))


def test_a_file_of_figures_is_saved_with_its_batch_its_mark_its_job_and_its_note(database):
    provider_id = a_group(database)
    done = run(database, provider_id, csv_of("Rowan House,mar_compliance_pct,09/11/2026,96,100,,,MAR-7"))
    assert (done.saved, done.unchanged, done.before) == (1, 0, None)
    with database.administration() as session:
        kept = session.scalars(select(Observation).where(Observation.provider_id == provider_id)).one()
        batch = session.scalars(select(ImportBatch).where(ImportBatch.provider_id == provider_id)).one()
    assert (kept.numerator, kept.denominator, kept.value, kept.source) == (96, 100, 96, "imported")
    assert kept.pointer == {"reference": "MAR-7", "file": "week.csv"}
    assert kept.batch_id == batch.batch_id == done.batch_id
    assert (batch.rows, batch.saved, batch.unchanged, len(batch.sha256)) == (1, 1, 0, 64)
    assert counted(database, provider_id, StaleMark) == 1
    assert counted(database, provider_id, Job, Job.kind == "derive") == 1
    assert counted(database, provider_id, LedgerEntry, LedgerEntry.act == "file imported") == 1


def test_the_same_file_twice_changes_nothing_and_says_when_it_was_saved(database):
    provider_id = a_group(database)
    content = csv_of("Rowan House,mar_compliance_pct,09/11/2026,96,100,,,")
    first = run(database, provider_id, content)
    again = run(database, provider_id, content, at=AT + timedelta(days=1))
    assert (again.saved, again.batch_id, again.before) == (0, first.batch_id, AT)
    assert counted(database, provider_id, Observation) == 1
    assert counted(database, provider_id, ImportBatch) == 1


def test_another_file_that_says_the_same_adds_no_figure(database):
    provider_id = a_group(database)
    run(database, provider_id, csv_of("Rowan House,mar_compliance_pct,09/11/2026,96,100,,,"))
    done = run(database, provider_id, csv_of("rowan house,mar_compliance_pct,2026-11-09,96,100,,,"))
    assert (done.saved, done.unchanged) == (0, 1)
    assert counted(database, provider_id, Observation) == 1


def test_a_figure_that_a_later_file_corrects_keeps_both_and_names_the_file(database):
    provider_id = a_group(database)
    run(database, provider_id, csv_of("Rowan House,mar_compliance_pct,09/11/2026,96,100,,,"))
    run(database, provider_id, csv_of("Rowan House,mar_compliance_pct,09/11/2026,90,100,,,"), file_name="mended.csv")
    with database.administration() as session:
        found = session.execute(
            select(Observation.revision, Observation.numerator, Observation.reason, Observation.state)
            .where(Observation.provider_id == provider_id)
            .order_by(Observation.revision)
        ).all()
    assert [tuple(row) for row in found] == [
        (1, 96, None, "final"),
        (2, 90, "Imported from mended.csv", "revised"),
    ]


@pytest.mark.parametrize(
    ("row", "line", "column", "words"),
    [
        ("Nowhere House,mar_compliance_pct,09/11/2026,96,100,,,", 3, "service", "Nowhere House"),
        ("Rowan House,mar_compliance_pct,07/12/2026,96,100,,,", 3, "period", "07/12/2026"),
        ("Rowan House,mar_compliance_pct,09/11/2026,-1,100,,,", 3, "numerator", "below zero"),
        ("Rowan House,mar_compliance_pct,09/11/2026,101,100,,,", 3, "numerator", "more than its denominator"),
        ("Rowan House,mar_compliance_pct,09/11/2026,ninety,100,,,", 3, "numerator", "ninety"),
        ("Rowan House,mar_compliance_pct,31/02/2026,96,100,,,", 3, "period", "31/02/2026"),
        ("Rowan House,falls_rate,09/11/2026,1,100,,,", 3, "indicator", "not set up at Rowan House"),
        ("Rowan House,no_such_key,09/11/2026,1,100,,,", 3, "indicator", "not an indicator of the catalogue"),
        ("Rowan House,mar_compliance_pct,02/11/2026,95,100,,,", 3, "period", "says something else than line 2"),
        ("Rowan House,mar_compliance_pct", 3, "", "cells"),
    ],
)
def test_one_bad_row_keeps_the_whole_file_out_and_is_told_by_line_and_column(database, row, line, column, words):
    provider_id = a_group(database)
    with pytest.raises(ImportRefusedError) as refused:
        run(database, provider_id, csv_of("Rowan House,mar_compliance_pct,02/11/2026,96,100,,,", row))
    problem = refused.value.rows[0]
    assert (problem.line, problem.column) == (line, column)
    assert words in problem.sentence()
    assert problem.advice
    for table in (Observation, ImportBatch, StaleMark, Job, LedgerEntry):
        assert counted(database, provider_id, table) == 0


def test_what_only_the_rules_of_a_figure_refuse_is_told_by_line_as_well(database):
    provider_id = a_group(database)
    with database.administration() as session:
        closed = a_service(session, provider_id, "Elm Lodge", opened_on=date(2026, 11, 1))
        an_indicator(session, provider_id, closed, "mar_compliance_pct", cadence="monthly")
    with pytest.raises(RefusedError) as refused:
        run(database, provider_id, csv_of("Elm Lodge,mar_compliance_pct,09/10/2026,96,100,,,"))
    assert "Line 2" in refused.value.rows[0].sentence()
    assert counted(database, provider_id, Observation) == 0


def test_a_late_row_that_cannot_be_kept_takes_back_the_parts_that_were_saved_before_it(database, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    provider_id = a_group(database, indicators=("mar_compliance_pct", "evening_weekend_response_gap_pp"))
    weeks = ("05/10/2026", "12/10/2026", "19/10/2026", "26/10/2026", "02/11/2026")
    good = [f"Rowan House,mar_compliance_pct,{week},96,100,,," for week in weeks]
    with pytest.raises(ImportRefusedError) as refused:
        run(database, provider_id, csv_of(*good, "Rowan House,evening_weekend_response_gap_pp,02/11/2026,,,-4,,"))
    assert refused.value.rows[0].line == 7
    assert refused.value.rows[0].sentence().startswith("Line 7, column “value”: evening_weekend_response_gap_pp")
    assert counted(database, provider_id, Observation) == 0
    assert run(database, provider_id, csv_of(*good)).saved == 5


def test_a_file_names_only_services_of_its_own_provider(database):
    mine = a_group(database, "Rowan House", name="Mine")
    a_group(database, "CANARY Lodge", name="Theirs")
    with pytest.raises(ImportRefusedError) as refused:
        run(database, mine, csv_of("CANARY Lodge,mar_compliance_pct,09/11/2026,96,100,,,"))
    assert refused.value.rows[0].column == "service"


def test_a_reach_over_another_provider_imports_nothing(database):
    mine, theirs = a_group(database, name="Mine"), a_group(database, name="Theirs")
    with pytest.raises(NotFoundError):
        run(database, theirs, csv_of(), reach=database.command_reach(mine))


def test_records_come_in_by_the_template_of_their_type_and_a_second_file_counts_them_once(database):
    provider_id = a_group(database)
    row = example_row(record_type("rota_shift"))
    header = ",".join(["service", "source_reference", *row])
    line = ",".join(["Rowan House", "R-1", *row.values()])
    done = run(database, provider_id, f"{header}\r\n{line}\r\n", mapping="rota-shift")
    assert done.saved == 1
    again = run(database, provider_id, f"{header}\n{line}\n", mapping="rota-shift")
    assert (again.saved, again.unchanged) == (0, 1)
    assert counted(database, provider_id, Record) == 1


def test_a_record_that_a_later_export_moves_to_another_day_is_corrected_and_measured_anew_on_both(database):
    provider_id = a_group(database)
    row = {"service": "Rowan House", "source_reference": "S-1", **example_row(record_type("medicines_audit"))}
    for day in ("16/11/2026", "02/10/2026"):
        moved = row | {"audited_on": day}
        lines = [",".join(f'"{cell}"' for cell in cells) for cells in (moved, moved.values())]
        run(database, provider_id, "\r\n".join(lines), "medicines-audit", file_name=f"{day[:2]}.csv")
    with database.administration() as session:
        kept = session.scalars(select(Record.revision).where(Record.provider_id == provider_id)).all()
        marked = session.scalars(select(RecordMark.happened_on).where(RecordMark.provider_id == provider_id)).all()
    assert sorted(kept) == [1, 2]
    assert sorted(marked) == [date(2026, 10, 2), date(2026, 11, 16), date(2026, 11, 16)]


def test_an_unknown_mapping_says_how_to_list_those_there_are():
    with pytest.raises(MappingError, match="--mappings"):
        find_any_mapping("nonsense")


def test_a_real_file_of_the_regulator_names_homes_that_are_not_ours_and_is_refused_whole(database):
    provider_id = a_group(database)
    with pytest.raises(ImportRefusedError) as refused:
        run(database, provider_id, real("weekly_covid_by_home_LA.csv.gz"), mapping="weekly-infections")
    assert refused.value.count > 200
    assert len(refused.value.rows) == 200
    assert counted(database, provider_id, Observation) == 0
