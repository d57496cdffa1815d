"""A provider that lets its people sign in through an OpenID provider of its own, and whoever comes that way."""

import re
import uuid
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from support.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider
from support.site import built_assets, csrf_of
from support.tenancy import Place
from support.visiting import KEY, Page, Visitor, visit
from werkzeug.test import TestResponse

from mendline.app import create_app
from mendline.config import RUNNING_ROLES, Settings
from tenants.database import Database
from tenants.signin.links import link_secret

URL = "http://localhost:8700"
BACK = f"{URL}/sign-in/organisation/back"


def an_application_that_asks_others(database: Database) -> Flask:
    """The application, which may ask an OpenID provider on this machine."""
    settings = Settings(
        state=built_assets(), secret_key=KEY, role_passwords=dict.fromkeys(RUNNING_ROLES, ""), outside_url=URL,
        sign_on_hosts=("127.0.0.1",),
    )  # fmt: skip
    return create_app(settings, database)


@dataclass
class Organisation:
    """A provider whose administrator has set its sign-in up, at a domain of its own."""

    app: Flask
    provider: OpenIdProvider
    place: Place
    domain: str
    connection_id: uuid.UUID

    def away(self, browser: FlaskClient, email: str) -> str:
        """Where the browser is sent to once it was told the address."""
        token = csrf_of(browser.get("/sign-in/organisation").get_data(as_text=True))
        answer = browser.post("/sign-in/organisation", data={"csrf_token": token, "email": email})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return way_there(answer)

    def come(self, browser: FlaskClient, **who: object) -> TestResponse:
        """Signs in there and comes back."""
        return self.back(browser, self.away(browser, str(who["email"])), **who)

    def back(self, browser: FlaskClient, url: str, **who: object) -> TestResponse:
        """Signs in where the browser was sent to, and comes back."""
        given = self.provider.sign_in(url, **who)
        return browser.get("/sign-in/organisation/back", query_string=given)


def way_there(page: TestResponse) -> str:
    """The address of the OpenID provider that a page leads on to."""
    found = re.search(r'href="(http://127[^"]+)"', page.get_data(as_text=True))
    assert found
    return found[1].replace("&amp;", "&")


def an_organisation(app: Flask, database: Database, provider: OpenIdProvider, place: Place) -> Organisation:
    """The sign-in of a provider as it stands once the keeper of its domain's mail has agreed."""
    domain = f"d{uuid.uuid4().hex[:8]}.example"
    assert save(administrators_browser(app, database, place), provider, place, domain).status == 303
    return Organisation(app, provider, place, domain, proven(app, database, place))


def administrators_browser(app: Flask, database: Database, place: Place) -> Visitor:
    """Somebody who administers the provider."""
    return visit(app, database, "provider_administrator", place, whole_provider=True)


def save(administrator: Visitor, provider: OpenIdProvider, place: Place, domain: str, /, **changed: str) -> Page:
    """Sends the form of the settings."""
    path = f"/providers/{place.provider_id}/single-sign-on"
    assert administrator.get(path).status == 200
    fields = {
        "label": "Alderway account", "issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "domain": domain, "keeper": "postmaster", "default_role": "carer", "default_service": str(place.service_id),
        "strong_values": "mfa", "longest_minutes": "60", "enabled": "yes",
    }  # fmt: skip
    return administrator.post(path, fields | changed)


def proven(app: Flask, database: Database, place: Place) -> uuid.UUID:
    """The keeper of the domain's mail opens the link of the letter and agrees."""
    with database.as_role("signin") as connection:
        row = connection.execute(
            text(
                "select mail_id, address from signin.mail where on_behalf_of = :id and template = 'domain_proof'"
                " order by created_at desc limit 1"
            ),
            {"id": place.provider_id},
        ).one()
    assert row.address.startswith("postmaster@")
    path = f"/sign-in/domain/{link_secret(app.extensions['mendline'].key, row.mail_id)}"
    browser = app.test_client()
    page = browser.get(path).get_data(as_text=True)
    assert browser.post(path, data={"csrf_token": csrf_of(page)}).status_code == 200
    assert browser.post(path, data={"csrf_token": csrf_of(page)}).status_code == 404  # once
    with database.administration() as session:
        found = session.execute(
            text("select connection_id from single_sign_on where provider_id = :id order by recorded_at desc limit 1"),
            {"id": place.provider_id},
        )
        return uuid.UUID(str(found.scalar_one()))


def somebody(organisation: Organisation, **changed: object) -> dict[str, object]:
    """Somebody of the organisation, who shows two factors there."""
    sub = uuid.uuid4().hex
    return {
        "sub": sub, "email": f"{sub[:8]}@{organisation.domain}", "name": "Joy Mensah", "amr": ["pwd", "mfa"], **changed,
    }  # fmt: skip


def roles(database: Database, email: object) -> list[str]:
    """The roles that whoever has this address was given anywhere."""
    with database.administration() as session:
        rows = session.execute(
            text("select m.role from membership m join signin.person p using (person_id) where p.email = :email"),
            {"email": email},
        )
        return list(rows.scalars())
