"""Rows of a file that may be records which are kept already: each decided by itself, over time."""

from pathlib import Path

from alembic import op
from row_security import provider_rows, secured, service_rows

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

JOBS_ONLY = provider_rows("derived")
DECIDED = f"({service_rows('imports', 'writable')}) or ({JOBS_ONLY})"


def upgrade() -> None:
    """The check of a file writes the rows, whoever imports there decides, and they go when the file does."""
    op.execute("set local lock_timeout = '3s'")
    op.execute((SQL / "0017_merging.sql").read_text())
    said = secured(
        "import_proposal",
        read=f"({service_rows('imports')}) or ({JOBS_ONLY})",
        insert=JOBS_ONLY,
        update=DECIDED,
        delete=DECIDED,
        update_columns="decision, record_id, decided_by, decided_initials, decided_at",
        writers=("worker",),
        changers=("web", "worker"),
    )
    for statement in said:
        op.execute(statement)


def downgrade() -> None:
    """Takes the table away again; a file that waits is checked anew before it comes in."""
    op.execute("drop table import_proposal")
