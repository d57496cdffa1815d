"""Spot checks and drills, notices, digests, effect checks, the regulator's clocks and hand-over."""

from pathlib import Path

from alembic import op
from row_security import provider_rows, secured, service_rows

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

WORKING = "provider_id = any ((select reach.providers_working())::uuid[])"
RECORDS = service_rows("records")
CHECKS = ("spot_check", "spot_check_finding", "spot_check_result", "drill", "drill_answer")
CLOCKS = ("regulator_event", "regulator_clock", "regulator_clock_event")


def upgrade() -> None:
    """New tables with their policies."""
    for name in ("0014_checks.sql", "0014_clocks.sql"):
        op.execute((SQL / name).read_text())
    for table in CHECKS:
        _all(secured(table, read=service_rows("checks"), insert=service_rows("checks", "writable")))
    # Whoever tests claims must know which records were counted; what these say stays with those who may read records.
    op.execute(f"alter policy counted_record_read on counted_record using (({RECORDS}) or ({service_rows('checks')}))")
    for table in CLOCKS:
        _all(secured(table, read=service_rows("clocks"), insert=service_rows("clocks", "writable")))
    _all(secured("clock_setting", read=WORKING, insert=provider_rows("clocks", "writable"), writers=("web",)))


def downgrade() -> None:
    """Takes the tables away again."""
    op.execute(f"alter policy counted_record_read on counted_record using ({RECORDS})")
    for table in ("clock_setting", *reversed(CLOCKS), *reversed(CHECKS)):
        op.execute(f"drop table {table}")


def _all(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)
