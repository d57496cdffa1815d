"""Single sign-on opens what its own provider gave; a role that is over neither comes back nor ends anybody's sign-in."""

from pathlib import Path

from alembic import op
from reach_functions import as_it_was, owned_by_reach

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

# Function -> the roles that call it.
FUNCTIONS = {
    "arrives(uuid, uuid)": "signin",
    "former_connections(uuid)": "signin",
}
# Function -> the step that made it as it was before.
REPLACED = {
    "single_sign_on": "0002_reach.sql",
    "end_sessions": "0002_reach.sql",
    "change_membership": "0003_reach.sql",
}


def upgrade() -> None:
    """Replaces three functions and adds two; a process of the version before calls the same ones in the same way."""
    op.execute("set local lock_timeout = '3s'")
    op.execute((SQL / "0024_sign_on.sql").read_text())
    for statement in owned_by_reach(FUNCTIONS):
        op.execute(statement)


def downgrade() -> None:
    """The three as they were."""
    for function, step in REPLACED.items():
        op.execute(as_it_was(function, step))
    for function in FUNCTIONS:
        op.execute(f"drop function reach.{function}")
