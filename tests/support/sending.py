"""Files sent for import through the pages, and the worker that has them: builders of the tests of imports."""

import io
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from support.custody import do_jobs
from support.facts import Home, two_providers
from support.running import lend_assets
from support.shifts import place_of
from support.visiting import KEY, Page, Visitor, visit
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from mendline.app import create_app
from mendline.config import Settings
from tenants.database import Database

FILES_KEY = "the key of the files of these tests alone"
FIGURES = "service,indicator,period,numerator,denominator,value,state,source_reference\r\n"


@dataclass(frozen=True)
class House:
    """An application with two groups, and the worker of its files."""

    app: Flask
    db: Database
    state: Path
    home: Home
    sister: Home
    foreign: Home

    def visit(
        self, role: str = "registered_manager", home: Home | None = None, *, whole_provider: bool = False
    ) -> Visitor:
        return visit(self.app, self.db, role, place_of(home or self.home), whole_provider=whole_provider)

    def work(self, home: Home | None = None) -> list[str]:
        return do_jobs(self.db, (home or self.home).provider_id, "import_facts")

    def objects(self) -> list[Path]:
        return [path for path in (self.state / "objects").rglob("*") if path.is_file()]


def a_house(database: Database, state: Path) -> House:
    mine, theirs = two_providers(database)
    lend_assets(state)  # from the folder that the environment still names
    known = {"state": state, "secret_key": KEY, "role_passwords": {}, "demonstration": True, "files_keys": (FILES_KEY,)}
    return House(create_app(Settings(**known), database), database, state, mine[0], mine[1], theirs[0])


def send(
    visitor: Visitor, where: Home, name: str, content: bytes | str, mapping: str = "", *, whole: bool = False
) -> Page:
    """Sends a file by the form of a service, or of its provider; the page of the file, or the form that refused it."""
    index = f"/providers/{where.provider_id}/imports" if whole else f"/services/{where.service_id}/imports"
    form = visitor.get(index)
    found = re.search(r'name="import_id" value="([^"]+)"', form.text)
    assert found, form.text[:2000]
    sent = content.encode() if isinstance(content, str) else content
    fields = {
        "csrf_token": visitor.csrf_token,
        "import_id": found[1],
        "mapping": mapping,
        "file": FileStorage(io.BytesIO(sent), name),
    }
    # In memory, as the test client would leave its temporary file of a larger one open.
    boundary, body = encode_multipart(fields)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return visitor._took(visitor.client.post(index, data=body, content_type=kind))


def csv_of(*rows: str) -> str:
    return FIGURES + "".join(f"{row}\r\n" for row in rows)
