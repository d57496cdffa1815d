"""What somebody is cut from goes into no pack, and its file is cut with it."""

from pathlib import Path

from alembic import op
from reach_functions import as_it_was, owned_by_reach
from row_security import service_rows

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

FUNCTIONS = {"cut_files()": "web, worker, reader"}
INSIDE = "mendline_web, mendline_worker"


def upgrade() -> None:
    """One function replaced, one added, and the policies of files narrowed by them."""
    op.execute("set local lock_timeout = '3s'")
    op.execute((SQL / "0027_conflicts.sql").read_text())
    for statement in owned_by_reach(FUNCTIONS):
        op.execute(statement)
    _read_files(" and not (file_id = any ((select reach.cut_files())::uuid[]))")


def _read_files(narrowed: str) -> None:
    for table in ("evidence_file", "evidence_file_verdict"):
        op.execute(f"drop policy {table}_read on {table}")
        op.execute(
            f"create policy {table}_read on {table} for select to {INSIDE}"
            f" using ({service_rows('evidence_files')}{narrowed})"
        )


def downgrade() -> None:
    """As it was."""
    _read_files("")
    op.execute(as_it_was("cut", "0003_reach.sql"))
    for function in FUNCTIONS:
        op.execute(f"drop function reach.{function}")
