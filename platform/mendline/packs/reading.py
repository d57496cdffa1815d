"""Everything that a pack of one service says, read in a fixed number of statements."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.comparison.past import standings_then
from mendline.evidence.rows import EvidenceBehind
from mendline.indicators.standing import Standing
from mendline.packs.composing_story import KINDS, MOST
from mendline.packs.reading_recovery import RecoveryFacts, read_recovery
from mendline.places.queries import find_place
from mendline.places.rows import Place
from mendline.recovery.queries import (
    ActionLine,
    DecisionLine,
    RiskLine,
    actions_of,
    decisions_of,
    risks_of,
)
from mendline.recovery.registers.queries import escalations_of
from mendline.recovery.registers.rows import EscalationLine
from mendline.recovery.story.queries import story_of
from mendline.recovery.story.rows import Asked, StoryLine
from mendline.services.indicator_rows import StoryRow
from tenants.clock import LONDON
from tenants.reach import Reach

MOST_DECISIONS = 500


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure as it stood at the pack's moment."""

    indicator_id: uuid.UUID
    period_start: date
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    revision: int
    source: str
    recorded_at: datetime
    observation_id: uuid.UUID | None = None
    counted: int | None = None  # records behind it; None where it was brought as a figure
    left_out: int | None = None
    kinds: Mapping[str, int] | None = None
    agreement: str | None = None


@dataclass(frozen=True, slots=True)
class OpposingLine:
    """A source that points the other way than a figure, with its written answer if there was one by then."""

    indicator_id: uuid.UUID
    source: str
    says: str
    noticed_on: date
    answer: str | None
    answered_on: date | None


@dataclass(frozen=True, slots=True)
class PackFacts:
    """All that a pack is composed of."""

    place: Place
    standings: tuple[Standing, ...]
    stories: Mapping[uuid.UUID, tuple[StoryRow, ...]]
    evidence: tuple[EvidenceBehind, ...]
    supports: Mapping[uuid.UUID, tuple[str, ...]]  # indicator -> references of evidence
    actions: tuple[ActionLine, ...]
    risks: tuple[RiskLine, ...]
    decisions: tuple[DecisionLine, ...]
    figures: tuple[FigureLine, ...]
    opposing: tuple[OpposingLine, ...] = ()
    escalations: tuple[EscalationLine, ...] = ()
    recovery: RecoveryFacts = field(default_factory=RecoveryFacts)
    story: tuple[StoryLine, ...] = ()  # since the plan began, newest first
    baselines: Mapping[uuid.UUID, tuple[date, date]] = field(default_factory=dict)  # first and last period
    left_out: int = 0  # things that somebody who works here is cut from, since they are about them


_STORIES = text("""
select indicator_id, happened_on, what_changed, why, what_followed, reference, kind, recorded_initials
from chart_event where provider_id = :provider and service_id = :service and recorded_at <= :as_at
order by happened_on
""")

_EVIDENCE = text("""
select e.evidence_id, e.reference, e.letter, e.title, e.dated_on, e.system, e.where_to_look, e.sha256, e.sample_size,
       e.recorded_initials, c.result, c.checked_at,
       array(select l.indicator_id from evidence_link l
              where l.provider_id = e.provider_id and l.service_id = e.service_id
                and l.evidence_id = e.evidence_id and l.recorded_at <= :as_at) as supports
from evidence e
left join lateral (
    select result, checked_at from evidence_check c
    where c.provider_id = e.provider_id and c.service_id = e.service_id and c.evidence_id = e.evidence_id
      and c.checked_at <= :as_at
    order by checked_at desc limit 1) c on true
where e.provider_id = :provider and e.service_id = :service and e.recorded_at <= :as_at
order by e.reference desc
""")

# The job that makes a pack does not see these; that there are some is told.
_LEFT_OUT = text("""
select count(distinct c.about_id) from conflict c
where c.provider_id = :provider and c.service_id = :service and c.lifts is null and not exists (
    select 1 from conflict l
    where l.provider_id = c.provider_id and l.service_id = c.service_id and l.lifts = c.conflict_id
      and l.person_id = c.person_id)
""")

# Behind a figure stands what was measured for its own revision, or else the newest measurement, as on its page.
_FIGURES = text("""
select o.indicator_id, o.period_start, o.numerator, o.denominator, o.value, o.state, o.revision, o.source, o.recorded_at,
       o.observation_id, m.counted, m.left_out, m.kinds -> 'counted' as kinds, m.outcome as agreement
from (
    select distinct on (indicator_id, period_start) * from observation
    where provider_id = :provider and service_id = :service and recorded_at <= :as_at
    order by indicator_id, period_start, revision desc) o
left join lateral (
    select counted, left_out, kinds, outcome from measurement m
    where m.provider_id = :provider and m.service_id = :service and m.indicator_id = o.indicator_id
      and m.period_start = o.period_start and m.measured_at <= :as_at
    order by (m.revision = o.revision) desc nulls last, m.measurement desc limit 1) m on true
order by o.indicator_id, o.period_start
""")

_BASELINES = text("""
select distinct on (indicator_id) indicator_id, first_period, last_period from indicator_baseline
where provider_id = :provider and service_id = :service and recorded_at <= :as_at
order by indicator_id, version desc
""")

_OPPOSING = text("""
select c.indicator_id, c.source, c.says, c.noticed_on, a.answer,
       (a.recorded_at at time zone 'Europe/London')::date as answered_on
from contradiction c
left join lateral (
    select answer, recorded_at from contradiction_answer x
    where x.provider_id = c.provider_id and x.service_id = c.service_id and x.indicator_id = c.indicator_id
      and x.contradiction_id = c.contradiction_id and x.recorded_at <= :as_at
    order by x.recorded_at limit 1) a on true
where c.provider_id = :provider and c.service_id = :service and c.recorded_at <= :as_at
order by c.noticed_on, c.contradiction_id
""")


def read_pack_facts(
    session: Session, reach: Reach, service_id: uuid.UUID, as_at: datetime, kinds: tuple[str, ...] = KINDS
) -> PackFacts:
    """What was known of a service at a moment: twenty-two statements at most, whatever it has.

    Facts are those that had been recorded by then. Where each indicator stood is worked out from them, on that day;
    the story tells only of the `kinds` that were asked for.
    """
    place = find_place(session, reach, service_id)
    here: dict[str, Any] = {"provider": place.provider_id, "service": place.service_id, "as_at": as_at}
    stories: dict[uuid.UUID, list[StoryRow]] = {}
    for row in session.execute(_STORIES, here):
        stories.setdefault(row.indicator_id, []).append(
            StoryRow(
                row.happened_on,
                row.what_changed,
                row.why,
                row.what_followed,
                row.reference,
                row.kind,
                row.recorded_initials,
            )
        )
    told = Asked(kinds, since=place.plan.starts_on if place.plan else None, as_at=as_at, most=MOST)
    supports: dict[uuid.UUID, list[str]] = {}
    evidence = []
    for found in session.execute(_EVIDENCE, here).mappings():
        values = dict(found)
        for indicator_id in values.pop("supports"):
            supports.setdefault(indicator_id, []).append(values["reference"])
        evidence.append(EvidenceBehind(**values))
    return PackFacts(
        place=place,
        standings=standings_then(
            session, place.provider_id, place.service_id, day=as_at.astimezone(LONDON).date(), moment=as_at
        ),
        stories={key: tuple(rows) for key, rows in stories.items()},
        evidence=tuple(evidence),
        supports={key: tuple(references) for key, references in supports.items()},
        actions=actions_of(session, place.provider_id, place.service_id, as_at=as_at),
        risks=risks_of(session, place.provider_id, place.service_id, as_at=as_at),
        escalations=escalations_of(session, place.provider_id, place.service_id, as_at=as_at),
        decisions=decisions_of(session, place.provider_id, place.service_id, most=MOST_DECISIONS, as_at=as_at),
        story=story_of(session, place.provider_id, place.service_id, told)[0] if kinds else (),
        recovery=read_recovery(session, place, as_at),
        opposing=tuple(OpposingLine(**row) for row in session.execute(_OPPOSING, here).mappings()),
        figures=tuple(FigureLine(**row) for row in session.execute(_FIGURES, here).mappings()),
        baselines={row.indicator_id: (row.first_period, row.last_period) for row in session.execute(_BASELINES, here)},
        left_out=session.execute(_LEFT_OUT, here).scalar_one(),
    )
