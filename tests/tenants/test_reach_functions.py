"""What PostgreSQL makes of a ticket: who reaches which services, by which role or grant, and when that ends."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from support.tenancy import (
    Groups,
    Place,
    add_body,
    add_grant,
    add_membership,
    add_officer,
    add_person,
    issue_ticket,
    make_groups,
    rest,
    revoke,
    signed_in,
)

from mendline.indicators.model import ChartEvent, Observation
from mendline.recovery.model import Action
from tenants.classes import CLASSES
from tenants.clock import now, today
from tenants.database import Database
from tenants.directory.model import Provider, Service
from tenants.errors import NoReachError, NotPermittedError
from tenants.jobs import enqueue
from tenants.ledger import note
from tenants.reach import Reach
from tenants.roles import ROLES

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return make_groups(database)


def services(db: Database, reach: Reach, table: type = Service) -> set[uuid.UUID]:
    with db.transaction(reach) as session:
        return set(session.scalars(select(table.service_id)))


def test_a_role_at_a_service_reaches_that_service_alone(database: Database, groups: Groups) -> None:
    reach = signed_in(database, "registered_manager", groups.first)
    assert services(database, reach) == {groups.first.service_id}
    assert services(database, reach, Observation) == {groups.first.service_id}
    assert reach.provider_ids == (groups.first.provider_id,)


def test_a_role_at_a_provider_reaches_all_its_services(database: Database, groups: Groups) -> None:
    reach = signed_in(database, "nominated_individual", groups.first, whole_provider=True)
    assert services(database, reach) == {groups.first.service_id, groups.sister.service_id}


def test_a_role_reaches_only_the_classes_of_its_matrix(database: Database, groups: Groups) -> None:
    reach = signed_in(database, "carer", groups.first)
    assert services(database, reach) == {groups.first.service_id}
    for table in (Observation, Action, ChartEvent):
        assert services(database, reach, table) == set()


@pytest.mark.parametrize(
    ("first_day", "last_day", "reaches"),
    [(0, None, True), (0, 0, True), (-9, 0, True), (1, None, False), (-9, -1, False), (-9, 9, True)],
)
def test_a_membership_counts_from_its_first_to_its_last_day(
    database: Database, groups: Groups, first_day: int, last_day: int | None, *, reaches: bool
) -> None:
    person = add_person(database)
    until = None if last_day is None else today() + last_day * DAY
    add_membership(
        database, person, "shift_leader", groups.first, valid_from=today() + first_day * DAY, valid_until=until
    )
    reach = database.reach_of(issue_ticket(database, person))
    assert bool(services(database, reach, Observation)) is reaches


def test_a_membership_that_ends_takes_effect_at_the_next_statement(database: Database, groups: Groups) -> None:
    person = add_person(database)
    membership = add_membership(database, person, "shift_leader", groups.first)
    reach = database.reach_of(issue_ticket(database, person))
    with database.transaction(reach) as session:
        assert session.scalars(select(Observation.service_id)).all()
        with database.administration() as other:
            other.execute(
                text("update membership set valid_until = current_date - 1 where membership_id = :id"),
                {"id": membership},
            )
        assert session.scalars(select(Observation.service_id)).all() == []


@pytest.mark.parametrize(
    ("classes", "sees_figures", "sees_actions"),
    [(["summary"], True, False), (["actions"], False, True), (["summary", "actions"], True, True), ([], False, False)],
)
def test_a_grant_opens_its_classes_and_nothing_else(
    database: Database, groups: Groups, classes: list[str], *, sees_figures: bool, sees_actions: bool
) -> None:
    reach = officer(database, groups.first, classes=classes)
    assert reach.is_external
    assert services(database, reach) == {groups.first.service_id}
    assert bool(services(database, reach, Observation)) is sees_figures
    assert bool(services(database, reach, Action)) is sees_actions
    assert services(database, reach, ChartEvent) == set()


def officer(db: Database, place: Place, **grant) -> Reach:
    person, body = add_person(db), add_body(db)
    add_officer(db, body, person)
    add_grant(db, place, body, **grant)
    return db.reach_of(issue_ticket(db, person))


@pytest.mark.parametrize(("first_day", "last_day", "reaches"), [(0, 0, True), (1, 9, False), (-9, -1, False)])
def test_a_grant_counts_from_its_first_to_its_last_day(
    database: Database, groups: Groups, first_day: int, last_day: int, *, reaches: bool
) -> None:
    when = {"valid_from": today() + first_day * DAY, "valid_until": today() + last_day * DAY}
    reach = officer(database, groups.first, **when)
    assert bool(services(database, reach)) is reaches
    assert bool(reach.granted) is reaches


def test_a_grant_withdrawn_ends_at_the_next_statement(database: Database, groups: Groups) -> None:
    person, body = add_person(database), add_body(database)
    add_officer(database, body, person)
    grant = add_grant(database, groups.first, body)
    reach = database.reach_of(issue_ticket(database, person))
    with database.transaction(reach) as session:
        assert session.scalars(select(Provider.name)).all()
        with database.administration() as other:
            other.execute(
                text("update commissioner_grant set withdrawn_at = now() where grant_id = :id"), {"id": grant}
            )
        for table in (Provider, Service, Observation):
            assert session.scalars(select(table.provider_id)).all() == []


def test_an_officer_of_two_providers_sees_of_each_only_what_was_granted(database: Database, groups: Groups) -> None:
    person, body = add_person(database), add_body(database)
    add_officer(database, body, person)
    add_grant(database, groups.sister, body, classes=["summary"])
    add_grant(database, groups.second, body, classes=["actions"])
    reach = database.reach_of(issue_ticket(database, person))
    assert services(database, reach, Observation) == {groups.sister.service_id}
    assert services(database, reach, Action) == {groups.second.service_id}


def test_an_identifier_that_two_providers_use_opens_neither_by_what_is_held_at_the_other(
    database: Database, groups: Groups
) -> None:
    """A provider could give its service the identifier of a competitor's: roles at both must not add up."""
    assert groups.twin.service_id == groups.first.service_id
    person = add_person(database)
    add_membership(database, person, "registered_manager", groups.twin)
    add_membership(database, person, "registered_manager", groups.sister)
    reach = database.reach_of(issue_ticket(database, person))
    with database.transaction(reach) as session:
        seen = {tuple(row) for row in session.execute(select(Observation.provider_id, Observation.service_id))}
    assert (groups.first.provider_id, groups.first.service_id) not in seen
    assert (groups.sister.provider_id, groups.sister.service_id) in seen


def test_whoever_holds_both_twins_sees_both(database: Database, groups: Groups) -> None:
    person = add_person(database)
    add_membership(database, person, "registered_manager", groups.twin)
    add_membership(database, person, "registered_manager", groups.first)
    reach = database.reach_of(issue_ticket(database, person))
    with database.transaction(reach) as session:
        seen = set(session.scalars(select(Observation.provider_id)))
    assert seen == {groups.first.provider_id, groups.second.provider_id}


def test_disabling_a_person_ends_what_they_do_at_the_next_statement(database: Database, groups: Groups) -> None:
    person = add_person(database)
    add_membership(database, person, "shift_leader", groups.first)
    ticket = issue_ticket(database, person)
    with database.transaction(database.reach_of(ticket)) as session:
        assert session.scalars(select(Service.service_id)).all()
        with database.administration() as other:
            other.execute(text("update signin.person set disabled_at = now() where person_id = :id"), {"id": person})
        assert session.scalars(select(Service.service_id)).all() == []
    with pytest.raises(NoReachError):
        database.reach_of(ticket)


@pytest.mark.parametrize("ticket", ["", "0" * 64, "' or true --", "\\", "é", "a" * 10_000])
def test_a_ticket_that_was_never_issued_opens_nothing(database: Database, groups: Groups, ticket: str) -> None:
    assert groups
    with pytest.raises(NoReachError):
        database.reach_of(ticket)


def test_expired_revoked_and_idle_tickets_open_nothing(database: Database, groups: Groups) -> None:
    person = add_person(database)
    add_membership(database, person, "shift_leader", groups.first)
    expired = issue_ticket(database, person, lives=timedelta(seconds=-1))
    revoked, idle = issue_ticket(database, person), issue_ticket(database, person, idle_seconds=1800)
    revoke(database, revoked)
    rest(database, idle, seconds=1801)
    for ticket in (expired, revoked, idle):
        with pytest.raises(NoReachError):
            database.reach_of(ticket)


def test_use_keeps_a_ticket_from_falling_idle(database: Database, groups: Groups) -> None:
    person = add_person(database)
    add_membership(database, person, "shift_leader", groups.first)
    ticket = issue_ticket(database, person, idle_seconds=1800)
    for _ in range(3):
        rest(database, ticket, seconds=1000)
        database.reach_of(ticket)
    with database.administration() as session:
        session.execute(text("set local role mendline_reach"))
        seen = text("select extract(epoch from clock_timestamp() - last_seen_at) from reach.ticket"
                    " where person_id = :person")  # fmt: skip
        assert session.execute(seen, {"person": person}).scalar_one() < 60


def test_a_held_ticket_row_keeps_nobody_waiting(database: Database, groups: Groups) -> None:
    """Two requests of one browser at once: the first is still open when the second shows the same ticket."""
    person = add_person(database)
    add_membership(database, person, "shift_leader", groups.first)
    ticket = issue_ticket(database, person, idle_seconds=1800)
    reach = database.reach_of(ticket)
    rest(database, ticket, seconds=120)
    with database.transaction(reach) as session:
        session.execute(text("set local lock_timeout = '1s'"))
        assert database.reach_of(ticket).person_id == person


def test_a_read_only_ticket_reads_and_writes_nothing(database: Database, groups: Groups) -> None:
    person = add_person(database)
    add_membership(database, person, "registered_manager", groups.first)
    reach = database.reach_of(issue_ticket(database, person, may_write=False))
    assert services(database, reach, Action) == {groups.first.service_id}
    with pytest.raises(NotPermittedError), database.transaction(reach) as session:
        session.add(action(groups.first))
    with pytest.raises(NotPermittedError), database.transaction(reach) as session:
        enqueue(session, "derive", provider_id=groups.first.provider_id)


def action(place: Place) -> Action:
    return Action(
        provider_id=place.provider_id,
        service_id=place.service_id,
        action_id=uuid.uuid4(),
        reference=str(uuid.uuid4()),
        title="Count again",
        owner="D. Hartley",
        opened_on=today(),
        due_on=today(),
        recorded_at=now(),
    )


def test_a_person_writes_where_their_role_writes(database: Database, groups: Groups) -> None:
    reach = signed_in(database, "registered_manager", groups.first)
    with database.transaction(reach) as session:
        session.add(action(groups.first))
        enqueue(session, "derive", provider_id=groups.first.provider_id, service_id=groups.first.service_id)
        note(session, reach, "action added", provider_id=groups.first.provider_id)
    for place in (groups.sister, groups.twin):
        with pytest.raises(NotPermittedError), database.transaction(reach) as session:
            session.add(action(place))
    with pytest.raises(NotPermittedError), database.transaction(signed_in(database, "carer", groups.first)) as session:
        session.add(action(groups.first))


def test_nobody_asks_or_notes_in_another_persons_name(database: Database, groups: Groups) -> None:
    reach = signed_in(database, "registered_manager", groups.first)
    with pytest.raises(NotPermittedError), database.transaction(reach) as session:
        enqueue(session, "make_pack", provider_id=groups.first.provider_id, requested_by=uuid.uuid4())
    with pytest.raises(NotPermittedError), database.transaction(reach) as session:
        session.execute(
            text(
                "insert into ledger_entry (provider_id, entry_id, recorded_at, person_id, actor, act, detail)"
                " values (:provider, gen_random_uuid(), now(), gen_random_uuid(), 'carer', 'forged', '{}')"
            ),
            {"provider": groups.first.provider_id},
        )


def test_an_officer_notes_a_look_and_asks_for_no_work(database: Database, groups: Groups) -> None:
    reach = officer(database, groups.first)
    with database.transaction(reach, role="web") as session:
        note(session, reach, "looked", provider_id=groups.first.provider_id, service_id=groups.first.service_id)
    with pytest.raises(NotPermittedError), database.transaction(reach, role="web") as session:
        enqueue(session, "derive", provider_id=groups.first.provider_id)
    with pytest.raises(NotPermittedError), database.transaction(reach) as session:  # the reader only reads
        note(session, reach, "looked", provider_id=groups.first.provider_id)


def test_a_command_reaches_its_provider_and_no_other(database: Database, groups: Groups) -> None:
    reach = database.command_reach(groups.second.provider_id)
    assert reach.kind == "command"
    assert services(database, reach, Observation) == {groups.second.service_id, groups.twin.service_id}
    with database.transaction(reach) as session:
        assert set(session.scalars(select(Observation.provider_id))) == {groups.second.provider_id}
    with pytest.raises(NotPermittedError), database.transaction(reach) as session:
        session.add(action(groups.sister))


def test_a_command_ends_after_its_minutes(database: Database, groups: Groups) -> None:
    with pytest.raises(NoReachError):
        database.command_reach(groups.first.provider_id, minutes=0)


@pytest.mark.parametrize("role", [role.key for role in ROLES.values() if role.level in ("service", "provider")])
def test_what_is_worked_out_quickly_is_what_is_worked_out_at_length(
    database: Database, groups: Groups, role: str
) -> None:
    """Of every class, and again from memory within the transaction."""
    person_id = add_person(database)
    add_membership(database, person_id, role, groups.first, whole_provider=ROLES[role].level == "provider")
    with database.administration() as session:
        session.execute(text("set local role mendline_reach"))
        session.execute(text("select reach.enter(:ticket)"), {"ticket": issue_ticket(database, person_id)})
        for class_ in (*CLASSES, "derived", "as_at_summary", "released_summary", "no_such_class"):
            for _ in range(2):
                quick, long = session.execute(
                    text("select reach.readable(:c), reach.services(:c, false)"), {"c": class_}
                ).one()
                assert sorted(quick) == sorted(long), class_
                quick, long = session.execute(
                    text("select reach.providers_readable(:c), reach.whole_providers(:c, false)"), {"c": class_}
                ).one()
                assert sorted(quick) == sorted(long), class_
        assert session.execute(text("select reach.providers() = reach.providers_now()")).scalar_one()


# Ways in which a person's reach ends, as the owner of the tables would write them.
ENDINGS = {
    "the role ends": "update membership set valid_until = current_date - 2 where person_id = :person",
    "the role begins later": "update membership set valid_from = current_date + 2 where person_id = :person",
    "the role is taken away": "delete from membership where person_id = :person",
    "the person is disabled": "update signin.person set disabled_at = now() where person_id = :person",
    "the ticket is revoked": "update reach.ticket set revoked_at = now() where person_id = :person",
    "the ticket expires": "update reach.ticket set expires_at = now() - interval '1 second' where person_id = :person",
    "the ticket is idle": "update reach.ticket set idle_seconds = 1, last_seen_at = now() - interval '9 seconds'"
    " where person_id = :person",
    "the role becomes a lesser one": "update membership set role = 'carer' where person_id = :person",
    "the role goes to another service": "update membership set service_id = :sister where person_id = :person",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ends_in_the_middle_of_a_transaction_ends_with_its_next_statement(
    database: Database, groups: Groups, ending: str
) -> None:
    person_id = add_person(database)
    add_membership(database, person_id, "registered_manager", groups.first)
    reach = database.reach_of(issue_ticket(database, person_id))
    with database.transaction(reach) as session:
        seen = text("select count(*) from observation where provider_id = :p and service_id = :s")
        values = {"p": groups.first.provider_id, "s": groups.first.service_id}
        assert session.execute(seen, values).scalar_one() > 0
        with database.administration() as other:
            if "reach.ticket" in ENDINGS[ending]:
                other.execute(text("set local role mendline_reach"))
            other.execute(text(ENDINGS[ending]), {"person": person_id, "sister": groups.sister.service_id})
        assert session.execute(seen, values).scalar_one() == 0


def test_what_is_remembered_in_settings_cannot_be_forged_or_moved(database: Database, groups: Groups) -> None:
    """Settings of a wider ticket, copied into the transaction of a narrower one, open nothing."""
    wide, narrow = add_person(database), add_person(database)
    add_membership(database, wide, "provider_quality_lead", groups.second, whole_provider=True)
    add_membership(database, narrow, "senior_carer", groups.first)
    names = ("mendline.looked", "mendline.looked_by")
    with database.transaction(database.reach_of(issue_ticket(database, wide))) as session:
        assert session.execute(text("select reach.readable('summary')")).scalar_one()
        stolen = {name: session.execute(text(f"select current_setting('{name}', true)")).scalar_one() for name in names}
    assert all(stolen.values())
    with database.transaction(database.reach_of(issue_ticket(database, narrow))) as session:
        own = session.execute(text("select reach.readable('summary')")).scalar_one()
        attempts = [
            stolen,
            {"mendline.looked": stolen["mendline.looked"]},
            {"mendline.looked": f"{groups.second.provider_id}{wide}"},
            {"mendline.looked": f"{groups.second.provider_id}{narrow}"},
            {"mendline.looked_by": stolen["mendline.looked_by"]},
            dict.fromkeys(names, ""),
            dict.fromkeys(names, "{"),
        ]
        for attempt in attempts:
            for name, value in attempt.items():
                session.execute(text("select set_config(:name, :value, true)"), {"name": name, "value": value})
            assert session.execute(text("select reach.readable('summary')")).scalar_one() == own
            assert session.execute(text("select reach.providers()")).scalar_one() == [groups.first.provider_id]
            rows = session.execute(
                text("select 1 from observation where provider_id = :p"), {"p": groups.second.provider_id}
            )
            assert rows.all() == []


@pytest.mark.parametrize("signature", ["kept", "stolen", "none"])
def test_what_is_forged_in_the_moment_of_the_statement_itself_is_not_believed(
    database: Database, groups: Groups, signature: str
) -> None:
    """The memory of the very moment, with another provider in it, under a signature that was good for something else."""
    wide, narrow = add_person(database), add_person(database)
    add_membership(database, wide, "provider_quality_lead", groups.second, whole_provider=True)
    add_membership(database, narrow, "senior_carer", groups.first)
    signed = text("select current_setting('mendline.looked_by', true) from (select reach.providers()) x")
    with database.transaction(database.reach_of(issue_ticket(database, wide))) as session:
        stolen = session.execute(signed).scalar_one()
    forge = text(
        "select reach.providers() as own,"
        " set_config('mendline.looked', split_part(current_setting('mendline.looked'), '|', 1) || '|' || :claim, true),"
        " set_config('mendline.looked_by', coalesce(:by, current_setting('mendline.looked_by')), true),"
        " reach.readable('summary') as services, reach.providers() as providers,"
        " (select count(*) from observation where provider_id = :second) as foreign_rows"
    )
    by = {"kept": None, "stolen": stolen, "none": ""}[signature]
    with database.transaction(database.reach_of(issue_ticket(database, narrow))) as session:
        for person in (wide, narrow):
            claim = {"claim": f"{groups.second.provider_id}{person}", "by": by, "second": groups.second.provider_id}
            found = session.execute(forge, claim).one()
            assert found.own == found.providers == [groups.first.provider_id]
            assert found.services == [groups.first.service_id]
            assert found.foreign_rows == 0
