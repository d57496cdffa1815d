"""Roles that are offered to somebody, and open nothing until they accept."""

import re
from pathlib import Path

from alembic import op
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
        *_functions(),
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


def _functions() -> list[str]:
    made = [*FUNCTIONS, *INTERNAL]
    said = [f"revoke all on function reach.{name} from public" for name in made]
    said.append("grant create on schema reach to mendline_reach")
    said += [f"alter function reach.{name} owner to mendline_reach" for name in made]
    said += ["revoke create on schema reach from mendline_reach", "set role mendline_reach"]
    for name, roles in FUNCTIONS.items():
        callers = ", ".join(f"mendline_{role.strip()}" for role in roles.split(","))
        said.append(f"grant execute on function reach.{name} to {callers}")
    return [*said, "set role mendline_owner"]


def downgrade() -> None:
    """Takes the table and functions away again; a role is again in force as soon as it is given."""
    before = (SQL / "0003_reach.sql").read_text()
    found = re.search(r"^create function reach\.answer_role_request\(.*?^\$\$;", before, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError("the step of access has no function answer_role_request")
    op.execute(found[0].replace("create function", "create or replace function", 1))
    op.execute("drop policy membership_insert on membership")
    op.execute(_membership_insert(""))
    for name in (*FUNCTIONS, *INTERNAL):
        op.execute(f"drop function reach.{name}")
    op.execute("drop table role_offer")
