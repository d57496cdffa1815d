"""What a person found of a milestone, and decisions that read a rise of reports as better reporting."""

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing to take away."""
