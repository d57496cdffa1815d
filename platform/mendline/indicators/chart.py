"""Charts over time, drawn from one specification: `chart_spec` says what is shown, `layout` and `spark` where it goes.

The page hands `ChartSpec.to_json()` to the script and draws `layout(...)` on the server, the pack draws the same layout
with colours for paper, and the table beside both reads the same points.
"""

from mendline.indicators.chart_building import ENOUGH_POINTS, RANGE_LIMIT, Happening, Series, chart_spec
from mendline.indicators.chart_funnel import FunnelChart, FunnelLimit, FunnelPoint, funnel_chart
from mendline.indicators.chart_layout import ChartLayout, layout
from mendline.indicators.chart_spark import SparkLayout, spark
from mendline.indicators.chart_spec import PERCENT, ChartPoint, ChartSpec, Event, Mark, Phase, Target, Unit

__all__ = [
    "ENOUGH_POINTS",
    "PERCENT",
    "RANGE_LIMIT",
    "ChartLayout",
    "ChartPoint",
    "ChartSpec",
    "Event",
    "FunnelChart",
    "FunnelLimit",
    "FunnelPoint",
    "Happening",
    "Mark",
    "Phase",
    "Series",
    "SparkLayout",
    "Target",
    "Unit",
    "chart_spec",
    "funnel_chart",
    "layout",
    "spark",
]
