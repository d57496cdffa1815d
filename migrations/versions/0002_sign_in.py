"""Sign-in: factors, sessions, single sign-on, verification and reset; mail that waits to be sent."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
