"""Tables that only the `signin` database role reads: the web role sees no password hash and no token hash."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tenants.tables import Base


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


class SignInSession(Base):
    """One signed-in browser; the cookie's value is never stored, only its hash."""

    __tablename__ = "session"
    __table_args__ = {"schema": "signin"}  # noqa: RUF012 -- the form that SQLAlchemy reads

    session_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    ticket_hash: Mapped[bytes] = mapped_column(LargeBinary)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signin.person.person_id"))
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user_agent: Mapped[str | None]


class ApiToken(Base):
    """A bearer token with the reach of its owner, or less; shown once, stored as a hash."""

    __tablename__ = "api_token"
    __table_args__ = {"schema": "signin"}  # noqa: RUF012 -- the form that SQLAlchemy reads

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    ticket_hash: Mapped[bytes] = mapped_column(LargeBinary)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signin.person.person_id"))
    label: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """Each guess, kept an hour, so that limits hold whether Redis is up or not."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_email_attempted_at", "email_hash", "attempted_at"),
        Index("ix_attempt_address_attempted_at", "address_hash", "attempted_at"),
        {"schema": "signin"},
    )

    attempt_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email_hash: Mapped[bytes] = mapped_column(LargeBinary)
    address_hash: Mapped[bytes] = mapped_column(LargeBinary)
    attempted_at: Mapped[datetime]
    succeeded: Mapped[bool]
