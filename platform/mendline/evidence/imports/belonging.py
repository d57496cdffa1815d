"""What belongs into a cell of a record that was left empty, in words."""

from collections.abc import Mapping

from mendline.catalogue.record_types import Field, Kind

_BY_KIND: Mapping[Kind, str] = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "yes or no",
    "date": "a date such as 17/11/2026",
    "datetime": "a date and time such as 17/11/2026 06:41",
    "time": "a time such as 06:41",
    "person_reference": "a person code such as P-014",
    "staff_reference": "initials such as AO",
    "room": "a room",
    "text": "a few words",
    "long_text": "a few words",
}
_MOST_CHOICES = 8


def empty_cell(declared: Field, labels: Mapping[str, str]) -> tuple[str, str]:
    """Why an empty cell keeps a record out, and what to write there.

    Args:
        declared: the field whose answer is missing.
        labels: the question of each field of the record.
    """
    beside = declared.required_when
    reason = (
        f"is empty, and is needed where “{labels[beside]}” is answered"
        if beside
        else "is empty, and every row needs it"
    )
    return reason, f"Write {_belongs(declared)}."


def _belongs(declared: Field) -> str:
    if not declared.choices:
        return _BY_KIND[declared.kind]
    shown = ", ".join(list(declared.choices)[:_MOST_CHOICES])
    others = len(declared.choices) - _MOST_CHOICES
    return f"one of {shown}{f' or {others} others that the template names' if others > 0 else ''}"
