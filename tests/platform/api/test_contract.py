"""The promises of version 1 to programs: each resource with its verbs, its parameters and what comes back."""

import pytest
from support.application import a_world, an_application_over

from mendline.api.table import PREFIX
from mendline.web.errors import problem

S, I = "/services/{service_id}", "/indicators/{indicator_id}"  # noqa: E741 -- read as a table

# Path -> verb -> names that the document has to give: parameters after the question mark, or members of the body.
PROMISED = {
    "/services": {"get": ("cursor",)},
    S: {"get": ()},
    f"{S}/indicators": {"get": (), "post": ("definition_key",)},
    I: {"get": (), "patch": ("target_value", "baseline_at")},
    f"{I}/observations": {
        "get": ("from", "to", "as_at", "cursor"),
        "post": ("period_start", "numerator", "denominator", "value"),
    },
    f"{I}/chart": {"get": ()},
    "/observations/{observation_id}/sources": {"get": ()},
    "/record-types": {"get": ()},
    "/record-types/{record_type}/template.csv": {"get": ()},
    f"{S}/records/{{record_type}}": {"get": ("cursor",), "post": ("answers",)},
    f"{S}/evidence": {"get": ("cursor",), "post": ("system", "where_to_look")},
    f"{S}/evidence/{{evidence_id}}/checks": {"post": ("result",)},
    f"{S}/evidence/{{evidence_id}}/file": {"get": ()},
    f"{S}/actions": {"get": ("cursor",), "post": ("title",)},
    f"{S}/actions/{{reference}}": {"patch": ("kind",)},
    f"{S}/escalations": {"get": ("cursor",), "post": ("asked",)},
    f"{S}/escalations/{{escalation_id}}": {"patch": ("outcome",)},
    f"{S}/risks": {"get": ("cursor",), "post": ("likelihood",)},
    f"{S}/risks/{{reference}}": {"patch": ("kind",)},
    f"{S}/reviews": {"get": ("cursor",), "post": ("decision",)},
    f"{S}/reviews/{{review_id}}": {"patch": ("correction",)},
    "/providers/{provider_id}/comparison": {"get": ("indicator", "period", "as_at")},
    f"{S}/packs": {"get": ("cursor",), "post": ("as_at",)},
    "/packs/{pack_id}": {"get": ()},
    "/packs/{pack_id}.pdf": {"get": ()},
    "/webhooks": {"get": (), "post": ("url", "events")},
    "/webhooks/{webhook_id}": {"delete": ()},
    "/openapi.json": {"get": ()},
    "/docs": {"get": ()},
}
MANY = ((f"{I}/observations", "post"), (f"{S}/records/{{record_type}}", "post"))
OUTSIDE = ("/health/live", "/health/ready", "/metrics")
ANSWERS = {
    f"{S}/indicators": {"baseline", "current", "target", "review_owner", "status", "reason", "parts"},
    "/record-types": {"schema", "template"},
    f"{I}/observations": {"revision", "recorded_at", "state", "numerator", "denominator"},
}
CASES = [(path, verb, names) for path, verbs in PROMISED.items() for verb, names in verbs.items()]


@pytest.fixture(scope="module")
def app(database, tmp_path_factory):
    return an_application_over(database, a_world(database), tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def told(app):
    return app.test_client().get(f"{PREFIX}/openapi.json").get_json()


def _members(told, operation):
    found = {one["name"] for one in operation["parameters"]}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        found |= _properties(told, content["schema"])
    return found


def _properties(told, schema):
    if "oneOf" in schema:
        return set().union(*(_properties(told, one) for one in schema["oneOf"]))
    if "items" in schema:
        return _properties(told, schema["items"])
    if "$ref" in schema:
        return _properties(told, told["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return set(schema.get("properties", ()))


@pytest.mark.parametrize(("path", "verb", "names"), CASES, ids=[f"{verb} {path}" for path, verb, _ in CASES])
def test_what_is_promised_is_documented_with_its_names(told, path, verb, names):
    operation = told["paths"][path][verb]
    assert set(names) <= _members(told, operation)
    assert verb == "get" or any(one["name"] == "Idempotency-Key" for one in operation["parameters"])


@pytest.mark.parametrize(("path", "verb"), MANY)
def test_a_thousand_are_taken_at_once(told, path, verb):
    one, many = told["paths"][path][verb]["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert (many["maxItems"], many["items"]) == (1_000, one)


def test_evidence_is_taken_as_a_file_or_as_a_pointer(told):
    content = told["paths"][f"{S}/evidence"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "multipart/form-data"}


@pytest.mark.parametrize("path", ANSWERS)
def test_an_answer_has_the_members_that_were_promised(told, path):
    schema = told["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert ANSWERS[path] <= _properties(told, schema["properties"]["items"])


def test_errors_are_problem_details_with_a_stable_type(app, told):
    answer = app.test_client().get(f"{PREFIX}/services")
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["type"] == "urn:mendline:problem:401"
    assert set(told["components"]["schemas"]["Problem"]["required"]) == {"type", "title", "status", "detail"}


def test_a_program_is_told_what_a_program_can_do_and_of_no_page(app):
    client = app.test_client()
    unknown, wrong = client.get(f"{PREFIX}/services"), client.delete(f"{PREFIX}/record-types")
    assert unknown.get_json()["title"] == "A token is needed"
    assert "Authorization: Bearer" in unknown.get_json()["detail"]
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert wrong.get_json()["title"] == "This address does not take that method"
    with app.test_request_context(f"{PREFIX}/services?limit=0"):
        titles = {status: problem(status, "Told.").get_json()["title"] for status in (409, 422)}
    assert titles == {409: "It does not fit what is there", 422: "That cannot be taken as it is"}


@pytest.mark.parametrize("path", OUTSIDE)
def test_what_watches_the_server_needs_no_token(app, path):
    assert app.test_client().get(path).status_code in (200, 503)


def test_the_document_is_of_the_promised_version_of_openapi(told):
    assert told["openapi"].startswith("3.1")
    assert told["servers"] == [{"url": "/api/v1"}]
    assert told["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
