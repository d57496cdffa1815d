"""The databases that other tests stand on: migrated, empty, and each module's own."""

from collections.abc import Callable

from sqlalchemy import create_engine, text

from tenants.database import Database


def test_a_test_database_is_migrated_and_holds_no_provider(database: Database) -> None:
    with database.administration() as session:
        assert session.execute(text("select count(*) from provider")).scalar_one() == 0


def test_the_running_roles_can_sign_in_and_see_nothing_without_a_reach(database: Database) -> None:
    with database.engine("web").begin() as connection:
        assert connection.execute(text("select current_user")).scalar_one() == "mendline_web"
        assert connection.execute(text("select count(*) from service")).scalar_one() == 0


def test_each_new_database_is_apart(new_database_url: Callable[[], str]) -> None:
    first, second = new_database_url(), new_database_url()
    engine = create_engine(first)
    with engine.begin() as connection:
        connection.execute(text("create table only_here (number int)"))
    engine.dispose()
    engine = create_engine(second)
    with engine.begin() as connection:
        assert connection.execute(text("select to_regclass('only_here')")).scalar_one() is None
    engine.dispose()
