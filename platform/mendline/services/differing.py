"""Says of an indicator that records come to another figure than the one that was brought, until a person settles it."""

from collections.abc import Sequence
from datetime import date

from mendline.catalogue.calendar import period_label
from mendline.catalogue.wording import counted
from mendline.indicators.standing import Standing
from mendline.places.head import Address, figure_address
from mendline.places.rows import Place
from mendline.web.components import Button, Note


def differing_notes(place: Place, standing: Standing, periods: Sequence[date], address: Address) -> tuple[Note, ...]:
    """A note that leads to the newest of these periods, where both figures stand; nothing where all agree.

    Args:
        place: the service.
        standing: the indicator.
        periods: the first days of the periods that differ, the newest first.
        address: writes links.
    """
    if not periods:
        return ()
    the = "the " if standing.cadence == "weekly" else ""
    others = f" and {counted(len(periods) - 1, 'period')} before it" if len(periods) > 1 else ""
    return (
        Note(
            "Records and figure do not agree",
            f"For {the}{period_label(standing.cadence, periods[0])}{others}, the records here come to another figure than the one that stands. The figure"
            " stands until somebody says which of the two is right.",
            "pending",
            button=Button("See both", figure_address(address, place.service_id, standing.indicator_id, periods[0])),
        ),
    )
