"""The quota of requests: counted for each provider, over all processes, and without Redis where that is away."""

import uuid

import pytest
from support.application import a_world, an_application_over
from support.programs import PREFIX, Program, program

from mendline.api.quota import Quota

ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
MINUTE = 60_000_020.0  # forty seconds before the next minute


def test_a_flood_of_one_provider_leaves_another_alone(valkey_url):
    quota = Quota(valkey_url, 3)
    assert [quota.too_many({ONE}, MINUTE) for _ in range(4)] == [0, 0, 0, 40]
    assert quota.too_many({OTHER}, MINUTE) == 0
    assert quota.too_many({ONE}, MINUTE + 40) == 0


def test_processes_count_together(valkey_url):
    first, second = Quota(valkey_url, 1), Quota(valkey_url, 1)
    at = MINUTE + 600
    assert (first.too_many({ONE}, at), second.too_many({ONE}, at)) == (0, 40)


@pytest.mark.parametrize("address", [None, "redis://127.0.0.1:1/0"])
def test_without_redis_each_process_counts_for_itself(address):
    quota = Quota(address, 1)
    assert [quota.too_many({ONE}, MINUTE) for _ in range(2)] == [0, 40]


def test_a_program_of_two_providers_counts_for_both(valkey_url):
    quota, at = Quota(valkey_url, 1), MINUTE + 1_200
    assert quota.too_many({ONE, OTHER}, at) == 0
    assert quota.too_many({OTHER}, at) == 40


def test_a_program_that_asks_too_often_is_told_how_long_to_wait(database, tmp_path):
    world = a_world(database)
    app = an_application_over(database, world, tmp_path)
    app.extensions["mendline.quota"] = Quota(None, 2)
    asking = program(app, database, "registered_manager", world.first)
    answers = [asking.get("/services") for _ in range(3)]
    # A minute may end between two of them, so that the third is the first of the next.
    assert {one.status_code for one in answers} <= {200, 429}
    while answers[-1].status_code != 429:
        answers.append(asking.get("/services"))
    refused = answers[-1]
    assert refused.mimetype == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert program(app, database, "registered_manager", world.second).get("/services").status_code == 200
    assert Program(app.test_client(), "mnd_invented", ONE).get("/services").status_code == 401
    assert app.test_client().get(f"{PREFIX}/openapi.json").status_code == 200
