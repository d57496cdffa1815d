"""The foundation: every table of the first release, reach by ticket, and row-level security forced from the start."""

from pathlib import Path

from alembic import op
from row_security import for_resolving, provider_rows, secured, service_rows

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

IN_REACH = "provider_id = any ((select reach.providers())::uuid[])"
JOBS_ONLY = provider_rows("derived", "readable")

# Tables of one service: table -> (class that reads, class that adds). Facts: nobody who runs may change or remove.
FACTS = {
    "inspection": ("summary", "summary"),
    "regulatory_requirement": ("summary", "summary"),
    "service_indicator": ("summary", "summary"),
    "indicator_baseline": ("summary", "summary"),
    "indicator_target": ("summary", "summary"),
    "observation": ("summary", "figures"),
    "chart_event": ("story", "story"),
    "recovery_plan": ("summary", "summary"),
    "action": ("actions", "actions"),
    "action_event": ("actions", "actions"),
    "risk": ("actions", "actions"),
    "risk_score": ("actions", "actions"),
    "review": ("actions", "actions"),
    "escalation": ("actions", "actions"),
    "escalation_decision": ("actions", "actions"),
    "evidence": ("evidence_index", "evidence_index"),
    "evidence_link": ("evidence_index", "evidence_index"),
    "evidence_check": ("evidence_index", "evidence_index"),
    "pack": ("packs", "packs"),
}

# Functions of `reach` and who may call them; nobody else, the public included.
CALLERS = {
    "today()": "web, worker, reader",
    "person()": "web, worker, reader",
    "providers()": "web, worker, reader",
    "providers_working()": "web, worker, reader",
    "readable(text)": "web, worker, reader",
    "writable(text)": "web, worker, reader",
    "providers_readable(text)": "web, worker, reader",
    "providers_writable(text)": "web, worker, reader",
    "enter(text)": "web, worker, reader",
    "open(text)": "web, worker, reader",
    "claim(uuid, text, integer, text)": "worker",
    "due_jobs(integer)": "relay",
    "mark_published(uuid[])": "relay",
    "sweep()": "relay",
    "oldest_wait()": "relay, web",
    "issue_person(bytea, uuid, timestamptz, integer, boolean)": "signin",
    "revoke(bytea)": "signin",
    "issue_command(uuid, integer)": "owner",
}
INTERNAL = (
    "hash_of(text)",
    "current_ticket()",
    "held()",
    "granted()",
    "live()",
    "whole_providers(text, boolean)",
    "providers_of(uuid, date)",
    "places(uuid, date, text, boolean)",
    "services(text, boolean)",
    "new_ticket()",
    "person_holds(uuid, text, uuid, uuid)",
)


def upgrade() -> None:
    """Tables, then the functions that policies ask, then the policies and privileges."""
    for name in ("0001_tables.sql", "0001_reach.sql"):
        op.execute((SQL / name).read_text())
    for statement in [*_schemas(), *_directory(), *_facts(), *_derived(), *_work(), *_resolving(), *_functions()]:
        op.execute(statement)


def _schemas() -> list[str]:
    running = "mendline_web, mendline_worker, mendline_reader"
    return [
        f"grant usage on schema public to {running}, mendline_reach",
        f"grant usage on schema reach to {running}, mendline_relay, mendline_signin, mendline_reach",
        "grant usage on schema signin to mendline_signin, mendline_reach",
        "grant select, insert, update on all tables in schema signin to mendline_signin",
        "grant delete on signin.attempt to mendline_signin",
        "grant select (person_id, name, disabled_at) on signin.person to mendline_reach",
        "grant select, insert, update, delete on reach.ticket to mendline_reach",
        "grant select on reach.role_class to mendline_reach",
    ]


def _directory() -> list[str]:
    mine = f"{IN_REACH} and person_id = (select reach.person())"
    people = f"{IN_REACH} and service_id = any ((select reach.readable('people'))::uuid[])"
    return [
        *secured("provider", read=IN_REACH),
        *secured("service", read=service_rows("service"), insert=service_rows("service", "writable"), writers=("web",)),
        *secured("membership", read=f"({mine}) or ({provider_rows('people')}) or ({people})"),
        *secured("commissioner_grant", read=service_rows("people")),
        "alter table commissioning_body enable row level security",
        "alter table commissioning_body force row level security",
        "alter table commissioner_officer enable row level security",
        "alter table commissioner_officer force row level security",
    ]


def _facts() -> list[str]:
    said: list[str] = []
    for table, (read, add) in FACTS.items():
        said += secured(table, read=service_rows(read), insert=service_rows(add, "writable"))
    own = f"{service_rows('capture')} and recorded_by = (select reach.person())"
    said += secured(
        "record",
        read=f"({service_rows('records')}) or ({own})",
        insert=service_rows("capture", "writable"),
    )
    said += secured("import_batch", read=provider_rows("imports"), insert=provider_rows("imports", "writable"))
    return said


def _derived() -> list[str]:
    derived = f"{JOBS_ONLY} and {service_rows('summary', 'writable')}"
    return [
        *secured(
            "indicator_status",
            read=service_rows("summary"),
            insert=derived,
            update=derived,
            delete=derived,
            writers=("worker",),
        ),
        *secured(
            "roll_up",
            read=provider_rows("rollup"),
            insert=JOBS_ONLY,
            update=JOBS_ONLY,
            delete=JOBS_ONLY,
            writers=("worker",),
        ),
        *secured(
            "pack_file",
            read=service_rows("packs"),
            insert=f"{JOBS_ONLY} and {service_rows('packs', 'writable')}",
            writers=("worker",),
        ),
    ]


def _work() -> list[str]:
    # Jobs carry the name of whoever asks, since a job does no more than its requester may do when it runs.
    mine = "requested_by = (select reach.person())"
    known_service = "(service_id is null or service_id = any ((select reach.readable('service'))::uuid[]))"
    working = "provider_id = any ((select reach.providers_working())::uuid[])"
    return [
        *secured(
            "job",
            read=f"{IN_REACH} and ({mine} or {JOBS_ONLY})",
            insert=f"{working} and {known_service} and ({mine} or {JOBS_ONLY})",
            update=JOBS_ONLY,
            update_columns="state, due_at, published_at, lease_until, progress, progress_text, error, finished_at",
        ),
        # SELECT ... FOR UPDATE SKIP LOCKED asks for the right to update, though nothing is.
        *secured(
            "stale_mark",
            read=JOBS_ONLY,
            insert=f"{working} and {known_service}",
            update=JOBS_ONLY,
            update_columns="marked_at",
            delete=JOBS_ONLY,
        ),
        # A commissioner's look is noted as well, so reach is enough; nobody notes in another person's name.
        *secured(
            "ledger_entry",
            read=provider_rows("ledger"),
            insert=f"{IN_REACH} and (person_id = (select reach.person()) or {JOBS_ONLY})",
        ),
        *secured("ledger_seal", read=provider_rows("ledger"), insert=JOBS_ONLY, writers=("worker",)),
        *secured(
            "idempotency_key",
            read=f"{IN_REACH} and person_id = (select reach.person())",
            insert=f"{working} and person_id = (select reach.person())",
            writers=("web",),
        ),
    ]


def _resolving() -> list[str]:
    said: list[str] = []
    for table in (
        "provider",
        "service",
        "membership",
        "commissioning_body",
        "commissioner_officer",
        "commissioner_grant",
        "stale_mark",
        "indicator_status",
        "ledger_entry",
        "ledger_seal",
    ):
        said += for_resolving(table)
    return [*said, *for_resolving("job", "insert", "update")]


def _functions() -> list[str]:
    said = [
        "revoke all on all functions in schema reach from public",
        "grant create on schema reach to mendline_reach",
    ]
    said += [f"alter function reach.{function} owner to mendline_reach" for function in (*CALLERS, *INTERNAL)]
    said += ["revoke create on schema reach from mendline_reach", "set role mendline_reach"]
    for function, roles in CALLERS.items():
        names = ", ".join(f"mendline_{role.strip()}" for role in roles.split(","))
        said.append(f"grant execute on function reach.{function} to {names}")
    return [*said, "set role mendline_owner"]


def downgrade() -> None:
    """Takes everything away: the first step has nothing before it."""
    op.execute("drop schema reach cascade")
    op.execute("drop schema signin cascade")
    for table in [
        *(FACTS),
        "record",
        "import_batch",
        "indicator_status",
        "roll_up",
        "pack_file",
        "job",
        "stale_mark",
        "ledger_entry",
        "ledger_seal",
        "idempotency_key",
        "membership",
        "commissioner_grant",
        "commissioner_officer",
        "commissioning_body",
        "service",
        "provider",
    ]:
        op.execute(f"drop table {table} cascade")
