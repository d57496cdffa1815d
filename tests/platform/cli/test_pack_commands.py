"""`mendline pack` and `mendline verify` over a real pack, drawn by the real process."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from support.facts import a_baseline, a_provider, a_service, a_target, an_indicator, figures
from support.parts import environment_of
from support.running import lend_assets

from mendline.comparison.rebuild import rebuild
from mendline.config import state_folder as installed_state
from mendline.evidence.model import CountedRecord
from tenants.clock import today
from tenants.database import insert_many


@pytest.fixture(scope="module")
def home(database):
    first = today() - timedelta(days=today().weekday(), weeks=20)
    with database.administration() as session:
        provider_id = a_provider(session, "Harbour Care")
        made = an_indicator(session, provider_id, a_service(session, provider_id, "Rowan House"), started_on=first)
        figures(session, made, [(90.0 + week % 3, 100.0) for week in range(19)], first=first)
        a_target(session, made, valid_from=first)
        a_baseline(session, made, first_period=first, last_period=first + timedelta(weeks=5))
        counted_records(session, made, first, 3)
    rebuild(database)
    return made


def counted_records(session, home, period, many):
    """Records that a figure was worked out from, as a worker leaves them."""
    here = {"p": home.provider_id, "s": home.service_id, "i": home.indicator_id, "day": period}
    session.execute(
        text(
            "insert into measurement (provider_id, service_id, indicator_id, period_start, measurement, definition_version,"
            " numerator, denominator, value, state, counted, left_out, kinds, outcome, revision, measured_at)"
            " values (:p, :s, :i, :day, 1, '1', 90, 100, 90, 'final', :many, 0, cast(:kinds as jsonb), 'agrees', 1,"
            " now() - interval '1 hour')"
        ),
        here | {"many": many, "kinds": json.dumps({"counted": {"medicines_audit": many}})},
    )
    session.execute(
        text(
            "insert into counted_record (provider_id, service_id, indicator_id, period_start, record_id, measurement,"
            " revision, record_type, happened_on, verdict)"
            " select :p, :s, :i, :day, gen_random_uuid(), 1, 1, 'medicines_audit', :day, 'counted'"
            " from generate_series(1, :many)"
        ),
        here | {"many": many},
    )


@pytest.fixture(scope="module")
def run(database_url, role_passwords, tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    lend_assets(state)
    packages = installed_state(os.environ) / "frontend"
    (state / "frontend").symlink_to(packages)
    environment = environment_of(database_url, "redis://localhost:1/0", role_passwords, state)

    def command(*arguments):
        asked = [sys.executable, "-m", "mendline", *(str(one) for one in arguments)]
        return subprocess.run(asked, env=environment, capture_output=True, text=True, check=False, timeout=60)

    return command


@pytest.fixture(scope="module")
def pack(run, home, tmp_path_factory):
    path = tmp_path_factory.mktemp("packs") / "pack.pdf"
    made = run("pack", "rowan house", "--output", path)
    assert made.returncode == 0, made.stderr
    assert made.stdout.strip() == hashlib.sha256(path.read_bytes()).hexdigest()
    assert home
    return path


def test_a_pack_of_ours_is_verified_figure_by_figure(run, pack):
    found = run("verify", pack)
    assert found.returncode == 0, found.stdout
    assert "The file is unchanged." in found.stdout
    assert "19 of 19 figures trace to their facts." in found.stdout
    assert "Behind them stand 3 records, as the pack says." in found.stdout
    assert "The pack leads to the pages of 19 of them." in found.stdout


def test_a_record_that_is_gone_from_behind_a_figure_is_told(run, pack, home, database):
    with database.administration() as session:
        row = session.execute(
            text(
                "delete from counted_record where record_id = (select record_id from counted_record"
                " where provider_id = :id limit 1) returning *"
            ),
            {"id": home.provider_id},
        ).one()
    found = run("verify", pack)
    with database.administration() as session:
        insert_many(session, CountedRecord.__table__, [dict(row._mapping)])
    assert found.returncode == 1
    assert "18 of 19 figures trace" in found.stdout
    assert "OTHER RECORDS stand behind" in found.stdout
    assert run("verify", pack).returncode == 0


def test_a_pack_with_one_changed_byte_is_not_verified(run, pack, tmp_path):
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(pack.read_bytes() + b"\n")
    found = run("verify", changed)
    assert found.returncode == 1
    assert "THE FILE WAS CHANGED" in found.stdout


def test_a_pack_whose_facts_are_not_there_any_more_is_told(run, pack, home, database):
    with database.administration() as session:
        session.execute(text("update observation set numerator = 1 where provider_id = :id"), {"id": home.provider_id})
    found = run("verify", pack)
    with database.administration() as session:
        session.execute(
            text("update observation set numerator = value where provider_id = :id"), {"id": home.provider_id}
        )
    assert found.returncode == 1
    assert "0 of 19 figures trace" in found.stdout


def test_a_pack_for_a_folder_that_is_not_there_is_refused_before_it_is_drawn(run, home, tmp_path):
    assert home
    refused = run("pack", "Rowan House", "--output", tmp_path / "missing" / "pack.pdf")
    assert refused.returncode == 1
    assert "There is no folder" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_pack_of_tomorrow_is_refused(run, home, tmp_path):
    assert home
    later = date.fromordinal(today().toordinal() + 3).isoformat()
    refused = run("pack", "Rowan House", "--output", tmp_path / "pack.pdf", "--as-at", later)
    assert refused.returncode == 1
    assert "has not come" in refused.stderr
