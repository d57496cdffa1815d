"""What somebody is cut from asks the memory of the statement who they are; nothing that it answers changes."""

from pathlib import Path

from alembic import op
from reach_functions import as_it_was

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Replaces one function."""
    op.execute("set local lock_timeout = '3s'")
    op.execute((SQL / "0028_cut_from_memory.sql").read_text())


def downgrade() -> None:
    """As it was."""
    op.execute(as_it_was("cut", "0027_conflicts.sql"))
