"""Triggers: rules that fired, episodes, escalations and registers."""

from pathlib import Path

from alembic import op
from row_security import provider_rows, secured, service_rows

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "0012_triggers.sql"

JOBS_ONLY = provider_rows("derived", "readable")
WORKING = "provider_id = any ((select reach.providers_working())::uuid[])"
# Rows that can be about somebody who works there: table -> the column that names what they are about.
FACTS = {
    "risk_event": "risk_id",
    "escalation_step": "escalation_id",
    "oversight": "escalation_id",
    "oversight_reply": "oversight_id",
}
# Whoever answers escalations puts matters before the provider and replies to them, without managing actions.
ANSWERED = ("oversight", "oversight_reply")
ANSWERING = f"({service_rows('actions', 'writable')}) or ({service_rows('escalations', 'writable')})"
EPISODES = ("trigger_episode", "trigger_episode_end")
COLUMNS = {
    "action": ("high_risk", "measure", "source", "marks", "escalation_id", "risk_id", "recorded_by"),
    "action_event": ("title", "owner", "measure", "high_risk", "marks", "recorded_by"),
    "risk": ("escalation_id", "recorded_by"),
    "risk_score": ("reason", "judged_label"),
    "escalation": (
        "origin",
        "kind",
        "episode_id",
        "interim_control",
        "due_at",
        "opened_label",
        "subject_person_id",
    ),
    "escalation_decision": ("decided_by", "decided_role", "made", "made_event_id"),
}
KINDS = "'redated', 'closed', 'reopened', 'no_longer_applicable'"
MORE_KINDS = "'redated', 'edited', 'closure_proposed', 'closure_refused', 'closed', 'reopened', 'no_longer_applicable'"


def upgrade() -> None:
    """New tables and columns, their policies, and the kinds of event that an action may have."""
    op.execute(SQL.read_text())
    _kinds(MORE_KINDS)
    for table, about in FACTS.items():
        read = f"{service_rows('actions')} and not (coalesce({about} = any ((select reach.cut())::uuid[]), false))"
        insert = ANSWERING if table in ANSWERED else service_rows("actions", "writable")
        _all(secured(table, read=read, insert=insert))
    for table in EPISODES:
        made = f"{JOBS_ONLY} and {service_rows('actions', 'writable')}"
        _all(secured(table, read=service_rows("actions"), insert=made, writers=("worker",)))
    _all(secured("trigger_threshold", read=WORKING, insert=provider_rows("actions", "writable"), writers=("web",)))
    op.execute(f"alter policy escalation_decision_insert on escalation_decision with check ({ANSWERING})")


def downgrade() -> None:
    """Takes the tables and columns away again."""
    before = service_rows("actions", "writable")
    op.execute(f"alter policy escalation_decision_insert on escalation_decision with check ({before})")
    for table in ("trigger_threshold", *reversed(EPISODES), *reversed(FACTS)):
        op.execute(f"drop table {table}")
    _kinds(KINDS)
    for table, names in COLUMNS.items():
        for name in names:
            op.execute(f"alter table {table} drop column {name}")


def _kinds(known: str) -> None:
    op.execute("alter table action_event drop constraint ck_action_event_kind_known")
    op.execute(f"alter table action_event add constraint ck_action_event_kind_known check (kind in ({known}))")


def _all(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)
