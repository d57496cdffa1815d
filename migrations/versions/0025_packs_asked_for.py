"""Officers may ask for a pack; the provider answers by sharing one, or declines with a reason."""

from pathlib import Path

from alembic import op
from reach_functions import as_it_was, owned_by_reach

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

FUNCTIONS = {"answer_with_pack(uuid, uuid, uuid)": "web"}
INTERNAL = ("waits_for_pack(uuid, uuid, uuid)",)


def upgrade() -> None:
    """One kind of note more, what answers it, and functions that keep one waiting at a time."""
    op.execute("set local lock_timeout = '3s'")
    op.execute((SQL / "0025_packs_asked_for.sql").read_text())
    for statement in owned_by_reach(FUNCTIONS, INTERNAL):
        op.execute(statement)


def downgrade() -> None:
    """Takes them away again. What was asked stays: the constraint holds for what is written from then on."""
    op.execute(as_it_was("write_note", "0003_reach.sql"))
    for function in (*FUNCTIONS, *INTERNAL):
        op.execute(f"drop function reach.{function}")
    op.execute("alter table commissioner_note_answer drop column share_id")
    op.execute("alter table commissioner_note drop constraint ck_commissioner_note_kind_known")
    op.execute(
        "alter table commissioner_note add constraint ck_commissioner_note_kind_known"
        " check (kind in ('request', 'finding')) not valid"
    )
