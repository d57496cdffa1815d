"""What a record adds to figures, in words: on the page behind a figure, and on the record's own page."""

import uuid

from mendline.catalogue.calendar import period_label
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.evidence.measuring.rows import CountedLine, CountsFor
from mendline.places.head import Address
from mendline.web.components import Item


def contribution(line: CountedLine | CountsFor, definition: IndicatorDefinition) -> str:
    """What a record adds to a figure: `1 of 1`, `3` or `45 minutes`."""
    if line.verdict != "counted":
        return "Not counted"
    if line.numerator is not None and line.denominator is not None:
        return f"{line.numerator:g} of {line.denominator:g}"
    number = line.numerator if line.numerator is not None else line.denominator
    if definition.measure is not None and definition.measure.form == "median":
        return f"{number:.6g} {definition.unit}"
    return f"{number:.6g}" if line.numerator is not None else f"{number:.6g} to count from"


def figure_items(lines: tuple[CountsFor, ...], service_id: uuid.UUID, address: Address) -> tuple[Item, ...]:
    """The figures that a record is behind, each leading to everything else that is behind it."""
    return tuple(_item(line, service_id, address) for line in lines)


def _item(line: CountsFor, service_id: uuid.UUID, address: Address) -> Item:
    definition = indicator_definition(line.definition_key, line.definition_version)
    at = {"service_id": service_id, "indicator_id": line.indicator_id, "period_start": line.period_start.isoformat()}
    return Item(
        f"{definition.name}, {period_label(line.cadence, line.period_start)}",
        "".join(
            (
                f"Counted: {contribution(line, definition)}" if line.verdict == "counted" else "Not counted",
                f". {line.why}" if line.why else "",
                ".",
            )
        ),
        href=address("figures.one", **at),
    )
