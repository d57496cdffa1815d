"""Sign-in: factors, sessions, single sign-on, verification and reset; mail that waits to be sent."""

import re
from pathlib import Path

from alembic import op
from row_security import provider_rows, secured, service_rows

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

CREDENTIALS = ("mail", "one_time", "passkey", "recovery_code", "pending", "device", "identity", "client_secret")
FORGETTABLE = ("one_time", "recovery_code", "pending", "device", "client_secret")
OF_TENANTS = ("shared_device_end", "shared_device", "domain_proof", "single_sign_on")

# Functions that are new, and who may call them; those of the foundation that were replaced keep their callers.
CALLERS = {
    "issue_ticket(bytea, uuid, timestamptz, integer, boolean, text, text[], uuid[], timestamptz)": "signin",
    "revoke_of(uuid, bytea, boolean)": "signin",
    "tickets_of(uuid)": "signin",
    "ticket_holder(bytea)": "signin",
    "roles_of(uuid)": "signin",
    "places_of(uuid)": "signin",
    "note_sign_in(uuid, text, jsonb)": "signin",
    "send_mail(uuid, uuid, uuid, text, text, jsonb)": "web, worker",
    "invite_person(uuid, uuid, text, text, uuid, bytea, timestamptz, jsonb)": "web, worker",
    "end_sessions(uuid, uuid)": "web, worker",
    "due_mail(integer)": "relay",
    "sweep_sign_in()": "relay",
    "shared_device(bytea)": "signin, web",
    "works_at(uuid, uuid, uuid)": "signin",
    "single_sign_on(uuid, text)": "signin",
    "prove_domain(bytea)": "signin",
    "admit(uuid, uuid, text, text)": "signin",
}
INTERNAL = ("in_scope(reach.ticket, text)", "sign_in_facts()")
REPLACED = ("providers",)


def upgrade() -> None:
    """Tables, then functions, then policies and privileges."""
    op.execute((SQL / "0002_tables.sql").read_text())
    for table in CREDENTIALS:
        op.execute(f"grant select, insert, update on signin.{table} to mendline_signin")
    for table in FORGETTABLE:
        op.execute(f"grant delete on signin.{table} to mendline_signin")
    for statement in [*_tenants(), *_resolving()]:
        op.execute(statement)
    op.execute((SQL / "0002_reach.sql").read_text())
    for statement in _functions():
        op.execute(statement)


def _tenants() -> list[str]:
    return [
        *secured(
            "shared_device",
            read=service_rows("people"),
            insert=service_rows("people", "writable"),
            writers=("web",),
        ),
        *secured(
            "shared_device_end",
            read=service_rows("people"),
            insert=service_rows("people", "writable"),
            writers=("web",),
        ),
        *secured(
            "single_sign_on",
            read=provider_rows("people"),
            insert=provider_rows("people", "writable"),
            writers=("web",),
        ),
        *secured(
            "domain_proof",
            read=provider_rows("people"),
            insert=provider_rows("people", "writable"),
            writers=("web",),
        ),
    ]


def _resolving() -> list[str]:
    """What the functions may look up and write: they run as a role that cannot sign in."""
    resolving = "current_user = 'mendline_reach'"
    said = ["grant select (email, password_hash), insert on signin.person to mendline_reach"]
    said += [f"grant select, insert, update on signin.{table} to mendline_reach" for table in ("mail", "one_time")]
    said += [
        f"grant select, delete on signin.{table} to mendline_reach"
        for table in ("mail", "one_time", "pending", "attempt")
    ]
    for table in OF_TENANTS:
        said += [
            f"create policy {table}_resolve_select on {table} for select to mendline_reach using ({resolving})",
            f"grant select on {table} to mendline_reach",
        ]
    said += [
        f"create policy domain_proof_proved on domain_proof for update to mendline_reach using ({resolving}) with check ({resolving})",
        "grant update (proved_at) on domain_proof to mendline_reach",
    ]
    for table, word in (("membership", "admitted"), ("ledger_entry", "signed_in")):
        said += [
            f"create policy {table}_{word} on {table} for insert to mendline_reach with check ({resolving})",
            f"grant insert on {table} to mendline_reach",
        ]
    return said


def _functions() -> list[str]:
    made = [*CALLERS, *INTERNAL]
    said = [f"revoke all on function reach.{function} from public" for function in made]
    said.append("grant create on schema reach to mendline_reach")
    said += [f"alter function reach.{function} owner to mendline_reach" for function in made]
    said += ["revoke create on schema reach from mendline_reach", "set role mendline_reach"]
    for function, roles in CALLERS.items():
        names = ", ".join(f"mendline_{role.strip()}" for role in roles.split(","))
        said.append(f"grant execute on function reach.{function} to {names}")
    return [*said, "set role mendline_owner"]


def downgrade() -> None:
    """Everything of this step goes; the functions that it replaced are again those of the foundation."""
    foundation = (SQL / "0001_reach.sql").read_text()
    for name in REPLACED:
        found = re.search(rf"^create function reach\.{name}\(.*?^\$\$;", foundation, re.MULTILINE | re.DOTALL)
        if found is None:
            raise LookupError(f"the foundation has no function {name}")
        op.execute(found[0].replace("create function", "create or replace function", 1))
    for function in (*CALLERS, *INTERNAL):
        op.execute(f"drop function reach.{function}")
    for table, word in (("membership", "admitted"), ("ledger_entry", "signed_in")):
        op.execute(f"drop policy {table}_{word} on {table}")
        op.execute(f"revoke insert on {table} from mendline_reach")
    op.execute("revoke select (email, password_hash), insert on signin.person from mendline_reach")
    op.execute("revoke select, delete on signin.attempt from mendline_reach")
    for table in OF_TENANTS:
        op.execute(f"drop table {table}")
    for table in CREDENTIALS:
        op.execute(f"drop table signin.{table}")
    for index in ("attempt_attempted_at", "attempt_device_attempted_at", "api_token_person_id",
                  "session_person_id", "session_ticket_hash"):  # fmt: skip
        op.execute(f"drop index signin.ix_{index}")
    for table, columns in {
        "signin.attempt": ("device_hash", "kind"),
        "signin.api_token": ("token_id", "may_write", "classes", "service_ids"),
        "signin.session": ("session_id", "way", "level", "idle_seconds", "device_hash"),
        "signin.person": ("email_verified_at", "password_changed_at"),
        "reach.ticket": ("classes", "service_ids", "level", "factor_at"),
    }.items():
        for column in columns:
            op.execute(f"alter table {table} drop column {column}")
