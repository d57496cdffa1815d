"""Which service follows another, from which day and why; and a service that closes."""

from pathlib import Path

from alembic import op
from reach_functions import owned_by_reach
from row_security import for_resolving, secured, service_rows

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

# Read by whoever works at the newer service; outsiders who were granted it are told nothing of others.
READ = f"provider_id = any ((select reach.providers_working())::uuid[]) and {service_rows('service')}"
OWN_NAME = "recorded_by is not distinct from (select reach.person())"
CLOSE = "close_service(uuid, uuid, date)"
RESOLVING = "current_user = 'mendline_reach'"


def upgrade() -> None:
    """The table with its policies, and the function that closes."""
    op.execute((SQL / "0016_succession.sql").read_text())
    op.execute(_staying("'service_freeze', ", "'service_freeze', 'service_succession', "))
    for statement in [
        *secured("service_succession", read=READ, insert=f"{service_rows('service', 'writable')} and {OWN_NAME}"),
        *for_resolving("service_succession"),
        (
            f"create policy service_resolve_update on service for update to mendline_reach using ({RESOLVING})"
            f" with check ({RESOLVING})"
        ),
        "grant update (closed_on) on service to mendline_reach",
        *owned_by_reach({CLOSE: "web, worker"}),
    ]:
        op.execute(statement)


def _staying(before: str, after: str) -> str:
    """What a transfer to another provider leaves where it is: a service that is followed stays with the old one."""
    return f"""
do $$ begin
    execute replace(
        pg_get_functiondef('custody.tables_of(text[])'::regprocedure), $w${before}$w$, $w${after}$w$);
end $$;
"""


def downgrade() -> None:
    """Takes them away again."""
    op.execute(_staying("'service_freeze', 'service_succession', ", "'service_freeze', "))
    op.execute(f"drop function reach.{CLOSE}")
    op.execute("revoke update (closed_on) on service from mendline_reach")
    op.execute("drop policy service_resolve_update on service")
    op.execute("drop table service_succession")
