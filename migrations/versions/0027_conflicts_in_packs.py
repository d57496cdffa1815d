"""What somebody is cut from goes into no pack, its file is cut with it, and nobody is cut from it by whoever does not see it."""

from pathlib import Path

from alembic import op
from reach_functions import as_it_was, owned_by_reach
from row_security import service_rows

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

FUNCTIONS = {"cut_files()": "web, worker, reader", "made_record(uuid, uuid, uuid)": "web"}
INSIDE = "mendline_web, mendline_worker"


def upgrade() -> None:
    """One function replaced, two added, and the policies of files and of conflicts narrowed by them."""
    op.execute("set local lock_timeout = '3s'")
    op.execute((SQL / "0027_conflicts.sql").read_text())
    for statement in owned_by_reach(FUNCTIONS):
        op.execute(statement)
    _read_files(" and not (file_id = any ((select reach.cut_files())::uuid[]))")
    op.execute(
        "create policy record_resolve_select on record for select to mendline_reach using (current_user = 'mendline_reach')"
    )
    op.execute("grant select (provider_id, service_id, record_id, recorded_by) on record to mendline_reach")
    _name_conflicts(" and about_kind = 'record' and reach.made_record(provider_id, service_id, about_id)")


def _read_files(narrowed: str) -> None:
    for table in ("evidence_file", "evidence_file_verdict"):
        op.execute(f"drop policy {table}_read on {table}")
        op.execute(
            f"create policy {table}_read on {table} for select to {INSIDE}"
            f" using ({service_rows('evidence_files')}{narrowed})"
        )


def _name_conflicts(own: str) -> None:
    """Whoever reads concerns names a conflict about anything, others about what `own` says; nobody one of themselves."""
    me = "(select reach.person())"
    entering = f"{service_rows('capture', 'writable')} and lifts is null{own}"
    op.execute("drop policy conflict_insert on conflict")
    op.execute(
        "create policy conflict_insert on conflict for insert to mendline_web with check ("
        f"(({service_rows('concerns')}) or ({entering})) and recorded_by = {me} and person_id <> {me})"
    )


def downgrade() -> None:
    """As it was."""
    _name_conflicts("")
    op.execute("revoke select (provider_id, service_id, record_id, recorded_by) on record from mendline_reach")
    op.execute("drop policy record_resolve_select on record")
    _read_files("")
    op.execute(as_it_was("cut", "0003_reach.sql"))
    for function in FUNCTIONS:
        op.execute(f"drop function reach.{function}")
