"""Where a finger on a target or a baseline lands: who set it, when and why, and what a baseline was made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mendline.catalogue.calendar import london_date
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.catalogue.wording import figure, long_date, of, short_date
from mendline.indicators.aims import Baseline, GivenTarget, aim_words, span_words
from mendline.indicators.standing import Standing
from mendline.places.head import Address, figure_address
from mendline.places.rows import Place
from mendline.services.aimed_rows import Aimed, AimedList, FrozenFigure
from mendline.web.components import Empty, Head, Link, Pager

KIND_WORDS = {"target": "Target", "baseline": "Baseline"}


@dataclass(frozen=True, slots=True)
class AimedEntry:
    """One time that a target was set or a baseline frozen.

    Attributes:
        anchor: the name under which links find it; the one in force is found by its kind alone.
        holds: whether it is in force, in words, or nothing.
        figures: what a baseline was made from, each with the way to what is behind it.
        kept: whether these are the figures as they were when it was frozen; else as they stand.
    """

    anchor: str
    kind: str
    what: str
    holds: str
    counts: str
    meta: str
    reason: str
    figures: tuple[Link, ...] = ()
    kept: bool = False


@dataclass(frozen=True, slots=True)
class AimedPage:
    """Every target and baseline of an indicator, newest first, one page at a time."""

    head: Head
    entries: tuple[AimedEntry, ...]
    pager: Pager | None = None
    empty: Empty | None = None


def aimed_page(place: Place, standing: Standing, found: AimedList, *, page: int, address: Address) -> AimedPage:
    """The page.

    Args:
        place: the service.
        standing: of its indicator.
        found: one page of what was set.
        page: from 0.
        address: writes links; those of a page as at an earlier moment stay on it.
    """
    definition = indicator_definition(standing.definition_key)
    here = {"service_id": place.service_id, "indicator_id": standing.indicator_id}

    def way(day: date) -> str:
        return figure_address(address, place.service_id, standing.indicator_id, day)

    days = {*found.standing, *(each.period_start for entry in found.entries for each in entry.figures)}
    ways = {day: way(day) for day in days}
    turned = page or found.more
    return AimedPage(
        head=Head(
            heading=f"{definition.name}: baseline and target",
            sub=place.name,
            sentence="What it was measured from and aimed at, each time it was set. Nothing is overwritten.",
        ),
        entries=tuple(_entry(each, definition, found.standing, ways) for each in found.entries),
        pager=Pager(
            words=f"Page {page + 1}",
            newer=address("indicators.aimed", **here, page=page - 1) if page else "",
            older=address("indicators.aimed", **here, page=page + 1) if found.more else "",
        )
        if turned
        else None,
        empty=Empty("None is set", "A target or a baseline would stand here, with who set it, when and why."),
    )


def _entry(
    each: Aimed, definition: IndicatorDefinition, standing: Mapping[date, FrozenFigure], ways: Mapping[date, str]
) -> AimedEntry:
    on = long_date(london_date(each.recorded_at))
    by = f" by {each.by}" if each.by else ""
    approved = f", approved by {each.approved_by}" if each.approved_by else ""
    return AimedEntry(
        anchor=each.kind if each.in_force else f"{each.kind}-{each.version}",
        kind=KIND_WORDS[each.kind],
        what=_what(each, definition),
        holds="In force" if each.in_force else "",
        counts=_counts(each),
        meta=f"{'Frozen' if each.kind == 'baseline' else 'Set'} on {on}{by}{approved}.",
        reason=each.reason or "",
        figures=tuple(
            Link(_figure_words(one, definition, standing), ways[one.period_start])
            for one in each.figures or _of_its_periods(each, standing)
        ),
        kept=bool(each.figures),
    )


def _what(each: Aimed, definition: IndicatorDefinition) -> str:
    if each.kind == "target":
        words = aim_words(GivenTarget(each.operator, each.value), definition)
        until = f", to be reached by {long_date(each.to_on)}" if each.to_on else ""
        return f"{words[0].upper()}{words[1:]} from {long_date(each.from_on)}{until}"
    made = Baseline(
        each.from_on, each.to_on or each.from_on, each.periods, each.numerator, each.denominator, each.value or 0.0,
        each.method,
    )  # fmt: skip
    return span_words(made, definition)


def _counts(each: Aimed) -> str:
    if each.kind == "target":
        return ""
    counts = "" if each.numerator is None or each.denominator is None else f": {of(each.numerator, each.denominator)}"
    return f"{each.method}{counts}."


def _of_its_periods(each: Aimed, standing: Mapping[date, FrozenFigure]) -> list[FrozenFigure]:
    """What stands now for the periods of a baseline whose figures were not kept with it."""
    if each.kind == "target":
        return []
    last = each.to_on or each.from_on
    return [standing[day] for day in sorted(standing) if each.from_on <= day <= last]


def _figure_words(one: FrozenFigure, definition: IndicatorDefinition, standing: Mapping[date, FrozenFigure]) -> str:
    said = "None" if one.value is None else figure(one.value, definition)
    since = ", corrected since" if standing.get(one.period_start, one).revision > one.revision else ""
    return f"{short_date(one.period_start)}: {said}{since}"
