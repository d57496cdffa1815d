"""What is told around the figures of one service: evidence, events, actions, risks, reviews, escalations."""

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from mendline.catalogue.indicators import indicator_definition
from mendline.demonstration.model import (
    DemoAction,
    DemoActionEvent,
    DemoEscalation,
    DemoEvent,
    DemoEvidence,
    DemoIndicator,
    DemoObservation,
    DemoPerson,
    DemoReview,
    DemoRisk,
    DemoRiskScore,
    DemoService,
)
from mendline.demonstration.organisations import FRAMEWORK
from mendline.demonstration.sources import Clock, at, named, stories

# What a service without a story of its own keeps: letter, title, system, place, days old at most, quality statement.
_USUAL = (
    ("R", "Export of the week's records", "Care records system", "Report “Week in figures”", 8, "well-led.governance-management"),
    ("A", "Monthly quality audit", "Quality drive", "Audits, this quarter", 26, "well-led.governance-management"),
    ("F", "What people and families said", "Quality monitoring file", "Feedback, newest page", 30, "responsive.listening-involving"),
    ("P", "Practice seen on two shifts", "Quality monitoring file", "Observation log", 34, "responsive.person-centred-care"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """One service with all that its story refers to."""

    service: DemoService
    indicators: Mapping[str, DemoIndicator]
    figures: Mapping[UUID, Sequence[DemoObservation]]
    people: Mapping[str, DemoPerson]
    clock: Clock

    def told(self) -> Mapping[str, Any]:
        """The service's story, empty where it has none."""
        return stories().get(self.service.key, {})

    def told_of(self, key: str) -> Mapping[str, Any]:
        """The story of one indicator."""
        return next((one for one in self.told().get("indicators", []) if one["key"] == key), {})

    def id_of(self, key: str | None) -> UUID | None:
        """The service's indicator of a key."""
        return self.indicators[key].indicator_id if key else None

    def initials(self, label: str) -> str:
        """`DH` for `D Hartley`."""
        return "".join(word[0] for word in label.split()).upper()


def evidence(setting: Setting) -> Iterator[DemoEvidence]:
    """Pointers to originals; the fingerprint is that of the content that the pointer describes."""
    told = setting.told().get("evidence")
    if told is None:
        told = _usual_evidence(setting)
        behind = {one["ref"]: list(setting.indicators) for one in told}
    else:
        behind = {one["ref"]: [] for one in told}
        for key in setting.indicators:
            for reference in setting.told_of(key).get("evidence", []):
                behind[reference].append(key)
    for one in told:
        content = _content(setting, one["title"], behind[one["ref"]])
        dated = setting.clock.day(one["day"])
        yield DemoEvidence(
            provider_id=setting.service.provider_id,
            service_id=setting.service.service_id,
            evidence_id=named("evidence", setting.service.key, one["ref"]),
            reference=one["ref"],
            letter=one["letter"],
            title=one["title"],
            dated_on=dated,
            system=one["system"],
            where_to_look=one["where"],
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            sample_size=one.get("sample"),
            seen_at=one.get("seen_at"),
            quality_statement=one["statement"],
            framework_version=FRAMEWORK,
            recorded_initials=one["by"],
            recorded_at=at(dated, 16, 40),
            check=one.get("checked", "unchanged"),
            checked_at=max(at(setting.clock.last_week + timedelta(days=6), 20, 2), at(dated, 20, 2)),
            indicator_ids=tuple(setting.indicators[key].indicator_id for key in behind[one["ref"]]),
        )


def _usual_evidence(setting: Setting) -> list[Mapping[str, Any]]:
    newest = setting.clock.last_week + timedelta(days=6) - setting.clock.moved
    people = setting.service.people_count
    told: list[Mapping[str, Any]] = []
    for number, (letter, title, system, where, oldest, statement) in enumerate(_USUAL, start=1):
        chance = zlib.crc32(f"{setting.service.key}/{letter}".encode())
        age = 0 if letter == "R" else chance % oldest
        told.append(
            {
                "ref": f"E-{number:03}",
                "letter": letter,
                "title": title,
                "day": newest - timedelta(days=age),
                "system": system,
                "where": where,
                "sample": {"R": people, "A": 12, "F": max(4, people // 3), "P": 4}[letter],
                "statement": statement,
                "seen_at": ("evening" if chance % 3 else "day") if letter == "P" else None,
                "by": setting.initials(setting.service.registered_manager),
            }
        )
    return told


def _content(setting: Setting, title: str, keys: Sequence[str]) -> bytes:
    """The described export: its title, and the last twelve figures of the indicators behind which it stands."""
    lines = [f"{setting.service.name},{title}", "indicator,period,numerator,denominator,value"]
    for key in keys:
        newest = setting.figures[setting.indicators[key].indicator_id][-12:]
        lines += [f"{key},{one.period_start},{one.numerator},{one.denominator},{one.value}" for one in newest]
    return ("\n".join(lines) + "\n").encode()


def events(setting: Setting) -> Iterator[DemoEvent]:
    """Dated changes on charts."""
    for key, indicator in setting.indicators.items():
        for number, one in enumerate(setting.told_of(key).get("events", [])):
            yield DemoEvent(
                setting.service.provider_id,
                setting.service.service_id,
                indicator.indicator_id,
                named("event", indicator.indicator_id, number),
                setting.clock.day(one["day"]),
                one["what"],
                one["why"],
                one["followed"],
                one.get("reference"),
                setting.initials(indicator.review_owner),
            )


def actions(setting: Setting) -> Iterator[DemoAction]:
    """What named people do by a date."""
    for one in setting.told().get("actions", []):
        action_id = named("action", setting.service.key, one["ref"])
        yield DemoAction(
            setting.service.provider_id,
            setting.service.service_id,
            action_id,
            one["ref"],
            one["title"],
            one["owner"],
            setting.id_of(one.get("indicator")),
            setting.clock.day(one["opened"]),
            setting.clock.day(one["due"]),
            tuple(
                DemoActionEvent(
                    named("action event", action_id, number),
                    event["kind"],
                    setting.clock.day(event["day"]),
                    setting.clock.maybe(event.get("due")),
                    event["note"],
                    event.get("evidence"),
                )
                for number, event in enumerate(one["events"])
            ),
        )


def risks(setting: Setting) -> Iterator[DemoRisk]:
    """The risk register."""
    for one in setting.told().get("risks", []):
        risk_id = named("risk", setting.service.key, one["ref"])
        yield DemoRisk(
            setting.service.provider_id,
            setting.service.service_id,
            risk_id,
            one["ref"],
            one["title"],
            one["owner"],
            one["controls"],
            setting.id_of(one.get("indicator")),
            setting.clock.day(one["opened"]),
            tuple(
                DemoRiskScore(
                    named("risk score", risk_id, number),
                    score["likelihood"],
                    score["impact"],
                    setting.clock.day(score["day"]),
                    setting.clock.maybe(score.get("look_again")),
                )
                for number, score in enumerate(one["scores"])
            ),
        )


def reviews(setting: Setting) -> Iterator[DemoReview]:
    """Decisions: as the story tells, and a plain one on each other key indicator that is judged."""
    for key, indicator in setting.indicators.items():
        told = setting.told_of(key).get("reviews")
        if told is None:
            usual = _usual_review(setting, indicator)
            told = [usual] if usual is not None else []
        for number, one in enumerate(told):
            person = setting.people.get(one["by"])
            yield DemoReview(
                setting.service.provider_id,
                setting.service.service_id,
                indicator.indicator_id,
                named("review", indicator.indicator_id, number),
                one.get("forum", "weekly_review"),
                setting.clock.day(one["day"]),
                one["decision"],
                one["what"],
                one["why"],
                one["follows"],
                tuple(one["relied_on"]),
                one.get("exception"),
                setting.clock.day(one["next"]),
                person.person_id if person else None,
                one["by"],
                one["role"],
            )


def _usual_review(setting: Setting, indicator: DemoIndicator) -> Mapping[str, Any] | None:
    """What a manager writes about an ordinary figure; none where there is too little to go on."""
    seen = [one for one in setting.figures[indicator.indicator_id] if one.state in {"final", "revised"}]
    if len(seen) < 2:
        return None
    value, text = _shown(indicator, seen[-2])
    goal, operator = indicator.target.value, indicator.target.operator
    good = goal is None or (value >= goal if operator == ">=" else value <= goal)
    age = 3 + zlib.crc32(str(indicator.indicator_id).encode()) % 9
    held = setting.clock.today - timedelta(days=setting.clock.today.weekday() + age) - setting.clock.moved
    return {
        "day": held,
        "by": indicator.review_owner,
        "role": indicator.review_owner_role,
        "decision": "assured" if good else "further_action",
        "what": f"The figure before this review was {text}.",
        "why": "Practice and records agree." if good else "Named people were away and cover was not arranged.",
        "follows": "Carry on, and look again as planned." if good else "Cover is named on the rota from this week.",
        "relied_on": [],
        "next": held + timedelta(days=indicator.review_every_days),
    }


def _shown(indicator: DemoIndicator, one: DemoObservation) -> tuple[float, str]:
    if one.value is not None:
        return one.value, f"{one.value:g} hours"
    per = indicator_definition(indicator.definition_key).rate_per or 100
    value = (one.numerator or 0) / (one.denominator or 1) * per
    return value, f"{one.numerator:g} of {one.denominator:g}"


def escalations(setting: Setting) -> Iterator[DemoEscalation]:
    """Declines put before somebody with a date."""
    for key, indicator in setting.indicators.items():
        for number, one in enumerate(setting.told_of(key).get("escalations", [])):
            decided = one.get("decided")
            yield DemoEscalation(
                setting.service.provider_id,
                setting.service.service_id,
                indicator.indicator_id,
                named("escalation", indicator.indicator_id, number),
                one["trigger"],
                one["to_role"],
                one["to"],
                one["asked"],
                setting.clock.day(one["day"]),
                setting.clock.day(one["due"]),
                decided["outcome"] if decided else None,
                decided["reason"] if decided else None,
                setting.clock.day(decided["day"]) if decided else None,
                decided["by"] if decided else None,
                one.get("origin", "decision"),
                one.get("kind"),
                decided.get("role") if decided else None,
                tuple(decided.get("made", ())) if decided else (),
            )
