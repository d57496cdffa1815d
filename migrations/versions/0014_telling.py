"""Spot checks and drills, notices, digests, effect checks, the regulator's clocks and hand-over."""

from pathlib import Path

from alembic import op
from row_security import for_resolving, provider_rows, secured, service_rows

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

WORKING = "provider_id = any ((select reach.providers_working())::uuid[])"
RECORDS = service_rows("records")
CHECKS = ("spot_check", "spot_check_finding", "spot_check_result", "drill", "drill_answer")
CLOCKS = ("regulator_event", "regulator_clock", "regulator_clock_event")
EFFECTS = ("effect_check", "effect_verdict")
TELLING = (
    "indicator_owner",
    "hand_over_item",
    "effect_verdict",
    "effect_check",
    "telling_pass",
    "telling_setting",
    "notice",
)
JOBS_ONLY = provider_rows("derived")
OWN = f"{WORKING} and person_id = (select reach.person())"
# Function -> the roles that call it.
FUNCTIONS = {
    "opened(text)": "web, worker, reader",
    "sweep_telling()": "relay",
    "stop_telling(uuid, uuid, text)": "signin",
}


def upgrade() -> None:
    """New tables with their policies."""
    for name in ("0014_checks.sql", "0014_clocks.sql", "0014_telling.sql"):
        op.execute((SQL / name).read_text())
    for table in CHECKS:
        _all(secured(table, read=service_rows("checks"), insert=service_rows("checks", "writable")))
    # Whoever tests claims must know which records were counted; what these say stays with those who may read records.
    op.execute(f"alter policy counted_record_read on counted_record using (({RECORDS}) or ({service_rows('checks')}))")
    for table in CLOCKS:
        _all(secured(table, read=service_rows("clocks"), insert=service_rows("clocks", "writable")))
    _all(secured("clock_setting", read=WORKING, insert=provider_rows("clocks", "writable"), writers=("web",)))
    _all([*_telling(), *_looking_back(), *_functions()])


def _telling() -> list[str]:
    """Notices are made by jobs and read by the one whom they tell; how to be told is that person's own."""
    own_or_jobs = f"({OWN}) or ({JOBS_ONLY})"
    return [
        *secured(
            "notice",
            read=own_or_jobs,
            insert=JOBS_ONLY,
            update=own_or_jobs,
            update_columns="read_at",
            writers=("worker",),
            changers=("web", "worker"),
        ),
        "grant update (mail_id, mailed_at) on notice to mendline_worker",
        *for_resolving("notice"),
        *secured(
            "telling_setting",
            read=own_or_jobs,
            insert=OWN,
            update=OWN,
            update_columns="ways, quiet_from, quiet_until, presses_through, digest_hour, digest_weekday, changed_at",
            writers=("web",),
            changers=("web",),
        ),
        *for_resolving("telling_setting", "insert", "update"),
        *secured("telling_pass", read=JOBS_ONLY, insert=JOBS_ONLY, update=JOBS_ONLY, writers=("worker",)),
        *for_resolving("telling_pass"),
    ]


def _looking_back() -> list[str]:
    said: list[str] = []
    for table in EFFECTS:
        said += secured(table, read=service_rows("actions"), insert=service_rows("actions", "writable"))
    return [
        *said,
        *secured(
            "indicator_owner",
            read=service_rows("summary"),
            insert=service_rows("actions", "writable"),
            writers=("web",),
        ),
        *secured(
            "hand_over_item",
            read=service_rows("actions"),
            insert=service_rows("actions", "writable"),
            writers=("web",),
        ),
    ]


def _functions() -> list[str]:
    said = [f"revoke all on function reach.{name} from public" for name in FUNCTIONS]
    said.append("grant create on schema reach to mendline_reach")
    said += [f"alter function reach.{name} owner to mendline_reach" for name in FUNCTIONS]
    said += ["revoke create on schema reach from mendline_reach", "set role mendline_reach"]
    for name, roles in FUNCTIONS.items():
        callers = ", ".join(f"mendline_{role.strip()}" for role in roles.split(","))
        said.append(f"grant execute on function reach.{name} to {callers}")
    return [*said, "set role mendline_owner"]


def downgrade() -> None:
    """Takes the tables away again."""
    op.execute(f"alter policy counted_record_read on counted_record using ({RECORDS})")
    for name in FUNCTIONS:
        op.execute(f"drop function reach.{name}")
    for table in TELLING:
        op.execute(f"drop table {table}")
    for table in ("clock_setting", *reversed(CLOCKS), *reversed(CHECKS)):
        op.execute(f"drop table {table}")


def _all(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)
