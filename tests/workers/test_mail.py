"""Letters on a real database and a real mail server: sent once, kept while the server is away, refused for good."""

import json
import uuid
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import text
from support.facts import two_providers
from support.parts import environment_of, parts_of, until
from support.smtp_server import Inbox, a_mail_server
from support.tenancy import Place, add_membership, add_person, issue_ticket, signed_in

from mendline.telling.mail import send
from mendline.telling.mail_delivery import Folder, MailServer
from mendline.telling.mail_text import Sender
from tenants.clock import now
from tenants.database import Database
from tenants.errors import NotPermittedError
from tenants.signin import outbox
from tenants.signin.links import link_secret
from workers.mail import LEASE, deliver

SENDER = Sender("Mendline <no-reply@mendline.example>", "https://mendline.example", b"a key of this test")
FACTS = {"provider": "Alderway Care Group", "service": "Rosewood House"}


@pytest.fixture
def place(database: Database) -> Place:
    mine, _ = two_providers(database, services=1)
    return Place(mine[0].provider_id, mine[0].service_id, "")


@pytest.fixture
def letter(database: Database, place: Place) -> uuid.UUID:
    """A letter from a manager to somebody who works there."""
    colleague = add_person(database, name="Joy Mensah")
    add_membership(database, colleague, "carer", place)
    with database.transaction(signed_in(database, "registered_manager", place)) as session:
        return send(session, "role_given", provider_id=place.provider_id, person_id=colleague, facts=FACTS)


def kept(database: Database, mail_id: uuid.UUID) -> dict:
    with database.as_role("signin") as connection:
        row = connection.execute(text("select * from signin.mail where mail_id = :id"), {"id": mail_id})
        return dict(row.mappings().one())


def make_due(database: Database, mail_id: uuid.UUID) -> None:
    with database.as_role("signin") as connection:
        connection.execute(
            text("update signin.mail set due_at = now(), lease_until = now() where mail_id = :id"), {"id": mail_id}
        )


def test_a_letter_arrives_with_its_own_message_id_and_is_not_sent_again(database: Database, letter: uuid.UUID) -> None:
    with a_mail_server() as inbox:
        for _ in range(3):
            deliver(database, letter, SENDER, MailServer(inbox.url))
    (arrived,) = inbox.letters
    assert arrived["Message-ID"] == f"<{letter}@mendline.example>"
    assert arrived["Subject"] == "Alderway Care Group has given you a role in Mendline"
    assert "Hello Joy Mensah" in arrived.get_content()
    assert "https://mendline.example/sign-in" in arrived.get_content()
    assert kept(database, letter)["state"] == "sent"
    assert kept(database, letter)["receipt"] == "250 kept as 1"


def test_a_server_that_is_away_for_a_day_loses_nothing(database: Database, letter: uuid.UUID) -> None:
    at = now()
    with a_mail_server() as gone:
        pass
    for hour in range(24):
        deliver(database, letter, SENDER, MailServer(gone.url))
        row = kept(database, letter)
        assert (row["state"], row["attempts"]) == ("waiting", hour + 1)
        assert now() < row["due_at"] <= now() + timedelta(hours=1)
        deliver(database, letter, SENDER, MailServer(gone.url))  # not due yet: nothing is tried
        assert kept(database, letter)["attempts"] == hour + 1
        make_due(database, letter)
    with a_mail_server() as inbox:
        deliver(database, letter, SENDER, MailServer(inbox.url))
    assert len(inbox.letters) == 1
    assert kept(database, letter)["sent_at"] >= at


def test_a_letter_is_given_up_after_three_days(database: Database, letter: uuid.UUID) -> None:
    with database.as_role("signin") as connection:
        connection.execute(
            text("update signin.mail set created_at = now() - interval '73 hours' where mail_id = :id"), {"id": letter}
        )
    with a_mail_server() as gone:
        pass
    deliver(database, letter, SENDER, MailServer(gone.url))
    assert kept(database, letter)["state"] == "dead"


def test_an_address_that_the_server_does_not_know_is_tried_once(database: Database, letter: uuid.UUID) -> None:
    with a_mail_server() as inbox:
        inbox.refuses.add("@example.org")
        deliver(database, letter, SENDER, MailServer(inbox.url))
    assert kept(database, letter)["state"] == "refused"
    assert inbox.letters == []


def test_a_server_that_asks_for_later_is_tried_later(database: Database, letter: uuid.UUID) -> None:
    with a_mail_server() as inbox:
        inbox.busy = True
        deliver(database, letter, SENDER, MailServer(inbox.url))
        assert kept(database, letter)["state"] == "waiting"
        inbox.busy = False
        make_due(database, letter)
        deliver(database, letter, SENDER, MailServer(inbox.url))
    assert len(inbox.letters) == 1


def test_a_connection_that_breaks_after_the_letter_sends_it_under_the_same_message_id(
    database: Database, letter: uuid.UUID
) -> None:
    with a_mail_server() as inbox:
        inbox.breaks_off = True
        deliver(database, letter, SENDER, MailServer(inbox.url))
        inbox.breaks_off = False
        make_due(database, letter)
        deliver(database, letter, SENDER, MailServer(inbox.url))
    assert len({one["Message-ID"] for one in inbox.letters}) == 1


def test_only_one_worker_has_a_letter_and_a_lapsed_claim_ends_nothing(database: Database, letter: uuid.UUID) -> None:
    first = outbox.claim(database, letter, at=now(), lease=LEASE)
    assert first is not None
    assert outbox.claim(database, letter, at=now(), lease=LEASE) is None
    second = outbox.claim(database, letter, at=now() + LEASE * 2, lease=LEASE)
    assert second is not None
    assert not outbox.sent(database, first, "250", at=now())
    assert outbox.sent(database, second, "250", at=now())


def test_without_a_mail_server_letters_are_files_each_once(
    database: Database, letter: uuid.UUID, tmp_path: Path
) -> None:
    deliver(database, letter, SENDER, Folder(tmp_path))
    with database.as_role("signin") as connection:  # as after a crash between the file and the receipt
        connection.execute(
            text("update signin.mail set state = 'waiting', due_at = now() where mail_id = :id"), {"id": letter}
        )
    deliver(database, letter, SENDER, Folder(tmp_path))
    (file,) = tmp_path.iterdir()
    assert file.name == f"{letter}.eml"
    arrived = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert "Rosewood House" in arrived.get_content()


def test_a_fact_cannot_add_a_header(database: Database, place: Place) -> None:
    facts = {**FACTS, "provider": "Evil\r\nBcc: everybody@example.org\r\n\r\nbody"}
    with database.transaction(signed_in(database, "registered_manager", place)) as session:
        made = send(session, "role_given", provider_id=place.provider_id, address="a@example.org", facts=facts)
    with a_mail_server() as inbox:
        deliver(database, made, SENDER, MailServer(inbox.url))
    assert inbox.letters[0]["Bcc"] is None


def test_no_link_stands_in_the_outbox(database: Database) -> None:
    with database.as_role("signin") as connection:
        mail_id = outbox.put(connection, "reset", person_id=add_person(database), at=now())
    secret = link_secret(SENDER.key, mail_id)
    assert secret not in json.dumps(kept(database, mail_id), default=str)
    with a_mail_server() as inbox:
        deliver(database, mail_id, SENDER, MailServer(inbox.url))
    assert f"https://mendline.example/reset/{secret}" in inbox.letters[0].get_content()


def test_nobody_writes_to_people_of_another_provider_or_beyond_a_reach(database: Database, place: Place) -> None:
    stranger = add_person(database)
    manager = signed_in(database, "registered_manager", place)
    _, theirs = two_providers(database, services=1)
    for provider_id, person_id, address in (
        (place.provider_id, stranger, None),
        (theirs[0].provider_id, stranger, None),
        (theirs[0].provider_id, None, "a@example.org"),
    ):
        with pytest.raises(NotPermittedError), database.transaction(manager) as session:
            send(session, "role_given", provider_id=provider_id, person_id=person_id, address=address, facts=FACTS)


def test_a_provider_sends_no_more_than_five_hundred_letters_an_hour(database: Database, place: Place) -> None:
    manager = signed_in(database, "registered_manager", place)
    with database.administration() as session:
        session.execute(
            text(
                "insert into signin.mail (mail_id, on_behalf_of, address, template, facts, state, attempts, due_at,"
                " created_at) select gen_random_uuid(), :provider, 'a@example.org', 'role_given', '{}', 'sent', 1, now(),"
                " now() from generate_series(1, 500)"
            ),
            {"provider": place.provider_id},
        )
    with pytest.raises(NotPermittedError), database.transaction(manager) as session:
        send(session, "role_given", provider_id=place.provider_id, address="a@example.org", facts=FACTS)


@pytest.mark.parametrize("recipients", [{}, {"person_id": uuid.uuid4(), "address": "a@example.org"}])
def test_a_letter_goes_to_one_recipient(database: Database, place: Place, recipients: dict) -> None:
    with (
        database.transaction(signed_in(database, "carer", place)) as session,
        pytest.raises(ValueError, match="to a person or to an address"),
    ):
        send(session, "role_given", provider_id=place.provider_id, **recipients)


def test_a_letter_that_nobody_wrote_is_refused(database: Database, place: Place) -> None:
    with (
        database.transaction(signed_in(database, "carer", place)) as session,
        pytest.raises(ValueError, match="no letter"),
    ):
        send(session, "../pack/pack", provider_id=place.provider_id, address="a@example.org")


def test_the_relay_and_a_worker_of_its_own_queue_send_it(
    database: Database,
    letter: uuid.UUID,
    database_url: str,
    valkey_url: str,
    role_passwords: dict[str, str],
    tmp_path: Path,
) -> None:
    with a_mail_server() as inbox:
        environment = environment_of(database_url, valkey_url, role_passwords, tmp_path / "state")
        environment["MENDLINE_SMTP_URL"] = inbox.url
        with parts_of(environment, tmp_path / "parts") as parts:
            parts.start_relay()
            parts.start_worker("mail")
            until(lambda: kept(database, letter)["state"] == "sent", 20, "the letter to be sent")
    assert len(_mine(inbox, letter)) == 1


def _mine(inbox: Inbox, mail_id: uuid.UUID) -> list:
    return [one for one in inbox.letters if str(mail_id) in one["Message-ID"]]


def test_a_ticket_without_an_owner_signed_in_sends_nothing(database: Database, place: Place) -> None:
    reach = database.reach_of(issue_ticket(database, add_person(database)))
    with pytest.raises(NotPermittedError), database.transaction(reach) as session:
        send(session, "role_given", provider_id=place.provider_id, address="a@example.org", facts=FACTS)
