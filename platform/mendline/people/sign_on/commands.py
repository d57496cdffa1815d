"""Setting a provider's single sign-on, and asking the keeper of its domain's mail to agree."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mendline.people.sign_on.queries import provider_name, services_of, settings_of
from mendline.telling.mail import send
from tenants import ledger
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.reach import Reach
from tenants.roles import ROLES
from tenants.signin.links import link_secret, secret_hash
from tenants.signin.model import DomainProof, SingleSignOn

PROOF_LIVES = timedelta(days=7)
# Mailboxes that only whoever runs a domain holds (CA/Browser Forum, Baseline Requirements, section 3.2.2.4.4).
KEEPERS = ("postmaster", "admin", "administrator", "hostmaster", "webmaster")
USUAL_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
# Roles that nobody gets by merely arriving: who manages people, or reaches beyond one service.
FIRST_ROLES = tuple(role.key for role in ROLES.values() if role.level == "service" and not role.holds("people", "w"))
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@dataclass(frozen=True)
class SignOnAsked:
    """What the form says."""

    label: str
    issuer: str
    client_id: str
    domain: str
    keeper: str
    default_role: str
    default_service: str
    strong_values: str
    longest_minutes: str
    enabled: bool


def set_sign_on(
    session: Session, reach: Reach, key: bytes, provider_id: uuid.UUID, asked: SignOnAsked, *, at: datetime
) -> uuid.UUID:
    """Writes the settings down as a new revision; a domain that is not proven yet gets its letter.

    Returns:
        The connection's identifier, under which its secret is kept.

    Raises:
        RefusedError: with what is wrong, by field.
    """
    name = provider_name(session, reach, provider_id)
    reach.require("manage_people", provider_id)
    problems = _problems(asked, {str(one) for one, _ in services_of(session, provider_id)})
    if problems:
        raise RefusedError("The settings were not saved.", problems)
    before = settings_of(session, provider_id)
    # Another issuer is another connection: what people are there says nothing of who they are here.
    same = before is not None and before.issuer == asked.issuer.strip()
    connection_id = before.connection_id if before and same else new_id()
    domain = asked.domain.strip().lower()
    session.add(
        SingleSignOn(
            provider_id=provider_id,
            connection_id=connection_id,
            revision=before.revision + 1 if before and same else 1,
            label=" ".join(asked.label.split()),
            issuer=asked.issuer.strip(),
            client_id=asked.client_id.strip(),
            algorithms=list(USUAL_ALGORITHMS),
            domain=domain,
            default_role=asked.default_role or None,
            default_service_id=uuid.UUID(asked.default_service) if asked.default_role else None,
            strong_values=sorted(set(asked.strong_values.replace(",", " ").split())),
            longest_minutes=int(asked.longest_minutes),
            enabled=asked.enabled,
            recorded_by=reach.person_id,
            recorded_at=at,
        )
    )
    ledger.note(
        session, reach, "single sign-on set", provider_id=provider_id, subject=f"connection {connection_id}",
        detail={"issuer": asked.issuer.strip(), "domain": domain, "role": asked.default_role, "on": asked.enabled},
    )  # fmt: skip
    if not (before and same and before.is_proven and before.domain == domain):
        _ask_for_proof(session, key, provider_id, connection_id, name, domain, asked.keeper, at)
    return connection_id


def _ask_for_proof(
    session: Session, key: bytes, provider_id: uuid.UUID, connection_id: uuid.UUID, provider: str, domain: str,
    keeper: str, at: datetime,
) -> None:  # fmt: skip
    mail_id = send(
        session, "domain_proof", provider_id=provider_id, address=f"{keeper}@{domain}",
        facts={"provider": provider, "domain": domain},
    )  # fmt: skip
    session.add(
        DomainProof(
            provider_id=provider_id, connection_id=connection_id, token_hash=secret_hash(link_secret(key, mail_id)),
            domain=domain, asked_at=at, expires_at=at + PROOF_LIVES, proved_at=None,
        )
    )  # fmt: skip


def _problems(asked: SignOnAsked, services: set[str]) -> dict[str, str]:
    found = {}
    if not asked.label.strip():
        found["label"] = "Say what people call it, such as Alderway account."
    if not re.fullmatch(r"https?://[^\s?#]{3,300}", asked.issuer.strip()):
        found["issuer"] = "Give the issuer's address as it describes itself, beginning with https://."
    if not asked.client_id.strip():
        found["client_id"] = "Give the client ID that the issuer knows Mendline by."
    if not _DOMAIN.fullmatch(asked.domain.strip().lower()):
        found["domain"] = "Give the part after the @ of your people's addresses, such as alderway.example."
    if asked.keeper not in KEEPERS:
        found["keeper"] = "Choose one of the mailboxes."
    if asked.default_role and asked.default_role not in FIRST_ROLES:
        found["default_role"] = "Choose one of the roles."
    if asked.default_role and asked.default_service not in services:
        found["default_service"] = "Choose the service at which the role is given."
    if (
        not asked.longest_minutes.isascii()
        or not asked.longest_minutes.isdigit()
        or not 5 <= int(asked.longest_minutes) <= 1440
    ):
        found["longest_minutes"] = "Give a number of minutes from 5 to 1440."
    return found
