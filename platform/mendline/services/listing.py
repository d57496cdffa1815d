"""The list of services within reach, from rows to words."""

from datetime import date

from mendline.catalogue.wording import counted, long_date
from mendline.indicators.pages import Count, ServiceListPage, ServiceRow
from mendline.places.head import Address
from mendline.places.rows import ServiceLine
from mendline.places.wording import KIND_WORDS, RATING_NUMBERS, RATING_WORDS, listing_sentence, plan_week
from mendline.web.components import Empty, Head, Weeks
from mendline.web.readings import DECISION_WORDS


def listing_page(lines: tuple[ServiceLine, ...], *, today: date, address: Address) -> ServiceListPage:
    """The page; `address(endpoint, **values)` writes its links."""
    providers = sorted({line.provider for line in lines})
    return ServiceListPage(
        head=Head(
            heading="Services",
            sub=f"{', '.join(providers)}. {counted(len(lines), 'service')} in your reach." if lines else "",
            sentence=listing_sentence(lines),
        ),
        rows=tuple(_row(line, today, address) for line in lines),
        empty=None
        if lines
        else Empty("No services", "The services that your role covers would stand here. Ask your administrator."),
    )


def counts_of(line: ServiceLine) -> tuple[Count, ...]:
    """How a service's indicators read, in the fixed order; what cannot be relied on is always counted."""
    return (
        Count(line.improving, "Improving", "v-imp-up", "improving"),
        Count(line.stable, "Stable", "v-stable", "stable"),
        Count(line.deteriorating, "Deteriorating", "v-det-down", "deteriorating"),
        Count(line.insufficient, "Not supported", "v-unsup", "unsupported"),
    )


def weeks_of(starts_on: date | None, weeks: int | None, today: date) -> Weeks | None:
    """How far a plan has come; none where there is no plan."""
    if starts_on is None or weeks is None:
        return None
    return Weeks(plan_week(starts_on, weeks, today), weeks)


def _row(line: ServiceLine, today: date, address: Address) -> ServiceRow:
    people = f", {counted(line.people_count, 'person', 'people')}" if line.people_count else ""
    return ServiceRow(
        name=line.name,
        href=address("services.dashboard", service_id=line.service_id),
        detail=f"{KIND_WORDS.get(line.kind, 'Service')}{people}",
        rating=RATING_NUMBERS.get(line.rating or "", 0),
        rating_word=RATING_WORDS.get(line.rating or "", "Not rated"),
        notice=counted(line.notices, "warning notice") if line.notices else "",
        weeks=weeks_of(line.plan_starts_on, line.plan_weeks, today),
        counts=counts_of(line),
        decision=DECISION_WORDS.get(line.last_decision or "", "No decision yet"),
        decided=long_date(line.last_decision_on) if line.last_decision_on else "",
        flag=f"{counted(line.unescalated, 'decline')} not escalated" if line.unescalated else "",
    )
