"""A pack for a commissioner, composed by what composes their page: the same presenters over the same parts of a release.

What a grant does not open is not read; what the page takes out (small numbers, names, free text) is taken out by the
page's own rules, so that nothing can stand in a pack that could not stand on the page.
"""

from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any

from mendline.catalogue.calendar import period_label
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.status_rules import status_rules
from mendline.catalogue.wording import long_date
from mendline.comparison.commissioned import CLASS_WORDS, commissioned_page, name_of
from mendline.comparison.pages import CommissionedServicePage
from mendline.comparison.released import Facts, thawed
from mendline.comparison.releasing import Released
from mendline.indicators.charting import chart_of, unit_of
from mendline.indicators.pages import IndicatorRow
from mendline.indicators.standing import Standing
from mendline.packs.commissioned.document import CommissionerDocument, FigureRow, Line, PeriodRow, SeriesPart
from mendline.packs.commissioned.rows import MadeFor, ReleaseRead
from tenants.clock import LONDON
from tenants.reach import Granted

# What of a series is drawn: values and how they were judged. Neither counts nor what is said of corrections.
_DRAWN = (
    "periods",
    "values",
    "marks",
    "centre",
    "lower",
    "upper",
    "lowers",
    "uppers",
    "phases",
    "chart",
    "baseline_end",
)


def compose_for_commissioner(
    made: MadeFor, read: ReleaseRead, reference: str, *, is_sample: bool
) -> CommissionerDocument:
    """The whole document; the same release and grant give the same.

    Args:
        made: for whom, and what of the release their grant opened.
        read: these parts of the release, and nothing else of the service.
        reference: the pack's own, for its cover and each page.
        is_sample: whether the provider is of the demonstration, which every page then says.
    """
    facts = thawed(read.parts)
    day = read.recorded_at.astimezone(LONDON).date()
    granted = Granted(
        provider_id=facts.place.provider_id, service_id=facts.place.service_id, body=made.body,
        classes=frozenset(made.classes), show_name=made.show_name, until=day, live=False,
    )  # fmt: skip
    view = commissioned_page(
        facts.place, granted, facts.standings, facts.actions, facts.decisions, today=day,
        released=Released(made.release_id, read.figures_to, read.recorded_at, read.parts),
    )  # fmt: skip
    service = name_of(facts.place.name, facts.place.service_id, {granted.service_id: granted})
    figures_to = long_date(read.figures_to) if read.figures_to else "none yet"
    covers_evidence = "evidence_index" in granted.classes
    return CommissionerDocument(
        reference=reference,
        provider=facts.place.provider,
        service=service,
        body=made.body,
        purpose=made.purpose,
        released=long_date(day),
        as_at_iso=read.recorded_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        figures_to=figures_to,
        period=f"{made.weeks} weeks to {figures_to}" if made.weeks else f"everything released, to {figures_to}",
        cover=_cover(made, facts, service),
        sentence=view.head.sentence,
        regulator=tuple(Line(each.term, each.value, each.detail) for each in view.regulator),
        rows=tuple(_row(each, covers_evidence=covers_evidence) for each in view.rows),
        series=_series(view, facts, read.figures_to, made.weeks),
        covers_actions="actions" in granted.classes,
        covers_evidence=covers_evidence,
        decisions=tuple(Line(each.heading, each.meta) for each in view.decisions),
        actions=tuple(Line(item.heading, item.text, item.due) for each in view.rail for item in each.items),
        left_out=_left_out(made),
        rule_set=status_rules().identity,
        is_sample=is_sample,
    )


def _cover(made: MadeFor, facts: Facts, service: str) -> tuple[Line, ...]:
    covers = [words for class_, words in CLASS_WORDS.items() if class_ in made.classes]
    return (
        Line("Prepared for", made.body),
        Line("Service", service, facts.place.provider),
        Line("Purpose", made.purpose),
        Line("What the grant opens", "; ".join(covers)),
    )


def _row(row: IndicatorRow, *, covers_evidence: bool) -> FigureRow:
    held = " ".join(cell.letter for cell in row.kinds.cells if cell.state == "c")
    return FigureRow(
        indicator=row.name,
        baseline=row.baseline,
        now=row.now,
        target=row.target,
        reading=row.trend,
        against=row.assurance.word,
        evidence=(held or "None current") if covers_evidence else "Not shared",
        decision=row.decision,
        decided=row.decided,
        longer=row.longer,
        flag=row.flag,
    )


def _series(
    view: CommissionedServicePage, facts: Facts, figures_to: date | None, weeks: int | None
) -> tuple[SeriesPart, ...]:
    """Figures over time of the indicators whose small chart the page shows, in the page's order."""
    drawn = {row.name for row in view.rows if row.spark}
    by_name = {indicator_definition(each.definition_key).name: each for each in facts.standings}
    since = figures_to - timedelta(weeks=weeks) if figures_to and weeks else None
    found = (_part(by_name[row.name], row, since) for row in view.rows if row.name in drawn and row.name in by_name)
    return tuple(part for part in found if part is not None)


def _part(standing: Standing, row: IndicatorRow, since: date | None) -> SeriesPart | None:
    series = standing.series
    if series.get("gaps"):  # its points are days on which something happened, which the page does not tell
        return None
    definition, unit = (
        indicator_definition(standing.definition_key),
        unit_of(indicator_definition(standing.definition_key)),
    )
    shown = [
        (date.fromisoformat(start), value)
        for start, value in zip(series["periods"], series["values"], strict=True)
        if since is None or date.fromisoformat(start) > since
    ]
    periods = tuple(
        PeriodRow(
            period_label(standing.cadence, start), unit.write(value), start.isoformat(), round(value, unit.decimals)
        )
        for start, value in shown
        if value is not None
    )
    chart = chart_of(
        replace(standing, series=_without_counts(series)), definition,
        reading=f"{row.trend.word}. {row.assurance.word}", most=max(len(shown), 1),
    )  # fmt: skip
    return SeriesPart(definition.name, standing.definition_key, chart, periods) if chart and periods else None


def _without_counts(series: dict[str, Any]) -> dict[str, Any]:
    blank = [None] * len(series["values"])
    return {name: series[name] for name in _DRAWN if name in series} | {"numerators": blank, "denominators": blank}


def _left_out(made: MadeFor) -> tuple[Line, ...]:
    said = [
        Line("People and staff", "No name, initial, record or free text"),
        Line("Small numbers", "Counts under 5, and every figure from which one could be worked out"),
        Line("Corrections", "Changes by fewer than 5 from what was told before"),
        Line("What came later", "What was recorded after the figures were released"),
    ]
    if "actions" not in made.classes:
        said.append(Line("Actions and decisions", "The grant does not cover them"))
    if "evidence_index" not in made.classes:
        said.append(Line("Kinds of evidence", "The grant does not cover them"))
    said.append(Line("Evidence files", "They are shared one by one, on the service's page"))
    return tuple(said)
