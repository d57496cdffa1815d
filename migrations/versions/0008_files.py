"""Evidence files: what was sent, what an examination found, and how long evidence is kept."""

from pathlib import Path

from alembic import op
from row_security import for_resolving, provider_rows, secured, service_rows

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
PARTS = ("0008_files.sql",)
TABLES = ("file_share", "evidence_file_verdict", "evidence_file")
INSIDE = "mendline_web, mendline_worker"


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
    for statement in [*said, *_sharing()]:
        op.execute(statement)


def _sharing() -> list[str]:
    """What outsiders see of files: an inspector those of the link's moment, a commissioner those shared one by one."""
    shared = f"{service_rows('released_evidence_files')} and file_id = any ((select reach.shared_files())::uuid[])"
    said = secured(
        "file_share",
        read=f"({service_rows('released')}) or ({shared})",
        insert=f"{service_rows('release', 'writable')} and recorded_by = (select reach.person())",
        writers=("web",),
    )
    for table, moment in {"evidence_file": "recorded_at", "evidence_file_verdict": "decided_at"}.items():
        inspected = f"{service_rows('as_at_evidence_files')} and {moment} <= (select reach.as_at())"
        said += [
            f"drop policy {table}_read on {table}",
            f"create policy {table}_read on {table} for select to {INSIDE} using ({service_rows('evidence_files')})",
            (
                f"create policy {table}_read_outside on {table} for select to mendline_reader"
                f" using (({inspected}) or ({shared}))"
            ),
        ]
    for table in ("file_share", "evidence_file", "evidence_check"):
        said += for_resolving(table)
    return [
        *said,
        "revoke all on function reach.shared_files() from public",
        "grant create on schema reach to mendline_reach",
        "alter function reach.shared_files() owner to mendline_reach",
        "revoke create on schema reach from mendline_reach",
        "set role mendline_reach",
        f"grant execute on function reach.shared_files() to {INSIDE}, mendline_reader",
        "set role mendline_owner",
    ]


def downgrade() -> None:
    """Takes the tables and columns away again."""
    for table in TABLES:
        op.execute(f"drop table {table}")
    op.execute("drop function reach.shared_files()")
    op.execute("drop policy evidence_check_resolve_select on evidence_check")
    op.execute("revoke select on evidence_check from mendline_reach")
    op.execute("alter table evidence_check drop column reason")
    op.execute("alter table evidence drop column keep_until, drop column category")
