"""What a commissioner sees, from rows to words: what the grant covers and until when, before anything else."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, long_date, short_date
from mendline.comparison.differencing import Told, steady
from mendline.comparison.pages import CommissionedRow, CommissionedServicePage, DeclineRow, PortfolioPage
from mendline.comparison.queries import DeclineLine
from mendline.comparison.releasing import Released
from mendline.comparison.restated import Restated
from mendline.comparison.suppression import is_shared, kept_apart
from mendline.comparison.widening import year_total, year_words
from mendline.evidence.files.leaving import MARKED
from mendline.indicators.pages import IndicatorRow
from mendline.indicators.standing import Standing
from mendline.places.head import Address, figure_address, figures_to
from mendline.places.regulator import regulator_cells
from mendline.places.rows import Place, ServiceLine
from mendline.places.wording import RATING_NUMBERS, RATING_WORDS, summary_sentence
from mendline.recovery.queries import DecisionLine
from mendline.services.dashboard import attention, framework_of, indicator_row, tally_items
from mendline.services.listing import counts_of, weeks_of
from mendline.services.rows import OpenAction
from mendline.web.components import Empty, Head, Item, ItemList, Note, ScopeColumn, ScopeLine, TimelineEntry
from mendline.web.readings import DECISION_WORDS, Kinds
from tenants.clock import LONDON
from tenants.reach import Granted, Reach

CLASS_WORDS = {
    "summary": "Indicators, trends and ratings",
    "actions": "Actions and decisions",
    "evidence_index": "Which kinds of evidence support each figure",
    "evidence_files": "Evidence files that were released",
}
WITHHELD = "Withheld"
NOT_SHARED = "Not shared"
MOST_DECLINES = 30
MOST_CORRECTED = 6


def portfolio_page(
    held: Reach, lines: tuple[ServiceLine, ...], declines: tuple[DeclineLine, ...], *, today: date, address: Address
) -> PortfolioPage:
    """The services that providers share with a commissioner."""
    grants = {each.service_id: each for each in held.granted}
    shown = [line for line in lines if line.service_id in grants]
    released = [
        each for each in declines if each.service_id in grants and is_shared(indicator_definition(each.definition_key))
    ]
    names = {line.service_id: name_of(line.name, line.service_id, grants) for line in shown}
    providers = len({line.provider_id for line in shown})
    return PortfolioPage(
        head=Head(
            heading="Services you commission",
            sub=f"{held.granted[0].body}. {counted(len(shown), 'service')}, {counted(providers, 'provider')}.",
            sentence=portfolio_sentence(shown),
        ),
        scope=scope_of(held.granted, today),
        rows=tuple(
            _row(line, names[line.service_id], grants[line.service_id], released, today, address) for line in shown
        ),
        declines=tuple(
            _decline(each, names[each.service_id], grants[each.service_id])
            for each in released[:MOST_DECLINES]
            if each.service_id in names
        ),
        declines_note="Your services, newest decline first",
        empty=Empty("No services", "Services that providers share with you would stand here."),
    )


def commissioned_page(
    place: Place,
    grant: Granted,
    standings: tuple[Standing, ...],
    actions: tuple[OpenAction, ...],
    decisions: tuple[DecisionLine, ...],
    *,
    today: date,
    released: Released | None = None,
    restated: tuple[Restated, ...] = (),
    files: tuple[Item, ...] | None = None,
    told: Told | None = None,
    packs: tuple[Item, ...] = (),
) -> CommissionedServicePage:
    """One service as its commissioner sees it: figures, kinds of evidence and decisions; no record and no file.

    Args:
        place: the service.
        grant: what the provider lets the body see.
        standings: as the provider sees them, or as they were released, small numbers already taken out.
        actions: that are open.
        decisions: newest first.
        today: the day.
        released: what was last released; None where the grant shows the service as it stands.
        restated: figures that were corrected after an outsider had seen them.
        files: evidence files that were shared; None where no grant covers files.
        told: what outsiders had looked at before it was corrected, where the service is shown as it stands.
        packs: that are shared with the reader.
    """
    shared = tuple(each for each in standings if is_shared(indicator_definition(each.definition_key)))
    name = name_of(place.name, place.service_id, {grant.service_id: grant})
    figures_end = figures_to(shared)
    rows = _outside_rows(shared, place, grant, today, released, told or {})
    return CommissionedServicePage(
        head=Head(
            heading=name,
            sub=f"{place.provider}{_closed(place.closed_on)}. {f'Figures to {figures_end}.' if figures_end else 'No figures yet.'}",
            sentence=summary_sentence(shared),
        ),
        scope=Note(
            f"You see this service until {long_date(grant.until)}",
            f"Granted to {grant.body}. {_released_words(released)}"
            " No names or records of people or staff; counts under 5 are withheld."
            f" The provider sees when you look.{f' {MARKED}' if files is not None else ''}",
            "scope",
            "i-eye",
        ),
        regulator=regulator_cells(place, today),
        tally=tally_items(shared),
        rows=rows,
        weeks_shown=18,
        decisions=tuple(_decision(row) for row in decisions[:10]) if "actions" in grant.classes else (),
        rail=(
            *_corrected(restated, rows),
            *((ItemList("Packs", packs),) if packs else ()),
            ItemList(
                "Open actions",
                tuple(_action(each, shared, today) for each in actions[:8]),
                empty="No open action is shared."
                if "actions" in grant.classes
                else "Your grant does not cover actions. The provider can widen it.",
            ),
            *((ItemList("Evidence files", files, empty="No file has been shared yet."),) if files is not None else ()),
        ),
    )


def _outside_rows(
    shared: Sequence[Standing], place: Place, grant: Granted, today: date, released: Released | None, told: Told
) -> tuple[IndicatorRow, ...]:
    years: dict[uuid.UUID, str] = {}
    if released is None:
        kept = steady(kept_apart(shared, place.people_count), shared, told)
        gone = {
            each.indicator_id
            for each, then in zip(kept, shared, strict=True)
            if each.value is None and then.value is not None
        }
        found = {each: year_total(each, told) for each in shared if each.indicator_id in gone}
        years = {each.indicator_id: year.words(each.definition_key) for each, year in found.items() if year}
    else:
        kept, gone = tuple(shared), set(released.withheld)
        years = {
            each.indicator_id: year_words(each.definition_key, released.years[str(each.indicator_id)])
            for each in shared
            if str(each.indicator_id) in released.years
        }
    by_id = {each.indicator_id: each for each in kept}
    ordered = sorted(shared, key=attention)
    return tuple(
        outside_row(
            by_id[each.indicator_id],
            place,
            grant,
            today,
            withheld=each.indicator_id in gone,
            year=years.get(each.indicator_id, ""),
        )
        for each in ordered
    )


def _corrected(restated: Sequence[Restated], rows: Sequence[IndicatorRow]) -> tuple[ItemList, ...]:
    """Marks what was corrected after somebody outside had seen it: no figure and no reason, which may say too much."""
    shown = {row.name for row in rows if row.now != WITHHELD}
    items = tuple(
        Item(
            indicator_definition(each.definition_key).name,
            f"The figure for {each.period} was corrected on {long_date(each.recorded_at.astimezone(LONDON).date())}.",
        )
        for each in restated
        if indicator_definition(each.definition_key).name in shown
    )
    return (ItemList("Corrected since you last looked", items[:MOST_CORRECTED]),) if items else ()


def _released_words(released: Released | None) -> str:
    if released is None:
        return "Figures as they stand."
    if released.recorded_at is None:
        return "The provider has not released anything yet."
    return f"Figures as the provider released them on {long_date(released.recorded_at.astimezone(LONDON).date())}."


def with_ways(
    view: CommissionedServicePage, place: Place, standings: Sequence[Standing], address: Address
) -> CommissionedServicePage:
    """The same page with the way to what is behind each figure that is shown."""
    ways = {
        indicator_definition(each.definition_key).name: figure_address(
            address, place.service_id, each.indicator_id, each.last_period
        )
        for each in standings
        if each.last_period is not None and each.value is not None
    }
    rows = (row if row.now == WITHHELD else replace(row, now_href=ways.get(row.name, "")) for row in view.rows)
    return replace(view, rows=tuple(rows))


def outside_row(
    kept: Standing, place: Place, grant: Granted, today: date, *, withheld: bool, year: str = ""
) -> IndicatorRow:
    """An indicator's row without owner, way to the records and what is not granted.

    Args:
        kept: how it stands, small numbers taken out.
        place: the service.
        grant: what may be seen of it.
        today: the date in England.
        withheld: whether its figure was taken out.
        year: the year's total in words, where that may be told in its stead.
    """
    here = (place.service_id, framework_of(place))
    row = indicator_row(kept, *here, today=today, see_evidence=False, address=lambda *_args, **_values: "")
    if withheld:
        row = replace(row, now=WITHHELD, longer=year)
    if "actions" not in grant.classes:
        row = replace(row, decision=NOT_SHARED, decided="")
    if "evidence_index" not in grant.classes:
        row = replace(row, kinds=Kinds((), "Kinds of evidence are not shared"))
    return row


def scope_of(granted: Sequence[Granted], today: date) -> tuple[ScopeColumn, ...]:
    """What can be seen, what cannot, and until when."""
    classes = [words for class_, words in CLASS_WORDS.items() if any(class_ in each.classes for each in granted)]
    files = any("evidence_files" in each.classes for each in granted)
    ends = min(each.until for each in granted)
    left = (ends - today).days
    return (
        ScopeColumn("You can see", tuple(ScopeLine(words) for words in classes)),
        ScopeColumn(
            "You cannot see",
            (
                ScopeLine("Names or records of people or staff", "i-cross"),
                ScopeLine("Counts under 5", "i-cross"),
                ScopeLine("Corrections by fewer than 5", "i-cross"),
                ScopeLine("Drafts" if files else "Drafts, or evidence files themselves", "i-cross"),
            ),
        ),
        ScopeColumn(
            "Until when",
            (
                ScopeLine(f", {counted(left, 'day')} left, for the grant that ends first", "i-clock", long_date(ends)),
                ScopeLine("Each page you open is logged. Providers can see the log.", "i-lock"),
            ),
        ),
    )


def portfolio_sentence(lines: Sequence[ServiceLine]) -> str:
    """How the portfolio opens."""
    worse = sum(line.deteriorating > 0 for line in lines)
    waiting = sum(line.unescalated for line in lines)
    said = (
        f"{worse} of your {counted(len(lines), 'service')} {'has' if worse == 1 else 'have'} a result getting worse."
        if worse
        else f"None of your {counted(len(lines), 'service')} has a result getting worse."
    )
    if waiting:
        said += f" {counted(waiting, 'decline')} {'has' if waiting == 1 else 'have'} waited too long for a decision."
    return said


def name_of(name: str, service_id: uuid.UUID, grants: dict[uuid.UUID, Granted]) -> str:
    """A service's name where its provider lets it be shown, else its code."""
    grant = grants.get(service_id)
    return name if grant and grant.show_name else f"Service {str(service_id)[:4].upper()}"


def _decline(each: DeclineLine, name: str, grant: Granted) -> DeclineRow:
    if "actions" not in grant.classes:
        decision = NOT_SHARED
    elif each.decision and each.held_on:
        decision = f"{DECISION_WORDS.get(each.decision, each.decision)}, {short_date(each.held_on)}"
    else:
        decision = "Within its time"
    return DeclineRow(
        service=name,
        what=indicator_definition(each.definition_key).name,
        seen=short_date(each.declined_since),
        decision=decision,
        did="Follow-up is recorded by the provider" if each.decision else "",
        flag="None yet" if each.unescalated_days is not None else "",
    )


def _row(
    line: ServiceLine, name: str, grant: Granted, declines: Sequence[DeclineLine], today: date, address: Address
) -> CommissionedRow:
    mine = [each for each in declines if each.service_id == line.service_id]
    late = max((each.unescalated_days or 0 for each in mine), default=0)
    shares_decisions = "actions" in grant.classes
    return CommissionedRow(
        name=name,
        href=address("commissioner.service", service_id=line.service_id),
        provider=f"{line.provider}{_closed(line.closed_on)}",
        rating=RATING_NUMBERS.get(line.rating or "", 0),
        rating_word=RATING_WORDS.get(line.rating or "", "Not rated"),
        notice=counted(line.notices, "warning notice") if line.notices else "None open",
        weeks=weeks_of(line.plan_starts_on, line.plan_weeks, today),
        counts=counts_of(line),
        decision=DECISION_WORDS.get(line.last_decision or "", "No decision yet") if shares_decisions else NOT_SHARED,
        decided=short_date(line.last_decision_on) if line.last_decision_on and shares_decisions else "",
        waited=_waited(mine) if shares_decisions else NOT_SHARED if mine else "No decline",
        flag=f"{counted(late, 'day')} late" if late else "",
    )


def _closed(on: date | None) -> str:
    return f", closed {long_date(on)}" if on else ""


def _waited(declines: Sequence[DeclineLine]) -> str:
    answered = [(each.held_on - each.declined_since).days for each in declines if each.held_on]
    if answered:
        return counted(max(answered), "day")
    return "Within its time" if declines else "No decline"


def _decision(row: DecisionLine) -> TimelineEntry:
    """A decision without its free text, which may name people and is not released."""
    word = DECISION_WORDS.get(row.decision, row.decision)
    return TimelineEntry(
        heading=f"{word}: {indicator_definition(row.definition_key).name}",
        meta=f"{long_date(row.held_on)}, {row.decided_role[0].lower()}{row.decided_role[1:].replace('_', ' ')}",
    )


def _action(action: OpenAction, standings: Sequence[Standing], today: date) -> Item:
    found = next((each for each in standings if each.indicator_id == action.indicator_id), None)
    what = f"For: {indicator_definition(found.definition_key).name}" if found else "For the plan as a whole"
    late = action.due_on < today
    due = f"{counted((today - action.due_on).days, 'day')} late" if late else f"Due {short_date(action.due_on)}"
    return Item(f"Action {action.reference}", what, due=due, late=late)
