"""A sheet with a row for each service and week or month, and columns for several indicators: what each column is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mendline.catalogue.indicators import indicator_definitions
from mendline.evidence.imports.mapping import Figure
from mendline.evidence.imports.reading import normalised
from mendline.evidence.imports.suggesting import Wanted, alike

WIDE = "figures_in_columns"  # no record type has this key
MOST = 60  # indicators of one sheet
FEWEST_SPARE, MOST_SPARE = 2, 8  # empty places after those that were found
PARTS = ("numerator", "denominator", "value")

_ENOUGH = 0.75
# What sheets write behind the name of an indicator to say which part of it a column holds.
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "numerator": (" numerator", " num", " count", " compliant", " met", " yes", " events"),
    "denominator": (" denominator", " den", " out of", " of", " total", " sample", " base", " checked", " eligible"),
    "value": (" %", " (%)", " percent", " percentage", " pct", " rate", " value", " result", " score"),
}


@dataclass(frozen=True, slots=True)
class WideFigure:
    """One indicator of a sheet, with the columns of its parts; a part without a column is empty."""

    indicator: str = ""
    numerator: str = ""
    denominator: str = ""
    value: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it has."""
        return tuple(column for column in (self.numerator, self.denominator, self.value) if column)


def suggested_figures(header: Sequence[str], used: Iterable[str] = ()) -> tuple[WideFigure, ...]:
    """The indicators that columns are most likely about, each column once, in the order of the header.

    Args:
        header: column names.
        used: columns that hold something else.
    """
    taken = set(used)
    found: dict[str, dict[str, str]] = {}
    for column in header:
        if not column or column in taken:
            continue
        part, key = _meaning(column)
        if key and part not in found.setdefault(key, {}):
            found[key][part] = column
    return tuple(WideFigure(key, **parts) for key, parts in found.items() if parts)[:MOST]


def declared_figures(figures: Iterable[WideFigure]) -> list[dict[str, Any]]:
    """The figures as a mapping writes them."""
    said = []
    for one in figures:
        figure: dict[str, Any] = {"indicator": {"constant": one.indicator}}
        for part in PARTS:
            column = getattr(one, part)
            if column:
                figure[part] = {"from": column} | ({"read": "percent"} if part == "value" else {})
        said.append(figure)
    return said


def figures_of(figures: Iterable[Figure]) -> tuple[WideFigure, ...]:
    """What a page shows of a mapping's figures."""
    return tuple(
        WideFigure(
            one.indicator.constant or "",
            *(
                column.sources[0] if column is not None else ""
                for column in (one.numerator, one.denominator, one.value)
            ),
        )
        for one in figures
    )


def problems_of(figures: Sequence[WideFigure], header: set[str]) -> dict[str, str]:
    """What keeps these figures from being a mapping, by the name of the field on the page."""
    problems: dict[str, str] = {}
    keys = [one.indicator for one in figures]
    for number, one in enumerate(figures):
        if one.columns and one.indicator not in indicator_definitions():
            problems[field_name(number, "indicator")] = "Choose the indicator that these columns are about."
        elif one.indicator and keys.index(one.indicator) < number:
            problems[field_name(number, "indicator")] = "This indicator stands above already. Choose it once."
        elif one.indicator and not (one.numerator or one.value):
            problems[field_name(number, "numerator")] = (
                "Choose the column with the numerator, or the one with the value."
            )
        for part in PARTS:
            column = getattr(one, part)
            if column and normalised(column) not in header:
                problems[field_name(number, part)] = "The file has no such column. Choose one that it has."
    if not any(one.indicator for one in figures):
        problems[field_name(0, "indicator")] = "Choose at least one indicator, with its columns."
    return problems


def places_for(figures: Sequence[WideFigure], header: Sequence[str]) -> tuple[WideFigure, ...]:
    """The indicators of a sheet with some empty places behind them, more where columns are left over."""
    used = {column for one in figures for column in one.columns}
    spare = min(MOST_SPARE, max(FEWEST_SPARE, sum(column not in used for column in header)))
    return (*figures, *[WideFigure()] * spare)[:MOST]


def field_name(number: int, part: str) -> str:
    """How the page calls the question for one part of one indicator."""
    return f"w{number}_{part}"


def _meaning(column: str) -> tuple[str, str]:
    """The part that a column most likely holds, and the key of the indicator; no key where nothing is like it."""
    name, part = column, ""
    folded = column.casefold().strip()
    for candidate, endings in _ENDINGS.items():
        ending = next((each for each in endings if folded.replace("_", " ").endswith(each)), None)
        if ending and len(folded) > len(ending):
            name, part = column.strip()[: -len(ending)], candidate
            break
    scored = [
        (
            max(alike(known, asked) for known in (key, key.removesuffix("_pct"), one.name) for asked in (column, name)),
            key,
        )
        for key, one in indicator_definitions().items()
    ]
    score, key = max(scored)
    if score < _ENOUGH:
        return "", ""
    return part or ("numerator" if indicator_definitions()[key].measure_type == "count" else "value"), key


WIDE_FIELDS = (Wanted("period", "Week or month", "date", required=True),)
