"""The spreadsheet to fill in for a record type: its columns, and one row that shows what goes into each."""

import csv
import io

from mendline.catalogue.record_types import Field, RecordType

_EXAMPLE_NUMBER = 12.0
_EXAMPLES = {
    "boolean": "yes",
    "date": "16/11/2026",
    "datetime": "16/11/2026 06:41",
    "time": "06:41",
    "person_reference": "P-014",
    "staff_reference": "AO",
    "room": "7",
    "long_text": "A few plain words, codes only, never names",
    "text": "Example",
}
_SOMEONE_ELSE = "PN"


def template_csv(record_type: RecordType) -> str:
    """Header and one example row, comma separated, with a line end after each.

    The example keeps to the declaration, so the file that people download can be sent back as it is.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    row = example_row(record_type)
    writer.writerow(row)
    writer.writerow(row.values())
    return text.getvalue()


def example_row(record_type: RecordType) -> dict[str, str]:
    """An answer to every field, as a spreadsheet would hold it."""
    return {field.name: _example(record_type, field) for field in record_type.fields}


def _example(record_type: RecordType, field: Field) -> str:
    if field.kind in {"integer", "number"}:
        return f"{_number(record_type, field):g}"
    if field.kind in {"choice", "multi_choice"}:
        return next(iter(field.choices))
    if field.differs_from is not None:
        return _SOMEONE_ELSE
    return _EXAMPLES[field.kind][: field.longest]


def _number(record_type: RecordType, field: Field) -> float:
    number = _EXAMPLE_NUMBER
    if field.not_above is not None:
        number = min(number, _number(record_type, record_type.field(field.not_above)))
    if field.maximum is not None:
        number = min(number, field.maximum)
    return number if field.minimum is None else max(number, field.minimum)
