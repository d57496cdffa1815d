"""What the evaluation reads beside the facts: open episodes, the provider's own thresholds, how often rules fired today."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.recovery.triggers.episodes import OpenEpisode

MOST_WARNINGS = 100

_OPEN = text("""
select e.episode_id, e.rule_key, e.subject, e.opened_on, e.escalation_id, e.held_back, d.decided_on
from trigger_episode e
left join escalation_decision d
  on d.provider_id = e.provider_id and d.service_id = e.service_id and d.escalation_id = e.escalation_id
where e.provider_id = :provider and e.service_id = :service
  and not exists (
    select 1 from trigger_episode_end x
    where x.provider_id = e.provider_id and x.service_id = e.service_id and x.episode_id = e.episode_id)
""")

_NUMBERS = text("""
select rule_key, subject, max(number) as number from trigger_episode
where provider_id = :provider and service_id = :service and rule_key = any (:rules)
group by rule_key, subject
""")

_FIRED = text("""
select rule_key, count(*) as fired from trigger_episode
where provider_id = :provider and opened_on = :today and escalation_id is not null
group by rule_key
""")

_THRESHOLDS = text("""
select distinct on (rule_key, name) rule_key, name, value from trigger_threshold
where provider_id = :provider
order by rule_key, name, recorded_at desc, threshold_id desc
""")

_KEYS = text("""
select service_id, definition_key from service_indicator
where provider_id = :provider and service_id = any (:services) and indicator_id = any (:indicators)
""")

_HOLDERS = text("""
select role, display_name from membership
where provider_id = :provider and (service_id is null or service_id = :service)
  and valid_from <= :today and (valid_until is null or valid_until >= :today)
order by service_id nulls last, valid_from
""")


_WARNINGS = text("""
select e.sentence from trigger_episode e
where e.provider_id = :provider and e.service_id = :service and e.family = 'warning'
  and cast(:indicator as uuid) = any (e.indicator_ids)
  and not exists (
    select 1 from trigger_episode_end x
    where x.provider_id = e.provider_id and x.service_id = e.service_id and x.episode_id = e.episode_id)
order by e.opened_on, e.rule_key
limit :most
""")


@dataclass(frozen=True, slots=True)
class StoredEpisode:
    """An open episode with its identifiers."""

    episode_id: uuid.UUID
    rule_key: str
    subject: str
    escalation_id: uuid.UUID | None
    state: OpenEpisode


def open_episodes(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID) -> tuple[StoredEpisode, ...]:
    """The episodes of a service that have no end yet."""
    rows = session.execute(_OPEN, {"provider": provider_id, "service": service_id})
    return tuple(
        StoredEpisode(
            row.episode_id,
            row.rule_key,
            row.subject,
            row.escalation_id,
            OpenEpisode(row.opened_on, row.escalation_id is not None, row.held_back, row.decided_on),
        )
        for row in rows
    )


def last_numbers(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, rules: Sequence[str]
) -> dict[tuple[str, str], int]:
    """How many episodes each rule has had for each subject."""
    given = {"provider": provider_id, "service": service_id, "rules": list(rules)}
    return {(row.rule_key, row.subject): row.number for row in session.execute(_NUMBERS, given)}


def fired_today(session: Session, provider_id: uuid.UUID, today: date) -> dict[str, int]:
    """How many escalations each rule opened today, at all services of the provider."""
    found = session.execute(_FIRED, {"provider": provider_id, "today": today})
    return {row.rule_key: row.fired for row in found}


def own_thresholds(session: Session, provider_id: uuid.UUID) -> dict[str, dict[str, float]]:
    """The provider's own numbers by rule and name."""
    found: dict[str, dict[str, float]] = {}
    for row in session.execute(_THRESHOLDS, {"provider": provider_id}):
        found.setdefault(row.rule_key, {})[row.name] = row.value
    return found


def keys_of(
    session: Session, provider_id: uuid.UUID, service_ids: Sequence[uuid.UUID], indicator_ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, set[str]]:
    """Definition keys of indicators, by service."""
    found: dict[uuid.UUID, set[str]] = {}
    given = {"provider": provider_id, "services": list(service_ids), "indicators": list(indicator_ids)}
    for row in session.execute(_KEYS, given):
        found.setdefault(row.service_id, set()).add(row.definition_key)
    return found


def holders(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, today: date) -> dict[str, str]:
    """Who holds each role at a service or for its provider today, by name."""
    given = {"provider": provider_id, "service": service_id, "today": today}
    found: dict[str, str] = {}
    for row in session.execute(_HOLDERS, given):
        found.setdefault(row.role, row.display_name)
    return found


def open_warnings(
    session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID
) -> tuple[str, ...]:
    """What the early warnings say that read a figure and are open: one statement."""
    given = {"provider": provider_id, "service": service_id, "indicator": indicator_id, "most": MOST_WARNINGS}
    return tuple(session.execute(_WARNINGS, given).scalars())
