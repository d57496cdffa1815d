"""Plans: inspections as they were found, templates, objectives, steps, dated work, delegations and sign-off."""

from pathlib import Path

from alembic import op
from row_security import for_resolving, provider_rows, secured, service_rows

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"

JOBS_ONLY = provider_rows("derived")
WORKING = "provider_id = any ((select reach.providers_working())::uuid[])"
IN_REACH = "provider_id = any ((select reach.providers())::uuid[])"
PERSON = "(select reach.person())"

# Tables of one service: table -> (class that reads, class that adds).
FACTS = {
    "plan_revision": ("summary", "plans"),
    "plan_objective": ("summary", "plans"),
    "objective_indicator": ("summary", "plans"),
    "plan_step": ("summary", "plans"),
    "plan_step_revision": ("summary", "plans"),
    "plan_milestone_revision": ("summary", "plans"),
    "objective_event": ("summary", "plans"),
}
TABLES = (
    "work_visit",
    "work_pass",
    "work_delegation",
    "work_item_event",
    "work_item",
    "plan_step_revision",
    "plan_milestone_revision",
    "plan_step",
    "objective_status",
    "objective_event",
    "objective_indicator",
    "plan_objective",
    "plan_revision",
    "plan_template",
)


def upgrade() -> None:
    """Tables, their policies, and the sweep that asks for the day's work."""
    op.execute((SQL / "0011_plans.sql").read_text())
    for statement in [*_plans(), *_work(), *_functions()]:
        op.execute(statement)


def _plans() -> list[str]:
    derived = f"{JOBS_ONLY} and {service_rows('summary', 'writable')}"
    said = secured("plan_template", read=WORKING, insert=provider_rows("plans", "writable"))
    for table, (read, add) in FACTS.items():
        said += secured(table, read=service_rows(read), insert=service_rows(add, "writable"))
    said += secured(
        "objective_status",
        read=service_rows("summary"),
        insert=derived,
        update=derived,
        delete=derived,
        writers=("worker",),
    )
    return said


def _work() -> list[str]:
    # Whoever works at a service sees its dated work; a grant to a commissioner opens none of it.
    changed = service_rows("work", "writable")
    return [
        *secured(
            "work_item",
            read=service_rows("work"),
            insert=changed,
            update=changed,
            update_columns="asked_role, assigned_id, assigned_label, stands_in, is_vacant, needed, made, due_on,"
            " state, closed_on, closed_label",
            changers=("web", "worker"),
        ),
        *secured("work_item_event", read=service_rows("work"), insert=changed),
        *secured("work_delegation", read=service_rows("work"), insert=changed),
        *secured(
            "work_pass",
            read=service_rows("work"),
            insert=service_rows("plans", "writable"),
            update=f"{JOBS_ONLY} and {changed}",
            update_columns="passed_on",
        ),
        *for_resolving("work_pass"),
        *secured(
            "work_visit",
            read=f"{IN_REACH} and person_id = {PERSON}",
            insert=f"{WORKING} and person_id = {PERSON}",
            update=f"{WORKING} and person_id = {PERSON}",
            update_columns="visited_at, earlier_at",
            writers=("web",),
            changers=("web",),
        ),
    ]


def _functions() -> list[str]:
    return [
        "revoke all on function reach.sweep_work(), reach.holders(uuid) from public",
        "grant create on schema reach to mendline_reach",
        "alter function reach.sweep_work() owner to mendline_reach",
        "alter function reach.holders(uuid) owner to mendline_reach",
        "revoke create on schema reach from mendline_reach",
        "set role mendline_reach",
        "grant execute on function reach.sweep_work() to mendline_relay",
        "grant execute on function reach.holders(uuid) to mendline_web, mendline_worker",
        "set role mendline_owner",
    ]


def downgrade() -> None:
    """Takes away what was added; the facts of the tables go with them."""
    op.execute("drop function reach.sweep_work(), reach.holders(uuid)")
    for table in TABLES:
        op.execute(f"drop table {table}")
    op.execute(
        "alter table recovery_plan drop column target, drop column inspection_id, drop column content,"
        " drop column started_label"
    )
    op.execute(
        "alter table regulatory_requirement drop column inspection_id, drop column key_question,"
        " drop column quality_statement, drop column note, drop column recorded_label"
    )
    op.execute(
        "alter table inspection drop column quality_statements, drop column corrects, drop column correction_reason,"
        " drop column recorded_label"
    )
