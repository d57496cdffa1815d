"""The first rows of a file as Mendline read them, in words; pure."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.record_types import record_type
from mendline.catalogue.wording import long_date
from mendline.evidence.imports.plan import ImportPlan, ImportRow, Place, RecordRow
from mendline.evidence.imports.weighing import Verdict
from mendline.evidence.records.answers import answer_words, happened_words

_MOST_FIELDS = 7


def columns_of(plan: ImportPlan) -> list[str]:
    """What stands above the rows."""
    if plan.record_type is None:
        return ["Service", "Indicator", "Period", "Figure", "State"]
    kind = record_type(plan.record_type)
    return ["Service", "When", *(one.label for one in kind.fields if one.name != kind.happened_field)][
        : _MOST_FIELDS + 2
    ]


def rows_of(
    plan: ImportPlan, names: Mapping[uuid.UUID, str], verdicts: Mapping[Place, Verdict], most: int
) -> list[dict[str, Any]]:
    """The first rows with what becomes of each.

    Args:
        plan: the checked file.
        names: of services.
        verdicts: of the rows that are shown, by their place.
        most: how many rows.
    """
    return [
        {
            "line": row.line,
            "verdict": verdicts.get(row.place, ""),
            "reference": row.source_reference or "",
            "cells": [names.get(row.service_id, ""), *_cells(row)],
        }
        for row in plan.rows[:most]
    ]


def _cells(row: ImportRow | RecordRow) -> Sequence[str]:
    if isinstance(row, RecordRow):
        kind = record_type(row.record_type)
        answers = [
            answer_words(one, row.payload.get(one.name)) for one in kind.fields if one.name != kind.happened_field
        ]
        return [happened_words(kind, row.happened_at), *answers[:_MOST_FIELDS]]
    try:
        indicator = indicator_definition(row.indicator).name
    except KeyError:
        indicator = row.indicator
    return [indicator, long_date(row.period_start), _figure(row), row.state.replace("_", " ").capitalize()]


def _figure(row: ImportRow) -> str:
    if row.numerator is not None and row.denominator is not None:
        return f"{row.numerator:,g} of {row.denominator:,g}"
    number = row.value if row.value is not None else row.numerator
    return "" if number is None else f"{number:,g}"
