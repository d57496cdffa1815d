"""An inspector's link over HTTP: nine ways to misuse it are refused, and the rightful one shows one pack as it stood."""

import io
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import text
from support.application import a_world, an_application_over, identifiers_of
from support.evidence_files import a_document, a_pdf, a_workbook
from support.inspecting import SECTIONS, TOKEN, Link, a_link, ask, come_in, newest_code, press
from support.tenancy import Groups, signed_in
from support.visiting import visit

from mendline.catalogue.indicators import indicator_definition
from mendline.evidence.files.keeping import keeper_of
from mendline.evidence.files.watermark import marked
from mendline.people.inspection.commands import revoke_link
from tenants.database import Database
from tenants.errors import RefusedError, UnavailableError
from tenants.reach import Reach


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application_over(database, groups, tmp_path_factory.mktemp("state"))


@pytest.fixture
def manager(database: Database, groups: Groups) -> Reach:
    return signed_in(database, "registered_manager", groups.first)


def refusals(db: Database, link: Link) -> list[str]:
    with db.administration() as session:
        return list(
            session.scalars(
                text(
                    "select detail ->> 'because' from ledger_entry where subject = 'inspector link ' || :link"
                    " and act like '%refused' order by recorded_at"
                ),
                {"link": str(link.link_id)},
            )
        )


def codes_sent(db: Database) -> int:
    with db.administration() as session:
        return session.execute(text("select count(*) from signin.mail where template = 'inspector_code'")).scalar_one()


def counted(db: Database) -> int:
    """How many links that are none of ours the platform's own ledger counts."""
    with db.administration() as session:
        session.execute(text("set local role mendline_reach"))
        found = text("select coalesce(sum(times), 0) from reach.refusal where kind = 'inspector link'")
        return int(session.execute(found).scalar_one())


def test_the_named_person_comes_in_with_the_code_and_sees_the_pack_and_what_is_behind_it(
    app: Flask, database: Database, groups: Groups, manager: Reach
) -> None:
    client = come_in(app, database, a_link(database, manager, groups.first))
    page = client.get("/inspection")
    assert page.status_code == 200
    assert "Iris Holt" in page.get_data(as_text=True)
    ids = identifiers_of(groups.first)
    indicator = client.get(f"/inspection/indicators/{ids['indicator_id']}")
    assert "Not to be passed on" in indicator.get_data(as_text=True)
    assert client.get(f"/inspection/records/{ids['record_id']}").status_code in (200, 404)
    with database.administration() as session:
        acts = session.scalars(
            text("select act from ledger_entry where actor = 'inspector' and provider_id = :id order by recorded_at"),
            {"id": groups.first.provider_id},
        ).all()
    assert acts[-3:] == ["inspector look"] * 3 or acts[-4:].count("inspector look") == 3


def test_asking_only_whether_a_page_is_there_is_a_look_too(
    app: Flask, database: Database, groups: Groups, manager: Reach
) -> None:
    client = come_in(app, database, a_link(database, manager, groups.first))
    path = f"/inspection/indicators/{identifiers_of(groups.first)['indicator_id']}"

    def looks() -> int:
        with database.administration() as session:
            found = text(
                "select count(*) from ledger_entry where provider_id = :id and act = 'inspector look' and subject = :path"
            )
            told = session.execute(found, {"id": groups.first.provider_id, "path": path})
            return int(told.scalar_one())

    before = looks()
    assert client.head(path).status_code == 200
    assert looks() == before + 1


def test_a_link_opens_evidence_files_marked_with_its_name_and_what_changed_at_the_service(
    app: Flask, database: Database, groups: Groups, manager: Reach
) -> None:
    ids, place = identifiers_of(groups.first), groups.first
    keeper = keeper_of(app.extensions["mendline"].settings)
    kept = keeper.keep(manager, place.provider_id, "Audit.pdf", io.BytesIO(a_pdf()))
    here = {"p": place.provider_id, "s": place.service_id, "e": ids["evidence_id"], "key": kept.object_key}
    with database.administration() as session:
        session.execute(
            text(
                "update evidence_file_verdict set kind = 'pdf', verdict = 'ready', object_key = :key where provider_id = :p"
                " and service_id = :s and file_id = (select file_id from evidence_file"
                " where provider_id = :p and service_id = :s and evidence_id = :e)"
            ),
            here,
        )
        session.execute(
            text("delete from evidence_check where provider_id = :p and service_id = :s and evidence_id = :e"), here
        )
        session.execute(
            text("update service_change set what_changed = 'Night staffing doubled', indicator_ids = '{}'"
                 " where provider_id = :p and service_id = :s"), here,
        )  # fmt: skip
    way = f"/inspection/evidence/{ids['evidence_id']}/file"
    client = come_in(app, database, a_link(database, manager, place, sections=(*SECTIONS, "evidence_files", "story")))
    seen = client.get(f"/inspection/indicators/{ids['indicator_id']}").get_data(as_text=True)
    assert way in seen
    assert "Night staffing doubled" in seen
    saved = client.get(way)
    assert saved.status_code == 200
    with pikepdf.open(io.BytesIO(saved.data)) as document:
        assert "Iris Holt" in b"".join(page.Contents[-1].read_bytes() for page in document.pages).decode("cp1252")
    for kind, content in (("docx", a_document()), ("xlsx", a_workbook())):
        held = keeper.keep(manager, place.provider_id, f"Audit.{kind}", io.BytesIO(content))
        with database.administration() as session:
            session.execute(
                text(
                    "update evidence_file_verdict set kind = :kind, object_key = :key"
                    " where provider_id = :p and service_id = :s and object_key is not null"
                ),
                here | {"kind": kind, "key": held.object_key},
            )
        as_it_is = client.get(way)
        assert as_it_is.data == content  # drawn anew it could say something else: its name says for whom it is
        assert re.search(r" for Iris Holt \d{4}-\d\d-\d\d", as_it_is.headers["Content-Disposition"])
    without = come_in(app, database, a_link(database, manager, place))
    assert without.get(way).status_code == 404
    unseen = without.get(f"/inspection/indicators/{ids['indicator_id']}").get_data(as_text=True)
    assert way not in unseen
    assert "Night staffing doubled" not in unseen


def test_a_forwarded_link_is_worth_nothing_without_the_mailbox_and_after_use_nothing_at_all(
    app: Flask, database: Database, groups: Groups, manager: Reach
) -> None:
    link = a_link(database, manager, groups.first)
    stranger = app.test_client()
    ask(stranger, link)
    for guess in ("00000000", "", "A" * 8):
        assert press(stranger, "/inspection/code", "/inspection/code", code=guess).status_code == 422
    come_in(app, database, link)
    sent = codes_sent(database)
    forwarded = app.test_client()
    ask(forwarded, link)
    assert codes_sent(database) == sent
    assert press(forwarded, "/inspection/code", "/inspection/code", code=newest_code(database)).status_code == 422
    assert "another browser" in refusals(database, link)


@pytest.mark.parametrize(
    "bend", [lambda secret: secret[:-1], lambda secret: secret[:20], lambda secret: secret[:-1] + "z"]
)
def test_a_link_that_was_cut_off_or_altered_sends_no_code_and_stands_once_in_its_providers_ledger(
    app: Flask, database: Database, groups: Groups, manager: Reach, bend: Callable[[str], str]
) -> None:
    link = a_link(database, manager, groups.first)
    sent, before = codes_sent(database), counted(database)
    for _ in range(3):
        answer = ask(app.test_client(), Link(link.link_id, bend(link.secret), link.place))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/inspection/code")  # as for a right one
    assert codes_sent(database) == sent
    assert refusals(database, link) == ["cut off or altered"]
    assert counted(database) - before == 3
    come_in(app, database, link)


def test_a_made_up_link_sends_no_code_and_is_counted_for_the_platform(
    app: Flask, database: Database, groups: Groups
) -> None:
    sent, before = codes_sent(database), counted(database)
    ask(app.test_client(), Link(uuid.uuid4(), "0" * 64, groups.first))
    assert (codes_sent(database), counted(database) - before) == (sent, 1)


def test_an_inspectors_cookie_that_was_altered_stands_in_the_providers_ledger(
    app: Flask, database: Database, groups: Groups, manager: Reach
) -> None:
    link = a_link(database, manager, groups.first)
    cookie = come_in(app, database, link).get_cookie("mendline")
    assert cookie
    stranger = app.test_client()
    stranger.set_cookie("mendline", cookie.value[:-4])
    assert stranger.get("/inspection").status_code == 302
    with database.administration() as session:
        told = session.execute(
            text("select actor, detail from ledger_entry where act = 'altered sign-in refused' and subject = :link"),
            {"link": f"link {link.link_id}"},
        ).all()
    assert [(each.actor, each.detail) for each in told] == [("nobody", {"why": "it was cut off or altered"})]


def test_a_replayed_code_or_cookie_is_refused(app: Flask, database: Database, groups: Groups, manager: Reach) -> None:
    client = come_in(app, database, a_link(database, manager, groups.first))
    code = newest_code(database)
    cookie = client.get_cookie("mendline")
    assert press(client, "/inspection", "/inspection/leave").status_code == 303
    again = app.test_client()
    again.set_cookie("mendline", cookie.value)
    assert again.get("/inspection").status_code in (302, 401)
    assert press(client, "/inspection/code", "/inspection/code", code=code).status_code == 422


def test_a_guessed_link_sends_no_code_and_answers_as_a_true_one(
    app: Flask, database: Database, groups: Groups, manager: Reach
) -> None:
    link, sent = a_link(database, manager, groups.first), codes_sent(database)
    guessed, right = app.test_client(), app.test_client()
    wrong = ask(guessed, Link(uuid.uuid4(), "f" * 64, groups.first))
    assert codes_sent(database) == sent
    true = ask(right, link)
    assert (wrong.status_code, wrong.headers["Location"]) == (true.status_code, true.headers["Location"])
    one = guessed.get("/inspection/code").get_data(as_text=True)
    other = right.get("/inspection/code").get_data(as_text=True)
    assert TOKEN.sub("", one) == TOKEN.sub("", other)


@pytest.mark.parametrize(("opens", "because"), [(timedelta(days=2), "not open yet"), (timedelta(days=-20), "over")])
def test_a_link_before_or_after_its_time_sends_no_code(
    app: Flask, database: Database, groups: Groups, manager: Reach, opens: timedelta, because: str
) -> None:
    link, sent = a_link(database, manager, groups.first, opens=opens), codes_sent(database)
    ask(app.test_client(), link)
    assert codes_sent(database) == sent
    assert refusals(database, link) == [because]


def test_a_revoked_link_ends_with_the_next_press(
    app: Flask, database: Database, groups: Groups, manager: Reach
) -> None:
    link = a_link(database, manager, groups.first)
    client = come_in(app, database, link)
    assert client.get("/inspection").status_code == 200
    with database.transaction(manager) as session:
        revoke_link(session, manager, provider_id=groups.first.provider_id, service_id=groups.first.service_id,
                    link_id=link.link_id)  # fmt: skip
    assert client.get("/inspection").status_code in (302, 401)
    ask(app.test_client(), link)
    assert refusals(database, link)[-1] in ("revoked", "another browser")


def test_whoever_is_out_of_a_link_is_led_to_its_code_and_told_why(
    app: Flask, database: Database, groups: Groups, manager: Reach
) -> None:
    link = a_link(database, manager, groups.first)
    client = come_in(app, database, link)
    with database.transaction(manager) as session:
        revoke_link(session, manager, provider_id=groups.first.provider_id, service_id=groups.first.service_id,
                    link_id=link.link_id)  # fmt: skip
    assert client.get("/inspection").headers["Location"] == "/inspection/code?ended=1"
    assert "You are not in the pack any more" in client.get("/inspection/code?ended=1").get_data(as_text=True)
    assert "You are not in the pack" not in app.test_client().get("/inspection/code").get_data(as_text=True)


def test_what_was_looked_at_through_a_link_is_told_in_words(
    app: Flask, database: Database, groups: Groups, manager: Reach
) -> None:
    ids, link = identifiers_of(groups.first), a_link(database, manager, groups.first)
    client = come_in(app, database, link)
    client.get("/inspection")
    client.get(f"/inspection/indicators/{ids['indicator_id']}")
    page = visit(app, database, "registered_manager", groups.first).get(f"/inspectors/{link.link_id}")
    assert page.says("The pack, with every indicator")
    with database.administration() as session:
        key = session.execute(
            text("select definition_key from service_indicator where indicator_id = :id"), {"id": ids["indicator_id"]}
        ).scalar_one()
    assert page.says(indicator_definition(key).name)
    assert "/inspection/indicators/" not in page.text


def test_a_link_opens_no_pack_that_was_made_for_a_commissioner(app: Flask, database: Database, groups: Groups) -> None:
    pack_id = str(identifiers_of(groups.sister)["pack_id"])
    manager = visit(app, database, "registered_manager", groups.sister)
    assert pack_id not in manager.get("/inspectors/new").text
    given = {"pack": pack_id, "named": "Iris Holt", "email": "iris@cqc.example", "purpose": "Inspection", "days": "7"}
    answer = manager.post("/inspectors", given)
    assert (answer.status, answer.says("This pack is made for a commissioner")) == (422, True)
    with database.administration() as session:
        session.execute(text("delete from pack_share where pack_id = :id"), {"id": pack_id})
        session.execute(text("delete from commissioner_pack where pack_id = :id"), {"id": pack_id})
    assert pack_id in manager.get("/inspectors/new").text


def test_too_many_codes_and_too_many_tries_are_refused(
    app: Flask, database: Database, groups: Groups, manager: Reach
) -> None:
    link, sent = a_link(database, manager, groups.first), codes_sent(database)
    client = app.test_client()
    for _ in range(8):
        ask(client, link)
    assert codes_sent(database) == sent + 5
    for _ in range(5):
        press(client, "/inspection/code", "/inspection/code", code="00000000")
    right = newest_code(database)
    assert press(client, "/inspection/code", "/inspection/code", code=right).status_code == 422
    assert {"too many codes", "wrong code", "too many tries"} <= set(refusals(database, link))


def test_a_link_writes_nothing_and_wanders_nowhere(
    app: Flask, database: Database, groups: Groups, manager: Reach
) -> None:
    client = come_in(app, database, a_link(database, manager, groups.first))
    first, sister = identifiers_of(groups.first), identifiers_of(groups.sister)
    for path in (
        "/services/", f"/services/{first['service_id']}", f"/services/{first['service_id']}/actions", "/work", "/people",
        "/ledger", "/compare/", "/portfolio/", "/packs", f"/packs/{first['pack_id']}", "/operations", "/account",
        "/api/v1/services", f"/api/v1/services/{first['service_id']}/actions", "/inspectors",
    ):  # fmt: skip
        assert client.get(path).status_code in (302, 401, 403), path
    for path in (f"/inspection/indicators/{sister['indicator_id']}", f"/inspection/records/{sister['record_id']}"):
        assert client.get(path).status_code == 404, path
    token = TOKEN.search(client.get("/inspection").get_data(as_text=True))
    for path in (f"/services/{first['service_id']}/packs", "/inspectors", "/people/invite"):
        answer = client.post(path, data={"csrf_token": token[1] if token else ""})
        assert answer.status_code in (302, 401, 403), path


def test_nothing_newer_than_the_pack_is_seen(app: Flask, database: Database, groups: Groups, manager: Reach) -> None:
    place = groups.first
    ids = identifiers_of(place)
    client = come_in(app, database, a_link(database, manager, place))
    before = client.get(f"/inspection/indicators/{ids['indicator_id']}").get_data(as_text=True)
    with database.administration() as session:
        session.execute(
            text(
                "insert into review (provider_id, service_id, indicator_id, review_id, forum, held_on, decision, why,"
                " relied_on, decided_label, decided_role, recorded_at) values (:provider, :service, :indicator,"
                " gen_random_uuid(), 'x', current_date, 'further_action', 'NIGHTJAR came after the pack', '{}', 'A', 'x', now())"
            ),
            {"provider": place.provider_id, "service": place.service_id, "indicator": ids["indicator_id"]},
        )
    after = client.get(f"/inspection/indicators/{ids['indicator_id']}").get_data(as_text=True)
    assert "NIGHTJAR" not in after
    assert len(before) == len(after)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days": 31}, "days"), ({"days": 0}, "days"), ({"email": "nobody"}, "email"), ({"named": "Iris"}, "named"),
        ({"purpose": ""}, "purpose"), ({"sections": ("concerns",)}, "sections"), ({"opens": timedelta(days=40)}, "opens"),
    ],
)  # fmt: skip
def test_a_link_that_is_too_long_or_says_too_little_is_not_made(
    database: Database, groups: Groups, manager: Reach, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        a_link(database, manager, groups.first, **changes)
    assert field in refused.value.problems


def test_each_page_of_a_download_bears_the_name_and_the_moment() -> None:
    document = pikepdf.new()
    for _ in range(3):
        document.add_blank_page(page_size=(595, 842))
    out = io.BytesIO()
    document.save(out)
    content = marked(out.getvalue(), "For Iris (Holt) \u2603, 23 November 2026 05:00")
    with pikepdf.open(io.BytesIO(content)) as opened:
        for page in opened.pages:
            drawn = b"".join(bytes(each.read_bytes()) for each in page.Contents)
            assert drawn.count(b"For Iris \\(Holt\\) ?, 23 November 2026 05:00") == 2
    with pytest.raises(UnavailableError):
        marked(b"no document", "For nobody")
