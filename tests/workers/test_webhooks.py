"""Webhooks over a real HTTP server: told with the change itself, signed, tried again, and never into a private network."""

import json
import re
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import text
from support.application import a_world, an_application_over, identifiers_of, monday
from support.custody import do_jobs, settle
from support.programs import program
from support.visiting import visit

from mendline.api.webhooks.sending import address_of, send
from mendline.api.webhooks.signing import SIGNATURE, is_signed, signature
from mendline.config import Settings
from tenants.errors import RefusedError


class Receiver(ThreadingHTTPServer):
    """Keeps what it was sent, and answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.received: list[tuple[dict[str, str], bytes]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name that the base class has
        """Says nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def world(database):
    return a_world(database)


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def app(database, world, state, monkeypatch):
    made = an_application_over(database, world, state)
    settle(monkeypatch, state)
    monkeypatch.setenv("MENDLINE_WEBHOOK_HOSTS", "127.0.0.1")
    settings = made.extensions["mendline"].settings
    # The worker opens with its own settings what the pages sealed with theirs.
    monkeypatch.setenv("MENDLINE_SECRET_KEY", settings.secret_key)
    object.__setattr__(settings, "files_keys", Settings.from_environment().files_keys)
    object.__setattr__(settings, "webhook_hosts", ("127.0.0.1",))
    return made


def _deliveries(database, provider_id, webhook_id):
    with database.administration() as session:
        return session.execute(
            text(
                "select state, attempts, answer, event from webhook_delivery where provider_id = :p and webhook_id = :w order by happened_at"
            ),
            {"p": provider_id, "w": webhook_id},
        ).all()


def test_a_signature_holds_for_five_minutes_and_for_these_bytes_alone() -> None:
    header = signature(("whs_other before", "whs_known"), b"{}", 1_000)
    assert is_signed("whs_known", b"{}", header, 1_300)
    assert not is_signed("whs_known", b"{}", header, 1_301)
    assert not is_signed("whs_known", b"{ }", header, 1_000)
    assert not is_signed("whs_other", b"{}", header, 1_000)
    assert not is_signed("whs_known", b"{}", "", 1_000)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "https://", "https://a:b@example.org/", "https://x/ y", "nothing",
        "https://example.org:99999/", "https://example.org:0/", "https://exämple.org/",
    ],
)  # fmt: skip
def test_an_address_that_is_not_https_on_the_internet_is_not_taken(url: str) -> None:
    with pytest.raises(RefusedError):
        address_of(url, ())


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "0.0.0.0", "2130706433"],
)
def test_nothing_is_sent_into_a_private_network(host: str) -> None:
    with pytest.raises(RefusedError):
        send(f"https://{host}/", b"{}", {}, ())


def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    receiver.status = 302
    assert send(f"http://127.0.0.1:{receiver.server_port}/", b"{}", {}, ("127.0.0.1",)) == 302
    assert len(receiver.received) == 1


def test_a_figure_that_was_entered_is_told_once_signed_and_tried_again_until_it_is_received(
    app, database, world, receiver
) -> None:
    place = world.first
    administrator = program(app, database, "provider_administrator", place)
    manager = program(app, database, "registered_manager", place)
    asked = {"url": f"http://127.0.0.1:{receiver.server_port}/hook?of=mendline", "events": ["figure.recorded"]}
    assert manager.post("/webhooks", asked).status_code == 403
    assert administrator.post("/webhooks", asked | {"events": ["everything"]}).status_code == 422
    assert administrator.post("/webhooks", asked | {"url": "http://10.0.0.1/"}).status_code == 422
    made = administrator.post("/webhooks", asked)
    assert made.status_code == 201, made.get_data(as_text=True)
    secret = made.get_json()["secret"]
    (listed,) = administrator.get("/webhooks").get_json()["items"]
    assert secret not in str(listed)
    indicator = identifiers_of(place)["indicator_id"]
    figure = {"period_start": monday(3).isoformat(), "numerator": 3, "denominator": 20, "reason": "Counted again."}
    assert manager.post(f"/indicators/{indicator}/observations", figure).status_code == 201
    receiver.status = 503
    assert do_jobs(database, place.provider_id, "deliver_webhook") == ["queued"]
    receiver.status = 204
    assert do_jobs(database, place.provider_id, "deliver_webhook") == ["done"]
    (first, second) = receiver.received
    assert first[1] == second[1]
    assert first[0]["Mendline-Delivery"] == json.loads(first[1])["delivery_id"]
    assert is_signed(secret, second[1], second[0][SIGNATURE], int(time.time()))
    told = json.loads(second[1])
    assert told["event"] == "figure.recorded"
    assert told["content"] == {
        "indicator_id": str(indicator), "from": monday(3).isoformat(), "to": monday(3).isoformat(), "figures": 1,
    }  # fmt: skip
    assert [tuple(one) for one in _deliveries(database, place.provider_id, listed["webhook_id"])] == [
        ("received", 2, "Answered 204.", "figure.recorded")
    ]
    path = f"/webhooks/{listed['webhook_id']}"
    (delivery,) = administrator.get(f"{path}/deliveries").get_json()["items"]
    assert {name: delivery[name] for name in ("event", "state", "attempts", "status", "answer", "next_try_at")} == {
        "event": "figure.recorded", "state": "received", "attempts": 2, "status": 204, "answer": "Answered 204.",
        "next_try_at": None,
    }  # fmt: skip
    assert manager.get(f"{path}/deliveries").status_code == 403
    assert administrator.post(path, method="DELETE").status_code == 200
    assert administrator.post(path, method="DELETE").status_code == 404
    assert administrator.post(f"/webhooks/{uuid.uuid4()}", method="DELETE").status_code == 404
    assert administrator.get("/webhooks").get_json()["items"] == []
    again = figure | {"numerator": 4}
    assert manager.post(f"/indicators/{indicator}/observations", again).status_code == 201
    assert do_jobs(database, place.provider_id, "deliver_webhook") == []


def test_deliveries_are_walked_by_their_cursor_sent_again_and_forgotten_after_thirty_days(
    app, database, world, receiver
) -> None:
    place = world.sister
    administrator = program(app, database, "provider_administrator", place)
    manager = program(app, database, "registered_manager", place)
    asked = {"url": f"http://127.0.0.1:{receiver.server_port}/many", "events": ["figure.recorded"]}
    path = f"/webhooks/{administrator.post('/webhooks', asked).get_json()['webhook_id']}/deliveries"
    indicator = identifiers_of(place)["indicator_id"]
    receiver.status = 500
    for numerator in range(3):
        figure = {"period_start": monday(4).isoformat(), "numerator": numerator, "denominator": 20, "reason": "Again."}
        assert manager.post(f"/indicators/{indicator}/observations", figure).status_code == 201
    assert do_jobs(database, place.provider_id, "deliver_webhook") == ["queued"] * 3
    waiting = administrator.get(path, state="waiting").get_json()["items"]
    assert [(one["status"], one["attempts"], one["tried_at"] < one["next_try_at"]) for one in waiting] == [
        (500, 1, True)
    ] * 3
    assert administrator.post(f"{path}/{waiting[0]['delivery_id']}").status_code == 409
    receiver.status = 200
    do_jobs(database, place.provider_id, "deliver_webhook")
    whole = [one["delivery_id"] for one in administrator.get(path).get_json()["items"]]
    walked, cursor = [], {}
    while cursor is not None:
        page = administrator.get(path, limit=2, **cursor).get_json()
        walked += [one["delivery_id"] for one in page["items"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert len(walked) == 3
    assert walked == whole
    assert administrator.get(path, cursor="WyJBLTk5OSJd").status_code == 422
    assert administrator.get(path, state="lost").status_code == 422
    assert administrator.post(f"{path}/{uuid.uuid4()}").status_code == 404
    assert manager.post(f"{path}/{whole[0]}").status_code == 403

    with database.administration() as session:
        old = text(
            "update webhook_delivery set happened_at = happened_at - interval '31 days',"
            " tried_at = tried_at - interval '31 days' where delivery_id = any (cast(:old as uuid[]))"
        )
        session.execute(old, {"old": whole[1:]})
    before = len(receiver.received)
    assert administrator.post(f"{path}/{whole[0]}").status_code == 202
    do_jobs(database, place.provider_id, "deliver_webhook")
    assert [json.loads(body)["delivery_id"] for _, body in receiver.received[before:]] == [whole[0]]
    assert [one["delivery_id"] for one in administrator.get(path).get_json()["items"]] == [whole[0]]


def test_webhooks_are_walked_by_their_cursor(app, database, world) -> None:
    administrator = program(app, database, "provider_administrator", world.first)
    for number in range(3):
        body = {"url": f"https://example.org/{number}", "events": ["figure.recorded"]}
        assert administrator.post("/webhooks", body).status_code == 201
    whole = [one["webhook_id"] for one in administrator.get("/webhooks").get_json()["items"]]
    first = administrator.get("/webhooks", limit=2).get_json()
    rest = administrator.get("/webhooks", limit=200, cursor=first["next_cursor"]).get_json()
    assert [one["webhook_id"] for one in (*first["items"], *rest["items"])] == whole
    assert rest["next_cursor"] is None


def test_the_pages_make_an_address_show_each_receipt_send_again_and_change_the_secret(
    app, database, world, receiver
) -> None:
    place = world.second
    administrator = visit(app, database, "provider_administrator", place, whole_provider=True)
    manager = program(app, database, "registered_manager", place)
    indicator = identifiers_of(place)["indicator_id"]
    url = f"http://127.0.0.1:{receiver.server_port}/pages"
    administrator.get("/webhooks/new")
    refused = administrator.post("/webhooks", {"url": "http://10.0.0.1/", "events": "figure.recorded"})
    assert refused.status == 422
    assert refused.says("Give an address that begins with https://")
    made = administrator.post("/webhooks", {"url": url, "events": "figure.recorded"})
    (first,) = re.findall(r"whs_[\w-]{20,}", made.text)
    with database.administration() as session:
        webhook_id = session.scalar(text("select webhook_id from webhook where url = :url"), {"url": url})
        assert first.encode() not in session.scalar(
            text("select sealed_secret from webhook where url = :url"), {"url": url}
        )
    own = f"/webhooks/{webhook_id}"
    assert first not in administrator.get(own).text

    receiver.status = 410
    figure = {"period_start": monday(3).isoformat(), "numerator": 5, "denominator": 20, "reason": "Counted again."}
    assert manager.post(f"/indicators/{indicator}/observations", figure).status_code == 201
    do_jobs(database, place.provider_id, "deliver_webhook")
    assert administrator.get(own).says("Answered 410: it wants no more.")
    with database.administration() as session:
        delivery = session.scalar(
            text("select delivery_id from webhook_delivery where webhook_id = :w"), {"w": webhook_id}
        )

    changed = administrator.post(f"{own}/secret", {})
    (second,) = re.findall(r"whs_[\w-]{20,}", changed.text)
    assert changed.says("Two secrets sign")
    assert administrator.post(f"{own}/secret", {}).status == 409
    receiver.status = 204
    assert administrator.post(f"{own}/deliveries/{delivery}", {}).status == 303
    assert administrator.post(f"{own}/deliveries/{uuid.uuid4()}", {}).status == 404
    assert do_jobs(database, place.provider_id, "deliver_webhook") == ["done"]
    before, after = receiver.received
    assert before[0]["Mendline-Delivery"] == after[0]["Mendline-Delivery"] == str(delivery)
    assert before[1] == after[1]
    header, at = after[0][SIGNATURE], int(time.time())
    assert is_signed(first, after[1], header, at)
    assert is_signed(second, after[1], header, at)
    assert administrator.get(own).says("Answered 204.")

    with database.administration() as session:
        session.execute(text("update webhook_secret set recorded_at = recorded_at - interval '25 hours'"))
    administrator.get(own)
    administrator.post(f"{own}/deliveries/{delivery}", {})
    do_jobs(database, place.provider_id, "deliver_webhook")
    header = receiver.received[-1][0][SIGNATURE]
    assert is_signed(second, after[1], header, int(time.time()))
    assert not is_signed(first, after[1], header, int(time.time()))

    assert administrator.post(f"{own}/end", {}).status == 303
    assert administrator.get(own).says("This webhook was ended")
    assert administrator.post(f"{own}/deliveries/{delivery}", {}).status == 404


def test_a_secret_is_not_kept_with_the_answer_to_a_request_that_is_sent_again(app, database, world, receiver) -> None:
    administrator = program(app, database, "provider_administrator", world.first)
    asked = {"url": f"http://127.0.0.1:{receiver.server_port}/kept", "events": ["pack.made"]}
    made, again = (administrator.post("/webhooks", asked, key="made once").get_json() for _ in range(2))
    assert made["secret"].startswith("whs_")
    assert again == {"webhook_id": made["webhook_id"], "secret": None}
    with database.administration() as session:
        assert made["secret"] not in str(session.execute(text("select answer from idempotency_key")).all())


def test_whoever_may_not_change_settings_sees_no_webhooks(app, database, world) -> None:
    carer = visit(app, database, "carer", world.first)
    assert carer.get("/webhooks").status == 403
    other = visit(app, database, "provider_administrator", world.first, whole_provider=True)
    with database.administration() as session:
        foreign = session.scalar(
            text("select webhook_id from webhook where provider_id = :p"), {"p": world.second.provider_id}
        )
    assert other.get(f"/webhooks/{foreign}").status == 404
