"""Which service follows another, from which day and why; and a service that closes."""

from pathlib import Path

from alembic import op
from row_security import for_resolving, secured, service_rows

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

# Read by whoever works for the provider: names come from the services themselves, which show where they may. Not by class,
# so that a transfer to another provider does not take it along.
WORKING = "provider_id = any ((select reach.providers_working())::uuid[])"
OWN_NAME = "recorded_by is not distinct from (select reach.person())"
CLOSE = "reach.close_service(uuid, uuid, date)"
RESOLVING = "current_user = 'mendline_reach'"


def upgrade() -> None:
    """The table with its policies, and the function that closes."""
    op.execute((SQL / "0016_succession.sql").read_text())
    for statement in [
        *secured("service_succession", read=WORKING, insert=f"{service_rows('service', 'writable')} and {OWN_NAME}"),
        *for_resolving("service_succession"),
        (
            f"create policy service_resolve_update on service for update to mendline_reach using ({RESOLVING})"
            f" with check ({RESOLVING})"
        ),
        "grant update (closed_on) on service to mendline_reach",
        f"revoke all on function {CLOSE} from public",
        "grant create on schema reach to mendline_reach",
        f"alter function {CLOSE} owner to mendline_reach",
        "revoke create on schema reach from mendline_reach",
        "set role mendline_reach",
        f"grant execute on function {CLOSE} to mendline_web, mendline_worker",
        "set role mendline_owner",
    ]:
        op.execute(statement)


def downgrade() -> None:
    """Takes them away again."""
    op.execute(f"drop function {CLOSE}")
    op.execute("revoke update (closed_on) on service from mendline_reach")
    op.execute("drop policy service_resolve_update on service")
    op.execute("drop table service_succession")
