"""Status: what an indicator's status is made of, its rule table, and what is missing."""

from pathlib import Path

from alembic import op
from row_security import secured, service_rows

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

# Table -> (class that reads, class that adds). What contradicts a figure is free text and never goes to outsiders.
FACTS = {
    "indicator_redefinition": ("summary", "summary"),
    "contradiction": ("story", "evidence_index"),
    "contradiction_answer": ("story", "actions"),
    "evidence_exemption": ("summary", "evidence_index"),
}


def upgrade() -> None:
    """Parts of a status, frozen figures of a baseline, changes of what is counted, contradictions and exemptions."""
    op.execute((SQL / "0006_status.sql").read_text())
    for table, (read, add) in FACTS.items():
        for statement in secured(table, read=service_rows(read), insert=service_rows(add, "writable")):
            op.execute(statement)
    for statement in (
        "revoke all on function reach.sweep_rules(text) from public",
        "grant create on schema reach to mendline_reach",
        "alter function reach.sweep_rules(text) owner to mendline_reach",
        "revoke create on schema reach from mendline_reach",
        "set role mendline_reach",
        "grant execute on function reach.sweep_rules(text) to mendline_relay",
        "set role mendline_owner",
    ):
        op.execute(statement)


def downgrade() -> None:
    """Takes away what was added; the facts of the tables go with them."""
    op.execute("drop function reach.sweep_rules(text)")
    for table in ("contradiction_answer", "contradiction", "evidence_exemption", "indicator_redefinition"):
        op.execute(f"drop table {table}")
    op.execute("alter table evidence drop column seen_at, drop column made_by")
    op.execute("alter table chart_event drop column kind")
    op.execute("alter table indicator_baseline drop column figures, drop column definition_version")
    op.execute(
        "alter table indicator_status drop column rules_version, drop column composite, drop column composite_rule,"
        " drop column current_until, drop column parts, drop column todos, drop column drawn"
    )
