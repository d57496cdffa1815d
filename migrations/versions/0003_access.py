"""Access: memberships with their reasons, grants, inspector links, break-glass, conflicts of interest."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
