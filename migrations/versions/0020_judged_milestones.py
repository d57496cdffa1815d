"""What was found of a milestone, and decisions that read a rise of reports as better reporting."""

from pathlib import Path

from alembic import op
from row_security import secured, service_rows

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

# As decisions were written before they said it in a column of its own. Nobody who runs may change a review; the owner
# of the table, whom its policies would else hold as well, does it once.
BEFORE = "Reporting effect: more is reported, not more happens."
MARK_BEFORE = (
    "alter table review no force row level security",
    f"update review set reporting_effect = true where starts_with(why, '{BEFORE}')",
    "alter table review force row level security",
)


def upgrade() -> None:
    """A table with its policies, and a column that older decisions fill."""
    op.execute((SQL / "0020_milestones.sql").read_text())
    read, add = service_rows("summary"), service_rows("plans", "writable")
    for statement in (*secured("milestone_verdict", read=read, insert=add), *MARK_BEFORE):
        op.execute(statement)


def downgrade() -> None:
    """Takes both away; what decisions say in words stays."""
    op.execute("drop table milestone_verdict")
    op.execute("alter table review drop column reporting_effect")
