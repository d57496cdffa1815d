"""Capture on a phone: how records arrived, drafts that wait, the same draft sent twice with other answers."""

from pathlib import Path

from alembic import op
from row_security import secured, service_rows

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
ME = "(select reach.person())"
RECORD_CLASSES = ("records_medicines", "records_staffing", "records_staff", "concerns")
TABLES = ("capture_choice", "capture_conflict", "capture_draft", "capture_arrival")


def upgrade() -> None:
    """Tables and their policies."""
    op.execute((SQL / "0009_capture.sql").read_text())
    for statement in _policies():
        op.execute(statement)


def downgrade() -> None:
    """Takes the tables away; records that came in this way stay."""
    for table in TABLES:
        op.execute(f"drop table {table}")


def _policies() -> list[str]:
    own = f"{service_rows('capture', 'writable')} and recorded_by = {ME}"
    read = f"({_like_its_record()}) and not (record_id = any ((select reach.cut())::uuid[]))"
    said: list[str] = []
    for table in ("capture_arrival", "capture_conflict"):
        said += secured(table, read=read, insert=own, writers=("web",))
    # A draft is nobody's but its writer's until it is sent.
    said += secured(
        "capture_draft",
        read=f"{service_rows('capture')} and recorded_by = {ME}",
        insert=own,
        update=own,
        delete=own,
        update_columns="answers, open_questions, saved_at",
        writers=("web",),
        changers=("web",),
    )
    # What was chosen tells nothing by itself; whoever sees the conflict sees it.
    said += secured("capture_choice", read=service_rows("capture"), insert=own, writers=("web",))
    return said


def _like_its_record() -> str:
    """Rows about a record are read by whoever reads records of its kind, and by whoever sent it."""
    apart = [
        f"({service_rows(class_)} and record_type = any ((select reach.kinds_of('{class_}'))::text[]))"
        for class_ in RECORD_CLASSES
    ]
    care = f"({service_rows('records')} and record_type <> all ((select reach.kinds_of(null))::text[]))"
    return " or ".join([care, *apart, f"({service_rows('capture')} and recorded_by = {ME})"])
