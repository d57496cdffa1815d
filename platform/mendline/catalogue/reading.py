"""Reads the catalogue's YAML into frozen dataclasses and refuses whatever it does not know.

A declaration is data that other people edit. A misspelt key that is quietly ignored would change a figure without
anyone noticing, so each mapping must hold exactly the fields of its dataclass.
"""

import dataclasses
import types
import typing
from collections.abc import Hashable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

import yaml

DATA = Path(__file__).parent / "data"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Declared = TypeVar("Declared")


class CatalogueError(ValueError):
    """A declaration in the catalogue is wrong; the message says where and what to change."""


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping at the top of a YAML file.

    Raises:
        CatalogueError: the file is missing, is not YAML, repeats a key or holds something other than a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogueError(f"{path.name}: cannot be read ({error.strerror})") from error
    return parse_yaml(text, path.name)


def parse_yaml(text: str, where: str, *, anchors: bool = True) -> dict[str, Any]:
    """The mapping that a text in YAML holds.

    Args:
        text: the text.
        where: said at the start of each message.
        anchors: whether a value may be named and used again; a text from outside could grow without end by them.

    Raises:
        CatalogueError: the text is not YAML, repeats a key or holds something other than a mapping.
    """
    try:
        if not anchors and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_Loader)):
            raise CatalogueError(f"{where}: write each value out; names such as *this are not used here")
        loader = _Loader(text)
        node = loader.get_single_node()
        _refuse_repeats(node, where)
        content = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        raise CatalogueError(f"{where}: is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise CatalogueError(f"{where}: must hold a mapping")
    return content


def _refuse_repeats(node: Any, where: str) -> None:
    """YAML keeps the last of two equal keys in silence; a second indicator of one key would replace the first."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise CatalogueError(f"{where}, line {key.start_mark.line + 1}: '{key.value}' is there twice")
            seen.add(key.value)
            _refuse_repeats(value, where)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeats(item, where)


def build(kind: type[Declared], raw: Any, where: str) -> Declared:
    """An instance of a frozen dataclass from a mapping, checked field by field.

    Args:
        kind: a dataclass whose annotations are scalars, dates, literals, tuples, mappings by string, optionals or
            other dataclasses.
        raw: what YAML gave.
        where: said at the start of each message, for example ``indicators-2026-11.yaml, falls_rate``.

    Raises:
        CatalogueError: a key is unknown or missing, or a value has the wrong type.
    """
    if not isinstance(raw, Mapping):
        raise CatalogueError(f"{where}: must be a mapping, not {_said(raw)}")
    fields = _fields(cast("Hashable", kind))
    unknown = sorted(str(key) for key in raw if key not in fields)
    if unknown:
        raise CatalogueError(f"{where}: unknown key '{unknown[0]}'; known keys are {', '.join(sorted(fields))}")
    values = {}
    for name, (annotation, required) in fields.items():
        if name in raw:
            values[name] = _value(annotation, raw[name], f"{where}, {name}")
        elif required:
            raise CatalogueError(f"{where}: '{name}' is missing")
    try:
        return kind(**values)
    except ValueError as error:
        raise CatalogueError(f"{where}: {error}") from error


def unique(items: Iterable[Declared], key: str, where: str) -> dict[str, Declared]:
    """The items by the named attribute, which must differ from item to item.

    Raises:
        CatalogueError: two items share a key.
    """
    found: dict[str, Declared] = {}
    for item in items:
        name = str(getattr(item, key))
        if name in found:
            raise CatalogueError(f"{where}: '{name}' is declared twice")
        found[name] = item
    return found


@cache
def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:
    hints = typing.get_type_hints(kind)
    return {
        field.name: (
            hints[field.name],
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(kind)
        if field.init
    }


def _value(annotation: Any, raw: Any, where: str) -> Any:
    if dataclasses.is_dataclass(annotation):
        return build(cast("type", annotation), raw, where)
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType}:
        return _optional(get_args(annotation), raw, where)
    if origin is Literal:
        return _literal(get_args(annotation), raw, where)
    if origin is tuple:
        return _tuple(get_args(annotation), raw, where)
    if origin is Mapping:
        return _mapping(get_args(annotation)[1], raw, where)
    return _scalar(annotation, raw, where)


def _optional(choices: tuple[Any, ...], raw: Any, where: str) -> Any:
    if raw is None and types.NoneType in choices:
        return None
    problems = []
    for choice in choices:
        if choice is types.NoneType:
            continue
        try:
            return _value(choice, raw, where)
        except CatalogueError as error:
            problems.append(str(error))
    raise CatalogueError("; or ".join(problems))


def _literal(choices: tuple[Any, ...], raw: Any, where: str) -> Any:
    if raw not in choices:
        raise CatalogueError(f"{where}: '{raw}' is not one of {', '.join(map(str, choices))}")
    return raw


def _tuple(inside: tuple[Any, ...], raw: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise CatalogueError(f"{where}: must be a list, not {_said(raw)}")
    return tuple(_value(inside[0], item, f"{where} {place}") for place, item in enumerate(raw, start=1))


def _mapping(inside: Any, raw: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise CatalogueError(f"{where}: must be a mapping, not {_said(raw)}")
    wrong = [key for key in raw if not isinstance(key, str)]
    if wrong:
        raise CatalogueError(f"{where}: put the key '{wrong[0]}' in quotes, or YAML reads it as something else")
    return types.MappingProxyType({key: _value(inside, item, f"{where}, {key}") for key, item in raw.items()})


def _scalar(annotation: Any, raw: Any, where: str) -> Any:
    fits: bool
    if annotation is bool:
        fits = isinstance(raw, bool)
    elif annotation is int:
        fits = isinstance(raw, int) and not isinstance(raw, bool)
    elif annotation is float:
        fits = isinstance(raw, int | float) and not isinstance(raw, bool)
    elif annotation is date:
        fits = isinstance(raw, date) and not isinstance(raw, datetime)
    elif annotation is str:
        fits = isinstance(raw, str) and bool(raw.strip())
    else:
        raise TypeError(f"{where}: a declaration cannot hold {annotation!r}")
    if not fits:
        raise CatalogueError(f"{where}: must be {_NAMES[annotation]}, not {_said(raw)}")
    return float(raw) if annotation is float else raw


_NAMES = {bool: "true or false", int: "a whole number", float: "a number", date: "a date", str: "text"}


def _said(raw: Any) -> str:
    return "nothing" if raw is None or raw == "" else f"'{raw}'"
