"""What an address answered to a delivery is kept as its code, and a delivery goes thirty days after it was settled."""

from alembic import op
from row_security import provider_rows, secured

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

JOBS_ONLY = provider_rows("derived")
SETTINGS = provider_rows("settings")


def upgrade() -> None:
    """One column, the right of jobs to write it and to take old deliveries away, and when the next try is due."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("alter table webhook_delivery add column status integer")
    op.execute("grant update (status) on webhook_delivery to mendline_worker")
    for statement in secured("webhook_delivery", delete=JOBS_ONLY, changers=("worker",)):
        op.execute(statement)
    op.execute(
        "create policy job_of_webhook on job for select to mendline_web"
        f" using (kind = 'deliver_webhook' and {SETTINGS})"
    )


def downgrade() -> None:
    """Takes them away again."""
    op.execute("drop policy job_of_webhook on job")
    op.execute("drop policy webhook_delivery_delete on webhook_delivery")
    op.execute("revoke delete on webhook_delivery from mendline_worker")
    op.execute("alter table webhook_delivery drop column status")
