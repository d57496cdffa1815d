"""Officers are written to when a pack is shared with their grant and when it is taken back; offers of roles are told of."""

from pathlib import Path

from alembic import op
from reach_functions import as_it_was, owned_by_reach

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

INTERNAL = (
    "tell_officers(commissioner_grant, text)",
    "tell_of_shares(uuid)",
    "tell_soon(uuid)",
)
# Replaced function -> the step that made it.
REPLACED = {
    "share_pack": "0018_commissioner_packs.sql",
    "withdraw_pack": "0018_commissioner_packs.sql",
    "settle_offer": "0019_role_offers.sql",
    "sweep_telling": "0014_telling.sql",
}


def upgrade() -> None:
    """One column, and functions of which a request or the relay calls only those that stood before."""
    op.execute("set local lock_timeout = '3s'")
    op.execute((SQL / "0022_officers_told.sql").read_text())
    for statement in owned_by_reach({}, INTERNAL):
        op.execute(statement)


def downgrade() -> None:
    """Takes them away again; officers find what is shared with them on their pages."""
    for function, step in REPLACED.items():
        op.execute(as_it_was(function, step))
    for function in INTERNAL:
        op.execute(f"drop function reach.{function}")
    op.execute("alter table pack_share drop column told_at")
