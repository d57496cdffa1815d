"""Access: memberships with their reasons, grants, inspector links, support access, conflicts of interest."""

import re
from pathlib import Path

from alembic import op
from row_security import for_resolving, provider_rows, secured, service_rows

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

IN_REACH = "provider_id = any ((select reach.providers())::uuid[])"
ME = "(select reach.person())"
INSIDE = "mendline_web, mendline_worker"

# Functions that are new, and who may call them; those that were replaced keep their callers.
CALLERS = {
    "as_at()": "web, worker, reader",
    "inspected_pack()": "web, worker, reader",
    "cut()": "web, worker, reader",
    "cut_subjects()": "web, worker, reader",
    "kinds_of(text)": "web, worker, reader",
    "may_give(uuid, uuid, text)": "web, worker",
    "may_grant(uuid, text[])": "web, worker",
    "entered(uuid, uuid, uuid)": "web, worker",
    "bodies()": "web, worker, reader",
    "change_membership(uuid, uuid, date, text)": "web, worker",
    "answer_role_request(uuid, uuid, boolean, text)": "web",
    "withdraw_grant(uuid, uuid, uuid, text)": "web, worker",
    "keep_inspector_secret(uuid, uuid, uuid, bytea, bytea)": "web",
    "revoke_inspector(uuid, uuid, uuid)": "web",
    "inspector_begin(bytea, bytea, bytea, bytea, uuid, text, jsonb)": "signin",
    "inspector_enter(bytea, bytea, bytea, jsonb)": "signin",
    "note_inspection(text, text, jsonb, jsonb)": "web",
    "ask_support(uuid, uuid, text)": "web",
    "second_support(uuid)": "web",
    "consent_to_support(uuid, uuid, integer)": "web",
    "end_support(uuid)": "web",
    "review_support(uuid, text)": "web",
    "open_records(uuid, uuid, uuid, text[], text, integer)": "web",
    "close_records(uuid, uuid, uuid)": "web",
    "own_bodies()": "web, worker, reader",
    "write_note(uuid, uuid, uuid, text, text, date)": "web",
    "answer_note(uuid, uuid, uuid, uuid, text)": "web",
    "operations()": "web",
    "dead_jobs()": "web",
    "support_requests()": "web",
    "refusals()": "web",
    "count_refusal(text, text, boolean)": "signin",
}
INTERNAL = (
    "supported(uuid)",
    "opened_to(uuid)",
    "operates()",
    "grants_of(uuid, date)",
    "inspected(reach.ticket, text, boolean)",
    "note(uuid, uuid, text, text, uuid, text, jsonb, jsonb)",
    "writes(text, uuid, uuid)",
    "told_of_support(uuid, text, jsonb)",
)
# Functions of the foundation that were replaced; those of sign-in rely on what stands here.
REPLACED = ("live", "enter", "granted", "providers_of", "places", "whole_providers", "services", "open")
NEW = (
    "membership_event", "role_request", "post", "conflict", "release", "inspector_link", "support_access",
    "opened_records", "commissioner_note_answer", "commissioner_note", "platform_operator",
)  # fmt: skip

# Tables that an inspector's link shows as they stood: table -> (class, column of its moment). What is not named here
# stays closed to it.
AS_AT = {
    "inspection": ("summary", "recorded_at"),
    "regulatory_requirement": ("summary", "recorded_at"),
    "service_indicator": ("summary", "recorded_at"),
    "indicator_baseline": ("summary", "recorded_at"),
    "indicator_target": ("summary", "recorded_at"),
    "observation": ("summary", "recorded_at"),
    "chart_event": ("story", "recorded_at"),
    "recovery_plan": ("summary", "recorded_at"),
    "action": ("actions", "recorded_at"),
    "action_event": ("actions", "recorded_at"),
    "risk": ("actions", "recorded_at"),
    "risk_score": ("actions", "recorded_at"),
    "review": ("actions", "recorded_at"),
    "escalation": ("actions", "recorded_at"),
    "escalation_decision": ("actions", "recorded_at"),
    "evidence": ("evidence_index", "recorded_at"),
    "evidence_link": ("evidence_index", "recorded_at"),
    "evidence_check": ("evidence_index", "checked_at"),
}
# Tables whose rows can be about somebody who works there: table -> the column that names the row.
ABOUT = {
    "action": "action_id",
    "action_event": "action_id",
    "risk": "risk_id",
    "risk_score": "risk_id",
    "review": "review_id",
    "escalation": "escalation_id",
    "escalation_decision": "escalation_id",
    "evidence": "evidence_id",
    "evidence_link": "evidence_id",
    "evidence_check": "evidence_id",
}
RECORD_CLASSES = ("records_medicines", "records_staffing", "records_staff", "concerns")


def upgrade() -> None:
    """Tables, then functions, then policies and privileges."""
    for name in ("0003_tables.sql", "0003_reach.sql"):
        op.execute((SQL / name).read_text())
    for statement in [*_functions(), *_resolving(), *_people(), *_outsiders(), *_narrowed()]:
        op.execute(statement)


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


def _resolving() -> list[str]:
    """What the functions may look up and write: they run as a role that cannot sign in."""
    return [
        "grant select, insert, update on reach.inspector_secret to mendline_reach",
        "grant select, insert, update, delete on reach.refusal to mendline_reach",
        "grant select on reach.role_gives, reach.record_class to mendline_reach",
        *for_resolving("membership_event", "insert"),
        *for_resolving("role_request", "update"),
        *for_resolving("conflict"),
        *for_resolving("inspector_link", "update"),
        *for_resolving("support_access", "insert", "update"),
        *for_resolving("opened_records", "insert", "update"),
        *for_resolving("commissioner_note", "insert"),
        *for_resolving("commissioner_note_answer", "insert"),
        "alter table platform_operator enable row level security",
        "alter table platform_operator force row level security",
        *for_resolving("platform_operator"),
        *for_resolving("observation"),
        *_also("membership", "update", "valid_until"),
        *_also("commissioner_grant", "update", "withdrawn_at, withdrawn_by, withdrawn_reason"),
    ]


def _also(table: str, command: str, columns: str) -> list[str]:
    """One more command on columns of a table that the functions read already."""
    resolving = "current_user = 'mendline_reach'"
    return [
        (
            f"create policy {table}_resolve_{command} on {table} for {command} to mendline_reach"
            f" using ({resolving}) with check ({resolving})"
        ),
        f"grant {command} ({columns}) on {table} to mendline_reach",
    ]


def _people() -> list[str]:
    """Memberships, what is asked for, and what a service needs: read and written by whoever manages people there."""
    read = f"({provider_rows('people')}) or ({service_rows('people')})"
    write = f"({provider_rows('members', 'writable')}) or ({service_rows('members', 'writable')})"
    inserting = f"{IN_REACH} and granted_by = {ME} and person_id <> {ME}"
    concerns = f"({service_rows('concerns')})"
    entering = f"({service_rows('capture', 'writable')})"
    return [
        (
            f"create policy membership_insert on membership for insert to mendline_web with check ({inserting}"
            " and reach.may_give(provider_id, service_id, role))"
        ),
        "grant insert on membership to mendline_web",
        *secured("membership_event", read=read),
        *secured("role_request", read=read, insert=f"({write}) and asked_by = {ME}", writers=("web",)),
        *secured("post", read=read, insert=f"({write}) and recorded_by = {ME}", writers=("web",)),
        *secured(
            "conflict",
            read=f"({concerns} or ({service_rows('capture')} and recorded_by = {ME})) and person_id is distinct from {ME}",
            insert=f"({concerns} or ({entering} and lifts is null)) and recorded_by = {ME} and person_id <> {ME}",
            writers=("web",),
        ),
    ]


def _outsiders() -> list[str]:
    """Grants, releases, inspectors' links and support access."""
    released = " or ".join(
        f"(part = '{part}' and {service_rows(f'released_{part}')})" for part in ("summary", "actions", "evidence_index")
    )
    own_bodies = f"{service_rows('service')} and body_id = any ((select reach.own_bodies())::uuid[])"
    noted = f"({service_rows('released')}) or ({own_bodies})"
    return [
        "drop policy commissioner_grant_read on commissioner_grant",
        *secured(
            "commissioner_grant",
            read=service_rows("grants"),
            insert=f"{provider_rows('grants', 'writable')} and approved_by = {ME}"
            " and reach.may_grant(provider_id, classes)",
            writers=("web",),
        ),
        *secured(
            "release",
            read=f"({service_rows('released')}) or {released}",
            insert=f"{service_rows('release', 'writable')} and (recorded_by = {ME} or {provider_rows('derived')})",
        ),
        *secured(
            "inspector_link",
            read=service_rows("inspectors"),
            insert=f"{service_rows('inspectors', 'writable')} and made_by = {ME}",
            writers=("web",),
        ),
        *secured("support_access", read=provider_rows("support")),
        *secured("commissioner_note", read=noted),
        *secured("commissioner_note_answer", read=noted),
        *secured("opened_records", read=f"({service_rows('identifiers')}) or ({IN_REACH} and person_id = {ME})"),
    ]


def _narrowed() -> list[str]:
    """Policies that stood, narrowed by conflicts of interest, told apart by kind of record, and as at for inspectors."""
    said: list[str] = []
    for table, (class_, moment) in AS_AT.items():
        about = _not_about_me(ABOUT.get(table))
        said += _read_policies(table, service_rows(class_) + about, outside(class_, moment))
    said += _read_policies(
        "record", f"({_records()}){_not_about_me('record_id')}", f"({_records('as_at_')}) and {_before('recorded_at')}"
    )
    pack = "pack_id = (select reach.inspected_pack())"
    for table in ("pack", "pack_file"):
        said += _read_policies(table, service_rows("packs"), f"{service_rows('as_at_packs')} and {pack}")
    said += [
        "drop policy review_insert on review",
        f"create policy review_insert on review for insert to {INSIDE} with check ({_deciding()})",
        "drop policy ledger_entry_read on ledger_entry",
        (
            f"create policy ledger_entry_read on ledger_entry for select to {INSIDE}, mendline_reader"
            f" using (({provider_rows('ledger')} or ({service_rows('inspectors')} and actor = 'inspector')"
            f" or ({service_rows('grants')} and act = 'external look'))"
            " and (subject is null or not (subject = any ((select reach.cut_subjects())::text[]))))"
        ),
    ]
    return said


def outside(class_: str, moment: str) -> str:
    """What an inspector's link shows of a table that says by `moment` from when each row is."""
    return f"{service_rows(f'as_at_{class_}')} and {_before(moment)}"


def _before(moment: str) -> str:
    return f"{moment} <= (select reach.as_at())"


def _not_about_me(column: str | None) -> str:
    return f" and not ({column} = any ((select reach.cut())::uuid[]))" if column else ""


def _records(prefix: str = "") -> str:
    """Records by the class that reads their kind, and what somebody entered themselves."""
    apart = [
        f"({service_rows(prefix + class_)} and record_type = any ((select reach.kinds_of('{class_}'))::text[]))"
        for class_ in RECORD_CLASSES
    ]
    care = f"({service_rows(prefix + 'records')} and record_type <> all ((select reach.kinds_of(null))::text[]))"
    own = [] if prefix else [f"({service_rows('capture')} and recorded_by = {ME})"]
    return " or ".join([care, *apart, *own])


def _read_policies(table: str, inside: str, inspected: str) -> list[str]:
    """One policy for those who work here, and one for outsiders, which costs the others nothing."""
    return [
        f"drop policy {table}_read on {table}",
        f"create policy {table}_read on {table} for select to {INSIDE} using ({inside})",
        (
            f"create policy {table}_read_outside on {table} for select to mendline_reader"
            f" using (({inside}) or ({inspected}))"
        ),
    ]


def _deciding() -> str:
    assured = "decision in ('assured', 'assured_with_exception')"
    may_assure = "service_id = any ((select reach.writable('assurance'))::uuid[])"
    entered = "reach.entered(provider_id, service_id, indicator_id)"
    return f"{service_rows('reviews', 'writable')} and (not {assured} or ({may_assure} and not {entered}))"


def downgrade() -> None:
    """Everything of this step goes; policies and functions are again what they were."""
    foundation = (SQL / "0001_reach.sql").read_text()
    for name in REPLACED:
        found = re.search(
            rf"^create function reach\.{name}\(.*?^\$\$;|^create function reach\.{name}\(.*?\$\$.*?\$\$;", foundation,
            re.MULTILINE | re.DOTALL,
        )  # fmt: skip
        if found is None:
            raise ValueError(f"the foundation has no function {name}")
        op.execute(found[0].replace("create function", "create or replace function", 1))
    for statement in _as_before():
        op.execute(statement)
    for function in ("supported(uuid)", "opened_to(uuid)", "support_requests()"):  # they are named after a table's row
        op.execute(f"drop function reach.{function}")
    for table in NEW:
        op.execute(f"drop table {table}")
    for function in (*CALLERS, *INTERNAL):
        op.execute(f"drop function if exists reach.{function}")
    op.execute("drop index ix_ledger_entry_newest")
    op.execute("delete from reach.ticket where kind = 'inspector'")
    op.execute("alter table reach.ticket drop constraint ck_ticket_kind, drop column link_id")
    op.execute("alter table reach.ticket add constraint ticket_kind_check check (kind in ('person', 'job', 'command'))")
    for table in ("role_gives", "record_class", "inspector_secret", "refusal"):
        op.execute(f"drop table reach.{table}")
    for table, columns in {
        "membership": ("kind", "reason"),
        "provider": ("plan",),
        "commissioner_grant": ("live", "renews", "withdrawn_by", "withdrawn_reason"),
        "ledger_entry": ("origin",),
    }.items():
        for column in columns:
            op.execute(f"alter table {table} drop column {column}")
    op.execute("alter table membership drop constraint ck_membership_role_inside")


def _as_before() -> list[str]:
    """The policies of the foundation."""
    running = f"{INSIDE}, mendline_reader"
    own = f"{service_rows('capture')} and recorded_by = {ME}"
    before = {table: service_rows(class_) for table, (class_, _) in AS_AT.items()}
    before |= {"record": f"({service_rows('records')}) or ({own})"}
    before |= dict.fromkeys(("pack", "pack_file"), service_rows("packs"))
    said = []
    for table, words in before.items():
        said += [
            f"drop policy {table}_read on {table}",
            f"drop policy {table}_read_outside on {table}",
            f"create policy {table}_read on {table} for select to {running} using ({words})",
        ]
    return [
        *said,
        "drop policy membership_insert on membership",
        "revoke insert on membership from mendline_web",
        "drop policy membership_resolve_update on membership",
        "revoke update (valid_until) on membership from mendline_reach",
        "drop policy commissioner_grant_read on commissioner_grant",
        "drop policy commissioner_grant_insert on commissioner_grant",
        "drop policy commissioner_grant_resolve_update on commissioner_grant",
        "revoke insert on commissioner_grant from mendline_web",
        "revoke update (withdrawn_at) on commissioner_grant from mendline_reach",
        (
            f"create policy commissioner_grant_read on commissioner_grant for select to {running}"
            f" using ({service_rows('people')})"
        ),
        "drop policy observation_resolve_select on observation",
        "revoke select on observation from mendline_reach",
        "drop policy review_insert on review",
        f"create policy review_insert on review for insert to {INSIDE} with check ({service_rows('actions', 'writable')})",
        "drop policy ledger_entry_read on ledger_entry",
        f"create policy ledger_entry_read on ledger_entry for select to {running} using ({provider_rows('ledger')})",
    ]
