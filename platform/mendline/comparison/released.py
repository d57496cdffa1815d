"""What a provider releases to commissioners, frozen as it stood: from what pages read to plain values, and back.

A release has parts, each under the class of a grant that opens it; the database shows an officer the parts of their
grant and no other table of the service. Small numbers are taken out before anything is written down.
"""

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter

from mendline.catalogue.indicators import indicator_definition
from mendline.comparison.differencing import Told, remembered, steady
from mendline.comparison.queries import DeclineLine
from mendline.comparison.suppression import is_shared, kept_apart
from mendline.comparison.widening import YearTotal, year_total
from mendline.indicators.standing import Standing
from mendline.places.rows import Place, ServiceLine
from mendline.recovery.queries import DecisionLine
from mendline.services.rows import OpenAction

PARTS = ("summary", "actions", "evidence_index", "told")
_NO_WORDS: dict[str, Any] = {"last_decision": None, "last_decision_on": None}

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the pages of a commissioner are made from, for one service."""

    place: Place
    line: ServiceLine
    standings: tuple[Standing, ...]
    declines: tuple[DeclineLine, ...]
    actions: tuple[OpenAction, ...]
    decisions: tuple[DecisionLine, ...]


def frozen(facts: Facts, told: Told | None = None) -> dict[str, dict[str, Any]]:
    """The parts of a release as plain values: no owner, no name, no free text, no small number.

    Args:
        facts: as they stand.
        told: the counts that earlier releases told; the part `told` carries them on and is shown to nobody outside.
    """
    shared = tuple(each for each in facts.standings if is_shared(indicator_definition(each.definition_key)))
    kept = steady(kept_apart(shared, facts.place.people_count), shared, told or {})
    years = _years(shared, kept, told or {})
    keys = {each.definition_key for each in shared}
    shown = [each for each in facts.declines if each.definition_key in keys]
    return {
        "summary": {
            "withheld": [
                str(each.indicator_id)
                for each, then in zip(kept, shared, strict=True)
                if each.value is None and then.value is not None
            ],
            "years": {indicator: each.as_json() for indicator, each in years.items()},
            "place": _plain(dataclasses.replace(facts.place, registered_manager=None)),
            "line": _plain(dataclasses.replace(facts.line, **_NO_WORDS)),
            "standings": [
                _plain(dataclasses.replace(_wordless(each), evidence_marks={}, **_NO_WORDS)) for each in kept
            ],
            "declines": [
                _plain(dataclasses.replace(each, decision=None, held_on=None, what_follows=None)) for each in shown
            ],
        },
        "actions": {
            "line": {name: _json(getattr(facts.line, name)) for name in _NO_WORDS},
            "standings": {str(each.indicator_id): {n: _json(getattr(each, n)) for n in _NO_WORDS} for each in shared},
            "declines": [_plain(dataclasses.replace(each, what_follows=None)) for each in shown],
            "actions": [_plain(dataclasses.replace(each, title="", owner="")) for each in facts.actions],
            "decisions": [_plain(_decision(each)) for each in facts.decisions if each.definition_key in keys],
        },
        "evidence_index": {"marks": {str(each.indicator_id): each.evidence_marks for each in shared}},
        "told": remembered(told or {}, kept, shared, years),
    }


def _years(shared: Sequence[Standing], kept: Sequence[Standing], told: Told) -> dict[str, YearTotal]:
    """Twelve months in place of each newest figure that is withheld as small."""
    found = {
        str(then.indicator_id): year_total(then, told)
        for each, then in zip(kept, shared, strict=True)
        if each.value is None and then.value is not None
    }
    return {indicator: each for indicator, each in found.items() if each is not None}


def thawed(parts: Mapping[str, Mapping[str, Any]]) -> Facts:
    """What a release says, from the parts that the reader was shown; what was not shown is left empty."""
    summary, actions = parts.get("summary", {}), parts.get("actions", {})
    marks = parts.get("evidence_index", {}).get("marks", {})
    decided = actions.get("standings", {})
    standings = [
        {
            **each,
            "drawn": "",  # it is drawn from what was released, and from nothing made for the provider's own eyes
            "evidence_marks": marks.get(each["indicator_id"], {}),
            **decided.get(each["indicator_id"], {}),
        }
        for each in summary.get("standings", ())
    ]
    return Facts(
        place=_row(Place, summary["place"]),
        line=_row(ServiceLine, {**summary["line"], **actions.get("line", {})}),
        standings=tuple(_row(Standing, each) for each in standings),
        declines=tuple(_row(DeclineLine, each) for each in actions.get("declines") or summary.get("declines", ())),
        actions=tuple(_row(OpenAction, each) for each in actions.get("actions", ())),
        decisions=tuple(_row(DecisionLine, each) for each in actions.get("decisions", ())),
    )


def _wordless(standing: Standing) -> Standing:
    """Without what is made for the provider's own eyes: reasons, parts and what is to be done may hold figures."""
    return dataclasses.replace(standing, reason="", parts={}, todos=[])


def _decision(line: DecisionLine) -> DecisionLine:
    return dataclasses.replace(
        line, what_changed=None, why=None, what_follows=None, exception_reason=None, relied_on=[], decided_label=""
    )


def _names(kind: type[Any]) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _plain(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = _adapter(type(row)).dump_python(row, mode="json")
    return found


def _json(value: Any) -> Any:
    return (
        value.isoformat()
        if isinstance(value, date | datetime)
        else str(value)
        if isinstance(value, uuid.UUID)
        else value
    )


def _row(kind: type[Row], told: Mapping[str, Any]) -> Row:
    """A row from a release, also from one that was written when the row had other columns."""
    known = {name: value for name, value in told.items() if name in _names(kind)}
    missing = {
        field.name: _blank(str(field.type))
        for field in dataclasses.fields(kind)  # type: ignore[arg-type]
        if field.name not in known
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    }
    found: Row = _adapter(kind).validate_python({**missing, **known})
    return found


def _blank(declared: str) -> Any:
    """What stands for a column that a release does not know: nothing, where that may be; else an empty value."""
    if "None" in declared:
        return None
    empty: Sequence[tuple[str, Any]] = (
        ("tuple", ()),
        ("list", []),
        ("dict", {}),
        ("int", 0),
        ("float", 0.0),
        ("bool", False),
    )
    return next((value for word, value in empty if word in declared), "")
