"""Imports with preview and undo, webhooks and their deliveries."""

from pathlib import Path

from alembic import op
from row_security import for_resolving, provider_rows, secured, service_rows

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
TABLES = (
    "import_undo", "import_merge", "import_mapping", "import_file", "webhook_delivery", "webhook_end",
    "webhook_secret", "webhook",
)  # fmt: skip
JOBS_ONLY = provider_rows("derived")
SEEN = f"({provider_rows('settings')}) or ({JOBS_ONLY})"
SET = provider_rows("settings", "writable")
IMPORTS = f"({provider_rows('imports')}) or ({service_rows('imports')})"
TAKEN_IN = f"({provider_rows('imports', 'writable')}) or ({service_rows('imports', 'writable')})"
ANNOUNCE = "reach.announce(uuid, jsonb)"


def upgrade() -> None:
    """Tables with their policies, and the function that writes events down with the change that they tell of."""
    op.execute((SQL / "0010_tables.sql").read_text())
    op.execute((SQL / "0010_events.sql").read_text())
    said = [
        *secured("webhook", read=SEEN, insert=SET, writers=("web",)),
        *for_resolving("webhook"),
        *secured("webhook_secret", read=SEEN, insert=SET, writers=("web",)),
        *secured("webhook_end", read=SEEN, insert=SET, writers=("web",)),
        *for_resolving("webhook_end"),
        *secured("webhook_delivery", read=SEEN, update=JOBS_ONLY, update_columns="state, attempts, answer, tried_at"),
        *for_resolving("webhook_delivery", "insert"),
        *secured(
            "import_file",
            read=f"({IMPORTS}) or ({JOBS_ONLY})",
            insert=TAKEN_IN,
            update=f"({TAKEN_IN}) or ({JOBS_ONLY})",
            update_columns="mapping, mapping_id, mapping_version, object_key, state, said, found, problems, proposals,"
            " decisions, job_id, batch_id, on_conflict, changed_at",
            changers=("web", "worker"),
        ),
        *secured(
            "import_mapping",
            read=f"({IMPORTS}) or ({JOBS_ONLY})"
            " or (service_id is null and provider_id = any ((select reach.providers_working())::uuid[]))",
            insert=TAKEN_IN,
        ),
        *secured(
            "import_merge",
            read=f"({service_rows('imports')}) or ({JOBS_ONLY})",
            insert=JOBS_ONLY,
            writers=("worker",),
        ),
        *secured(
            "import_undo", read=f"({provider_rows('imports')}) or ({JOBS_ONLY})", insert=JOBS_ONLY, writers=("worker",)
        ),
        # Whoever imports somewhere sees how the work on a file ended there, whoever asked for it, and asks for it again.
        f"create policy job_of_import on job for select to mendline_web using (kind = 'import_facts' and ({IMPORTS}))",
        f"revoke all on function {ANNOUNCE} from public",
        "grant create on schema reach to mendline_reach",
        f"alter function {ANNOUNCE} owner to mendline_reach",
        "revoke create on schema reach from mendline_reach",
        "set role mendline_reach",
        f"grant execute on function {ANNOUNCE} to mendline_web, mendline_worker",
        "set role mendline_owner",
    ]
    for statement in said:
        op.execute(statement)


def downgrade() -> None:
    """Takes function, policy and tables away again."""
    op.execute("drop policy job_of_import on job")
    op.execute(f"drop function {ANNOUNCE}")
    for table in TABLES:
        op.execute(f"drop table {table}")
    for index in ("ix_record_batch", "ix_observation_batch"):
        op.execute(f"drop index {index}")
    op.execute("alter table record drop column withdrawn_at")
