"""A provider whose services run many indicators with two years of weeks, and a second one that must never show."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session
from support.facts import AT, Home, a_provider, a_service, an_indicator, figures

from mendline.catalogue.indicators import indicator_definitions
from mendline.comparison.rebuild import rebuild
from mendline.evidence.model import Evidence, EvidenceLink
from mendline.indicators.model import ChartEvent
from mendline.recovery.model import Action, Escalation, Review, Risk, RiskScore
from tenants.clock import today
from tenants.database import Database
from tenants.directory.model import Service
from tenants.ids import new_id


@dataclass(frozen=True)
class World:
    """Services by size: `large` runs many indicators with much behind them, the others one or more."""

    provider_id: uuid.UUID
    large: list[Home]
    small: list[Home]
    canary: list[Home]


def a_world(db: Database, *, indicators: int = 12, weeks: int = 30, services: int = 1) -> World:
    """Builds and derives it; `services` more like the small one stand beside it."""
    keys = [key for key, each in indicator_definitions().items() if each.measure_type == "proportion"][:indicators]
    first = today() - timedelta(days=today().weekday(), weeks=weeks)
    with db.administration() as session:
        mine, theirs = a_provider(session, "Harbour Care"), a_provider(session, "CANARYGROUP")
        where = a_service(session, mine, "Large House", people_count=42)
        large = [an_indicator(session, mine, where, key, display_order=n) for n, key in enumerate(keys)]
        small = [
            an_indicator(session, mine, a_service(session, mine, f"Small House {n}", people_count=42), keys[0])
            for n in range(services)
        ]
        canary = [an_indicator(session, theirs, a_service(session, theirs, "CANARY HOUSE"), keys[0])]
        for place, home in enumerate((*large, *small, *canary)):
            pairs = [(30 + (week * 7 + place) % 9, 60.0) for week in range(weeks)]
            figures(session, home, pairs, first=first)
        for home in large:
            _much(session, home)
    for provider_id in (mine, theirs):
        rebuild(db, provider_id)
    with db.administration() as session:
        session.execute(text("analyze"))
    return World(mine, large, small, canary)


def more_services(db: Database, world: World, number: int) -> None:
    """More services like the small one, with derived rows of their own."""
    with db.administration() as session:
        first = today() - timedelta(days=today().weekday(), weeks=8)
        for place in range(number):
            where = a_service(session, world.provider_id, f"Further House {place}", people_count=42)
            home = an_indicator(session, world.provider_id, where, world.small[0].definition_key)
            figures(session, home, [(30, 60)] * 8, first=first)
    rebuild(db, world.provider_id)


def canary_words(db: Database, world: World) -> list[str]:
    """Every word of the second provider that a page could show."""
    with db.administration() as session:
        ids = [home.service_id for home in world.canary]
        names = [session.get_one(Service, (world.canary[0].provider_id, each)).name for each in ids]
    return [*names, "CANARYGROUP", *(str(each) for each in ids)]


def _much(session: Session, home: Home) -> None:
    """Evidence, a story, decisions, actions, risks and an escalation behind an indicator."""
    place = {"provider_id": home.provider_id, "service_id": home.service_id}
    here = {**place, "indicator_id": home.indicator_id}
    word = home.definition_key[:24]
    rows: list[object] = []
    for letter in "RAFP":
        evidence_id = new_id()
        rows.append(
            Evidence(**place, evidence_id=evidence_id, reference=f"E-{evidence_id.hex[-9:]}", letter=letter, title=word,
                     dated_on=today(), system="Drive", where_to_look="Folder", recorded_at=AT)
        )  # fmt: skip
        rows.append(EvidenceLink(**here, evidence_id=evidence_id, recorded_at=AT))
    rows.append(ChartEvent(**here, event_id=new_id(), happened_on=today() - timedelta(weeks=6), what_changed=f"New {word}",
                           why="Gaps", what_followed="Fewer", recorded_at=AT))  # fmt: skip
    rows.append(Review(**here, review_id=new_id(), forum="weekly_review", held_on=today() - timedelta(days=3),
                       decision="assured", why="Seen", relied_on=["E-001"], decided_label="D Hartley",
                       decided_role="Registered manager", recorded_at=AT))  # fmt: skip
    rows.append(Action(**here, action_id=new_id(), reference=f"A-{home.indicator_id.hex[-9:]}", title=f"Do {word}",
                       owner="P Nowak", opened_on=today(), due_on=today(), recorded_at=AT))  # fmt: skip
    rows.append(Escalation(**here, escalation_id=new_id(), trigger="decision", to_role="nominated_individual",
                           asked="Two posts", opened_on=today(), due_on=today(), recorded_at=AT))  # fmt: skip
    risk_id = new_id()
    rows.append(Risk(**here, risk_id=risk_id, reference=f"R-{risk_id.hex[-9:]}", title=word, owner="P Nowak",
                     opened_on=today(), recorded_at=AT))  # fmt: skip
    rows.append(
        RiskScore(
            **place, risk_id=risk_id, score_id=new_id(), likelihood=4, impact=4, judged_on=today(), recorded_at=AT
        )
    )
    parents = [row for row in rows if not isinstance(row, EvidenceLink | RiskScore)]
    session.add_all(parents)
    session.flush()
    session.add_all(row for row in rows if isinstance(row, EvidenceLink | RiskScore))
    session.flush()
