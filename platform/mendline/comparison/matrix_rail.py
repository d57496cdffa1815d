"""The short lists beside a comparison: declines without a decision, drift, weak assurance, and who stands out."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, figure, of, short_date, within_sentence
from mendline.comparison.queries import StatusCell
from mendline.comparison.standing_out import StandsOut
from mendline.places.head import Address
from mendline.web.components import Item, ItemList, Link
from mendline.web.readings import DECISION_WORDS, Reading, composite_reading

RAIL_ITEMS = 4
WEAK = frozenset({"partial", "not_supported", "contradicted"})
_OUTSTANDING = {"improvement": "Better than chance alone would give", "concern": "Worse than chance alone would give"}


def rail_lists(
    cells: Sequence[StatusCell],
    outstanding: Sequence[StandsOut],
    names: Mapping[uuid.UUID, str],
    address: Address,
) -> tuple[ItemList, ...]:
    """The lists, in the order in which they are shown; `names` are those of the services."""
    return (
        _without_decision(cells, names, address),
        _drift(cells, names, address),
        _weak(cells, names, address),
        _outstanding(outstanding, cells, names, address),
    )


def reading_of(cell: StatusCell) -> Reading:
    """The fixed word for a cell's direction of travel."""
    lower = indicator_definition(cell.definition_key).direction == "lower_is_better"
    return composite_reading(cell.composite, lower_is_better=lower)


def is_weak_assurance(cell: StatusCell) -> bool:
    """Whether somebody is assured of a figure that too little evidence supports."""
    return (cell.last_decision or "").startswith("assured") and cell.evidence_level in WEAK


def _without_decision(cells: Sequence[StatusCell], names: Mapping[uuid.UUID, str], address: Address) -> ItemList:
    found = sorted(
        (cell for cell in cells if cell.unescalated_days is not None), key=lambda cell: -(cell.unescalated_days or 0)
    )
    return ItemList(
        "Declines without a decision",
        tuple(
            _item(
                cell, names, f"{counted(cell.unescalated_days or 0, 'day')} since it could be seen.", address, late=True
            )
            for cell in found[:RAIL_ITEMS]
        ),
        empty="Every decline has a decision.",
        more=_rest(found, "unescalated", address),
    )


def _drift(cells: Sequence[StatusCell], names: Mapping[uuid.UUID, str], address: Address) -> ItemList:
    found = sorted(
        (cell for cell in cells if reading_of(cell).word == "Deteriorating" and cell.unescalated_days is None),
        key=lambda cell: cell.since or date.min,
        reverse=True,
    )
    return ItemList(
        "Drift: gains being lost",
        tuple(_item(cell, names, _drift_words(cell), address) for cell in found[:RAIL_ITEMS]),
        empty="No other result is getting worse.",
        more=_rest(found, "deteriorating", address),
    )


def _rest(found: Sequence[StatusCell], show: str, address: Address) -> Link | None:
    """The way to all of them, where a short list ends before they do."""
    return Link(f"All {len(found)}", address("comparison.matrix", show=show)) if len(found) > RAIL_ITEMS else None


def _drift_words(cell: StatusCell) -> str:
    said = cell.sentence
    if cell.last_decision and cell.last_decision_on:
        word = DECISION_WORDS.get(cell.last_decision, cell.last_decision)
        said += f" {word}, {short_date(cell.last_decision_on)}."
    return said


def _weak(cells: Sequence[StatusCell], names: Mapping[uuid.UUID, str], address: Address) -> ItemList:
    found = [cell for cell in cells if is_weak_assurance(cell)]
    words = {
        "partial": "Two kinds of evidence are current.",
        "not_supported": "Too little current evidence supports it.",
        "contradicted": "Another source points the other way without an answer.",
    }
    return ItemList(
        "Weak assurance",
        tuple(
            _item(
                cell,
                names,
                f"Assured{f' on {short_date(cell.last_decision_on)}' if cell.last_decision_on else ''}"
                f"{f' by {cell.last_decision_by}' if cell.last_decision_by else ''}. {words[cell.evidence_level]}",
                address,
            )
            for cell in found[:RAIL_ITEMS]
        ),
        empty="Every assurance rests on enough evidence.",
    )


def _outstanding(
    found: Sequence[StandsOut],
    cells: Sequence[StatusCell],
    names: Mapping[uuid.UUID, str],
    address: Address,
) -> ItemList:
    """Who stands out, worse and better alike, in the order of the services: nothing is ranked."""
    by_place = {(cell.service_id, cell.definition_key): cell for cell in cells}
    items = []
    for each in found:
        cell, definition = (
            by_place.get((each.service_id, each.definition_key)),
            indicator_definition(each.definition_key),
        )
        if cell is None:
            continue
        counted_as = of(each.numerator, each.denominator)
        said = (
            f"{_OUTSTANDING[each.mark]}: {figure(each.value, definition)} ({counted_as}) over the last 4 periods, all"
            f" together {figure(each.together, definition)}. Ask what differs there."
        )
        items.append(_item(cell, names, said, address))
    return ItemList(
        "Unlike others of its kind",
        tuple(items),
        note="Unlikely to be chance, though so many services and indicators are compared. Not adjusted for needs.",
        empty="Nothing differs by more than chance would give, or too few services of a kind are compared.",
    )


def _item(cell: StatusCell, names: Mapping[uuid.UUID, str], said: str, address: Address, *, late: bool = False) -> Item:
    definition = indicator_definition(cell.definition_key)
    return Item(
        f"{names.get(cell.service_id, 'A service')}, {within_sentence(definition.short_name)}",
        said,
        late=late,
        href=address("services.indicator", service_id=cell.service_id, indicator_id=cell.indicator_id),
    )
