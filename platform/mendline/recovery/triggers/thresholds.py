"""A provider's own numbers in the rules, within the limits that each rule sets; every change with its reason."""

import math
import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.rules import Rule, rules
from mendline.recovery.model import TriggerThreshold
from mendline.recovery.triggers.queries import own_thresholds
from tenants.clock import now
from tenants.errors import RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST_REASON = 10

_OPEN = text("""
select e.rule_key, count(*) as open, count(*) filter (where e.held_back) as held, max(e.opened_on) as newest
from trigger_episode e
where e.provider_id = :provider
  and not exists (
    select 1 from trigger_episode_end x
    where x.provider_id = e.provider_id and x.service_id = e.service_id and x.episode_id = e.episode_id)
group by e.rule_key
""")


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A rule with the numbers that hold at a provider.

    Attributes:
        held_back: open episodes for which nobody was asked, because the rule fired too often.
    """

    rule: Rule
    thresholds: dict[str, float]
    open: int = 0
    held_back: int = 0
    newest: date | None = None


def rules_in_force(session: Session, provider_id: uuid.UUID) -> tuple[RuleInForce, ...]:
    """Every rule, with how many of its episodes last: two statements."""
    own = own_thresholds(session, provider_id)
    lasting = {row.rule_key: row for row in session.execute(_OPEN, {"provider": provider_id})}
    found = []
    for key, rule in rules().items():
        row = lasting.get(key)
        numbers = {**rule.thresholds, **own.get(key, {})}
        found.append(RuleInForce(rule, numbers, row.open, row.held, row.newest) if row else RuleInForce(rule, numbers))
    return tuple(found)


def set_threshold(
    session: Session, reach: Reach, *, provider_id: uuid.UUID, rule_key: str, name: str, typed: str, reason: str
) -> None:
    """Sets a provider's own number in a rule.

    Raises:
        RefusedError: there is no such number, it lies beyond the rule's limits, or the reason is missing.
        NotPermittedError: who asks does not act for the whole provider.
    """
    reach.require("manage_actions", provider_id)
    rule = rules().get(rule_key)
    limits = rule.limits.get(name) if rule else None
    if rule is None or limits is None:
        raise RefusedError("Nothing was changed.", {"value": "This number cannot be changed."})
    problems = {}
    value = _number(typed)
    if value is None or not limits[0] <= value <= limits[1]:
        problems["value"] = f"Give a number from {limits[0]:g} to {limits[1]:g}."
    if len(reason.strip()) < SHORTEST_REASON:
        problems["reason"] = "Say why, in a sentence. It stands in the record."
    if problems or value is None:
        raise RefusedError("Nothing was changed.", problems)
    session.add(
        TriggerThreshold(
            provider_id=provider_id,
            threshold_id=new_id(),
            rule_key=rule_key,
            name=name,
            value=value,
            reason=reason.strip(),
            recorded_by=reach.person_id,
            recorded_label=reach.initials,
            recorded_at=now(),
        )
    )
    session.flush()
    note(
        session,
        reach,
        "threshold changed",
        provider_id=provider_id,
        subject=f"rule {rule_key}",
        detail={"name": name, "value": value},
    )


def _number(typed: str) -> float | None:
    try:
        found = float(typed.strip())
    except ValueError:
        return None
    return found if math.isfinite(found) else None
