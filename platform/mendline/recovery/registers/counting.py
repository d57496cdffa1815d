"""Keeps the register's actions among the source records, so that closure rates are measured from them exactly.

The register stays where actions are kept. Each of its actions has one record of the type `action` under the same
identifier; whatever happens to the action becomes the record's next revision, which figures are measured from and every
figure leads back to. Workers write it: whoever moves an action need not be one who enters records.
"""

import re
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, time
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import from_london
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.record_types import record_type
from mendline.evidence.measuring.marking import Placed, mark_records
from mendline.evidence.model import Record
from mendline.evidence.records.register import REGISTER
from tenants.database import insert_many

KIND = "action"
CORRECTED = "The register says so now"
NAMED = re.compile(r"[A-Za-z]+")

# What an action came from where nobody said so: by the subject of the indicator that it is for.
BY_SUBJECT: Mapping[str, str] = MappingProxyType(
    {
        "care_planning": "care_review",
        "medicines": "medicines",
        "safeguarding": "safeguarding",
        "complaints": "complaint",
        "incidents": "incident",
        "feedback": "feedback",
    }
)

# Each action of these services as its events left it, with what its record says so far.
_ACTIONS = text("""
with a as materialized (
    select * from action where provider_id = :provider and service_id = any (:services)
), e as materialized (
    select * from action_event where provider_id = :provider and service_id = any (:services)
), said as (
    select service_id, action_id,
           (array_agg(due_on order by recorded_at desc, event_id desc) filter (where due_on is not null))[1] as due_on,
           (array_agg(title order by recorded_at desc, event_id desc) filter (where title is not null))[1] as title,
           (array_agg(owner order by recorded_at desc, event_id desc) filter (where owner is not null))[1] as owner,
           (array_agg(measure order by recorded_at desc, event_id desc) filter (where measure is not null))[1] as measure,
           (array_agg(high_risk order by recorded_at desc, event_id desc)
              filter (where high_risk is not null))[1] as high_risk,
           count(*) filter (where kind = 'redated') as moves,
           (array_agg(to_jsonb(e) order by recorded_at desc, event_id desc)
              filter (where kind in ('closed', 'reopened', 'no_longer_applicable')))[1] as last,
           max(recorded_at) as changed_at
    from e group by service_id, action_id
), judged as (
    select distinct on (c.service_id, c.action_id) c.service_id, c.action_id, v.verdict, v.decided_on, v.decided_label,
           v.recorded_at
    from effect_check c
    join effect_verdict v on v.provider_id = c.provider_id and v.service_id = c.service_id and v.check_id = c.check_id
    where c.provider_id = :provider and c.service_id = any (:services)
    order by c.service_id, c.action_id, v.recorded_at desc
), kept as (
    select distinct on (r.record_id) r.record_id, r.revision, r.payload from record r
    where r.provider_id = :provider and r.service_id = any (:services) and r.record_type = 'action'
      and r.record_id = any (array(select action_id from a))
    order by r.record_id, r.revision desc
)
select a.service_id, a.action_id, a.reference, coalesce(s.title, a.title) as title, coalesce(s.owner, a.owner) as owner,
       coalesce(s.measure, a.measure) as measure, coalesce(s.high_risk, a.high_risk) as high_risk, a.source, a.opened_on,
       a.due_on as first_due_on, coalesce(s.due_on, a.due_on) as due_on, coalesce(s.moves, 0) as moves, s.last,
       j.verdict, j.decided_on, j.decided_label, i.definition_key, k.revision, k.payload,
       greatest(a.recorded_at, s.changed_at, j.recorded_at) as changed_at
from a
left join said s on s.service_id = a.service_id and s.action_id = a.action_id
left join judged j on j.service_id = a.service_id and j.action_id = a.action_id
left join service_indicator i
  on i.provider_id = :provider and i.service_id = a.service_id and i.indicator_id = a.indicator_id
left join kept k on k.record_id = a.action_id
order by a.service_id, a.reference
""")


def count_actions(session: Session, provider_id: uuid.UUID, services: Collection[uuid.UUID], at: datetime) -> int:
    """Brings the records of the register's actions up to date and asks for what is measured from them.

    Args:
        session: a transaction with the reach of a job.
        provider_id: the provider.
        services: whose actions changed.
        at: the moment of recording, in UTC.

    Returns:
        How many records were written; none where the same was asked before.
    """
    if not services:
        return 0
    rows, touched = [], []
    found = session.execute(_ACTIONS, {"provider": provider_id, "services": list(services)}).mappings()
    for line in map(dict, found):
        payload = answers_of(line)
        if payload == line["payload"]:
            continue
        rows.append(_row(provider_id, line, payload, at))
        touched.append(Placed(line["service_id"], KIND, line["opened_on"], line["first_due_on"]))
    if rows:
        insert_many(session, cast("Table", Record.__table__), rows)
        mark_records(session, provider_id, touched)
    return len(rows)


def answers_of(line: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of an action's record; what is not known is left out, as in every record."""
    last = line["last"] or {}
    is_closed = last.get("kind") in ("closed", "no_longer_applicable")
    done = last.get("kind") == "closed"
    # A verdict on what was opened again since is about an earlier closing.
    judged = line["verdict"] if done and line["verdict"] and str(line["decided_on"]) >= last["happened_on"] else None
    found = {
        "opened_on": line["opened_on"].isoformat(),
        "reference": line["reference"],
        "source": source_of(line["source"], line["definition_key"]),
        "title": line["title"][:200],
        "owner": initials_of(line["owner"]),
        "high_risk": bool(line["high_risk"]),
        "has_measure": bool(line["measure"]),
        "original_due_on": line["first_due_on"].isoformat(),
        "due_on": line["due_on"].isoformat(),
        "date_changes": min(line["moves"], 50),
        "closed_on": last.get("happened_on") if is_closed else None,
        "close_reason": ("done" if done else "no_longer_applicable") if is_closed else None,
        "outcome": last.get("note") if done else None,
        "evidence_attached": bool(last.get("evidence_reference")) if done else None,
        "effect_checked_on": line["decided_on"].isoformat() if judged else None,
        "effect_checked_by": initials_of(line["decided_label"]) if judged else None,
        "effect": judged,
    }
    return {name: value for name, value in found.items() if value is not None}


def source_of(said: str | None, definition_key: str | None) -> str:
    """What an action came from, by the record's choices: as somebody said, else by the subject of its indicator."""
    if said is not None and said in record_type(KIND).field("source").choices:
        return said
    subject = indicator_definition(definition_key).domain if definition_key else ""
    return BY_SUBJECT.get(subject, "governance")


def initials_of(name: str) -> str:
    """Initials, as records refer to staff: `P Nowak` is PN."""
    words = NAMED.findall(name)
    return "".join(word[0].upper() for word in words)[:4].ljust(2, "X")


def _row(provider_id: uuid.UUID, line: Mapping[str, Any], payload: dict[str, Any], at: datetime) -> dict[str, Any]:
    kind = record_type(KIND)
    return {
        "provider_id": provider_id,
        "service_id": line["service_id"],
        "record_id": line["action_id"],
        "revision": (line["revision"] or 0) + 1,
        "record_type": KIND,
        "type_version": kind.version,
        "happened_at": from_london(line["opened_on"], time(0)),
        "payload": payload,
        "source_system": REGISTER,
        "source_reference": line["reference"],
        "reason": CORRECTED if line["revision"] else None,
        "batch_id": None,
        "recorded_by": None,
        "recorded_initials": None,
        "recorded_at": at,
        "also_on": line["first_due_on"],
        "erased_at": None,
    }
