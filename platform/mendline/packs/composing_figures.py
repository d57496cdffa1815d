"""Each figure that a chart or a baseline is made of, with its way down to its records."""

from collections.abc import Sequence
from datetime import UTC, date

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import short_date, short_month
from mendline.indicators.chart import ChartSpec, Unit
from mendline.indicators.charting import unit_of
from mendline.indicators.standing import Standing
from mendline.packs.document_figures import FactRow, PointRow
from mendline.packs.leading import Ways
from mendline.packs.reading import FigureLine, PackFacts

MOST_LISTED = 26  # as many as a chart of a pack draws


def baseline_points(standing: Standing, facts: PackFacts, to: Ways) -> tuple[PointRow, ...]:
    """The figures of the periods that the baseline was frozen over, as they stood at the pack's moment."""
    span = facts.baselines.get(standing.indicator_id)
    if span is None:
        return ()
    return _listed(standing, to, [line for line in _figures_of(standing, facts) if _within(line.period_start, span)])


def chart_points(standing: Standing, chart: ChartSpec | None, facts: PackFacts, to: Ways) -> tuple[PointRow, ...]:
    """The points of a chart, without those that are listed with the baseline already.

    A point of a chart of rare events is what lies between two of them, and leads to the figure of the later one's period.
    Where there are too few events for a chart, the newest figures themselves.
    """
    span = facts.baselines.get(standing.indicator_id)
    if chart is None:
        newest = [line for line in _figures_of(standing, facts) if not _within(line.period_start, span)]
        return _listed(standing, to, newest[-MOST_LISTED:])
    if standing.series.get("gaps"):
        span = None  # its points are no figures, so none of them stands with the baseline
    known = {line.period_start: line for line in _figures_of(standing, facts)}
    rows = []
    for point in chart.points:
        start = date.fromisoformat(point.date)
        if _within(start, span):
            continue
        line = known.get(start)
        rows.append(
            PointRow(
                when=point.label,
                value=point.text or "not recorded",
                href=to.figure(standing.indicator_id, start) if line else "",
                restated=line is not None and line.revision > 1,
            )
        )
    return tuple(rows)


def fact_rows(facts: PackFacts, to: Ways) -> tuple[FactRow, ...]:
    """Every figure of every indicator, as it stood at the pack's moment, with what is behind it."""
    keys = {each.indicator_id: each.definition_key for each in facts.standings}
    return tuple(
        FactRow(
            indicator=indicator_definition(keys[row.indicator_id]).name,
            definition=keys[row.indicator_id],
            period_start=row.period_start.isoformat(),
            numerator=row.numerator,
            denominator=row.denominator,
            value=row.value,
            state=row.state,
            revision=row.revision,
            source=row.source,
            recorded_at=row.recorded_at.astimezone(UTC).isoformat(timespec="seconds"),
            references=facts.supports.get(row.indicator_id, ())[:3],
            indicator_id=str(row.indicator_id),
            observation_id=str(row.observation_id) if row.observation_id else "",
            records=row.counted,
            left_out=row.left_out,
            kinds=tuple(f"{kind} {number}" for kind, number in sorted((row.kinds or {}).items())),
            agreement=row.agreement or "",
            address=to.figure(row.indicator_id, row.period_start),
        )
        for row in facts.figures
        if row.indicator_id in keys
    )


def _listed(standing: Standing, to: Ways, lines: Sequence[FigureLine]) -> tuple[PointRow, ...]:
    unit = unit_of(indicator_definition(standing.definition_key))
    write = short_date if standing.cadence == "weekly" else short_month
    return tuple(
        PointRow(
            when=write(line.period_start),
            value=_value(line, unit, standing.target_value),
            href=to.figure(standing.indicator_id, line.period_start),
            restated=line.revision > 1,
        )
        for line in lines
    )


def _figures_of(standing: Standing, facts: PackFacts) -> list[FigureLine]:
    mine = (line for line in facts.figures if line.indicator_id == standing.indicator_id)
    return sorted(mine, key=lambda line: line.period_start)


def _within(day: date, span: tuple[date, date] | None) -> bool:
    return span is not None and span[0] <= day <= span[1]


def _value(line: FigureLine, unit: Unit, against: float | None) -> str:
    return unit.write_figure(line.value, against) if line.value is not None else line.state.replace("_", " ")
