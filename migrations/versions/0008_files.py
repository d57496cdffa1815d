"""Evidence files: what was sent, what an examination found, and how long evidence is kept."""

from pathlib import Path

from alembic import op
from row_security import provider_rows, secured, service_rows

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
PARTS = ("0008_files.sql",)
TABLES = ("evidence_file_verdict", "evidence_file")


def upgrade() -> None:
    """Tables with their policies. A verdict is a job's: nobody says of their own file that it is harmless."""
    for name in PARTS:
        op.execute((SQL / name).read_text())
    files = service_rows("evidence_files")
    taking = service_rows("evidence_files", "writable")
    said = [
        *secured("evidence_file", read=files, insert=taking),
        *secured(
            "evidence_file_verdict",
            read=files,
            insert=f"{provider_rows('derived', 'readable')} and {taking}",
            writers=("worker",),
        ),
    ]
    for statement in said:
        op.execute(statement)


def downgrade() -> None:
    """Takes the tables and columns away again."""
    for table in TABLES:
        op.execute(f"drop table {table}")
    op.execute("alter table evidence_check drop column reason")
    op.execute("alter table evidence drop column keep_until, drop column category")
