"""Members, who sees what, grants, releases, support access and the ledger, as their users meet them in a browser."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from support.application import identifiers_of
from support.offering import accepts
from support.tenancy import (
    Groups,
    add_body,
    add_grant,
    add_membership,
    add_officer,
    add_operator,
    add_person,
)
from support.visiting import Visitor, visit, visit_as

from mendline.people.access.presenting import NAMES
from mendline.people.members.queries import members, vacancies
from tenants.classes import CLASSES
from tenants.clock import now, today
from tenants.database import Database
from tenants.jobs import enqueue

DAY = timedelta(days=1)
Come = Callable[..., Visitor]


@pytest.fixture
def come(app: Flask, database: Database, groups: Groups) -> Come:
    def visitor(role: str | None, *, whole: bool = False) -> Visitor:
        return visit(app, database, role, groups.first, whole_provider=whole)

    return visitor


def acts(db: Database, groups: Groups, word: str = "") -> list[tuple[str, str]]:
    with db.administration() as session:
        rows = session.execute(
            text(
                "select act, coalesce(detail ->> 'why', '') as why from ledger_entry where provider_id = :id"
                " and strpos(act, :word) > 0 order by recorded_at, entry_id"
            ),
            {"id": groups.first.provider_id, "word": word},
        )
        return [(row.act, row.why) for row in rows]


def a_role_form(groups: Groups, **changes: str) -> dict[str, str]:
    return {
        "name": "Nina Ewcomer", "email": f"{uuid.uuid4().hex[:8]}@example.org", "place": str(groups.first.service_id),
        "role": "senior_carer", "kind": "substantive", "valid_from": today().isoformat(), "valid_until": "",
        "reason": "Starts on Monday",
    } | changes  # fmt: skip


def sessions_open(db: Database, person_id: uuid.UUID) -> int:
    with db.administration() as session:
        return session.execute(
            text("select count(*) from reach.ticket where person_id = :id and revoked_at is null"), {"id": person_id}
        ).scalar_one()


def waiting(db: Database, groups: Groups) -> list[str]:
    with db.administration() as session:
        return list(
            session.execute(
                text("select kind from job where provider_id = :id and state = 'queued'"),
                {"id": groups.first.provider_id},
            ).scalars()
        )


# ------------------------------------------------------------------ members


def test_a_manager_offers_a_role_to_somebody_new_and_they_get_a_letter(
    come: Come, groups: Groups, database: Database
) -> None:
    manager = come("registered_manager")
    manager.get("/people/invite")
    form = a_role_form(groups)
    assert manager.post("/people/invite", form).location == "/people"
    assert manager.get("/people").says("Nina Ewcomer")
    assert manager.get("/people").says("Waiting for acceptance")
    with database.administration() as session:
        letter = session.execute(
            text(
                "select m.template, p.email from signin.mail m join signin.person p on p.person_id = m.person_id"
                " order by m.created_at desc limit 1"
            )
        ).one()
    assert tuple(letter) == ("invitation", form["email"])
    assert acts(database, groups, "role offered")[-1] == ("role offered", "Starts on Monday")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "nobody"}, "Give an email address"),
        ({"name": "Nina"}, "Give a first name and a surname"),
        ({"role": "provider_lead"}, "is a role for the whole provider"),
        ({"role": "inspector"}, "Choose a role"),
        ({"kind": "acting"}, "Acting up and cover end on a day"),
        ({"kind": "cover", "valid_until": "2031-01-01"}, "last a year at most"),
        ({"kind": "cover", "valid_until": (today() + DAY).isoformat(), "reason": ""}, "Say why"),
        ({"valid_from": "2020-01-01"}, "begins today or later"),
        ({"valid_until": "2020-01-01"}, "ends on the day it begins"),
        ({"place": str(uuid.uuid4())}, "Choose where"),
    ],
)
def test_what_is_wrong_with_a_role_is_said_at_its_field(
    come: Come, groups: Groups, changes: dict[str, str], words: str
) -> None:
    manager = come("registered_manager")
    manager.get("/people/invite")
    answer = manager.post("/people/invite", a_role_form(groups, **changes))
    assert answer.status == 422
    assert answer.says(words)


def test_a_role_beyond_the_giver_s_own_waits_until_somebody_who_holds_it_answers(come: Come, groups: Groups) -> None:
    administrator = come("provider_administrator", whole=True)
    administrator.get("/people/invite")
    form = a_role_form(
        groups, role="registered_manager", kind="acting", valid_until=(today() + 30 * DAY).isoformat(), name="Ada Cting"
    )
    assert administrator.post("/people/invite", form).location == "/people"
    assert not administrator.get("/people").says('value="give"')
    lead = come("nominated_individual", whole=True)
    there = re.search(r'action="(/people/requests/[^"]+)"', lead.get("/people").text)
    assert there
    assert come("deputy_manager").get("/people").says("Ada Cting")
    assert lead.post(there[1], {"answer": "give"}).location == "/people"
    assert lead.get("/people").says("Acting up")
    assert not lead.get("/people?name=ada&state=all").says("/people/roles/")
    assert lead.post(there[1], {"answer": "give"}).status == 404


def test_whoever_gets_a_further_role_signs_in_again_with_what_it_asks_for(
    app: Flask, come: Come, groups: Groups, database: Database
) -> None:
    person_id = add_person(database)
    add_membership(database, person_id, "carer", groups.first)
    carer = visit_as(app, database, person_id)
    assert carer.get("/work").status == 200
    with database.administration() as session:
        email = session.execute(
            text("select email from signin.person where person_id = :id"), {"id": person_id}
        ).scalar_one()
    manager = come("registered_manager")
    manager.get("/people/invite")
    manager.post("/people/invite", a_role_form(groups, email=email, role="deputy_manager"))
    assert sessions_open(database, person_id) == 0
    assert carer.get("/work").status == 302


def test_moving_the_end_of_a_role_leaves_its_holder_signed_in(
    app: Flask, come: Come, groups: Groups, database: Database
) -> None:
    person_id = add_person(database)
    membership_id = add_membership(database, person_id, "carer", groups.first)
    carer = visit_as(app, database, person_id)
    manager = come("registered_manager")
    there = f"/people/roles/{membership_id}"
    manager.get(there)
    until = (today() + 30 * DAY).isoformat()
    assert manager.post(there, {"act": "move", "valid_until": until, "reason": "Contract"}).location == there
    assert carer.get("/work").status == 200


def test_a_vacant_post_says_since_when_and_who_stands_in(
    app: Flask, database: Database, groups: Groups, come: Come
) -> None:
    place = groups.sister
    left = today() - 10 * DAY
    add_membership(
        database, add_person(database), "registered_manager", place, valid_from=left - 99 * DAY, valid_until=left
    )
    lead = come("nominated_individual", whole=True)
    lead.get("/people/invite")
    assert lead.get("/people").says("Nobody stands in.")
    cover = a_role_form(
        groups, place=str(place.service_id), role="registered_manager", kind="cover", name="Cora Ver",
        valid_until=(today() + 20 * DAY).isoformat(),
    )  # fmt: skip
    lead.post("/people/invite", cover)
    assert not lead.get("/people").says("Cora Ver covers until")
    accepts(app, database, "Cora Ver")
    assert lead.get("/people").says("Cora Ver covers until")
    with database.transaction(lead.reach) as session:
        found = vacancies(session, (place.provider_id,), whole=(place.provider_id,), today=today())
    mine = next(each for each in found if each.service_id == place.service_id)
    assert (mine.role, mine.since, mine.stand_in_kind) == ("registered_manager", left + DAY, "cover")


def test_an_ended_role_ends_with_the_next_press_and_its_reason_stays(
    app: Flask, come: Come, groups: Groups, database: Database
) -> None:
    person_id = add_person(database)
    membership_id = add_membership(database, person_id, "deputy_manager", groups.first)
    deputy = visit_as(app, database, person_id)
    manager = come("registered_manager")
    there = f"/people/roles/{membership_id}"
    manager.get(there)
    assert manager.post(there, {"act": "end", "why": ""}).says("Say why")
    assert deputy.get(f"/services/{groups.first.service_id}").status == 200
    assert manager.post(there, {"act": "end", "why": "Left the home"}).location == there
    assert deputy.get(f"/services/{groups.first.service_id}").status in (401, 302, 403, 404)
    assert sessions_open(database, person_id) == 0
    assert "plan_work" in waiting(database, groups)
    assert manager.get(there).says("Left the home")
    assert acts(database, groups, "role ended")[-1] == ("role ended", "Left the home")


def test_a_role_that_is_over_neither_comes_back_nor_signs_anybody_out(
    app: Flask, come: Come, groups: Groups, database: Database
) -> None:
    person_id = add_person(database)
    left = today() - 90 * DAY
    membership_id = add_membership(
        database, person_id, "carer", groups.first, valid_from=left - 99 * DAY, valid_until=left
    )
    add_membership(database, person_id, "carer", groups.second)
    elsewhere = visit_as(app, database, person_id)  # with another provider by now
    manager = come("registered_manager")
    there = f"/people/roles/{membership_id}"
    manager.get(there)
    for sent in (
        {"act": "end", "why": "Left the home"},
        {"act": "move", "valid_until": (today() + 30 * DAY).isoformat(), "reason": "Back again"},
        {"act": "move", "valid_until": "", "reason": "Back again"},
    ):
        assert manager.post(there, sent).status == 422
    assert elsewhere.get("/work").status == 200
    with database.administration() as session:
        until = session.execute(
            text("select valid_until from membership where membership_id = :id"), {"id": membership_id}
        )
        assert until.scalar_one() == left
    with database.transaction(manager.reach) as session, pytest.raises(DBAPIError):
        session.execute(
            text("select reach.end_sessions(:person, :provider)"),
            {"person": person_id, "provider": groups.first.provider_id},
        )


def test_each_class_has_a_name_that_a_manager_would_say() -> None:
    assert set(NAMES) == set(CLASSES)
    assert len(set(NAMES.values())) == len(NAMES)


def test_lists_of_people_take_the_same_number_of_statements_for_many_as_for_few(
    database: Database, groups: Groups, come: Come
) -> None:
    lead = come("nominated_individual", whole=True)

    def asked() -> int:
        seen: list[str] = []
        with database.transaction(lead.reach) as session:
            engine = session.get_bind()
            listener = lambda *args: seen.append(args[2])  # noqa: E731
            event.listen(engine, "before_cursor_execute", listener)
            members(session, (groups.first.provider_id,), today=today())
            event.remove(engine, "before_cursor_execute", listener)
        return len(seen)

    few = asked()
    for _ in range(20):
        add_membership(database, add_person(database), "carer", groups.first)
    assert asked() == few


# ------------------------------------------------------------------ who sees what


def test_an_administrator_sees_who_sees_what_and_why(come: Come, groups: Groups, database: Database) -> None:
    body_id = add_body(database, name="Wyre Council")
    add_grant(database, groups.first, body_id, classes=("summary",), live=False)
    administrator = come("provider_administrator", whole=True)
    come("medicines_lead")
    page = administrator.get("/access?class=records_medicines")
    assert page.says("Medicines lead at")
    assert not page.says("Wyre Council")
    page = administrator.get("/access?class=summary&name=wyre")
    assert page.says("From outside")
    assert page.says("As last released")
    assert page.says("Purpose: Contract monitoring")
    assert not administrator.get("/access?class=ledger").says("Registered manager at")
    assert come("carer").get("/access").status == 403


# ------------------------------------------------------------------ grants and releases


def test_a_commissioner_sees_what_was_released_until_it_is_withdrawn_and_each_look_is_shown(
    app: Flask, come: Come, groups: Groups, database: Database
) -> None:
    person_id, body_id = add_person(database, name="Olu Officer"), add_body(database, name="Tarn Council")
    add_officer(database, body_id, person_id)
    lead = come("nominated_individual", whole=True)
    lead.get("/commissioners/new")
    form = {
        "service": str(groups.first.service_id), "body": str(body_id), "classes": ["summary", "actions"],
        "live": "released", "show_name": "code", "valid_from": today().isoformat(),
        "valid_until": (today() + 300 * DAY).isoformat(), "purpose": "Monitoring of the contract",
        "lawful_basis": "public_task", "renews": "",
    }  # fmt: skip
    assert lead.post("/commissioners", form | {"valid_until": (today() + 400 * DAY).isoformat()}).says(
        "twelve months at most"
    )
    there = lead.post("/commissioners", form).location
    officer = visit_as(app, database, person_id)
    mine = f"/portfolio/{groups.first.service_id}"
    assert officer.get(mine).says("has not released anything yet")
    lead.get("/commissioners")
    assert lead.post(f"/commissioners/services/{groups.first.service_id}/releases", {}).location == "/commissioners"
    page = officer.get(mine)
    assert page.says("Figures as the provider released them on")
    assert "KESTREL" not in page.text
    assert officer.get("/portfolio/").status == 200
    assert lead.get(there).says("An officer of Tarn Council")
    # One officer never learns which others exist, nor any other service.
    assert officer.get(f"/portfolio/{groups.second.service_id}").status == 404
    lead.get(there)
    assert lead.post(there, {"reason": "Contract over"}).location == there
    assert officer.get(mine).status in (403, 404)
    assert ("grant withdrawn", "Contract over") in acts(database, groups, "grant")


def test_nothing_newer_than_the_release_is_seen(app: Flask, come: Come, groups: Groups, database: Database) -> None:
    person_id, body_id = add_person(database), add_body(database)
    add_officer(database, body_id, person_id)
    add_grant(database, groups.first, body_id, classes=("summary", "actions", "evidence_index"), live=False)
    lead = come("nominated_individual", whole=True)
    lead.get("/commissioners")
    lead.post(f"/commissioners/services/{groups.first.service_id}/releases", {})
    officer = visit_as(app, database, person_id)
    before = officer.get(f"/portfolio/{groups.first.service_id}").text
    ids = identifiers_of(groups.first)
    with database.administration() as session:
        session.execute(
            text(
                "update indicator_status set status = 'deteriorating', value = 1, numerator = 9, denominator = 900,"
                " unescalated_days = 44, last_decision = 'escalate' where provider_id = :provider and service_id = :service"
            ),
            {"provider": ids["provider_id"], "service": ids["service_id"]},
        )
    plain = re.compile(r'name="csrf_token" value="[^"]+"')
    assert plain.sub("", officer.get(f"/portfolio/{groups.first.service_id}").text) == plain.sub("", before)


# ------------------------------------------------------------------ support access


def test_support_reads_only_after_two_operators_and_the_provider_agree_and_until_the_provider_ends_it(
    app: Flask, come: Come, groups: Groups, database: Database
) -> None:
    asker, second = (visit_as(app, database, add_operator(database)) for _ in range(2))
    here = f"/services/{groups.first.service_id}"
    assert asker.get("/operations").says("No care content is shown here.")
    assert asker.get(here).status == 403
    asker.get("/operations")
    form = {"provider": str(groups.first.provider_id), "reason": "Figures of last week do not arrive"}
    assert asker.post("/operations/support", form | {"reason": ""}).status == 422
    assert asker.post("/operations/support", form).location == "/operations"
    with database.administration() as session:
        request_id = session.execute(
            text("select request_id from support_access where provider_id = :id order by asked_at desc limit 1"),
            {"id": groups.first.provider_id},
        ).scalar_one()
    administrator = come("provider_administrator", whole=True)
    administrator.get("/support")
    assert administrator.post(f"/support/{request_id}", {"minutes": "30"}).status == 403  # nobody seconded it
    assert asker.post(f"/operations/support/{request_id}/second", {}).status == 403
    second.get("/operations")
    assert second.post(f"/operations/support/{request_id}/second", {}).location == "/operations"
    assert asker.get(here).status == 403
    administrator.get("/support")
    assert administrator.post(f"/support/{request_id}", {"minutes": "61"}).status == 422
    assert administrator.post(f"/support/{request_id}", {"minutes": "20"}).location == "/support"
    page = asker.get(here)
    assert page.status == 200
    assert page.says("Support access to KITTIWAKE Care Group until")
    assert administrator.get("/people").says("of Mendline support is reading here until")
    assert asker.get(f"{here}/records").status in (403, 404)
    assert asker.get(f"/services/{groups.sister.service_id}").status == 200
    asker.get(here)
    assert asker.post(f"{here}/packs", {}).status == 403
    assert acts(database, groups, "support look")
    with database.administration() as session:
        letters = set(session.scalars(text("select template from signin.mail where template like 'support%'")))
    assert letters == {"support_asked", "support_begun"}
    administrator.get("/support")
    assert second.post(f"/operations/support/{request_id}/review", {"found": "in_order"}).status == 403  # it is open
    assert administrator.post(f"/support/{request_id}/end", {}).location == "/support"
    assert asker.get(here).status == 403
    assert administrator.get("/support").says("Another operator goes through the looks by")
    asker.get("/operations")
    assert asker.post(f"/operations/support/{request_id}/review", {"found": "in_order"}).status == 403
    assert second.get("/operations").says("Looks in order")
    assert second.post(f"/operations/support/{request_id}/review", {"found": "fine"}).status == 403
    assert second.post(f"/operations/support/{request_id}/review", {"found": "in_order"}).location == "/operations"
    assert administrator.get("/support").says("Looks in order, says")
    assert acts(database, groups, "support access reviewed")


def test_operators_see_queues_and_work_that_was_given_up_without_what_it_was_about(
    app: Flask, groups: Groups, database: Database
) -> None:
    with database.administration() as session:
        session.info["person_id"] = None
        job_id = enqueue(session, "derive", provider_id=groups.first.provider_id, arguments={"word": "KESTREL inside"})
        session.flush()
        session.execute(
            text("update job set state = 'dead', finished_at = now(), error = 'KESTREL' where job_id = :id"),
            {"id": job_id},
        )
    page = visit_as(app, database, add_operator(database)).get("/operations")
    assert page.says("KITTIWAKE Care Group")
    assert page.says(str(job_id))
    assert page.says("1 given up")
    assert "KESTREL" not in page.text
    assert (
        visit(app, database, "nominated_individual", groups.first, whole_provider=True).get("/operations").status == 403
    )


# ------------------------------------------------------------------ the ledger


def test_the_ledger_is_read_searched_and_exported_and_says_each_act_in_a_sentence(
    come: Come, groups: Groups, database: Database
) -> None:
    manager = come("registered_manager")
    manager.get("/people/invite")
    manager.post("/people/invite", a_role_form(groups, reason="=HYPERLINK(1)"))
    lead = come("nominated_individual", whole=True)
    page = lead.get("/ledger?words=HYPERLINK")
    assert page.says("offered a role to somebody who does not work here yet at")
    assert page.says("Another program")
    assert lead.get("/ledger?words=nothing-of-this-kind").says("Nothing found")
    exported = lead.get("/ledger/export.csv?kind=access")
    assert exported.status == 200
    assert not re.search(r'(^|,)"?[=+@-]', exported.text.replace("\r\n", "\n"), re.MULTILINE)
    assert acts(database, groups, "ledger exported")
    assert manager.get("/ledger").status == 403


def test_the_ledger_s_pages_follow_one_another_without_a_gap(come: Come, groups: Groups, database: Database) -> None:
    with database.administration() as session:
        session.execute(
            text(
                "insert into ledger_entry (provider_id, entry_id, recorded_at, actor, act, detail)"
                " select :id, gen_random_uuid(), :at, 'job', 'page test', '{}' from generate_series(1, 230)"
            ),
            {"id": groups.first.provider_id, "at": now()},
        )
    lead, seen, path = come("nominated_individual", whole=True), 0, "/ledger?words=page+test"
    for _ in range(4):
        page = lead.get(path)
        seen += page.text.count("Page test, by Mendline.")
        older = re.search(r'href="(/ledger\?[^"]*before=[^"]+)"', page.text)
        if not older:
            break
        path = older[1].replace("&amp;", "&")
    assert seen == 230


def test_a_refusal_stands_in_the_ledger_with_its_address(come: Come, groups: Groups, database: Database) -> None:
    carer = come("carer")
    foreign = groups.second.service_id
    assert carer.get(f"/services/{foreign}").status in (403, 404)
    assert carer.get(f"/services/{foreign}/records").status == 404
    with database.administration() as session:
        told = session.execute(
            text("select subject, detail ->> 'status' as status, origin ->> 'device' as device from ledger_entry"
                 " where act = 'refused' and provider_id = :id order by recorded_at desc limit 1"),
            {"id": groups.first.provider_id},
        ).one()  # fmt: skip
    assert (told.subject, told.status) == ("/services/<uuid:service_id>/records", "404")
    assert told.device


def test_a_header_that_names_another_provider_changes_nothing(come: Come, groups: Groups) -> None:
    manager = come("registered_manager")
    before = manager.get("/people").text
    for header in ("X-Provider", "X-Tenant-Id", "X-Mendline-Provider", "X-Forwarded-For", "X-Original-URL"):
        again = manager.client.get("/people", headers={header: str(groups.second.provider_id)}).get_data(as_text=True)
        assert re.sub(r'value="[0-9a-f.]{60,}"', "", again) == re.sub(r'value="[0-9a-f.]{60,}"', "", before)


STEP_UP = (
    "members.invite", "members.send", "members.answer", "grants.new", "grants.create", "inspectors.new",
    "inspectors.create", "operating.ask", "operating.second", "support.agree", "ledger.export",
)  # fmt: skip
SAFER = ("members.change", "grants.end", "inspectors.revoke", "support.stop", "operating.end")


def test_what_widens_access_needs_a_fresh_factor_and_what_ends_it_does_not(
    app: Flask, figure: Callable[[str], None]
) -> None:
    fresh = app.extensions["mendline.step_up"]
    figure(f"routes that need a factor of the last ten minutes: {len(fresh)}; of those that must: {len(STEP_UP)}")
    assert set(STEP_UP) <= fresh
    assert not set(SAFER) & fresh


def test_an_old_factor_gives_no_role(app: Flask, database: Database, groups: Groups) -> None:
    person_id = add_person(database)
    add_membership(database, person_id, "registered_manager", groups.first)
    manager = visit_as(app, database, person_id)
    with database.administration() as session:
        session.execute(text("set local role mendline_reach"))
        session.execute(
            text("update reach.ticket set factor_at = now() - interval '11 minutes' where person_id = :id"),
            {"id": person_id},
        )
    manager.get("/people")
    answer = manager.post("/people/invite", a_role_form(groups, name="Nobody Here"))
    assert answer.status in (302, 303, 403)
    assert not manager.get("/people?name=nobody").says("Nobody Here")
