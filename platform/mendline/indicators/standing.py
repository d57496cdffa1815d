"""Where an indicator stands, as pages read it."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mendline.catalogue.indicators import Cadence


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one indicator stands: the derived row, with who owns its review.

    What a page shows of it may be kept under it: two that are equal show the same.

    Attributes:
        drawn: what the row of a dashboard shows, as the JSON text of `drawing.drawn_row`; read only where that is drawn.
        series: its periods, where a page draws them.
        parts: what the status is made of, where a page tells it; `todos` likewise.
    """

    indicator_id: uuid.UUID
    definition_key: str
    cadence: Cadence
    review_owner: str | None
    display_order: int
    in_plan: bool
    status: str
    reason: str
    sentence: str
    since: date | None
    variation: str | None
    assurance: str | None
    is_stale: bool
    usable_points: int
    last_period: date | None
    last_state: str | None
    numerator: float | None
    denominator: float | None
    value: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    target_operator: str | None
    target_value: float | None
    target_by: date | None
    baseline_value: float | None
    evidence_level: str
    declined_since: date | None
    unescalated_days: int | None
    review_due_on: date | None
    last_decision: str | None
    last_decision_on: date | None
    last_decision_by: str | None
    facts_recorded_at: datetime | None
    composite: str
    composite_rule: str
    rules_version: str
    current_until: date | None
    evidence_marks: dict[str, str] = field(hash=False)
    drawn: str = ""
    series: dict[str, Any] = field(default_factory=dict, hash=False)
    parts: dict[str, Any] = field(default_factory=dict, hash=False)
    todos: list[dict[str, str]] = field(default_factory=list, hash=False)

    @property
    def is_supported(self) -> bool:
        """Whether enough current evidence stands behind the figure to rely on it; it is drawn hollow otherwise."""
        return self.composite != "not_supported"

    @property
    def is_judged(self) -> bool:
        """Whether there is a direction of travel that can be relied on."""
        return self.composite not in ("not_supported", "too_few")

    @property
    def rule_words(self) -> str:
        """Which rules it was judged by, as it is told."""
        return f"Rules {self.rules_version}" if self.rules_version else "Not judged yet"
