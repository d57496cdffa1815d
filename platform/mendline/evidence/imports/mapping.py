"""Declarative mappings: which column of a file means what. One YAML file each, in `mappings/`; no code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml

from mendline.evidence.imports.values import READERS

TARGETS = ("observations", "records")
SERVICE_KEYS = ("location_id", "own_reference", "name", "any", "area")
_TOP = {"name", "version", "system", "source_system", "title", "purpose", "target", "record_type", "missing", "allow_blank_headers", "service", "period",
        "reference", "figures", "fields", "notes"}  # fmt: skip
_COLUMN = {"from", "constant", "read", "lookup", "times", "pad", "cumulative", "required", "match"}
_FIGURE = {"indicator", "numerator", "denominator", "value", "state", "every"}


class MappingError(ValueError):
    """A mapping file says something that is not known; the message names the place."""


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value comes from and how it is read.

    Attributes:
        sources: Headers that may hold it, the first one present counts.
        reader: A key of `values.READERS`.
        constant: The value itself, instead of a column.
        lookup: Other spellings of a value, compared without case.
        times: Factor on a number, such as 7 for people in residence to person-nights of a week.
        pad: Width to which leading zeros are put back.
        cumulative: The number is a running total; its weekly change is meant.
        required: Whether the file must have the column.
        match: For a service: by which of its keys it is found; `area` finds every service that lies in it.
    """

    sources: tuple[str, ...] = ()
    reader: str = "text"
    constant: str | None = None
    lookup: Mapping[str, str] = field(default_factory=dict)
    times: float = 1.0
    pad: int = 0
    cumulative: bool = False
    required: bool = True
    match: str = "any"


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator's figure in each row; a wide file has several.

    `every` is the cadence of the file where it has one: a weekly file is not read into a monthly series.
    """

    indicator: Column
    numerator: Column | None
    denominator: Column | None
    value: Column | None
    state: Column | None
    every: str | None


@dataclass(frozen=True, slots=True)
class FileMapping:
    """All that is needed to read one kind of file.

    Attributes:
        name: What `mendline import --mapping` takes.
        version: Goes up when the meaning of a column changes.
        title: A few words for a list.
        purpose: What the mapping is for and where such files come from.
        target: `observations` or `records`.
        record_type: The catalogue's record type, for records.
        missing: Cells that mean 'no value', compared without case.
        allow_blank_headers: Columns without a name are passed over.
        service: How the service is found, in order of trust.
        period: A day in the period, for observations.
        system: What the files come out of; with the reference it tells which record a row is.
        source_system: A column that says so row by row.
        reference: The source system's own reference of the row.
        figures: For observations.
        fields: Field of the record type to column, for records; the type's own rules read the cells.
    """

    name: str
    version: int
    title: str
    purpose: str
    target: str
    record_type: str | None
    missing: frozenset[str]
    allow_blank_headers: bool
    service: tuple[Column, ...]
    period: Column | None
    reference: Column | None
    figures: tuple[Figure, ...]
    fields: Mapping[str, Column]
    system: str | None = None
    source_system: Column | None = None

    def wanted(self) -> tuple[str, ...]:
        """Headers that a file must have and that have one spelling only; they tell the header row from a title."""
        columns = [self.period, *self.fields.values()]
        for figure in self.figures:
            columns += [figure.indicator, figure.numerator, figure.denominator, figure.value]
        return tuple(c.sources[0] for c in columns if c is not None and c.required and len(c.sources) == 1)


def parse_mapping(text: str) -> FileMapping:
    """Reads a mapping from YAML.

    Raises:
        MappingError: A key, reader or target that is not known, or something needed is absent.
    """
    raw = yaml.safe_load(text)
    if not isinstance(raw, dict):
        raise MappingError("A mapping is a YAML table that begins with its name.")
    name = str(raw.get("name", "?"))
    _only(raw, _TOP, name)
    target = raw.get("target")
    if target not in TARGETS:
        raise MappingError(f"Mapping {name}: target is {target!r}; it must be one of {', '.join(TARGETS)}.")
    return _checked(
        FileMapping(
            name=name,
            version=int(raw.get("version", 1)),
            title=str(raw.get("title", name)),
            purpose=" ".join(str(raw.get("purpose", "")).split()),
            target=target,
            record_type=raw.get("record_type"),
            missing=frozenset(str(word).casefold() for word in ["", *raw.get("missing", [])]),
            allow_blank_headers=bool(raw.get("allow_blank_headers", False)),
            service=tuple(_column(one, f"{name}, service") for one in _listed(raw.get("service", []))),
            period=_optional(raw, "period", name, reader="date"),
            reference=_optional(raw, "reference", name),
            figures=tuple(_figure(one, name) for one in raw.get("figures", [])),
            fields={key: _column(one, f"{name}, field {key}") for key, one in raw.get("fields", {}).items()},
            system=str(raw["system"]) if raw.get("system") else None,
            source_system=_optional(raw, "source_system", name),
        )
    )


@cache
def shipped_mappings() -> Mapping[str, FileMapping]:
    """The mappings that come with Mendline, by name, in order."""
    folder = resources.files("mendline.evidence.imports") / "mappings"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".yaml")), key=lambda item: item.name)
    found = [parse_mapping(item.read_text(encoding="utf-8")) for item in files]
    return {mapping.name: mapping for mapping in sorted(found, key=lambda mapping: mapping.name)}


def find_mapping(name: str) -> FileMapping:
    """A shipped mapping.

    Raises:
        MappingError: No such name; the message lists those that exist.
    """
    mappings = shipped_mappings()
    if name not in mappings:
        raise MappingError(f"There is no mapping “{name[:40]}”. There are: {', '.join(mappings)}.")
    return mappings[name]


def _checked(mapping: FileMapping) -> FileMapping:
    needs = {"service": mapping.service}
    if mapping.target == "observations":
        needs |= {"period": mapping.period, "figures": mapping.figures}  # type: ignore[dict-item]
    else:
        needs |= {"record_type": mapping.record_type, "fields": mapping.fields}  # type: ignore[dict-item]
    absent = [key for key, value in needs.items() if not value]
    if absent:
        raise MappingError(f"Mapping {mapping.name} for {mapping.target} needs: {', '.join(absent)}.")
    if any(column.match == "area" for column in mapping.service) and (
        mapping.target == "records" or len(mapping.service) > 1
    ):
        raise MappingError(f"Mapping {mapping.name}: an area is for figures alone, and stands alone as the service.")
    return mapping


def _figure(raw: Mapping[str, Any], name: str) -> Figure:
    _only(raw, _FIGURE, f"{name}, figure")
    if "indicator" not in raw:
        raise MappingError(f"Mapping {name}: each figure needs its indicator.")
    return Figure(
        indicator=_column(raw["indicator"], f"{name}, indicator"),
        numerator=_optional(raw, "numerator", name, reader="decimal"),
        denominator=_optional(raw, "denominator", name, reader="decimal"),
        value=_optional(raw, "value", name, reader="decimal"),
        state=_optional(raw, "state", name),
        every=raw.get("every"),
    )


def _optional(raw: Mapping[str, Any], key: str, name: str, reader: str = "text") -> Column | None:
    return _column(raw[key], f"{name}, {key}", reader) if key in raw else None


def _column(raw: Any, place: str, reader: str = "text") -> Column:
    if isinstance(raw, str):
        raw = {"from": raw}
    if not isinstance(raw, dict):
        raise MappingError(f"Mapping {place}: write a header, or a table with `from` or `constant`.")
    _only(raw, _COLUMN, place)
    if ("from" in raw) == ("constant" in raw):
        raise MappingError(f"Mapping {place}: needs `from` or `constant`, not both.")
    column = Column(
        sources=tuple(str(one) for one in _listed(raw.get("from", []))),
        reader=str(raw.get("read", reader)),
        constant=str(raw["constant"]) if "constant" in raw else None,
        lookup={str(key).casefold(): str(value) for key, value in raw.get("lookup", {}).items()},
        times=float(raw.get("times", 1)),
        pad=int(raw.get("pad", 0)),
        cumulative=bool(raw.get("cumulative", False)),
        required=bool(raw.get("required", True)),
        match=str(raw.get("match", "any")),
    )
    if column.reader not in READERS:
        raise MappingError(f"Mapping {place}: read is {column.reader!r}; it must be one of {', '.join(READERS)}.")
    if column.match not in SERVICE_KEYS:
        raise MappingError(f"Mapping {place}: match is {column.match!r}; it must be one of {', '.join(SERVICE_KEYS)}.")
    return column


def _listed(raw: Any) -> Sequence[Any]:
    return raw if isinstance(raw, list) else [raw]


def _only(raw: Mapping[str, Any], known: set[str], place: str) -> None:
    unknown = sorted(set(raw) - known)
    if unknown:
        raise MappingError(
            f"Mapping {place}: does not know {', '.join(map(str, unknown))}. Known: {', '.join(sorted(known))}."
        )
