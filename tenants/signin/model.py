"""Tables that only the `signin` database role reads: the web role sees no password hash and no token hash."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base, ProviderKey, ServiceKey, of_provider, of_service


class Person(Base):
    """Somebody who signs in; what they may do comes from memberships and grants, never from here."""

    __tablename__ = "person"
    __table_args__ = {"schema": "signin"}  # noqa: RUF012 -- the form that SQLAlchemy reads

    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    password_hash: Mapped[str | None]
    totp_seed: Mapped[str | None]  # base 32, RFC 6238
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)  # a code works once
    second_factor_relaxed: Mapped[bool] = mapped_column(default=False)  # demonstration people only
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]
    password_changed_at: Mapped[datetime | None]


class SignInSession(Base):
    """One signed-in browser; the cookie's value is never stored, only its hash."""

    __tablename__ = "session"
    __table_args__ = (
        Index("ix_session_person_id", "person_id"),
        Index("ix_session_ticket_hash", "ticket_hash"),
        {"schema": "signin"},
    )

    session_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    ticket_hash: Mapped[bytes] = mapped_column(LargeBinary)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signin.person.person_id"))
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user_agent: Mapped[str | None]
    session_id: Mapped[uuid.UUID | None] = mapped_column(server_default=text("gen_random_uuid()"))
    way: Mapped[str | None]  # how they came in: password and code, passkey, single sign-on, PIN
    level: Mapped[str] = mapped_column(default="full", server_default=text("'full'"))
    idle_seconds: Mapped[int | None]
    device_hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class ApiToken(Base):
    """A bearer token with the reach of its owner, or less; shown once, stored as a hash."""

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_person_id", "person_id"), {"schema": "signin"})

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    ticket_hash: Mapped[bytes] = mapped_column(LargeBinary)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signin.person.person_id"))
    label: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    token_id: Mapped[uuid.UUID | None] = mapped_column(server_default=text("gen_random_uuid()"))
    may_write: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    classes: Mapped[list[str] | None]  # none: all that its owner holds
    service_ids: Mapped[list[uuid.UUID] | None]


class SignInAttempt(Base):
    """Each guess, kept an hour, so that limits hold whether Redis is up or not."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_email_attempted_at", "email_hash", "attempted_at"),
        Index("ix_attempt_address_attempted_at", "address_hash", "attempted_at"),
        Index("ix_attempt_attempted_at", "attempted_at"),
        Index("ix_attempt_device_attempted_at", "device_hash", "attempted_at"),
        {"schema": "signin"},
    )

    attempt_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email_hash: Mapped[bytes] = mapped_column(LargeBinary)
    address_hash: Mapped[bytes] = mapped_column(LargeBinary)
    attempted_at: Mapped[datetime]
    succeeded: Mapped[bool]
    device_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    kind: Mapped[str] = mapped_column(default="password", server_default=text("'password'"))


class Mail(Base):
    """A letter that waits to be sent, or was. It holds names of places and no secret: links are derived when it is written."""

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'sending', 'sent', 'refused', 'dead', 'nobody')", name="state_known"),
        Index("ix_mail_waiting", "due_at", postgresql_where=text("state in ('waiting', 'sending')")),
        {"schema": "signin"},
    )

    mail_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    on_behalf_of: Mapped[uuid.UUID | None]  # the provider, where one sends it
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("signin.person.person_id"))
    address: Mapped[str | None]  # for somebody who does not sign in
    template: Mapped[str]
    facts: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    receipt: Mapped[str | None]
    error: Mapped[str | None]


class OneTime(Base):
    """A link that was mailed: to a new password, to a proof of an address, into Mendline. Works once; only its hash is kept."""

    __tablename__ = "one_time"
    __table_args__ = (
        CheckConstraint("purpose in ('reset', 'verify', 'invitation')", name="purpose_known"),
        Index("ix_one_time_person_id", "person_id"),
        {"schema": "signin"},
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[str]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signin.person.person_id"))
    email: Mapped[str]  # the address that it was sent to, and proves
    on_behalf_of: Mapped[uuid.UUID | None]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]  # when the ledger was told that it was shown though it was over


class Passkey(Base):
    """The public half of a WebAuthn credential; the other half never leaves the person's device."""

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_person_id", "person_id"), {"schema": "signin"})

    passkey_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signin.person.person_id"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str]
    added_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of the codes for a lost authenticator; each works once, only its hash is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = {"schema": "signin"}  # noqa: RUF012 -- the form that SQLAlchemy reads

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signin.person.person_id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Pending(Base):
    """A step of signing in that waits for its next: the second factor, a passkey's answer, a provider's sign-in page."""

    __tablename__ = "pending"
    __table_args__ = (
        CheckConstraint(
            "purpose in ('second_factor', 'passkey', 'enrol_passkey', 'enrol_code', 'single_sign_on')",
            name="purpose_known",
        ),
        Index("ix_pending_expires_at", "expires_at"),
        {"schema": "signin"},
    )

    pending_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[str]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("signin.person.person_id"))
    way: Mapped[str | None]
    state: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class Device(Base):
    """A browser from which somebody has signed in with their factor; on a home's tablet, the PIN they set there."""

    __tablename__ = "device"
    __table_args__ = (Index("ix_device_person_id", "person_id"), {"schema": "signin"})

    device_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signin.person.person_id"), primary_key=True)
    known_since: Mapped[datetime]
    last_full_sign_in: Mapped[datetime]
    pin_hash: Mapped[str | None]
    pin_set_at: Mapped[datetime | None]
    pin_tries: Mapped[int] = mapped_column(default=0)  # wrong ones since the last right one


class Identity(Base):
    """Who somebody is at an OpenID provider: issuer and subject, never an email address."""

    __tablename__ = "identity"
    __table_args__ = (Index("ix_identity_person_id", "person_id"), {"schema": "signin"})

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signin.person.person_id"))
    connection_id: Mapped[uuid.UUID]
    linked_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class ClientSecret(Base):
    """What Mendline shows an OpenID provider, sealed with the server's key; the web role cannot read it."""

    __tablename__ = "client_secret"
    __table_args__ = {"schema": "signin"}  # noqa: RUF012 -- the form that SQLAlchemy reads

    connection_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime]


class SharedDevice(ServiceKey, Base):
    """A tablet that a manager trusts for a service: people who work there may come back in with a PIN."""

    __tablename__ = "shared_device"
    __table_args__ = (of_service(), Index("ix_shared_device_device_hash", "device_hash"))

    shared_device_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    device_hash: Mapped[bytes] = mapped_column(LargeBinary)
    label: Mapped[str]
    registered_by: Mapped[uuid.UUID | None]
    registered_at: Mapped[datetime]


class SharedDeviceEnd(ServiceKey, Base):
    """A tablet is trusted no longer."""

    __tablename__ = "shared_device_end"
    __table_args__ = (
        ForeignKeyConstraint(
            ["provider_id", "service_id", "shared_device_id"],
            ["shared_device.provider_id", "shared_device.service_id", "shared_device.shared_device_id"],
        ),
    )

    shared_device_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    ended_by: Mapped[uuid.UUID | None]
    ended_at: Mapped[datetime]


class SingleSignOn(ProviderKey, Base):
    """A provider's own sign-in (OpenID Connect), as set at one time; the highest revision holds."""

    __tablename__ = "single_sign_on"
    __table_args__ = (of_provider(),)

    connection_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    issuer: Mapped[str]
    client_id: Mapped[str]
    algorithms: Mapped[list[str]]
    domain: Mapped[str]  # of the email addresses that it speaks for
    default_role: Mapped[str | None]  # for whoever comes for the first time; none: only whoever was invited
    default_service_id: Mapped[uuid.UUID | None]
    strong_values: Mapped[list[str]]  # of `acr` and `amr`: any of them is as good as a factor of ours
    longest_minutes: Mapped[int]  # how old the sign-in there may be
    enabled: Mapped[bool]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]


class DomainProof(ProviderKey, Base):
    """That whoever keeps a domain's mail agreed to a provider's single sign-on for its addresses."""

    __tablename__ = "domain_proof"
    __table_args__ = (of_provider(),)

    connection_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    domain: Mapped[str]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
