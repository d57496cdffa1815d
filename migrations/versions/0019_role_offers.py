"""Roles that are offered to somebody, and open nothing until they accept."""

from pathlib import Path

from alembic import op
from reach_functions import as_it_was, owned_by_reach
from row_security import for_resolving, provider_rows, secured, service_rows

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

ME = "(select reach.person())"
_OFFER = "uuid, uuid, uuid, uuid, text, text, text, text, text, date, date"
# Function -> the roles that call it.
FUNCTIONS = {
    "works_for(uuid, uuid)": "web, worker",
    "person_for(uuid, uuid, text, text)": "web, worker",
    f"offer_role({_OFFER})": "web, worker",
    "write_to_invited(uuid, uuid, uuid, bytea, timestamptz, jsonb)": "web, worker",
    "own_offers()": "web, reader",
    "answer_offer(uuid, boolean, text)": "web",
    "withdraw_offer(uuid, uuid, text)": "web, worker",
    "answer_invitation(bytea, boolean)": "signin",
    "invitation_offers(bytea)": "signin",
}
# After those that call them.
INTERNAL = (
    "told_offers(uuid, uuid)",
    "settle_offer(role_offer, boolean, text)",
    "open_offers(uuid, uuid)",
    "manages_people(uuid)",
)


def upgrade() -> None:
    """The table, its functions, and that a web request writes a membership only for whoever works there already.

    A process of the version before asks for the membership of somebody new in the old way and is refused, until it is
    replaced: nothing opens meanwhile.
    """
    op.execute("set local lock_timeout = '3s'")
    op.execute((SQL / "0019_role_offers.sql").read_text())
    read = f"({provider_rows('people')}) or ({service_rows('people')})"
    for statement in [
        *secured("role_offer", read=read),
        *for_resolving("role_offer", "insert", "update"),
        *owned_by_reach(FUNCTIONS, INTERNAL),
        "drop policy membership_insert on membership",
        _membership_insert(" and reach.works_for(provider_id, person_id)"),
    ]:
        op.execute(statement)


def _membership_insert(narrowed: str) -> str:
    return (
        "create policy membership_insert on membership for insert to mendline_web with check ("
        f"provider_id = any ((select reach.providers())::uuid[]) and granted_by = {ME} and person_id <> {ME}"
        f" and reach.may_give(provider_id, service_id, role){narrowed})"
    )


def downgrade() -> None:
    """Takes the table and functions away again; a role is again in force as soon as it is given."""
    op.execute(as_it_was("answer_role_request", "0003_reach.sql"))
    op.execute("drop policy membership_insert on membership")
    op.execute(_membership_insert(""))
    for name in (*FUNCTIONS, *INTERNAL):
        op.execute(f"drop function reach.{name}")
    op.execute("drop table role_offer")
