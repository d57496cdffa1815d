"""What most people reach is worked out with fewer look-ups; nothing that it answers changes."""

from pathlib import Path

from alembic import op
from reach_functions import as_it_was, owned_by_reach

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

# Function -> the step that made it as it was before.
REPLACED = {
    "footing": "0004_reach.sql",
    "standing": "0004_reach.sql",
    "readable": "0004_reach.sql",
}
INTERNAL = ("signed(bytea, text, text)",)


def upgrade() -> None:
    """Replaces three functions and takes what they share into one of its own."""
    op.execute("set local lock_timeout = '3s'")
    op.execute((SQL / "0026_quicker_reach.sql").read_text())
    for statement in owned_by_reach({}, INTERNAL):
        op.execute(statement)


def downgrade() -> None:
    """The three as they were."""
    for function, step in REPLACED.items():
        op.execute(as_it_was(function, step))
    for function in INTERNAL:
        op.execute(f"drop function reach.{function}")
