"""Packs for commissioners: made as an officer would see the service, shared with one grant, taken back at once."""

from pathlib import Path

from alembic import op
from reach_functions import owned_by_reach
from row_security import for_resolving, secured, service_rows

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

ME = "(select reach.person())"
# Function -> the roles that call it.
FUNCTIONS = {
    "shared_packs()": "web, worker, reader",
    "share_pack(uuid, uuid, uuid, uuid, uuid, text, text)": "web",
    "withdraw_pack(uuid, uuid, uuid, text)": "web",
}


def upgrade() -> None:
    """Tables, functions, policies. A share is written by its function alone, which looks at the grant."""
    op.execute("set local lock_timeout = '3s'")
    op.execute((SQL / "0018_commissioner_packs.sql").read_text())
    making = f"{service_rows('packs', 'writable')} and {service_rows('release', 'writable')} and recorded_by = {ME}"
    shared = f"{service_rows('released_summary')} and share_id = any ((select reach.shared_packs())::uuid[])"
    for statement in [
        *secured("commissioner_pack", read=service_rows("packs"), insert=making, writers=("web",)),
        *secured("pack_share", read=f"({service_rows('packs')}) or ({shared})"),
        *for_resolving("commissioner_pack"),
        *for_resolving("pack_share", "insert", "update"),
        *for_resolving("pack"),
        *for_resolving("pack_file"),
        *owned_by_reach(FUNCTIONS),
    ]:
        op.execute(statement)


def downgrade() -> None:
    """Takes the tables and functions away again."""
    for table in ("pack_share", "commissioner_pack"):
        op.execute(f"drop table {table}")
    for name in FUNCTIONS:
        op.execute(f"drop function reach.{name}")
    for table in ("pack", "pack_file"):
        op.execute(f"drop policy {table}_resolve_select on {table}")
        op.execute(f"revoke select on {table} from mendline_reach")
