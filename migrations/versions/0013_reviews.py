"""Reviews, minutes and the story: signed records are inserted once, drafts alone may change."""

from pathlib import Path

from alembic import op
from row_security import provider_rows, secured, service_rows

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "0013_reviews.sql"

JOBS_ONLY = provider_rows("derived", "readable")
MINE = "person_id = (select reach.person())"
TABLES = (
    "status_change",
    "service_change",
    "review_draft",
    "review_sitting",
    "minutes_addendum",
    "minutes",
    "minutes_draft",
)

INSIDE = "mendline_web, mendline_worker"


def upgrade() -> None:
    """Tables and their policies."""
    op.execute(SQL.read_text())
    for statement in [*_of_services(), *_for_inspectors(), *_of_providers()]:
        op.execute(statement)


def _of_services() -> list[str]:
    own = f"{service_rows('reviews', 'writable')} and {MINE}"
    return [
        *secured(
            "status_change",
            read=service_rows("summary"),
            insert=f"{JOBS_ONLY} and {service_rows('summary', 'writable')}",
            writers=("worker",),
        ),
        *secured("service_change", read=service_rows("story"), insert=service_rows("story", "writable")),
        *secured(
            "review_draft",
            read=own,
            insert=own,
            update=own,
            update_columns="answers, saved_at",
            delete=own,
            writers=("web",),
            changers=("web",),
        ),
        *secured("review_sitting", read=service_rows("actions"), insert=service_rows("reviews", "writable")),
    ]


def _for_inspectors() -> list[str]:
    """What changed, as it was known at the moment of an inspector's link; everybody else reads as before."""
    said = []
    for table, class_, outside in (
        ("status_change", "summary", "as_at_summary"),
        ("service_change", "story", "as_at_story"),
    ):
        inspected = f"{service_rows(outside)} and recorded_at <= (select reach.as_at())"
        said += [
            f"drop policy {table}_read on {table}",
            f"create policy {table}_read on {table} for select to {INSIDE} using ({service_rows(class_)})",
            (
                f"create policy {table}_read_outside on {table} for select to mendline_reader"
                f" using (({service_rows(class_)}) or ({inspected}))"
            ),
        ]
    return said


def _of_providers() -> list[str]:
    read, keep = provider_rows("meetings"), provider_rows("meetings", "writable")
    return [
        *secured(
            "minutes_draft",
            read=read,
            insert=keep,
            update=keep,
            update_columns="attendance, notes, saved_label, saved_at",
            writers=("web",),
            changers=("web",),
        ),
        *secured("minutes", read=read, insert=keep, writers=("web",)),
        *secured("minutes_addendum", read=read, insert=keep, writers=("web",)),
    ]


def downgrade() -> None:
    """Takes the tables away again."""
    for table in TABLES:
        op.execute(f"drop table {table}")
