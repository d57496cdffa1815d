"""Where indicators, services and their plans stand, as plain rows, for tests of what pages say of them."""

import uuid
from datetime import date, timedelta
from typing import Any

from mendline.catalogue.status_rules import status_rules
from mendline.indicators.composite import Parts, composite_of
from mendline.indicators.standing import Standing
from mendline.places.rows import Place, Plan, Rating, ServiceLine

TODAY = date(2026, 11, 17)
MONDAY = date(2026, 11, 9)
PROVIDER, SERVICE = uuid.UUID(int=1), uuid.UUID(int=2)
MAR = "mar_compliance_pct"


def a_series(*counts: tuple[float, float]) -> dict[str, Any]:
    """Weekly figures, the newest in the week to 15 November."""
    starts = [MONDAY - timedelta(weeks=len(counts) - 1 - place) for place in range(len(counts))]
    return {
        "cadence": "weekly",
        "periods": [start.isoformat() for start in starts],
        "values": [100 * top / bottom for top, bottom in counts],
        "numerators": [top for top, _ in counts],
        "denominators": [bottom for _, bottom in counts],
        "states": ["final"] * len(counts),
        "marks": [None] * len(counts),
        "chart": "xmr",
        "centre": None,
        "lower": None,
        "upper": None,
        "phases": [],
        "provisional_limits": False,
        "baseline_end": None,
        "decline": None,
    }


def a_standing(**changes: Any) -> Standing:
    fields: dict[str, Any] = {
        "indicator_id": uuid.UUID(int=3),
        "definition_key": MAR,
        "cadence": "weekly",
        "review_owner": "P Nowak",
        "display_order": 1,
        "in_plan": True,
        "status": "stable",
        "reason": "",
        "sentence": "It is 95.0%. No real change.",
        "since": None,
        "variation": None,
        "assurance": "pass",
        "is_stale": False,
        "usable_points": 20,
        "last_period": MONDAY,
        "last_state": "final",
        "numerator": 190.0,
        "denominator": 200.0,
        "value": 95.0,
        "centre": 94.0,
        "lower": 88.0,
        "upper": 100.0,
        "target_operator": ">=",
        "target_value": 90.0,
        "target_by": None,
        "baseline_value": 91.0,
        "evidence_level": "strong",
        "evidence_marks": {"R": "current", "A": "current", "F": "current", "P": "current"},
        "declined_since": None,
        "unescalated_days": None,
        "review_due_on": None,
        "last_decision": None,
        "last_decision_on": None,
        "last_decision_by": None,
        "series": {},
        "facts_recorded_at": None,
        "composite_rule": "",
        "rules_version": status_rules().identity,
        "current_until": None,
        "parts": {},
        "todos": [],
        "drawn": "",
    }
    given = {**fields, **changes}
    parts = Parts(given["status"], given["is_stale"], given["evidence_level"])
    return Standing(**{"composite": composite_of(parts, status_rules()).gives, **given})


def a_plan(**changes: Any) -> Plan:
    fields: dict[str, Any] = {
        "title": "Medicines recovery",
        "goal": "98% recorded without gaps",
        "starts_on": date(2026, 10, 5),
        "weeks": 12,
        "template_key": "medicines",
        "framework_version": "saf-2023",
    }
    return Plan(**{**fields, **changes})


def a_rating(**changes: Any) -> Rating:
    fields: dict[str, Any] = {
        "overall": "requires_improvement",
        "key_questions": {
            "safe": "inadequate",
            "effective": "requires_improvement",
            "caring": "good",
            "responsive": "requires_improvement",
            "well-led": "requires_improvement",
        },
        "inspected_on": date(2026, 7, 15),
        "published_on": date(2026, 9, 11),
        "framework_version": "saf-2023",
        "outcome": None,
    }
    return Rating(**{**fields, **changes})


def a_place(**changes: Any) -> Place:
    fields: dict[str, Any] = {
        "provider_id": PROVIDER,
        "provider": "Alderway Care Group",
        "service_id": SERVICE,
        "name": "Rosewood House",
        "code": "RO-1",
        "kind": "residential",
        "cqc_location_id": "1-000000001",
        "beds": 44,
        "people_count": 42,
        "registered_manager": "Denise Hartley",
        "rating": a_rating(),
        "requirements": (),
        "plan": a_plan(),
    }
    return Place(**{**fields, **changes})


def a_service_line(**changes: Any) -> ServiceLine:
    fields: dict[str, Any] = {
        "service_id": SERVICE,
        "provider_id": PROVIDER,
        "provider": "Alderway Care Group",
        "name": "Rosewood House",
        "kind": "residential",
        "people_count": 42,
        "rating": "requires_improvement",
        "notices": 0,
        "plan_starts_on": None,
        "plan_weeks": None,
        "improving": 1,
        "stable": 1,
        "deteriorating": 0,
        "insufficient": 0,
        "unescalated": 0,
        "last_decision": None,
        "last_decision_on": None,
    }
    return ServiceLine(**{**fields, **changes})


def at_address(endpoint: str, **values: Any) -> str:
    return f"/{endpoint}" + "".join(f"/{value}" for value in values.values())
