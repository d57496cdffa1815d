"""The lints over the system catalogue hold, and each finds the fault that is planted for it."""

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, text

from tenants.lints import LINTS, faults

# Sentence of the lint, by its first words -> statements that break just that.
PLANTED = {
    "row-level security is on and forced": ["alter table observation no force row level security"],
    "every granted command has a policy": ["grant update on roll_up to mendline_web"],
    "provider_id comes first in every unique key": ["create unique index planted on service (cqc_location_id)"],
    "provider_id comes first in every foreign key": [
        "alter table pack add constraint planted_u unique (service_id, pack_id)",
        (
            "alter table pack_file add constraint planted foreign key (service_id, pack_id)"
            " references pack (service_id, pack_id)"
        ),
    ],
    "no foreign key changes or removes": [
        (
            "alter table record add constraint planted foreign key (provider_id, service_id)"
            " references service on delete cascade"
        ),
    ],
    "no role that runs may truncate": ["grant truncate on observation to mendline_worker"],
    "nobody who runs may change or remove a fact": [
        "grant update (value) on observation to mendline_worker",
        (
            "create policy planted on observation for update to mendline_worker"
            " using (provider_id = any (reach.providers()))"
        ),
    ],
    "every view asks with the rights": ["create view planted as select * from service"],
    "no materialised view": [
        "create materialized view planted as select * from service",
        "grant select on planted to mendline_web",
    ],
    "every function that runs as its owner": [
        "create function planted() returns bigint language sql security definer as 'select count(*) from service'",
        "revoke all on function planted() from public",
    ],
    "no function may be called by everybody": [
        "create function planted() returns integer language sql as 'select 1'",
        "grant execute on function planted() to public",
    ],
    "no table, view or sequence is granted to everybody": ["grant select on service to public"],
    "every policy asks what the ticket reaches": [
        "create policy planted on service for select to mendline_web using (true)"
    ],
    "every policy is permissive": [
        (
            "create policy planted on service as restrictive for select to mendline_web"
            " using (provider_id = any (reach.providers()))"
        ),
    ],
    "no policy looks into another table": [
        (
            "create policy planted on service for select to mendline_web using ("
            "provider_id = any (reach.providers()) and exists (select from commissioner_grant g where g.service_id = service_id))"
        ),
    ],
    "no role that runs owns anything": ["grant mendline_owner to mendline_web"],
    "roles that own or resolve cannot sign in": ["alter role mendline_backup bypassrls"],
    "no sequence counts": ["create sequence planted"],
    "no trigger or rule works behind": [
        "create function planted() returns trigger language plpgsql as 'begin return new; end'",
        "revoke all on function planted() from public",
        "create trigger planted before insert on observation for each row execute function planted()",
    ],
    "tickets and the matrix are read by nobody": ["grant select on reach.ticket to mendline_web"],
}

# More ways to break the same lints.
AS_WELL = {
    "row-level security is on and forced": [
        ["alter table observation disable row level security"],
        ["create table planted (provider_id uuid, primary key (provider_id))"],
        ["create table planted (n integer)", "grant select on planted to mendline_web"],
    ],
    "no role that runs may truncate": [
        ["grant temporary on database {database} to mendline_web"],
        ["grant create on schema public to mendline_worker"],
        ["grant references on service to mendline_web"],
    ],
    "nobody who runs may change or remove a fact": [
        [
            "grant delete on ledger_entry to mendline_worker",
            (
                "create policy planted on ledger_entry for delete to mendline_worker"
                " using (provider_id = any (reach.providers()))"
            ),
        ],
    ],
    "no role that runs owns anything": [
        ["alter role mendline_worker bypassrls"],
        ["alter table stale_mark owner to mendline_web"],
    ],
    "tickets and the matrix are read by nobody": [["grant select on signin.person to mendline_worker"]],
}


def test_the_migrated_database_has_no_fault(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert faults(connection) == {}
    engine.dispose()


def test_each_lint_has_a_fault_planted_for_it(figure: Callable[[str], None]) -> None:
    figure(f"lints of the catalogue: {len(LINTS)}, each with a fault planted: {len(PLANTED)}")
    assert len(PLANTED) == len(LINTS)
    for words in (*PLANTED, *AS_WELL):
        assert [sentence for sentence in LINTS if sentence.startswith(words)], words


@pytest.mark.parametrize(
    ("words", "statements"),
    [*PLANTED.items(), *((words, each) for words, faulty in AS_WELL.items() for each in faulty)],
)
def test_a_planted_fault_is_found(database_url: str, words: str, statements: list[str]) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        database = connection.execute(text("select current_database()")).scalar_one()
        for statement in statements:
            connection.execute(text(statement.format(database=database)))
        found = faults(connection)
        connection.rollback()
        assert any(sentence.startswith(words) for sentence in found), found
        assert faults(connection) == {}
    engine.dispose()
