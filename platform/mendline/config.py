"""What an installation can set, read once from its environment, and where its own files are."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

from mendline.secret_files import kept
from mendline.secret_keys import KeyRing, fresh, written

PACKAGE = Path(__file__).resolve().parent
DEFAULT_PORT = 8700
_SHORTEST_KEY = 32  # characters, of what seals evidence files
# Those of `tenants.database`, named again because every command reads its settings and few need a database.
RUNNING_ROLES = ("web", "worker", "reader", "relay", "signin")
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})


class SettingsError(Exception):
    """A setting that is missing or cannot be used; its text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Resources:
    """The project's files that are not code.

    Attributes:
        templates: the pages, mails and packs.
        migrations: the folder of Alembic's `env.py`.
    """

    templates: Path
    migrations: Path


def resources() -> Resources:
    """The same files in a checkout, where they stand at the top, and in a wheel, where they are inside the package."""
    root = _checkout()
    if root is not None:
        return Resources(root / "templates", root / "migrations")
    return Resources(PACKAGE / "_templates", PACKAGE / "_migrations")


def _checkout() -> Path | None:
    root = PACKAGE.parents[1]
    return root if (root / "pyproject.toml").is_file() and (root / "migrations").is_dir() else None


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where this installation keeps what it makes: `MENDLINE_STATE`, or `var` in the checkout or the working folder."""
    named = environment.get("MENDLINE_STATE")
    return Path(named).resolve() if named else (_checkout() or Path.cwd()) / "var"


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation's settings.

    Attributes:
        state: the folder of everything that this machine makes and keeps.
        secret_key: signs cookies and links; the same in every process and on every machine of an installation.
        former_key: one that is believed beside it, from MENDLINE_SECRET_KEY_BESIDE, where the environment gives both.
        key_file: where it is kept with its former ones, in the state folder; None where the environment gives it.
        role_passwords: the password of each database role that signs in while Mendline runs.
        database: the administrator's address of the database, as SQLAlchemy takes it; None where not set.
        messages: the address of Valkey or Redis; None where not set.
        demonstration: whether invented people may sign in without a second factor, and pages say so.
        https: whether pages reach people over HTTPS, so that cookies travel over nothing else; from the environment, yes
            unless MENDLINE_HTTPS is 0.
        bind: the address on which the web server listens; only this machine's own by default.
        port: where the web server listens.
        hostnames: the names under which the web server answers.
        through_pooler: whether PgBouncer in transaction mode stands before the database.
        smtp_url: the mail server (smtp:// or smtps://); None keeps letters as files in `outbox/` of the state folder.
        mail_from: who letters come from.
        outside_url: the address under which people reach the pages, for the links of letters.
        sign_on_hosts: hosts of OpenID providers that may be in a private network; others are asked only over HTTPS at
            public addresses.
        webhook_hosts: hosts of webhooks that may be in a private network, from MENDLINE_WEBHOOK_HOSTS.
        outside: the folder for heads of ledgers and the register of erasures, from MENDLINE_OUTSIDE; `outside` in the
            state folder where not set.
        files_bucket: BUCKET or BUCKET/PREFIX of an S3 store for evidence files, from MENDLINE_FILES; a folder of the
            state folder where not set. Credentials and region come as the AWS tools find them.
        files_endpoint: the address of a store that speaks like S3, from MENDLINE_FILES_ENDPOINT.
        files_keys: keys that evidence files are sealed with, from MENDLINE_FILES_KEY, separated by commas: the first
            seals, all open; one made in the state folder where not set.
        files_host: another host name that gives out evidence files, from MENDLINE_FILES_HOST, so that none is ever
            opened on the pages' own; the pages' own where not set.
        scanner: HOST:PORT of a ClamAV daemon, from MENDLINE_SCANNER; files are not scanned where not set.
        api_per_minute: how many requests a provider's programs have in a minute, from MENDLINE_API_PER_MINUTE.
        plain_network: whether PostgreSQL and Valkey elsewhere may be reached without TLS, from MENDLINE_PLAIN_NETWORK:
            only where the network between is this installation's own.
    """

    state: Path
    secret_key: str = field(repr=False)
    role_passwords: Mapping[str, str] = field(repr=False)
    database: str | None = field(default=None, repr=False)
    messages: str | None = field(default=None, repr=False)
    demonstration: bool = False
    https: bool = False
    bind: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    hostnames: tuple[str, ...] = ("localhost", "127.0.0.1")
    through_pooler: bool = False
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "Mendline <no-reply@mendline.invalid>"
    outside_url: str | None = None
    sign_on_hosts: tuple[str, ...] = ()
    webhook_hosts: tuple[str, ...] = ()
    outside: Path | None = None
    files_bucket: str | None = None
    files_endpoint: str | None = None
    files_keys: tuple[str, ...] = field(default=(), repr=False)
    files_host: str | None = None
    scanner: str | None = None
    api_per_minute: int = 1_200
    plain_network: bool = False
    former_key: str | None = field(default=None, repr=False)
    key_file: Path | None = None

    @property
    def key_ring(self) -> KeyRing:
        """The installation's key with those that are believed beside it, read again when it is renewed."""
        return KeyRing(self.secret_key, self.former_key, self.key_file)

    @property
    def outside_folder(self) -> Path:
        """Where heads of ledgers and the register of erasures are kept: best on storage of its own."""
        return self.outside or self.state / "outside"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings, making secrets in the state folder where none are given.

        Args:
            environment: names and values; the process's own where not given.

        Raises:
            SettingsError: A value cannot be used.
        """
        values = os.environ if environment is None else environment
        state = state_folder(values)
        named = [name.strip() for name in values.get("MENDLINE_HOSTNAMES", "").split(",")]
        given = values.get("MENDLINE_SECRET_KEY")
        file = None if given else _own_key_file(state)
        return cls(
            state=state,
            secret_key=written(file.read_text(encoding="utf-8"))[0] if file else (given or ""),
            former_key=values.get("MENDLINE_SECRET_KEY_BESIDE") or None,
            key_file=file,
            role_passwords=_role_passwords(values, state),
            database=_for_sqlalchemy(values.get("DATABASE_URL")),
            messages=values.get("REDIS_URL") or None,
            demonstration=_switch(values, "MENDLINE_DEMO"),
            https=_switch(values, "MENDLINE_HTTPS", default="1"),
            bind=values.get("MENDLINE_BIND") or "127.0.0.1",
            port=_port(values.get("MENDLINE_PORT", "")),
            hostnames=tuple(name for name in named if name) or ("localhost", "127.0.0.1"),
            through_pooler=_switch(values, "MENDLINE_POOLER"),
            smtp_url=_smtp(values.get("MENDLINE_SMTP_URL")),
            mail_from=values.get("MENDLINE_MAIL_FROM") or "Mendline <no-reply@mendline.invalid>",
            outside_url=values.get("MENDLINE_URL") or None,
            sign_on_hosts=tuple(
                name.strip() for name in values.get("MENDLINE_SIGN_ON_HOSTS", "").split(",") if name.strip()
            ),
            webhook_hosts=tuple(
                name.strip() for name in values.get("MENDLINE_WEBHOOK_HOSTS", "").split(",") if name.strip()
            ),
            outside=Path(values["MENDLINE_OUTSIDE"]).resolve() if values.get("MENDLINE_OUTSIDE") else None,
            files_bucket=_bucket(values.get("MENDLINE_FILES")),
            files_endpoint=values.get("MENDLINE_FILES_ENDPOINT") or None,
            files_keys=_files_keys(values, state),
            files_host=(values.get("MENDLINE_FILES_HOST") or "").strip().lower() or None,
            scanner=_scanner(values.get("MENDLINE_SCANNER")),
            api_per_minute=_count(values, "MENDLINE_API_PER_MINUTE", 1_200),
            plain_network=_switch(values, "MENDLINE_PLAIN_NETWORK"),
        )

    @property
    def public_url(self) -> str:
        """Where people reach the pages, without a slash at its end: for links in letters, never taken from a request."""
        if self.outside_url:
            return self.outside_url.rstrip("/")
        return f"https://{self.hostnames[0]}" if self.https else f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        """The administrator's address of the database.

        Raises:
            SettingsError: There is none, or it is elsewhere and would be reached without proof of who answers.
        """
        if self.database is None:
            raise SettingsError(
                "DATABASE_URL is not set. Give the address of a PostgreSQL database "
                "(postgresql://user:password@host/name), or use `mendline up`, which brings one."
            )
        if self._is_bare(self.database) and _queried(self.database, "sslmode") != "verify-full":
            raise SettingsError(
                "DATABASE_URL leads to another machine without TLS. Add ?sslmode=verify-full&sslrootcert=system to it, "
                "or set MENDLINE_PLAIN_NETWORK=1 where the network between is this installation's own."
            )
        return self.database

    @property
    def redis_url(self) -> str:
        """The address of Valkey or Redis.

        Raises:
            SettingsError: There is none, or it is elsewhere and would be reached without TLS.
        """
        if self.messages is None:
            raise SettingsError(
                "REDIS_URL is not set. Give the address of a Valkey or Redis server (redis://host:6379/0), "
                "or use `mendline up`, which brings one."
            )
        is_open = not self.messages.startswith("rediss://") or _queried(self.messages, "ssl_cert_reqs") in (
            "none",
            "optional",
        )
        if self._is_bare(self.messages) and is_open:
            raise SettingsError(
                "REDIS_URL leads to another machine without TLS. Begin it with rediss:// and let the certificate be "
                "checked, or set MENDLINE_PLAIN_NETWORK=1 where the network between is this installation's own."
            )
        return self.messages

    def _is_bare(self, address: str) -> bool:
        """Whether an address leads to another machine over a network that others may be on."""
        host = urlsplit(address).hostname or _queried(address, "host") or "localhost"
        here = host in ("localhost", "127.0.0.1", "::1") or host.startswith("/")
        return self.https and not self.plain_network and not here and not address.startswith("unix:")


def _own_key_file(state: Path) -> Path:
    file = state / "secrets" / "secret_key"
    kept(file, fresh)
    return file


def _role_passwords(values: Mapping[str, str], state: Path) -> dict[str, str]:
    given = values.get("MENDLINE_ROLE_PASSWORDS")
    text = given or kept(state / "secrets" / "database_roles.json", _fresh_passwords)
    where = "MENDLINE_ROLE_PASSWORDS" if given else str(state / "secrets" / "database_roles.json")
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(found.get(role), str) for role in RUNNING_ROLES):
        raise SettingsError(f"{where} must be a JSON object with a password for each of {', '.join(RUNNING_ROLES)}.")
    return {role: found[role] for role in RUNNING_ROLES}


def _fresh_passwords() -> str:
    return json.dumps({role: secrets.token_urlsafe(24) for role in RUNNING_ROLES})


def _for_sqlalchemy(url: str | None) -> str | None:
    """A PostgreSQL address in any of its usual spellings, with the driver that Mendline uses."""
    if not url:
        return None
    scheme, mark, rest = url.partition("://")
    if not mark or scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise SettingsError(f"DATABASE_URL must begin with postgresql://, not with {scheme!r}.")
    return f"postgresql+psycopg://{rest}"


def _smtp(url: str | None) -> str | None:
    if url and not url.startswith(("smtp://", "smtps://")):
        raise SettingsError("MENDLINE_SMTP_URL must begin with smtp:// or smtps://.")
    return url or None


def _bucket(given: str | None) -> str | None:
    if given and not given.startswith("s3://"):
        raise SettingsError("MENDLINE_FILES must begin with s3://, such as s3://bucket or s3://bucket/folder.")
    return given.removeprefix("s3://") if given else None


def _files_keys(values: Mapping[str, str], state: Path) -> tuple[str, ...]:
    given = values.get("MENDLINE_FILES_KEY") or kept(state / "secrets" / "files_key", lambda: secrets.token_urlsafe(48))
    found = tuple(key.strip() for key in given.split(",") if key.strip())
    if not found or any(len(key) < _SHORTEST_KEY for key in found):
        raise SettingsError(f"MENDLINE_FILES_KEY needs {_SHORTEST_KEY} characters or more for each key.")
    return found


def _scanner(given: str | None) -> str | None:
    if given and not given.rpartition(":")[2].isdecimal():
        raise SettingsError("MENDLINE_SCANNER must be HOST:PORT, such as clamav:3310.")
    return given or None


def _queried(address: str, name: str) -> str:
    return parse_qs(urlsplit(address).query).get(name, [""])[-1]


def _switch(values: Mapping[str, str], name: str, default: str = "0") -> bool:
    word = (values.get(name) or default).strip().lower()
    if word not in _YES | _NO:
        raise SettingsError(f"{name} must be 1 or 0, not {word!r}.")
    return word in _YES


def _count(values: Mapping[str, str], name: str, otherwise: int) -> int:
    text = values.get(name) or str(otherwise)
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise SettingsError(f"{name} must be a whole number from 1 to 1,000,000, not {text!r}.")
    return int(text)


def _port(text: str) -> int:
    if not text:
        return DEFAULT_PORT
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise SettingsError(f"MENDLINE_PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)
