"""An answer of a record in words, and as a form holds it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from mendline.catalogue.calendar import to_london
from mendline.catalogue.record_types import Field, RecordType
from mendline.catalogue.wording import counted, listed, log_time, long_date
from mendline.web.components import Fact


def moment_words(at: datetime) -> str:
    """``17 November 2026, 06:41``, as logs show it."""
    local = to_london(at)
    return f"{long_date(local.date())}, {log_time(local)}"


def happened_words(kind: RecordType, at: datetime) -> str:
    """When a record happened: a day where its type knows no time, else a moment."""
    if kind.field(kind.happened_field).kind == "date":
        return long_date(to_london(at).date())
    return moment_words(at)


def answer_words(declared: Field, value: Any) -> str:
    """An answer as people read it; what an older declaration let in is shown as it stands."""
    if value is None:
        return ""
    try:
        return _words(declared, value)
    except (ValueError, TypeError, AttributeError):
        return str(value)


def answers_of(kind: RecordType, payload: Mapping[str, Any]) -> tuple[Fact, ...]:
    """Every answer in the order of the form, then how many questions were left open."""
    known = {declared.name for declared in kind.fields}
    facts = [
        Fact(declared.label, answer_words(declared, payload[declared.name]))
        for declared in kind.fields
        if payload.get(declared.name) is not None
    ]
    facts += [Fact(name.replace("_", " ").capitalize(), str(payload[name])) for name in payload if name not in known]
    left = sum(payload.get(declared.name) is None for declared in kind.fields)
    if left:
        facts.append(Fact("Not answered", f"{counted(left, 'question')}, which may be left open"))
    return tuple(facts)


def differences(kind: RecordType, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What a correction changed: ``How many gaps did you find: 2, before: 3.`` for each answer that differs."""
    said = []
    for declared in kind.fields:
        old, new = before.get(declared.name), after.get(declared.name)
        if old != new:
            label = declared.label.rstrip("?")
            was = answer_words(declared, old) or "not answered"
            said.append(f"{label}: {answer_words(declared, new) or 'not answered'}, before: {was}.")
    return " ".join(said)


def typed(kind: RecordType, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as a form holds them: London time, yes and no, plain numbers."""
    return {
        declared.name: _typed(declared, payload[declared.name])
        for declared in kind.fields
        if payload.get(declared.name) is not None
    }


def _words(declared: Field, value: Any) -> str:
    said: str
    match declared.kind:
        case "boolean":
            said = "Yes" if value else "No"
        case "choice":
            said = declared.choices.get(value, str(value))
        case "multi_choice":
            said = listed([declared.choices.get(one, str(one)) for one in value])
        case "date":
            said = long_date(date.fromisoformat(value))
        case "datetime":
            said = moment_words(datetime.fromisoformat(value))
        case "integer" | "number":
            unit = declared.unit or ""
            said = f"{_plain(float(value))}{'' if unit in ('%', '') else ' '}{unit}"
        case _:
            said = str(value)
    return said


def _plain(number: float) -> str:
    """``1,204`` or ``4.5``: the digits that were typed and none besides."""
    return f"{number:,.6f}".rstrip("0").rstrip(".")


def _typed(declared: Field, value: Any) -> Any:
    match declared.kind:
        case "boolean":
            return "yes" if value else "no"
        case "multi_choice":
            return [str(one) for one in value]
        case "datetime":
            return f"{to_london(datetime.fromisoformat(value)):%Y-%m-%dT%H:%M}"
        case _:
            return str(value)
