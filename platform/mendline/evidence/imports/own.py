"""A provider's own mapping: what a person chose on a page, written as the same YAML that comes with Mendline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from mendline.catalogue.record_types import RecordType, record_type, record_types
from mendline.evidence.imports.mapping import FileMapping, parse_mapping
from mendline.evidence.imports.reading import normalised
from mendline.evidence.imports.suggesting import Wanted, fit, suggested
from mendline.evidence.imports.wide import (
    WIDE,
    WIDE_FIELDS,
    WideFigure,
    declared_figures,
    figures_of,
    problems_of,
    suggested_figures,
)
from tenants.errors import RefusedError

FIGURES = "observations"
LONGEST_NAME = 60

AT_SERVICE, AT_SOURCE = "at_service", "at_source"  # no record type has fields of these names
SERVICE = Wanted(AT_SERVICE, "Service", required=True)
REFERENCE = Wanted(AT_SOURCE, "Reference in the system it comes from")
FIGURE_FIELDS = (
    Wanted("period", "Week or month", "date", required=True),
    Wanted("indicator", "Indicator", required=True),
    Wanted("numerator", "Numerator", "number"),
    Wanted("denominator", "Denominator", "number"),
    Wanted("value", "Value", "number"),
    Wanted("state", "State"),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose on the page.

    Attributes:
        target: `observations`, `WIDE`, or the key of a record type.
        name: what the mapping is called.
        system: what the files come out of.
        columns: field to column.
        words: field to other words for its choices, as typed: `ND = night; DS = day`.
        service: the key of the one service that every row is about, where there is no column for it.
        indicator: the key of the one indicator, likewise.
        missing: words that mean 'no value', as typed.
        one_service: the file was sent to one service, so that its rows need not say it.
        figures: the indicators of a sheet with a column for each.
    """

    target: str
    name: str
    system: str
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    indicator: str = ""
    missing: str = ""
    one_service: bool = False
    figures: tuple[WideFigure, ...] = ()


def fields_of(target: str) -> tuple[Wanted, ...]:
    """The fields of a target that a column is looked for, besides service and reference.

    Raises:
        RefusedError: there is no such target.
    """
    if target in (FIGURES, WIDE):
        return FIGURE_FIELDS if target == FIGURES else WIDE_FIELDS
    kind = record_types().get(target)
    if kind is None:
        raise RefusedError("Choose what the file holds.", {"target": "Choose what the file holds."})
    return _of_type(kind)


def _of_type(kind: RecordType) -> tuple[Wanted, ...]:
    return tuple(Wanted(one.name, one.label, one.kind, one.required) for one in kind.fields)


def likeliest_target(header: Sequence[str]) -> str:
    """What a file with this header most likely holds; columns of two indicators or more tell a sheet of figures."""
    if "period" in suggested(WIDE_FIELDS, header) and len(suggested_figures(header)) > 1:
        return WIDE
    targets = {FIGURES: FIGURE_FIELDS, **{key: _of_type(kind) for key, kind in record_types().items()}}
    return max(targets, key=lambda key: fit(targets[key], header))


def declared(chosen: Chosen, header: Sequence[str]) -> str:
    """The mapping as YAML, proven to be one.

    Raises:
        RefusedError: something that is needed has no column; `problems` names the questions.
    """
    problems = _problems(chosen, {normalised(name) for name in header})
    if problems:
        raise RefusedError("The columns are not matched yet.", problems)
    is_figures = chosen.target in (FIGURES, WIDE)
    missing = [word.strip() for word in chosen.missing.split(",") if word.strip()]
    said: dict[str, Any] = {
        "name": chosen.name,
        "version": 1,
        "system": chosen.system or chosen.name,
        "title": chosen.name,
        "purpose": f"Files from {chosen.system or chosen.name}.",
        "target": FIGURES if is_figures else "records",
        "missing": missing,
        "allow_blank_headers": True,
        "service": [_service(chosen)],
    }
    if AT_SOURCE in chosen.columns:
        said["reference"] = {"from": chosen.columns[AT_SOURCE], "required": False}
    if is_figures:
        said |= _figures(chosen)
    else:
        said |= {"record_type": chosen.target, "fields": _fields(chosen)}
    written = yaml.safe_dump(said, allow_unicode=True, sort_keys=False)
    parse_mapping(written)
    return written


def read_own(written: str) -> FileMapping:
    """A provider's own mapping from its YAML; columns without a name are passed over."""
    return parse_mapping(written)


def chosen_of(mapping: FileMapping) -> Chosen:
    """What a page shows of a mapping that is opened again."""
    columns = {}
    if mapping.service and mapping.service[0].sources:
        columns[AT_SERVICE] = mapping.service[0].sources[0]
    if mapping.reference is not None and mapping.reference.sources:
        columns[AT_SOURCE] = mapping.reference.sources[0]
    words = {}
    indicator = ""
    if mapping.target == FIGURES and len(mapping.figures) > 1:
        columns |= {"period": mapping.period.sources[0]} if mapping.period is not None else {}
    elif mapping.target == FIGURES:
        figure = mapping.figures[0]
        parts = {
            "period": mapping.period, "numerator": figure.numerator, "denominator": figure.denominator, "value": figure.value,
            "state": figure.state, "indicator": figure.indicator,
        }  # fmt: skip
        columns |= {name: column.sources[0] for name, column in parts.items() if column is not None and column.sources}
        indicator = figure.indicator.constant or ""
        words = {"indicator": _typed(figure.indicator.lookup)} if figure.indicator.lookup else {}
    else:
        columns |= {name: column.sources[0] for name, column in mapping.fields.items() if column.sources}
        words = {name: _typed(column.lookup) for name, column in mapping.fields.items() if column.lookup}
    service = (mapping.service[0].constant or "") if mapping.service else ""
    target = FIGURES if mapping.target == FIGURES else str(mapping.record_type)
    wide = figures_of(mapping.figures) if len(mapping.figures) > 1 else ()
    missing = ", ".join(sorted(word for word in mapping.missing if word))
    return Chosen(
        WIDE if wide else target, mapping.name, mapping.system or "", columns, words, service, indicator, missing,
        figures=wide,
    )  # fmt: skip


def _typed(lookup: Mapping[str, str]) -> str:
    return "; ".join(f"{theirs} = {ours}" for theirs, ours in lookup.items())


def read_words(typed: str) -> dict[str, str]:
    """`ND = night; DS = day` as a table.

    Raises:
        ValueError: a part has no equals sign.
    """
    found = {}
    for part in typed.replace("\n", ";").split(";"):
        if not part.strip():
            continue
        theirs, sign, ours = part.partition("=")
        if not sign or not theirs.strip() or not ours.strip():
            raise ValueError("Write the file's word, an equals sign and our word: ND = night; DS = day.")
        found[theirs.strip()] = ours.strip()
    return found


def _problems(chosen: Chosen, header: set[str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not 3 <= len(chosen.name) <= LONGEST_NAME:
        problems["name"] = f"Give the mapping a name of 3 to {LONGEST_NAME} characters, such as “Rota export”."
    fields = fields_of(chosen.target)
    for wanted in fields:
        if (
            wanted.required
            and wanted.name not in chosen.columns
            and not (wanted.name == "indicator" and chosen.indicator)
        ):
            problems[f"c_{wanted.name}"] = f"Choose the column that holds “{wanted.label}”."
    if AT_SERVICE not in chosen.columns and not chosen.service and not chosen.one_service:
        problems[f"c_{AT_SERVICE}"] = (
            "Choose the column that names the service, or the one service that every row is about."
        )
    if chosen.target == FIGURES and not {"numerator", "value"} & chosen.columns.keys():
        problems["c_numerator"] = "Choose the column with the numerator, or the one with the value."
    if chosen.target == WIDE:
        problems |= problems_of(chosen.figures, header)
    for name, column in chosen.columns.items():
        if normalised(column) not in header:
            problems[f"c_{name}"] = "The file has no such column. Choose one that it has."
    return problems | _wrong_words(chosen)


def _wrong_words(chosen: Chosen) -> dict[str, str]:
    problems = {}
    for name, typed in chosen.words.items():
        try:
            read_words(typed)
        except ValueError as wrong:
            problems[f"l_{name}"] = str(wrong)
    return problems


def _service(chosen: Chosen) -> dict[str, Any]:
    if AT_SERVICE in chosen.columns:
        return {"from": chosen.columns[AT_SERVICE]}
    if chosen.service:
        return {"constant": chosen.service}
    return {"from": "service"}  # the file was sent to one service; a column of this name would still be looked at


def _figures(chosen: Chosen) -> dict[str, Any]:
    period = {"from": chosen.columns["period"], "read": "date"}
    if chosen.target == WIDE:
        return {"period": period, "figures": declared_figures(one for one in chosen.figures if one.indicator)}
    words = read_words(chosen.words.get("indicator", ""))
    figure: dict[str, Any] = {
        "indicator": {"from": chosen.columns["indicator"]} | ({"lookup": words} if words else {})
        if "indicator" in chosen.columns
        else {"constant": chosen.indicator}
    }
    for name in ("numerator", "denominator", "value", "state"):
        if name in chosen.columns:
            figure[name] = {"from": chosen.columns[name]} | ({"read": "percent"} if name == "value" else {})
    return {"period": period, "figures": [figure]}


def _fields(chosen: Chosen) -> dict[str, Any]:
    required = {one.name for one in record_type(chosen.target).fields if one.required}
    said = {}
    for name, column in chosen.columns.items():
        if name in (AT_SERVICE, AT_SOURCE):
            continue
        said[name] = {"from": column, "required": name in required}
        words = read_words(chosen.words.get(name, ""))
        if words:
            said[name]["lookup"] = words
    return said
