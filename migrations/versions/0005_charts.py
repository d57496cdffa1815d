"""Charts: which chart an indicator uses, the base of its limits, and why either was changed; what was foreseen."""

from pathlib import Path

from alembic import op
from row_security import provider_rows, secured, service_rows

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Adds the record of charts that were overruled, limits that were set anew, and outlooks that were given."""
    op.execute((SQL / "0005_tables.sql").read_text())
    derived = f"{provider_rows('derived', 'readable')} and {service_rows('summary', 'writable')}"
    for statement in [
        *secured("chart_choice", read=service_rows("summary"), insert=service_rows("summary", "writable")),
        *secured("limit_base", read=service_rows("summary"), insert=service_rows("summary", "writable")),
        # Whoever agrees is another person than whoever asked: the nominated individual may, who sets no targets.
        *secured("limit_base_decision", read=service_rows("summary"), insert=service_rows("actions", "writable")),
        *secured("outlook_given", read=service_rows("summary"), insert=derived, writers=("worker",)),
    ]:
        op.execute(statement)


def downgrade() -> None:
    """Takes them away."""
    for table in ("outlook_given", "limit_base_decision", "limit_base", "chart_choice"):
        op.execute(f"drop table {table}")
