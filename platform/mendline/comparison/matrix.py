"""The comparison of a provider's services, from rows to words: worst first, never ranked, never averaged."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mendline.catalogue.calendar import period_label
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, figure, log_time, short_date
from mendline.comparison.funnel_card import MEASURES, FunnelCard
from mendline.comparison.matrix_rail import is_weak_assurance, rail_lists, reading_of
from mendline.comparison.pages import Cell, Column, ComparePage, MatrixRow
from mendline.comparison.pool_page import pool_address
from mendline.comparison.queries import PooledFigure, StatusCell
from mendline.comparison.standing_out import StandsOut
from mendline.places.head import Address, figure_address
from mendline.places.rows import ServiceLine
from mendline.places.wording import RATING_NUMBERS, RATING_WORDS, plan_week
from mendline.web.components import Empty, Filter, Filters, Head, Option
from mendline.web.readings import target_reading
from tenants.clock import LONDON

SHOW = (
    Option("", "Everything"),
    Option("deteriorating", "Getting worse"),
    Option("unescalated", "Decline not escalated"),
    Option("unsupported", "Not supported"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader asked to see."""

    name: str = ""
    area: str = ""
    show: str = ""
    funnel: str = ""


def compare_page(
    provider: str,
    lines: tuple[ServiceLine, ...],
    keys: Sequence[str],
    cells: tuple[StatusCell, ...],
    pooled: tuple[PooledFigure, ...],
    *,
    provider_id: uuid.UUID,
    areas: Sequence[str],
    asked: Asked,
    today: date,
    address: Address,
    funnel: FunnelCard | None = None,
    outstanding: Sequence[StandsOut] = (),
    is_past: bool = False,
    escalated: Mapping[uuid.UUID, tuple[int, int]] | None = None,
) -> ComparePage:
    """The page; `address(endpoint, **values)` writes its links.

    `escalated` are the open and the late escalations of each service; none where the reader may not see them.
    """
    by_place = {(cell.service_id, cell.definition_key): cell for cell in cells}
    kept = [line for line in lines if _wanted(line, [by_place.get((line.service_id, key)) for key in keys], asked)]
    names = {line.service_id: line.name for line in lines}
    in_recovery = sum(line.plan_starts_on is not None for line in lines)
    return ComparePage(
        head=Head(
            heading="Compare services",
            sub=f"{provider}, {counted(len(lines), 'service')}, {in_recovery} in recovery. {_week(pooled)}".strip(),
            sentence=compare_sentence(cells),
        ),
        columns=(
            *((Column("escalations", "Open escalations"),) if escalated is not None else ()),
            *(Column(key, indicator_definition(key).short_name) for key in keys),
        ),
        rows=tuple(
            MatrixRow(
                line.name,
                address("services.dashboard", service_id=line.service_id),
                RATING_NUMBERS.get(line.rating or "", 0),
                _detail(line, today),
                (
                    *(() if escalated is None else (_escalated(line.service_id, escalated, address),)),
                    *(_cell(by_place.get((line.service_id, key)), address) for key in keys),
                ),
            )
            for line in kept
        ),
        provider_row=_provider_row(provider_id, keys, pooled, escalated, address),
        funnel=funnel.chart if funnel else None,
        funnel_heading=funnel.heading if funnel else "",
        funnel_note=funnel.note if funnel else "",
        filters=_filters(areas, keys, asked, len(kept), len(lines), address),
        rail=rail_lists(cells, outstanding, names, address),
        freshness=_freshness(cells, pooled, is_past=is_past),
        empty=Empty("No service fits", "Nothing fits what was chosen above. Choose Everything to see all services."),
    )


def compare_sentence(cells: Sequence[StatusCell]) -> str:
    """How the comparison opens: what gets worse, what nobody decided, what is assured on too little."""
    worse = [cell for cell in cells if reading_of(cell).word == "Deteriorating"]
    waiting = sum(cell.unescalated_days is not None for cell in cells)
    weak = sum(is_weak_assurance(cell) for cell in cells)
    places = len({cell.service_id for cell in worse})
    said = (
        f"{counted(len(worse), 'result')} {'is' if len(worse) == 1 else 'are'} getting worse"
        f" across {counted(places, 'service')}."
        if worse
        else "No result is getting worse."
    )
    if waiting:
        said += f" {counted(waiting, 'decline')} {'has' if waiting == 1 else 'have'} no decision."
    if weak:
        said += f" {counted(weak, 'assurance')} {'rests' if weak == 1 else 'rest'} on weak evidence."
    return said


def _wanted(line: ServiceLine, cells: Sequence[StatusCell | None], asked: Asked) -> bool:
    if asked.name and asked.name.casefold() not in line.name.casefold():
        return False
    known = [cell for cell in cells if cell]
    if asked.show == "deteriorating":
        return any(reading_of(cell).word == "Deteriorating" for cell in known)
    if asked.show == "unescalated":
        return any(cell.unescalated_days is not None for cell in known)
    if asked.show == "unsupported":
        return any(reading_of(cell).word == "Not supported" for cell in known)
    return True


def _cell(cell: StatusCell | None, address: Address) -> Cell:
    if cell is None:
        return Cell("Not run here")
    if cell.value is None:
        return Cell("None in period")
    definition = indicator_definition(cell.definition_key)
    return Cell(
        value=figure(cell.value, definition, cell.target_value),
        trend=reading_of(cell),
        assurance=target_reading(cell.assurance, supported=cell.composite != "not_supported"),
        flag="decline not escalated" if cell.unescalated_days is not None else "",
        href=_behind(cell, address),
        mark=cell.mark,
    )


def _behind(cell: StatusCell, address: Address) -> str:
    """A finger on a figure lands on what is behind it."""
    if cell.last_period is None:
        return address("services.indicator", service_id=cell.service_id, indicator_id=cell.indicator_id)
    return figure_address(address, cell.service_id, cell.indicator_id, cell.last_period)


def _detail(line: ServiceLine, today: date) -> str:
    rating = RATING_WORDS.get(line.rating or "", "Not rated")
    if line.plan_starts_on is None or line.plan_weeks is None:
        return rating
    week = plan_week(line.plan_starts_on, line.plan_weeks, today)
    return f"{rating}, week {week}"


def _escalated(service_id: uuid.UUID, escalated: Mapping[uuid.UUID, tuple[int, int]], address: Address) -> Cell:
    here = address("escalations.listing", service_id=service_id)
    found, late = escalated.get(service_id, (0, 0))
    return Cell(str(found) if found else "None", flag=f"{late} late" if late else "", href=here if found else "")


def _provider_row(
    provider_id: uuid.UUID,
    keys: Sequence[str],
    pooled: Sequence[PooledFigure],
    escalated: Mapping[uuid.UUID, tuple[int, int]] | None,
    address: Address,
) -> MatrixRow | None:
    """Pooled numerators over pooled denominators, for the kind of service that most of them are."""
    best: dict[str, PooledFigure] = {}
    for each in pooled:
        if each.definition_key not in best or each.services_reporting > best[each.definition_key].services_reporting:
            best[each.definition_key] = each
    if not best:
        return None
    return MatrixRow(
        "All services together",
        "",
        0,
        "Pooled, not averaged",
        (
            *(() if escalated is None else (_escalated_together(provider_id, escalated, address),)),
            *(_pooled_cell(provider_id, best.get(key), address) for key in keys),
        ),
    )


def _escalated_together(
    provider_id: uuid.UUID, escalated: Mapping[uuid.UUID, tuple[int, int]], address: Address
) -> Cell:
    """The sum, which leads to all services with theirs, whatever the list is narrowed to."""
    every = f"{address('comparison.matrix', provider=provider_id)}#services"
    return Cell(str(sum(number for number, _ in escalated.values())), href=every)


def _pooled_cell(provider_id: uuid.UUID, each: PooledFigure | None, address: Address) -> Cell:
    if each is None or each.value is None:
        return Cell("Not pooled")
    definition = indicator_definition(each.definition_key)
    return Cell(figure(each.value, definition), href=pool_address(address, provider_id, each))


def _week(pooled: Sequence[PooledFigure]) -> str:
    newest = max((each for each in pooled), key=lambda each: each.period_start, default=None)
    if newest is None:
        return ""
    label = period_label(indicator_definition(newest.definition_key).cadence, newest.period_start)
    return f"{label[0].upper()}{label[1:]}."


def _filters(
    areas: Sequence[str], keys: Sequence[str], asked: Asked, shown: int, total: int, address: Address
) -> Filters:
    return Filters(
        action=address("comparison.matrix"),
        controls=(
            Filter("name", "Service", asked.name, placeholder=f"All {total}"),
            Filter(
                "area",
                "Plan area",
                asked.area,
                (Option("", "Key indicators"), *(Option(area, area.replace("_", " ").capitalize()) for area in areas)),
            ),
            Filter("show", "Show", asked.show, SHOW),
            Filter(
                "funnel",
                "Funnel of",
                asked.funnel,
                (
                    Option("", "The most counted"),
                    *(
                        Option(key, indicator_definition(key).short_name)
                        for key in keys
                        if indicator_definition(key).measure_type in MEASURES
                    ),
                ),
            ),
        ),
        shown=f"Showing {shown} of {total}",
    )


def _freshness(cells: Sequence[StatusCell], pooled: Sequence[PooledFigure], *, is_past: bool) -> str:
    moments = [each.facts_recorded_at for each in cells if each.facts_recorded_at]
    moments += [each.facts_recorded_at for each in pooled if each.facts_recorded_at]
    if not moments:
        return ""
    newest = max(moments).astimezone(LONDON)
    how = "Worked out again from the facts of that day." if is_past else "Worked out in the background."
    return f"{how} Newest fact in it: {short_date(newest.date())}, {log_time(newest)}."
