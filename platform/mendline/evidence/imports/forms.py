"""The forms of imports: sending a file, and matching its columns."""

import uuid
from collections.abc import Sequence

from mendline.evidence.importing import every_mapping
from mendline.evidence.imports.mapping import FileMapping
from mendline.evidence.imports.sent import ImportPlace, OwnMapping
from mendline.places.head import Address
from mendline.web.components import Field, Form, Option
from tenants.errors import ConflictError, RefusedError

FILE, IMPORT_ID, MAPPING = "file", "import_id", "mapping"
_MATCH = "Let me match the columns"


Refused = RefusedError | ConflictError | None


def send_form(
    place: ImportPlace,
    own: Sequence[OwnMapping],
    *,
    import_id: uuid.UUID,
    address: Address,
    chosen: str = "",
    refused: Refused = None,
) -> Form:
    """The form that sends a file."""
    problems = getattr(refused, "problems", {}) if refused is not None else {}
    if place.service_id is not None:
        action = address("imports.send_to_service", service_id=place.service_id)
    else:
        action = address("imports.send_to_provider", provider_id=place.provider_id)
    return Form(
        action,
        (
            Field(IMPORT_ID, "", "hidden", str(import_id)),
            Field(FILE, "File", "file", hint="CSV or Excel (.xlsx), with a header row. Leave out names of people: codes only.", error=problems.get(FILE, "")),
            Field(
                MAPPING, "What do its columns mean?", "select", chosen, "Files that came before keep their mapping.",
                problems.get(MAPPING, ""), required=False, options=(Option("", _MATCH), *mapping_options(own)),
            ),
        ),
        "Send the file",
        trouble=(str(refused),) if refused is not None and not problems else (),
        footnote="Nothing is imported before you have seen what it would change.",
        upload=True,
    )  # fmt: skip


def mapping_options(own: Sequence[OwnMapping]) -> tuple[Option, ...]:
    """The provider's own mappings first, then those that come with Mendline, then the templates."""
    return (
        *(Option(str(one.mapping_id), f"{one.name} (yours)") for one in own),
        *(Option(one.name, _title(one)) for one in every_mapping().values()),
    )


def _title(mapping: FileMapping) -> str:
    return f"Template: {mapping.title}" if mapping.target == "records" and mapping.system is None else mapping.title


def read_import_id(given: str) -> uuid.UUID:
    """The number that was made with the form.

    Raises:
        RefusedError: it is none.
    """
    try:
        return uuid.UUID(given)
    except ValueError as wrong:
        raise RefusedError("This form is out of date. Open the page again.") from wrong
