"""The local authority area that a service lies in, by its code."""

from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
SET = "reach.set_area(uuid, uuid, text)"


def upgrade() -> None:
    """One column, and the function that fills it."""
    op.execute("set local lock_timeout = '3s'")
    op.execute((SQL / "0023_area.sql").read_text())
    for statement in [
        "grant update (area_code) on service to mendline_reach",
        f"revoke all on function {SET} from public",
        "grant create on schema reach to mendline_reach",
        f"alter function {SET} owner to mendline_reach",
        "revoke create on schema reach from mendline_reach",
        "set role mendline_reach",
        f"grant execute on function {SET} to mendline_web, mendline_worker",
        "set role mendline_owner",
    ]:
        op.execute(statement)


def downgrade() -> None:
    """Takes them away again."""
    op.execute(f"drop function {SET}")
    op.execute("alter table service drop column area_code")
