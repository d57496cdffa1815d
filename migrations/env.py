"""Runs migrations as the owner of the tables, one process at a time, without waiting long for anybody's lock."""

from alembic import context
from sqlalchemy import create_engine, text

from tenants.tables import Base


def run() -> None:
    """Applies what is due; the address comes from `tenants.migrate`, never from a file."""
    engine = create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        # One migration at a time; a lock that traffic holds is waited for briefly, then the whole step fails cleanly.
        connection.execute(text("select pg_advisory_lock(727274)"))
        connection.execute(text("set lock_timeout = '3s'"))
        connection.execute(text("set statement_timeout = '15min'"))
        connection.execute(text("set role mendline_owner"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=context.config.attributes.get("metadata", Base.metadata),
            include_schemas=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
