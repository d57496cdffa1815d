"""The HTTP API over the real application and database: what is answered, what is refused, and what never leaks."""

import io
import re
import uuid

import pikepdf
import pytest
from sqlalchemy import func, select, text
from support.application import (
    RECORD_TYPE,
    SHOWN,
    a_session,
    a_world,
    an_application_over,
    identifiers_of,
    monday,
)
from support.programs import PREFIX, Program, program
from support.tenancy import add_body, add_grant, add_officer, add_person

from mendline.api.openapi import path_of
from mendline.api.table import api
from mendline.evidence.model import Evidence, Record
from mendline.indicators.model import Observation, StaleMark
from tenants.clock import today


@pytest.fixture(scope="module")
def world(database):
    return a_world(database)


@pytest.fixture(scope="module")
def app(database, world, tmp_path_factory):
    return an_application_over(database, world, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def manager(app, database, world):
    return program(app, database, "registered_manager", world.first)


@pytest.fixture(scope="module")
def lead(app, database, world):
    return program(app, database, "care_coordinator", world.first)


@pytest.fixture(scope="module")
def carer(app, database, world):
    return program(app, database, "carer", world.first)


@pytest.fixture(scope="module")
def quality(app, database, world):
    return program(app, database, "provider_quality_lead", world.first)


def service_of(place):
    return f"/services/{place.service_id}"


def indicator_of(place):
    return f"/indicators/{identifiers_of(place)['indicator_id']}"


def is_problem(answer, status):
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    told = answer.get_json()
    assert told["type"] == f"urn:mendline:problem:{status}"
    assert told["detail"]
    return told


# --- the document


def test_the_document_and_the_routes_say_the_same(app):
    told = app.test_client().get(f"{PREFIX}/openapi.json").get_json()
    assert told["openapi"] == "3.1.0"
    documented = {(method.upper(), path) for path, one in told["paths"].items() for method in one}
    routed = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX)))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert documented == routed
    assert len({one["operationId"] for path in told["paths"].values() for one in path.values()}) == len(documented)


def test_every_reference_of_the_document_leads_somewhere(app):
    text = app.test_client().get(f"{PREFIX}/openapi.json").get_data(as_text=True)
    named = set(re.findall(r"#/components/schemas/(\w+)", text))
    told = app.test_client().get(f"{PREFIX}/openapi.json").get_json()
    assert named <= told["components"]["schemas"].keys()
    assert "Indicator" in named


def test_the_readable_document_names_every_operation_without_a_script_of_its_own(app):
    page = app.test_client().get(f"{PREFIX}/docs").get_data(as_text=True)
    assert all(f"{one.method} {path_of(one)}" in page for one in api.operations)
    assert "<script>" not in page


# --- who may ask


def test_without_a_token_every_operation_but_the_document_asks_for_one(app):
    client = app.test_client()
    for one in api.operations:
        if one.method == "GET" and one.access != "public":
            path = re.sub(r"<uuid:\w+>", str(uuid.uuid4()), one.path).replace("<record_type>", RECORD_TYPE)
            answer = client.get(PREFIX + path)
            is_problem(answer, 401)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_nobody_gave_is_refused(app):
    stranger = Program(app.test_client(), "mnd_invented", uuid.uuid4())
    is_problem(stranger.get("/services"), 401)


def test_a_cookie_without_the_forms_token_writes_nothing(app, database, world, manager):
    client = app.test_client()
    client.set_cookie("mendline", a_session(database, manager.person_id))
    answer = client.post(f"{PREFIX}{service_of(world.first)}/packs", json={})
    is_problem(answer, 403)


@pytest.mark.parametrize("one", [one for one in api.operations if one.access != "public"], ids=lambda one: one.name)
def test_what_is_outside_reach_is_404_and_never_shown(world, quality, one):
    """A whole provider's lead asks for the other provider's things: like things that never were."""
    ids = identifiers_of(world.second) | {"record_type": RECORD_TYPE, "reference": "A-001"}
    if not re.search("<uuid", one.path):
        answer = quality.get(one.path.replace("<record_type>", RECORD_TYPE))
        assert answer.status_code == (403 if one.access in ("see_settings", "change_settings") else 200)
    else:
        path = re.sub(r"<(?:uuid:)?(\w+)>", lambda part: str(ids[part[1]]), one.path)
        answer = (
            quality.post(path, _good_body(one.name), method=one.method)
            if one.body
            else quality.post(path, method=one.method)
        )
        assert answer.status_code in (403, 404)
        never = re.sub(r"<uuid:\w+>", str(uuid.uuid4()), one.path)
        never = never.replace("<record_type>", RECORD_TYPE).replace("<reference>", "A-001")
        like = (
            quality.post(never, _good_body(one.name), method=one.method)
            if one.body
            else quality.post(never, method=one.method)
        )
        assert (answer.status_code, answer.get_json()) == (like.status_code, like.get_json())
    said = answer.get_data(as_text=True)
    assert "MERLIN" not in said
    assert "NUTHATCH" not in said


def _good_body(name):
    day = today().isoformat()
    return {
        "enter_observations": {"period_start": monday().isoformat(), "numerator": 1, "denominator": 2},
        "enter_records": {"answers": dict(a_check_record_answers())},
        "point_to_evidence": {
            "letter": "A", "title": "Audit of charts", "dated_on": day, "system": "Folder", "where_to_look": "Shelf 3",
        },
        "check_evidence": {"result": "unchanged"},
        "add_indicator": {"definition_key": "falls_rate", "review_owner": "P Nowak"},
        "change_indicator": {"target_operator": ">=", "target_value": 97, "reason": "Agreed again"},
        "add_action": {"title": "Check the charts", "owner": "J Okafor", "due_on": day},
        "change": {"kind": "closed", "evidence_reference": "E-001"},
        "add_review": {"indicator_id": str(uuid.uuid4()), "decision": "assured"},
        "begin_plan": {
            "template": "medicines_recovery", "title": "Medicines recovery", "starts_on": day, "review_owner": "P Nowak",
        },
        "add_plan_objective": {
            "goal": "People get their medicines on time.", "target": "95% or more by week 12.", "weeks": 12,
            "hold_weeks": 4, "sign_off_role": "nominated_individual",
            "aims": [{"indicator_id": str(uuid.uuid4()), "operator": ">=", "value": 95}],
        },
        "change_step": {"cadence": "monthly", "reason": "Four rounds were seen each week, and all were well."},
        "change_plan_milestones": {
            "seen": 0, "milestones": [{"week": 5, "title": "Mid-point review"}], "reason": "The others were taken away.",
        },
        "judge_plan_milestone": {"verdict": "met", "reason": "Each baseline was signed in week 1."},
        "correct_review": {"correction": "The figure was read from the wrong week."},
        "add_escalation": {
            "indicator_id": str(uuid.uuid4()), "to_role": "registered_manager", "kind": "additional_audit",
            "asked": "Two permanent night posts.", "due_on": "2027-01-05",
        },
        "decide": {"outcome": "no_further_action", "reason": "It was answered in another way."},
        "add_risk": {
            "title": "People wait too long", "owner": "P Nowak", "likelihood": 3, "impact": 4, "reason": "Seen twice",
            "look_again_on": "2027-01-05",
        },
        "change_risk": {"kind": "reviewed", "note": "Looked at again", "look_again_on": "2027-01-05"},
    }.get(name, {})  # fmt: skip


def a_check_record_answers():
    return {
        "checked_at": f"{monday(1).isoformat()}T06:41", "shift_on": monday(1).isoformat(), "shift_band": "night",
        "unit": "Primrose", "people_on_unit": 14, "charts_checked": 14, "gaps_found": 2, "cd_balance_agrees": "yes",
        "time_critical_on_time": "yes", "completed_by": "AO",
    }  # fmt: skip


def test_an_indicator_is_begun_and_its_target_changed_with_a_reason(world, manager, lead):
    path = f"{service_of(world.first)}/indicators"
    is_problem(lead.post(path, _good_body("add_indicator")), 403)
    begun = manager.post(path, _good_body("add_indicator") | {"target_operator": "<=", "target_value": 4})
    assert begun.status_code == 201
    made = begun.get_json()
    assert made["review_owner"] == "P Nowak"
    is_problem(manager.post(path, _good_body("add_indicator")), 422)
    change = {"target_operator": "<=", "target_value": 3}
    own = f"/indicators/{made['indicator_id']}"
    is_problem(manager.post(own, change, method="PATCH"), 422)
    assert manager.post(own, change | {"reason": "Agreed again"}, method="PATCH").status_code == 200
    is_problem(manager.post(own, {}, method="PATCH"), 422)


def test_within_reach_but_not_allowed_is_403(world, carer, lead):
    is_problem(carer.get(f"{service_of(world.first)}/indicators"), 403)
    is_problem(carer.post(f"{indicator_of(world.first)}/observations", _good_body("enter_observations")), 403)
    is_problem(lead.post(f"{service_of(world.first)}/actions", _good_body("add_action")), 403)
    is_problem(lead.get(f"/providers/{world.first.provider_id}/comparison"), 403)


def test_a_commissioners_token_is_told_where_their_view_is(app, database, world):
    body_id, person_id = add_body(database), add_person(database)
    add_officer(database, body_id, person_id)
    add_grant(database, world.first, body_id)
    officer = Program(app.test_client(), a_session(database, person_id, purpose="token"), person_id)
    assert "portfolio" in is_problem(officer.get("/services"), 403)["detail"]
    for path in (service_of(world.first), f"{service_of(world.first)}/indicators", indicator_of(world.first)):
        answer = officer.get(path)
        assert answer.status_code in (403, 404)
        assert world.first.canary not in answer.get_data(as_text=True)


# --- reading


def test_services_are_those_where_somebody_works_in_pages(world, quality, manager):
    told = quality.get("/services", limit=1).get_json()
    assert len(told["items"]) == 1
    rest = quality.get("/services", limit=1, cursor=told["next_cursor"]).get_json()
    assert rest["next_cursor"] is None
    found = {one["service_id"] for one in (*told["items"], *rest["items"])}
    assert found == {str(world.first.service_id), str(world.sister.service_id)}
    own = manager.get("/services").get_json()["items"]
    assert [one["service_id"] for one in own] == [str(world.first.service_id)]


def test_a_carer_sees_their_service_without_counts_of_what_they_may_not_see(carer):
    (one,) = carer.get("/services").get_json()["items"]
    assert one["indicators"] is None


def test_a_service_is_told_with_its_rating_and_requirements(world, manager):
    told = manager.get(service_of(world.first)).get_json()
    assert told["rating"]["overall"] == "requires_improvement"
    assert told["requirements"][0]["regulation"] == "hsca-12"
    assert told["provider_id"] == str(world.first.provider_id)


def test_indicators_are_told_with_parts_and_fixed_words(world, manager):
    listed = manager.get(f"{service_of(world.first)}/indicators").get_json()["items"]
    one = next(each for each in listed if each["definition"] == SHOWN)
    assert one["current"]["numerator"] is not None
    assert one["current"]["denominator"] == 100
    assert one["target"]["operator"] == ">="
    assert one["baseline"] == 82
    words = {"Improving", "Stable", "Deteriorating", "Changed", "Not supported", "Too few weeks to judge"}
    assert {each["reading"] for each in listed} <= words
    assert manager.get(f"/indicators/{one['indicator_id']}").get_json() == one


def test_observations_come_by_period_in_pages_and_between_two_days(world, manager):
    path = f"{indicator_of(world.first)}/observations"
    first = manager.get(path, limit=20).get_json()
    second = manager.get(path, limit=20, cursor=first["next_cursor"]).get_json()
    periods = [one["period_start"] for one in (*first["items"], *second["items"])]
    assert second["next_cursor"] is None
    assert len(periods) == 31
    assert periods == sorted(set(periods))
    span = {"from": monday(3).isoformat(), "to": monday(2).isoformat()}
    assert [one["period_start"] for one in manager.get(path, **span).get_json()["items"]] == list(span.values())


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "yesterday"}, "from"), ({"from": "20261123"}, "from"), ({"limit": "many"}, "limit"),
        ({"as_at": "2026-11-23T10:00:00"}, "as_at"), ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "WyJhIiwgImIiXQ"}, "cursor"),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_is_named(world, manager, query, field):
    told = is_problem(manager.get(f"{indicator_of(world.first)}/observations", **query), 422)
    assert [one["field"] for one in told["problems"]] == [field]


def test_a_chart_is_told_as_the_page_draws_it(world, manager):
    told = manager.get(f"{indicator_of(world.first)}/chart", most=12).get_json()
    assert len(told["points"]) == 12
    assert told["targets"]


def test_the_sources_of_a_figure_lead_to_its_pointer_and_evidence(world, manager):
    ids = identifiers_of(world.first)
    told = manager.get(f"/observations/{ids['observation_id']}/sources").get_json()
    assert told["pointer"] == {"word": "KESTREL pointer 1"} or told["pointer"]
    assert [one["reference"] for one in told["evidence"]] == ["E-001"]
    assert told["service_id"] == str(world.first.service_id)


def test_record_types_carry_their_schema_and_a_template_that_leads_to_a_file(manager):
    listed = manager.get("/record-types").get_json()["items"]
    one = next(each for each in listed if each["record_type"] == RECORD_TYPE)
    assert one["schema"]["additionalProperties"] is False
    answer = manager.get(one["template"].removeprefix(PREFIX))
    assert answer.mimetype == "text/csv"
    assert answer.get_data(as_text=True).startswith("checked_at")
    is_problem(manager.get("/record-types/nonsense/template.csv"), 404)


def test_what_recovery_holds_is_read(world, manager):
    here = service_of(world.first)
    assert manager.get(f"{here}/actions").get_json()["items"][0]["reference"] == "A-001"
    assert manager.get(f"{here}/risks").get_json()["items"][0]["reference"] == "R-001"
    assert manager.get(f"{here}/escalations").get_json()["items"][0]["outcome"] == "no_further_action"
    assert manager.get(f"{here}/reviews").get_json()["items"][0]["relied_on"] == ["E-001"]
    assert manager.get(f"{here}/evidence").get_json()["items"][0]["letter"] == "R"


def test_a_comparison_stands_beside_pooled_figures_of_one_provider(world, quality):
    told = quality.get(f"/providers/{world.first.provider_id}/comparison", indicator=SHOWN).get_json()
    assert {one["service_id"] for one in told["services"]} == {
        str(world.first.service_id),
        str(world.sister.service_id),
    }
    assert told["pooled"][0]["services_reporting"] == 2
    assert told["pooled"][0]["denominator"] == 200
    is_problem(quality.get(f"/providers/{world.first.provider_id}/comparison", indicator="nonsense"), 422)


def test_a_comparison_is_given_for_one_period_with_the_figures_of_that_period(world, quality):
    path = f"/providers/{world.first.provider_id}/comparison"
    told = quality.get(path, indicator=SHOWN, period=monday(3).isoformat()).get_json()
    own = quality.get(
        f"{indicator_of(world.first)}/observations", **{"from": monday(3).isoformat(), "to": monday(3).isoformat()}
    ).get_json()["items"][0]
    here = next(one for one in told["services"] if one["service_id"] == str(world.first.service_id))
    assert (here["period_start"], here["value"]) == (monday(3).isoformat(), own["value"])
    assert here["denominator"] == own["denominator"]
    assert told["pooled"][0]["period_start"] == monday(3).isoformat()
    assert told["pooled"][0]["numerator"] == sum(one["numerator"] for one in told["services"])
    empty = quality.get(path, indicator=SHOWN, period="2001-01-01").get_json()
    assert {one["value"] for one in empty["services"]} == {None}
    assert empty["pooled"] == []
    is_problem(quality.get(path, period="last week"), 422)


def test_a_comparison_is_given_as_it_stood_at_a_past_moment(world, quality):
    path = f"/providers/{world.first.provider_id}/comparison"
    before_anything = quality.get(path, as_at="2001-01-01T00:00:00Z").get_json()
    assert (before_anything["services"], before_anything["pooled"]) == ([], [])
    is_problem(quality.get(path, as_at="yesterday"), 422)
    told = is_problem(quality.get(path, as_at="2999-01-01T00:00:00Z"), 422)
    assert told["problems"][0]["field"] == "as_at"
    assert told["problems"][0]["reason"].endswith("What stands then is not known yet.")


# --- writing


def test_a_figure_is_entered_with_its_mark_and_a_second_sending_of_the_key_changes_nothing(database, world, lead):
    path, period = f"{indicator_of(world.first)}/observations", monday()
    body = {"period_start": period.isoformat(), "numerator": 95, "denominator": 100, "pointer": {"system": "eMAR"}}
    first, again = lead.post(path, body, key="one"), lead.post(path, body, key="one")
    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()
    assert (first.get_json()["saved"], again.headers["Idempotency-Replayed"]) == (1, "true")
    with database.administration() as session:
        kept = session.scalars(
            select(Observation).where(
                Observation.provider_id == world.first.provider_id,
                Observation.service_id == world.first.service_id,
                Observation.period_start == period,
            )
        ).one()
        marks = session.scalar(select(func.count()).where(StaleMark.period_start == period))
    assert (kept.source, kept.value, kept.pointer) == ("api", 95, {"system": "eMAR"})
    assert marks == 1
    other = {**body, "numerator": 94}
    is_problem(lead.post(path, other, key="one"), 409)
    told = is_problem(lead.post(path, other, key="two"), 422)
    assert [one["field"] for one in told["problems"]] == ["reason"]
    assert (
        lead.post(path, {**other, "reason": "Counted again"}, key="three").get_json()["observations"][0]["revision"]
        == 2
    )
    listed = lead.get(path, **{"from": monday(2).isoformat()}).get_json()["items"]
    assert [(one["period_start"], one["revision"], one["restated_on"]) for one in listed if one["restated_on"]] == [
        (period.isoformat(), 2, today().isoformat())
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"numerator": -1}, "numerator"),
        ({"numerator": 101}, "numerator"),
        ({"numerator": "95"}, "numerator"),
        ({"numerator": True}, "numerator"),
        ({"period_start": "2030-01-07"}, "period_start"),
        ({"period_start": "23/11/2026"}, "period_start"),
        ({"period_start": None}, "period_start"),
        ({"provider_id": str(uuid.uuid4())}, "provider_id"),
        ({"state": "splendid"}, "state"),
        ({"pointer": {"where": "there"}}, "pointer"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_by_its_field(world, lead, change, field):
    body = {"period_start": monday(1).isoformat(), "numerator": 95, "denominator": 100, "reason": "Counted again"}
    told = is_problem(lead.post(f"{indicator_of(world.first)}/observations", {**body, **change}), 422)
    assert field in {one["field"] for one in told["problems"]}


def test_one_bad_figure_of_many_keeps_all_out_and_is_told_by_its_place(database, world, lead):
    before = _figures(database, world)
    rows = [{"period_start": monday(35 - week).isoformat(), "numerator": 5, "denominator": 10} for week in range(3)]
    rows[1]["numerator"] = 11
    told = is_problem(lead.post(f"{indicator_of(world.first)}/observations", rows), 422)
    assert [one["field"] for one in told["problems"]] == ["2.numerator"]
    assert _figures(database, world) == before


def test_a_thousand_and_one_at_once_are_too_many(world, lead):
    row = {"period_start": monday(1).isoformat(), "numerator": 1, "denominator": 2}
    told = is_problem(lead.post(f"{indicator_of(world.first)}/observations", [row] * 1001), 422)
    assert told["problems"][0]["field"] == "body"


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"a": NaN}', b'{"numerator": 1, "numerator": 2}', b"\xff\xfe", b"[" * 5000]
)
def test_a_body_that_is_no_json_is_told_plainly(world, lead, body):
    is_problem(lead.post(f"{indicator_of(world.first)}/observations", body), 400)


def test_a_form_is_not_json(world, lead):
    answer = lead.client.post(
        f"{PREFIX}{indicator_of(world.first)}/observations",
        data={"numerator": "1"},
        headers={"Authorization": f"Bearer {lead.token}"},
    )
    is_problem(answer, 415)


def test_a_record_is_entered_once_however_often_it_is_sent(app, database, world, carer):
    refused = carer.post(f"{service_of(world.first)}/records/{RECORD_TYPE}", {"answers": a_check_record_answers()})
    assert "does not enter this kind" in is_problem(refused, 403)["detail"]
    senior = program(app, database, "senior_carer", world.first)
    path, record_id = f"{service_of(world.first)}/records/{RECORD_TYPE}", str(uuid.uuid4())
    body = {"record_id": record_id, "answers": a_check_record_answers()}
    first = senior.post(path, body)
    assert first.status_code == 201, first.get_json()
    assert first.get_json()["items"] == [{"record_id": record_id, "revision": 1, "is_new": True}]
    assert senior.post(path, body).get_json()["items"][0]["is_new"] is False
    assert [one["record_id"] for one in senior.get(path).get_json()["items"]] == [record_id]
    wrong = {"answers": {**a_check_record_answers(), "gaps_found": -1, "nonsense": 1}}
    told = is_problem(senior.post(path, [body, wrong]), 422)
    assert {one["field"] for one in told["problems"]} == {"2.gaps_found", "2.nonsense"}


def test_a_record_is_corrected_with_a_reason_and_without_one_nothing_changes(app, database, world):
    senior = program(app, database, "senior_carer", world.first)
    path, record_id = f"{service_of(world.first)}/records/{RECORD_TYPE}", str(uuid.uuid4())
    first = {"record_id": record_id, "answers": a_check_record_answers()}
    assert senior.post(path, first).status_code == 201
    other = {"record_id": record_id, "answers": {**a_check_record_answers(), "gaps_found": 1, "doses_due": 40}}
    is_problem(senior.post(path, other), 409)
    assert [one["field"] for one in is_problem(senior.post(path, other | {"reason": "so"}), 422)["problems"]] == [
        "reason"
    ]
    new = {"record_id": str(uuid.uuid4()), "answers": a_check_record_answers()}
    why = {"reason": "The eMAR was put right this morning"}
    kept = senior.post(path, [other | why, new]).get_json()["items"]
    assert [(one["revision"], one["is_new"]) for one in kept] == [(2, True), (1, True)]
    again = [senior.post(path, body).get_json()["items"][0] for body in (other | why, first)]
    assert [(one["revision"], one["is_new"]) for one in again] == [(2, False), (2, False)]
    shown = next(one for one in senior.get(path).get_json()["items"] if one["record_id"] == record_id)
    assert (shown["answers"]["gaps_found"], shown["revision"], shown["reason"]) == (1, 2, why["reason"])
    stranger = program(app, database, "senior_carer", world.first)
    is_problem(stranger.post(path, first | why | {"answers": {**first["answers"], "gaps_found": 0}}), 409)


def test_evidence_is_added_with_its_kind_quality_statement_and_date_to_be_kept_until(database, world, manager):
    here = f"{service_of(world.first)}/evidence"
    more = {"category": "observation", "quality_statement": "safe.staffing", "keep_until": "2034-01-01"}
    made = manager.post(here, _good_body("point_to_evidence") | more)
    assert made.status_code == 201, made.get_json()
    with database.administration() as session:
        row = session.scalars(select(Evidence).where(Evidence.evidence_id == made.get_json()["evidence_id"])).one()
    assert (row.category, row.quality_statement, row.keep_until.isoformat()) == tuple(more.values())
    told = is_problem(manager.post(here, _good_body("point_to_evidence") | {"category": "hearsay"}), 422)
    assert [one["field"] for one in told["problems"]] == ["category"]


def test_an_original_is_looked_at_again_and_the_index_says_so(world, manager):
    here = f"{service_of(world.first)}/evidence"
    made = manager.post(here, _good_body("point_to_evidence")).get_json()
    path = f"{here}/{made['evidence_id']}/checks"
    assert manager.post(path, {"result": "unchanged"}, key="look").get_json() == {"reference": made["reference"]}
    listed = {one["reference"]: one for one in manager.get(here).get_json()["items"]}
    assert listed[made["reference"]]["result"] == "unchanged"
    assert listed[made["reference"]]["checked_at"]
    is_problem(manager.post(path, {"result": "glanced at"}), 422)
    is_problem(manager.post(path, {"result": "withdrawn"}), 422)
    assert manager.post(path, {"result": "withdrawn", "reason": "It was of another home"}).status_code == 201


def test_a_payload_with_unknown_and_missing_answers_is_refused_with_each_of_them_named(app, database, world):
    senior = program(app, database, "senior_carer", world.first)
    path = f"{service_of(world.first)}/records/{RECORD_TYPE}"
    answers = a_check_record_answers()
    del answers["gaps_found"], answers["cd_balance_agrees"]
    told = is_problem(senior.post(path, {"answers": answers | {"mood": "fine"}}), 422)
    assert {one["field"] for one in told["problems"]} == {"gaps_found", "cd_balance_agrees", "mood"}
    is_problem(senior.post(path, {}), 422)
    is_problem(senior.post(path, {"answers": [1]}), 422)
    is_problem(senior.post(path, {"answers": a_check_record_answers(), "shift": "night"}), 422)


def test_a_record_through_the_api_from_before_the_service_opened_is_refused(app, database, world):
    senior = program(app, database, "senior_carer", world.sister)
    with database.administration() as session:
        session.execute(
            text("update service set opened_on = :day where provider_id = :p and service_id = :s"),
            {"day": monday(), "p": world.sister.provider_id, "s": world.sister.service_id},
        )
    path = f"{service_of(world.sister)}/records/{RECORD_TYPE}"
    told = is_problem(senior.post(path, {"answers": a_check_record_answers()}), 422)
    (one,) = told["problems"]
    assert one["field"] == "checked_at"
    assert one["reason"].startswith("The service opened on")


def test_a_thousand_records_are_entered_at_once_and_once(app, database, world):
    senior = program(app, database, "senior_carer", world.second)
    path = f"{service_of(world.second)}/records/{RECORD_TYPE}"
    sent = [
        {"record_id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}")), "answers": a_check_record_answers()}
        for number in range(1_000)
    ]
    first, again = senior.post(path, sent, key="thousand"), senior.post(path, sent, key="thousand")
    assert (first.status_code, again.headers.get("Idempotency-Replayed")) == (201, "true")
    assert sum(one["is_new"] for one in first.get_json()["items"]) == 1_000
    assert first.get_json() == again.get_json()
    without_key = senior.post(path, sent).get_json()["items"]
    assert not any(one["is_new"] for one in without_key)
    with database.administration() as session:
        kept = session.scalar(select(func.count()).select_from(Record).where(Record.recorded_by == senior.person_id))
    assert kept == 1_000


def test_lists_are_walked_by_their_cursor_without_a_gap_or_a_repeat(world, manager):
    here = f"{service_of(world.first)}/actions"
    for number in range(5):
        manager.post(here, _good_body("add_action") | {"title": f"Check the charts of unit {number}"})
    whole = [one["reference"] for one in manager.get(here).get_json()["items"]]
    walked, cursor = [], {}
    while cursor is not None:
        page = manager.get(here, limit=2, **cursor).get_json()
        walked += [one["reference"] for one in page["items"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert walked == whole
    is_problem(manager.get(here, cursor="WyJBLTk5OSJd"), 422)


@pytest.mark.parametrize(
    ("path", "name", "most"),
    [("/record-types", "record_type", 15), ("/plan-templates", "key", 2), ("/indicators", "indicator_id", 1)],
)
def test_every_list_is_walked_by_its_cursor(world, manager, path, name, most):
    address = path if path == "/record-types" else f"{service_of(world.first)}{path}"
    whole = [one[name] for one in manager.get(address).get_json()["items"]]
    assert len(whole) > most
    walked, cursor = [], {}
    while cursor is not None:
        page = manager.get(address, limit=most, **cursor).get_json()
        assert 0 < len(page["items"]) <= most
        walked += [one[name] for one in page["items"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert walked == whole
    is_problem(manager.get(address, cursor="WyJBLTk5OSJd"), 422)


def test_a_pack_is_asked_for_as_at_a_past_day(world, manager):
    path = f"{service_of(world.first)}/packs"
    asked = manager.post(path, {"as_at": "2026-01-31", "drills": False})
    assert asked.status_code == 202
    assert asked.get_json()["as_at"] == "2026-01-31T23:59:59.999999Z"
    is_problem(manager.post(path, {"as_at": "2999-01-01"}), 422)


def test_evidence_actions_and_reviews_are_made(world, manager):
    here = service_of(world.first)
    reference = manager.post(f"{here}/evidence", _good_body("point_to_evidence")).get_json()["reference"]
    assert reference.startswith("E-")
    action = manager.post(f"{here}/actions", _good_body("add_action")).get_json()["reference"]
    assert manager.post(f"{here}/actions/{action}", {"kind": "closed"}, method="PATCH").status_code == 422
    closed = manager.post(
        f"{here}/actions/{action}", {"kind": "closed", "evidence_reference": reference}, method="PATCH"
    )
    assert closed.get_json() == {"reference": action}
    listed = manager.get(f"{here}/actions").get_json()["items"]
    assert next(one["state"] for one in listed if one["reference"] == action) == "closed"
    review = {
        "indicator_id": str(identifiers_of(world.first)["indicator_id"]), "decision": "further_action",
        "what_changed": "It rose to 95%.", "why": "A second check at night.", "what_follows": "The check is kept.",
        "action_title": "Keep the second check", "action_owner": "J Okafor", "action_due_on": today().isoformat(),
    }  # fmt: skip
    made = manager.post(f"{here}/reviews", review)
    assert made.status_code == 201, made.get_json()
    assert manager.get(f"{here}/reviews").get_json()["items"][0]["why"] == "A second check at night."


def test_a_pack_is_asked_for_and_a_finished_one_is_fetched(world, manager):
    asked = manager.post(f"{service_of(world.first)}/packs", key="pack")
    assert asked.status_code == 202
    assert asked.headers["Location"] == f"{PREFIX}/packs/{asked.get_json()['pack_id']}"
    assert manager.post(f"{service_of(world.first)}/packs", key="pack").get_json() == asked.get_json()
    assert manager.get(f"/packs/{asked.get_json()['pack_id']}").get_json()["state"] == "queued"
    is_problem(manager.get(f"/packs/{asked.get_json()['pack_id']}.pdf"), 409)
    kept = identifiers_of(world.first)["pack_id"]
    with pikepdf.open(io.BytesIO(manager.get(f"/packs/{kept}.pdf").get_data())) as pdf:
        assert pdf.docinfo["/Title"] == "KESTREL"
    listed = {one["pack_id"] for one in manager.get(f"{service_of(world.first)}/packs").get_json()["items"]}
    assert {str(kept), asked.get_json()["pack_id"]} <= listed


def _figures(database, world):
    with database.administration() as session:
        return session.scalar(select(func.count()).where(Observation.provider_id == world.first.provider_id))


def test_an_escalation_is_opened_and_decided_once(world, manager):
    path = f"{service_of(world.first)}/escalations"
    indicator = identifiers_of(world.first)["indicator_id"]
    made = manager.post(path, _good_body("add_escalation") | {"indicator_id": str(indicator)})
    assert made.status_code == 201
    own = f"{path}/{made.get_json()['escalation_id']}"
    is_problem(manager.post(own, {"outcome": "noted", "reason": "It is noted."}, method="PATCH"), 422)
    risk = {"outcome": "risk_register_escalation", "reason": "It stays for now.", "title": "Nights rest on one person",
            "owner": "P Nowak", "likelihood": 3, "impact": 4, "due_on": today().isoformat()}  # fmt: skip
    decided = manager.post(own, risk, method="PATCH")
    assert decided.get_json()["made"] == ["R-002"]
    is_problem(manager.post(own, _good_body("decide"), method="PATCH"), 409)
    listed = {one["escalation_id"]: one for one in manager.get(path).get_json()["items"]}
    found = listed[made.get_json()["escalation_id"]]
    assert (found["outcome"], found["made"], found["origin"]) == ("risk_register_escalation", ["R-002"], "person")


def test_a_risk_is_recorded_scored_again_and_closed(world, manager):
    path = f"{service_of(world.first)}/risks"
    reference = manager.post(path, _good_body("add_risk")).get_json()["reference"]
    again = {
        "kind": "scored",
        "note": "A second checker helps",
        "likelihood": 1,
        "impact": 4,
        "look_again_on": today().isoformat(),
    }
    assert manager.post(f"{path}/{reference}", again, method="PATCH").status_code == 200
    is_problem(manager.post(f"{path}/{reference}", {"kind": "closed", "note": "x"}, method="PATCH"), 422)
    scored = {"kind": "reviewed", "note": "Looked at again", "likelihood": 3}
    assert (
        is_problem(manager.post(f"{path}/{reference}", scored, method="PATCH"), 422)["problems"][0]["field"]
        == "likelihood"
    )
    assert (
        manager.post(f"{path}/{reference}", {"kind": "closed", "note": "Held for weeks"}, method="PATCH").status_code
        == 200
    )


def test_a_review_is_corrected_beside_and_not_in_place(world, manager):
    path = f"{service_of(world.first)}/reviews"
    review = identifiers_of(world.first)["review_id"]
    made = manager.post(f"{path}/{review}", _good_body("correct_review"), method="PATCH")
    assert made.status_code == 200
    decisions = [one["decision"] for one in manager.get(path).get_json()["items"]]
    assert "addendum" in decisions
    assert "assured" in decisions
