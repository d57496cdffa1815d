"""Lines of the log say which request they belong to."""

import logging

from flask import Flask

from mendline.web.request_lines import OfRequest


def a_record() -> logging.LogRecord:
    return logging.LogRecord("mendline", logging.ERROR, "here.py", 1, "unexpected error", (), None)


def test_lines_of_a_request_bear_its_identifier_and_its_route_and_not_its_address() -> None:
    app = Flask(__name__)
    app.add_url_rule("/services/<service_id>", "services.dashboard", lambda service_id: service_id)
    first, second, other = a_record(), a_record(), a_record()
    with app.test_request_context("/services/rosewood-house?name=marlow", method="POST"):
        assert OfRequest().filter(first)
        assert OfRequest().filter(second)
    with app.test_request_context("/services/rosewood-house"):
        assert OfRequest().filter(other)
    said = vars(first)["request"]
    assert (said["method"], said["route"], len(said["id"])) == ("POST", None, 16)
    assert said == vars(second)["request"]
    assert vars(other)["request"] == {**vars(other)["request"], "method": "GET", "route": "services.dashboard"}
    assert vars(other)["request"]["id"] != said["id"]
    assert "rosewood" not in str(said) + str(vars(other)["request"])


def test_a_line_outside_a_request_names_none() -> None:
    record = a_record()
    assert OfRequest().filter(record)
    assert not hasattr(record, "request")
