"""What the platform itself counts, chained; what it watches for, and whom it told."""

from pathlib import Path

from alembic import op
from reach_functions import as_it_was, owned_by_reach
from row_security import for_resolving, provider_rows, secured

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

# Functions that are new, and who may call them; `count_refusal` keeps its callers.
CALLERS = {
    "seal_refusals()": "relay",
    "refusals_to_anchor()": "relay",
    "refusals_anchored(bigint, bytea, text)": "relay",
    "watched(timestamptz, jsonb, integer)": "relay",
    "ledgers_amiss(timestamptz, integer)": "relay",
    "raise_alert(text, text, uuid, uuid, bigint, timestamptz, integer, text)": "relay",
    "ledger_does_not_hold(uuid, timestamptz, text)": "worker",
    "alerts()": "web",
    "see_alert(uuid)": "web",
    "carry_over(bytea, bytea)": "signin",
    "knows(text, bytea)": "signin",
}
TABLES = ("refusal_link", "refusal_anchor", "ledger_mark", "alert_seen", "alert")


def upgrade() -> None:
    """Tables and functions, then policies and privileges."""
    op.execute((SQL / "0015_watching.sql").read_text())
    for statement in [*owned_by_reach(CALLERS), *_resolving(), *_alerts()]:
        op.execute(statement)


def _resolving() -> list[str]:
    return [
        "grant select, insert on reach.refusal_link, reach.refusal_anchor, reach.alert, reach.alert_seen to mendline_reach",
        "grant select, insert, update on reach.ledger_mark to mendline_reach",
        "grant select (ticket_hash), update (ticket_hash) on signin.session, signin.api_token to mendline_reach",
    ]


def _alerts() -> list[str]:
    """Whoever may read the provider's ledger reads its alerts, and says in their own name that they saw one."""
    ledger = provider_rows("ledger")
    return [
        *secured("security_alert", read=ledger),
        *for_resolving("security_alert", "insert"),
        *secured(
            "security_alert_seen",
            read=ledger,
            insert=f"{ledger} and person_id = (select reach.person())",
            writers=("web",),
        ),
    ]


def downgrade() -> None:
    """Takes the tables away; counting is again what it was."""
    op.execute(as_it_was("count_refusal", "0003_reach.sql"))
    op.execute(
        "revoke select (ticket_hash), update (ticket_hash) on signin.session, signin.api_token from mendline_reach"
    )
    for function in CALLERS:
        op.execute(f"drop function reach.{function}")
    op.execute("drop table security_alert_seen")
    op.execute("drop table security_alert")
    for table in TABLES:
        op.execute(f"drop table reach.{table}")
