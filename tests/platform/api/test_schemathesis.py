"""The OpenAPI document against the running server: Schemathesis asks every operation over HTTP, well and badly formed.

What is asked is made from the document alone and is the same at every run. Half of the requests name rows that are
there, so that views are reached and not only their refusals.
"""

import threading
import uuid
from collections.abc import Iterator

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from support.application import a_world, an_application_over, identifiers_of
from support.programs import PREFIX, Program, program
from support.tenancy import Place, add_membership
from werkzeug.serving import make_server

from mendline.api.openapi import document
from mendline.api.views import api
from tenants.database import Database
from tenants.roles import ROLES

ROLES_OF_ONE = ("registered_manager", "provider_quality_lead", "provider_administrator")
EXAMPLES = 6
# A request that the document allows may still be refused by what a service holds: an action that is not there, a date
# that has passed, a figure that stands already. The document says so with its 409 and 422.
EXCUSED = ("positive_data_acceptance",)

_SETTINGS = SchemathesisConfig(seed=20261123)
_SETTINGS.projects.default.generation.deterministic = True
schema = schemathesis.openapi.from_dict(document(api.operations, "1"), config=_SETTINGS)


_known: dict[str, str] = {}


def _name_what_is_there(case: schemathesis.Case) -> None:
    """Names rows that are there, where what stands in the path is an identifier at all."""
    for name, value in (case.path_parameters or {}).items():
        if name in _known and _is_identifier(value):
            case.path_parameters[name] = _known[name]


def _is_identifier(value: object) -> bool:
    try:
        return uuid.UUID(str(value)).int % 2 == 0
    except ValueError:
        return False


@pytest.fixture(scope="module")
def caller(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Program]]:
    """The address of the server, and a program that may do everything at one provider."""
    world = a_world(database)
    app = an_application_over(database, world, tmp_path_factory.mktemp("state"))
    here: Place = world.first
    asking = program(app, database, ROLES_OF_ONE[0], here)
    for role in ROLES_OF_ONE[1:]:
        add_membership(database, asking.person_id, role, here, whole_provider=ROLES[role].level == "provider")
    _known.update({name: str(value) for name, value in identifiers_of(here).items()})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{PREFIX}", asking
    server.shutdown()
    thread.join()


@schema.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_the_server_answers_as_the_document_says(case: schemathesis.Case, caller: tuple[str, Program]) -> None:
    address, asking = caller
    _name_what_is_there(case)
    case.call_and_validate(
        base_url=address,
        headers={"Authorization": f"Bearer {asking.token}"},
        excluded_checks=[CHECKS.get_one(name) for name in EXCUSED],
    )
