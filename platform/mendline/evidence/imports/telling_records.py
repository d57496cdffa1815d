"""What a person is told of a row that has to be decided: what the file says, what stands, and where they differ."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from mendline.catalogue.record_types import RecordType
from mendline.catalogue.wording import long_date
from mendline.evidence.imports.plan import RecordRow
from mendline.evidence.imports.weighing import Stands
from mendline.evidence.records.answers import answer_words, happened_words
from tenants.clock import LONDON

_MOST_CANDIDATES, _MOST_DIFFERING = 3, 4


def conflict_of(kind: RecordType, row: RecordRow, stands: Stands) -> dict[str, Any]:
    """A row that says something else than what somebody recorded by hand."""
    differs = _differing(kind, row.payload, stands.says)
    return {
        "line": row.line,
        "what": f"{kind.title}, {happened_words(kind, row.happened_at)}",
        "file": "; ".join(f"{label}: {mine or 'not answered'}" for label, mine, _ in differs),
        "stands": "; ".join(f"{label}: {theirs or 'not answered'}" for label, _, theirs in differs),
        "who": stands.told,
    }


def proposal_of(
    kind: RecordType, row: RecordRow, own: uuid.UUID, like: Sequence[Any], decided: uuid.UUID | str | None
) -> dict[str, Any]:
    """A row that may be a record which is kept already, with the likeliest of them."""
    return {
        "line": row.line,
        "row_id": str(own),
        "service_id": str(row.service_id),
        "what": f"{kind.title}, {happened_words(kind, row.happened_at)}",
        "decided": None if decided is None else str(decided),
        "only": str(like[0].record_id) if len(like) == 1 else None,
        "candidates": [
            {
                "record_id": str(each.record_id),
                "service_id": str(each.service_id),
                "who": f"{each.recorded_initials or 'Mendline'}, {long_date(each.recorded_at.astimezone(LONDON).date())}",
                "action": each.action,
                "differs": [list(one) for one in _differing(kind, row.payload, each.payload)[:_MOST_DIFFERING]],
            }
            for each in like[:_MOST_CANDIDATES]
        ],
    }


def _differing(kind: RecordType, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (
            declared.label.rstrip("?"),
            answer_words(declared, mine.get(declared.name)),
            answer_words(declared, theirs.get(declared.name)),
        )
        for declared in kind.fields
        if mine.get(declared.name) != theirs.get(declared.name)
    ]
