"""Measures: figures worked out from records, and what was counted."""

from pathlib import Path

from alembic import op
from row_security import for_resolving, provider_rows, secured, service_rows

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
TABLES = ("restatement", "counted_record", "measurement", "record_mark")

JOBS_ONLY = provider_rows("derived", "readable")

# Where the sweep of the first step looks for work without a job, and where it looks from now on.
_LOOKS = "from (select distinct provider_id from public.stale_mark where marked_at < now() - interval '2 seconds') s"
_LOOKS_ALSO = """from (
        select provider_id from public.stale_mark where marked_at < now() - interval '2 seconds'
        union
        select provider_id from public.record_mark where marked_at < now() - interval '2 seconds') s"""


def upgrade() -> None:
    """Tables, their policies, and a sweep that also finds records waiting to be measured."""
    op.execute((SQL / "0007_measures.sql").read_text())
    for statement in [*_marks(), *_measured(), *for_resolving("record_mark")]:
        op.execute(statement)
    _sweep(_LOOKS, _LOOKS_ALSO)


def downgrade() -> None:
    """Takes the tables away, and the sweep back to what it was."""
    _sweep(_LOOKS_ALSO, _LOOKS)
    for table in TABLES:
        op.execute(f"drop table {table}")
    op.execute("alter table record drop column also_on")


def _marks() -> list[str]:
    # SELECT ... FOR UPDATE SKIP LOCKED asks for the right to update, though nothing is.
    return secured(
        "record_mark",
        read=JOBS_ONLY,
        insert=service_rows("capture", "writable") + f" or ({JOBS_ONLY}) or ({provider_rows('imports', 'writable')})",
        update=JOBS_ONLY,
        update_columns="marked_at",
        delete=JOBS_ONLY,
    )


def _measured() -> list[str]:
    written = f"{JOBS_ONLY} and {service_rows('summary', 'writable')}"
    return [
        *secured("measurement", read=service_rows("summary"), insert=written, writers=("worker",)),
        # Which records were counted leads to people; how many and of what kind stands with the measurement.
        *secured("counted_record", read=service_rows("records"), insert=written, writers=("worker",)),
        *secured("restatement", read=service_rows("summary"), insert=written, writers=("worker",)),
    ]


def _sweep(before: str, after: str) -> None:
    """Changes one clause of `reach.sweep`, whatever else a step in between made of it."""
    body = op.get_bind().exec_driver_sql("select pg_get_functiondef('reach.sweep()'::regprocedure)").scalar_one()
    if before not in body:
        raise RuntimeError("reach.sweep no longer looks for stale marks as this step expects; change both together")
    op.execute("grant create on schema reach to mendline_reach")
    op.execute("set role mendline_reach")
    op.get_bind().exec_driver_sql(body.replace(before, after).replace("%", "%%"))
    op.execute("set role mendline_owner")
    op.execute("revoke create on schema reach from mendline_reach")
