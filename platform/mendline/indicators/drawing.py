"""What the row of a dashboard shows, made ready with the status: a page then writes it down and works nothing out."""

import json
from dataclasses import asdict, fields
from typing import Any

from mendline.catalogue.indicators import IndicatorDefinition
from mendline.catalogue.wording import figure
from mendline.indicators.charting import spark_of
from mendline.indicators.marks import mark_words
from mendline.indicators.reading import readings
from mendline.indicators.standing import Standing

NOTHING = "\N{EN DASH}"
# What stands beside the derived row, and of which nothing is drawn.
_BESIDE: dict[str, Any] = {"review_owner": None, "display_order": 0, "in_plan": False}
_NAMES = tuple(field.name for field in fields(Standing))


def drawn_row(row: dict[str, Any], definition: IndicatorDefinition) -> dict[str, Any]:
    """Numbers as they are written and the small chart with its places, as JSON.

    Args:
        row: the derived row, all but this.
        definition: of the indicator.
    """
    cadence = row["series"]["cadence"]
    standing = Standing(**{name: row[name] for name in _NAMES if name in row}, cadence=cadence, **_BESIDE)
    trend, target = readings(standing, definition)
    spark = spark_of(standing, definition, f"{trend.word}. {target.word}")
    made = {
        "baseline": written(standing.baseline_value, definition),
        "now": written(standing.value, definition, standing.target_value),
        "target": target_written(standing, definition),
        "spark": asdict(spark) if spark else None,
        "mark": mark_words(row["series"].get("newest")),
    }
    drawn: dict[str, Any] = json.loads(json.dumps(made))  # as it will be read: lists, not tuples
    return drawn


def written(value: float | None, definition: IndicatorDefinition, against: float | None = None) -> str:
    """A figure, or a dash where there is none."""
    return NOTHING if value is None else figure(value, definition, against)


def target_written(standing: Standing, definition: IndicatorDefinition) -> str:
    """A target; one of zero is a target."""
    if standing.target_value is None:
        return "No target"
    sign = {"<=": "\N{LESS-THAN OR EQUAL TO} "}.get(standing.target_operator or "", "")
    return sign + figure(standing.target_value, definition).replace(".0%", "%")
