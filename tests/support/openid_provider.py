"""A real OpenID provider in a process of its own, and a browser that signs in there."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import requests
from support.running import eventually, free_port

from mendline.config import state_folder

SOURCE = Path(__file__).parent / "oidc"
CLIENT_ID = "mendline"
CLIENT_SECRET = "a-secret-of-this-test-only-0123456789"


@dataclass(frozen=True)
class OpenIdProvider:
    """The running provider."""

    issuer: str
    redirect_uri: str

    def sign_in(self, url: str, **who: object) -> dict[str, str]:
        """Goes through the provider's pages as a browser would; gives what it hands back to Mendline.

        Args:
            url: where Mendline sent the browser.
            who: sub, email, name, amr, acr of whoever signs in; `ago`, seconds since they did.
        """
        parts = urlsplit(url)
        asked = {**dict(parse_qsl(parts.query)), "login_hint": json.dumps(who)}
        if who.get("ago"):
            asked.pop("max_age", None)  # a provider that does not hold to it
        address = parts._replace(query=urlencode(asked)).geturl()
        with requests.Session() as browser:
            for _ in range(12):
                answer = browser.get(address, allow_redirects=False, timeout=10)
                assert answer.is_redirect, (address, answer.status_code, answer.text[:400])
                address = urljoin(address, answer.headers["Location"])
                if address.startswith(self.redirect_uri):
                    return dict(parse_qsl(urlsplit(address).query))
        raise AssertionError("the provider sends its visitor round in circles")


@contextmanager
def an_openid_provider(redirect_uri: str, log: Path) -> Iterator[OpenIdProvider]:
    """A provider that ends with the block; `deploy/test` has installed it."""
    folder = state_folder({}) / "oidc"
    shutil.copyfile(SOURCE / "server.mjs", folder / "server.mjs")
    port = free_port()
    node = shutil.which("node") or "node"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [node, "server.mjs", str(port), redirect_uri], cwd=folder, stdout=file, stderr=file,
            stdin=subprocess.DEVNULL, env={**os.environ, "NODE_ENV": "test"},
        )  # fmt: skip
    try:
        eventually(lambda: b"listening" in log.read_bytes() or process.poll() is not None, "the OpenID provider", 30)
        assert process.poll() is None, log.read_text()
        yield OpenIdProvider(f"http://127.0.0.1:{port}", redirect_uri)
    finally:
        process.terminate()
        process.wait(10)
