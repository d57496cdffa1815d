"""Custody: retention, erasure, legal hold, transfer and the ledger's anchors."""

from pathlib import Path

from alembic import op
from row_security import for_resolving, provider_rows, secured, service_rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

READS = provider_rows("custody")
WRITES = provider_rows("custody", "writable")
JOBS_ONLY = provider_rows("derived", "readable")

# Tables that whoever keeps custody reads and adds to; jobs read and add as well.
KEPT = ("retention_rule", "legal_hold", "legal_hold_release", "custody_request", "custody_step", "transfer_step")
TABLES = (
    *KEPT,
    "custody_file",
    "service_transfer",
    "transferred_table",
    "transferred_row",
    "service_freeze",
    "provider_leaving",
    "provider_key",
    "ledger_anchor",
)

# Functions that act with the rights of the owner of the tables, and who may call them.
CALLERS = {
    "erase_records(jsonb)": "worker",
    "erase_words()": "worker",
    "erase_ledger_words()": "worker",
    "forget_request(jsonb)": "worker",
    "take_up(text, uuid, text)": "web",
    "other_side(uuid)": "web",
    "begin_transfer(uuid)": "web",
    "transfer_of_job()": "worker",
    "tables_of(text[])": "worker",
    "copy_rows(text, integer)": "worker",
    "compare_rows(text)": "worker",
    "end_transfer(integer, bigint)": "worker",
    "words_of(text, text)": "worker",
    "holds_against(uuid, uuid, text)": "web, worker",
    "class_of(text)": "worker",
}

# Functions of `reach` that come with this step; they run as the role that resolves.
RESOLVING = (
    "sweep_custody()",
    "under_way(uuid, text)",
    "asked_in_an_hour(uuid, text)",
    "closed_services(uuid[])",
    "footing(bytea, text, text)",
    "standing(bytea)",
    "providers_now()",
    "remember_beginning(bytea, bytea)",
    "note_of_ticket(reach.ticket, text, text, boolean, jsonb)",
    "note_ended(text, text, bytea, text, jsonb)",
    "note_sign_on_refused(uuid, text, text)",
)


def upgrade() -> None:
    """Tables, then the functions, then the policies and privileges."""
    for name in ("0004_custody.sql", "0004_custody_functions.sql", "0004_reach.sql"):
        op.execute((SQL / name).read_text())
    for statement in [*_tables(), *_functions()]:
        op.execute(statement)


def _tables() -> list[str]:
    said: list[str] = []
    for table in KEPT:
        said += secured(table, read=READS, insert=WRITES)
    said += secured("service_transfer", read=READS, insert=WRITES, writers=("web",))
    for table in ("transferred_table", "transferred_row", "ledger_anchor"):
        said += secured(table, read=READS, insert=JOBS_ONLY, writers=("worker",))
    said += secured("custody_file", read=READS, insert=JOBS_ONLY, delete=JOBS_ONLY, writers=("worker",))
    said += secured("provider_key", read=JOBS_ONLY, insert=JOBS_ONLY, writers=("worker",))
    said += secured("service_freeze", read=service_rows("service"))
    said += secured("provider_leaving", read="provider_id = any ((select reach.providers_working())::uuid[])")
    for table in ("service_freeze", "provider_leaving"):
        said += for_resolving(table)
    return said


def _functions() -> list[str]:
    said = [
        "revoke all on all functions in schema custody from public",
        "grant usage on schema custody to mendline_web, mendline_worker",
    ]
    for function, roles in CALLERS.items():
        names = ", ".join(f"mendline_{role}" for role in roles.split(", "))
        said.append(f"grant execute on function custody.{function} to {names}")
    said.append("grant create on schema reach to mendline_reach")
    for function in RESOLVING:
        said += [
            f"revoke all on function reach.{function} from public",
            f"alter function reach.{function} owner to mendline_reach",
        ]
    return [
        *said,
        "revoke create on schema reach from mendline_reach",
        "set role mendline_reach",
        "grant execute on function reach.sweep_custody() to mendline_relay",
        "grant execute on function reach.under_way(uuid, text) to mendline_web, mendline_worker",
        "grant execute on function reach.asked_in_an_hour(uuid, text) to mendline_web, mendline_worker",
        "grant execute on function reach.note_ended(text, text, bytea, text, jsonb) to mendline_signin",
        "grant execute on function reach.note_sign_on_refused(uuid, text, text) to mendline_signin",
        "grant execute on function reach.remember_beginning(bytea, bytea) to mendline_signin",
        "set role mendline_owner",
    ]


def downgrade() -> None:
    """The functions of before, then everything of custody away."""
    op.execute(_BEFORE)
    for function in RESOLVING:
        op.execute(f"drop function reach.{function}")
    op.execute("alter table reach.ticket drop column told_at, drop column beginning, drop column altered_told_at")
    op.execute("drop table reach.secret")
    op.execute("drop schema custody cascade")
    for table in reversed(TABLES):
        op.execute(f"drop table {table} cascade")
    op.execute("alter table ledger_seal drop column commitment, drop column salt")
    op.execute("alter table ledger_entry drop column erased_at, drop column erased_under")
    op.execute("alter table record drop column erased_at")


_BEFORE = """
do $$ begin
    execute regexp_replace(
        pg_get_functiondef('reach.claim(uuid, text, integer, text)'::regprocedure), 'perform reach.note[^;]*; ', '');
end $$;

do $$ begin
    execute replace(pg_get_functiondef('reach.providers_now()'::regprocedure), 'reach.providers_now()', 'reach.providers()');
end $$;

create or replace function reach.readable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$ begin return reach.services(class, false); end $$;

create or replace function reach.providers_readable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$ begin return reach.whole_providers(class, false); end $$;

create or replace function reach.writable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$ begin return reach.services(class, true); end $$;

create or replace function reach.providers_writable(class text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$ begin return reach.whole_providers(class, true); end $$;
"""
