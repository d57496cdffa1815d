"""Single sign-on opens what its own provider gave; a role that is over neither comes back nor ends anybody's sign-in."""

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
