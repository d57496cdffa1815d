"""What is behind a figure of several services together, from rows to words: each service's own figure, or why it has none."""

import uuid
from typing import Any

from mendline.catalogue.calendar import period_end, period_label
from mendline.catalogue.indicators import IndicatorDefinition
from mendline.catalogue.wording import counted, figure, of
from mendline.comparison.one_period import Member, Pool
from mendline.comparison.pages import MemberRow, PoolPage
from mendline.comparison.queries import PooledFigure
from mendline.comparison.roll_up import ServiceFigure, cadence_of
from mendline.indicators.targets import target_on
from mendline.places.head import Address, figure_address
from mendline.places.wording import KIND_WORDS
from mendline.web.components import Fact, Head, Pager

PAGE = 50

_APART = {
    "without": "Not in it: nothing to count, or no figure was given",
    "none": "Not in it: no figure yet",
    "not_expected": "Not in it: the service or the indicator did not run then",
    "unlike": "Not in it: counted in another way or rhythm",
    "beside": "Not in it: there is nothing to add up",
}
_APART_ONLY = "What does not add up is not pooled: the services stand side by side."
_HOW = {
    "sum_count": "What the services counted is added up.",
    "median": _APART_ONLY,
    "worst_case": _APART_ONLY,
}
_POOLED = "Numerators are added up and divided by the denominators added up. Percentages are never averaged."


def pool_page(pool: Pool, *, page: int, address: Address) -> PoolPage:
    """One page of the services behind a pooled figure, by name and never ranked.

    Args:
        pool: the figure and its parts, of services within the reader's reach.
        page: from 0.
        address: writes links; those of a page as at an earlier moment stay on it.
    """
    together, definition = pool.together, pool.definition
    rhythm = cadence_of(together.period_start, definition)
    kind = KIND_WORDS.get(together.service_kind, "Service")
    shown = pool.members[page * PAGE : (page + 1) * PAGE]
    return PoolPage(
        head=Head(
            heading=f"{definition.name}, {period_label(rhythm, together.period_start)}",
            sub=f"{pool.provider}. {kind}: all services together",
            sentence=_sentence(together, definition),
        ),
        facts=_facts(together, definition),
        how=_HOW.get(definition.rollup, _POOLED),
        rows=tuple(_row(each, pool, address) for each in shown),
        pager=_pager(pool, page, address),
    )


def pool_address(address: Address, provider_id: uuid.UUID, together: PooledFigure, **more: Any) -> str:
    """Where a finger on a pooled figure lands."""
    return address(
        "comparison.pool",
        provider_id=provider_id,
        definition_key=together.definition_key,
        service_kind=together.service_kind,
        period_start=together.period_start.isoformat(),
        **more,
    )


def _sentence(together: PooledFigure, definition: IndicatorDefinition) -> str:
    services = counted(together.services_expected, "service")
    reported = (
        f"{together.services_reporting} of {services} {'has' if together.services_reporting == 1 else 'have'} a figure"
    )
    if together.value is None:
        return f"Nothing was pooled: {reported}."
    parts = "" if together.numerator is None or together.denominator is None else _parts(together)
    return f"{figure(together.value, definition)}{parts}: {reported}."


def _parts(together: PooledFigure) -> str:
    return f", {of(together.numerator or 0, together.denominator or 0)}"


def _facts(together: PooledFigure, definition: IndicatorDefinition) -> tuple[Fact, ...]:
    value = "Not pooled" if together.value is None else figure(together.value, definition)
    counts = _parts(together).removeprefix(", ") if together.denominator else ""
    return (
        Fact("All services together", value, counts, big=True, href="#members-h"),
        Fact("Short of their target", str(together.below_target), href="#members-h"),
    )


def _row(member: Member, pool: Pool, address: Address) -> MemberRow:
    each, start = member.figure, pool.together.period_start
    counts = "" if each.numerator is None or each.denominator is None else of(each.numerator, each.denominator)
    known = each.state is not None
    return MemberRow(
        service=member.name,
        figure="None" if each.value is None else figure(each.value, pool.definition, _goal(each, pool)),
        counts=counts,
        href=figure_address(address, each.service_id, each.indicator_id, start) if known else "",
        apart=_APART.get(member.part, ""),
    )


def _goal(each: ServiceFigure, pool: Pool) -> float | None:
    end = period_end(cadence_of(pool.together.period_start, pool.definition), pool.together.period_start)
    found = target_on(each.targets, end)
    return found.value if found else None


def _pager(pool: Pool, page: int, address: Address) -> Pager | None:
    total, first = len(pool.members), page * PAGE
    if total <= PAGE and not page:
        return None
    last = min(first + PAGE, total)
    return Pager(
        words=f"Services {min(first + 1, total):,} to {last:,} of {total:,}",
        newer=pool_address(address, pool.provider_id, pool.together, page=page - 1) if page else "",
        older=pool_address(address, pool.provider_id, pool.together, page=page + 1) if last < total else "",
    )
