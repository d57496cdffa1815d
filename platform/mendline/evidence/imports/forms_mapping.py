"""The page on which the columns of a file are matched: what is suggested, asked and read back."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from werkzeug.datastructures import MultiDict

from mendline.catalogue.indicators import indicator_definitions
from mendline.catalogue.record_types import record_type, record_types
from mendline.evidence.importing import every_mapping
from mendline.evidence.imports.forms import MAPPING, Refused, mapping_options
from mendline.evidence.imports.mapping import FileMapping
from mendline.evidence.imports.own import (
    AT_SERVICE,
    AT_SOURCE,
    FIGURES,
    REFERENCE,
    SERVICE,
    Chosen,
    chosen_of,
    fields_of,
)
from mendline.evidence.imports.pages import MappingPage
from mendline.evidence.imports.sent import OwnMapping, SentFile
from mendline.evidence.imports.suggesting import suggested
from mendline.evidence.imports.wide import MOST, PARTS, WIDE, WideFigure, field_name, places_for, suggested_figures
from mendline.places.head import Address
from mendline.web.components import Field, Form, Head, Link, Option

_CHOICES = ("choice", "multi_choice", "boolean")
_PARTS = (
    ("numerator", "Column of the numerator", ""),
    ("denominator", "Column of the denominator", "Several indicators may share one."),
    ("value", "Column of the value", "Where the sheet has the percentage or rate alone."),
)


def mapping_page(
    sent: SentFile,
    chosen: Chosen,
    *,
    mapping_id: uuid.UUID,
    own: Sequence[OwnMapping],
    services: Sequence[tuple[uuid.UUID, str]],
    indicators: Sequence[tuple[str, str]],
    address: Address,
    refused: Refused = None,
) -> MappingPage:
    """Which column means what, with what is likeliest filled in."""
    header = tuple(name for name in sent.found.get("header", ()) if name)
    here = {"import_id": sent.import_id}
    problems = getattr(refused, "problems", {}) if refused is not None else {}
    targets = (
        Option(FIGURES, "Figures, one in each row"),
        Option(WIDE, "Figures, several indicators in each row"),
        *(Option(key, kind.plural) for key, kind in sorted(record_types().items(), key=lambda item: item[1].plural)),
    )
    pick = Form(
        address("matching.mapping", **here),
        (Field("target", "What does the file hold?", "select", chosen.target, options=targets),),
        "Show its fields",
    )
    fields = [
        Field("target", "", "hidden", chosen.target),
        Field("mapping_id", "", "hidden", str(mapping_id)),
        *_columns(sent, chosen, header, services, indicators, problems),
        *(_figures(chosen, header, indicators, problems) if chosen.target == WIDE else ()),
        *_about(chosen, problems),
    ]
    form = Form(
        address("matching.match", **here),
        tuple(fields),
        "Save the mapping and check the file",
        cancel=Link("Back to the file", address("imports.one", **here)),
        trouble=(str(refused),) if refused is not None and not problems else (),
    )
    use = None
    if own or every_mapping():
        use = Form(
            address("matching.use", **here),
            (Field(MAPPING, "A mapping that is there already", "select", options=mapping_options(own)),),
            "Check the file by it",
        )
    return MappingPage(
        Head(
            "Match the columns",
            sent.file_name,
            "Say once which column means what; the next file of the same kind is read the same way.",
        ),
        tuple(sent.found.get("header", ())),
        tuple(tuple(one["cells"]) for one in sent.found.get("samples", ())),
        pick,
        use,
        form,
    )


def indicator_names() -> tuple[tuple[str, str], ...]:
    """The indicators of the catalogue by name, for a file that is about one alone."""
    found = ((key, definition.name) for key, definition in indicator_definitions().items())
    return tuple(sorted(found, key=lambda one: one[1]))


def suggestion(sent: SentFile, target: str) -> Chosen:
    """What is likeliest for a file and a target."""
    header = tuple(name for name in sent.found.get("header", ()) if name)
    if not target:
        target = str(sent.found.get("likely") or FIGURES)
    columns = suggested((SERVICE, REFERENCE, *fields_of(target)), header)
    figures = suggested_figures(header, columns.values()) if target == WIDE else ()
    name = sent.file_name.rpartition(".")[0][:60].replace("_", " ").replace("-", " ").strip() or "Export"
    return Chosen(target, name, "", columns, one_service=sent.service_id is not None, figures=figures)


def opened_again(sent: SentFile, mapping: FileMapping) -> Chosen:
    """What a mapping says, to be changed."""
    return replace(chosen_of(mapping), one_service=sent.service_id is not None)


def read_chosen(given: MultiDict[str, str], sent: SentFile) -> Chosen:
    """What was chosen on the page."""
    target = given.get("target", "")
    names = [AT_SERVICE, AT_SOURCE, *(one.name for one in fields_of(target))]
    columns = {name: column for name in names if (column := given.get(f"c_{name}", "")) and not column.startswith("=")}
    words = {name: typed for name in names if (typed := given.get(f"l_{name}", "").strip())}
    service = given.get(f"c_{AT_SERVICE}", "")
    indicator = given.get("c_indicator", "")
    return Chosen(
        target,
        " ".join(given.get("name", "").split()),
        " ".join(given.get("system", "").split())[:60],
        columns,
        words,
        service[1:] if service.startswith("=") else "",
        indicator[1:] if indicator.startswith("=") and target == FIGURES else "",
        given.get("missing", "")[:200],
        one_service=sent.service_id is not None,
        figures=_read_figures(given) if target == WIDE else (),
    )


def _columns(
    sent: SentFile,
    chosen: Chosen,
    header: Sequence[str],
    services: Sequence[tuple[uuid.UUID, str]],
    indicators: Sequence[tuple[str, str]],
    problems: Mapping[str, str],
) -> list[Field]:
    columns = tuple(Option(name, name) for name in dict.fromkeys(header))
    fixed = () if sent.service_id else tuple(Option(f"={name}", f"Every row is about {name}") for _, name in services)
    service = chosen.columns.get(AT_SERVICE) or (f"={chosen.service}" if chosen.service else "")
    hint = (
        f"Without a column, every row is about {sent.service}."
        if sent.service_id
        else "Its name, CQC location ID or your own reference."
    )
    fields = [
        Field(
            f"c_{AT_SERVICE}", SERVICE.label, "select", service, hint, problems.get(f"c_{AT_SERVICE}", ""),
            required=not sent.service_id, options=(*columns, *fixed), heading="Which column is which?",
        ),
        Field(
            f"c_{AT_SOURCE}", REFERENCE.label, "select", chosen.columns.get(AT_SOURCE, ""),
            "With it a row is recognised when it comes again.", problems.get(f"c_{AT_SOURCE}", ""), required=False, options=columns,
        ),
    ]  # fmt: skip
    known = {one.name: one for one in record_type(chosen.target).fields} if chosen.target in record_types() else {}
    for wanted in fields_of(chosen.target):
        more = (
            tuple(Option(f"={key}", f"Every row is {name}") for key, name in indicators)
            if wanted.name == "indicator"
            else ()
        )
        value = chosen.columns.get(wanted.name, "")
        if wanted.name == "indicator" and not value and chosen.indicator:
            value = f"={chosen.indicator}"
        field = known.get(wanted.name)
        fields.append(
            Field(
                f"c_{wanted.name}", wanted.label, "select", value, _hint(field), problems.get(f"c_{wanted.name}", ""),
                required=wanted.required, options=(*columns, *more),
            )
        )  # fmt: skip
        if wanted.name == "indicator" and (value in header or problems.get("l_indicator")):
            fields.append(
                Field(
                    "l_indicator", "What the file calls its indicators", "text", chosen.words.get("indicator", ""),
                    "Only where it has names of its own: MAR audit = MAR compliance in audit; CD = controlled_drug_checks_pct.",
                    problems.get("l_indicator", ""), required=False,
                )
            )  # fmt: skip
        if field is not None and field.kind in _CHOICES and (value or problems.get(f"l_{wanted.name}")):
            fields.append(
                Field(
                    f"l_{wanted.name}", f"Other words for “{wanted.label.rstrip('?')}”", "text", chosen.words.get(wanted.name, ""),
                    "Only where the file has words of its own: ND = night; DS = day.", problems.get(f"l_{wanted.name}", ""),
                    required=False,
                )
            )  # fmt: skip
    return fields


def _figures(
    chosen: Chosen, header: Sequence[str], indicators: Sequence[tuple[str, str]], problems: Mapping[str, str]
) -> list[Field]:
    """The questions for each indicator of the sheet, and for a few more."""
    columns = tuple(Option(name, name) for name in dict.fromkeys(header))
    known = tuple(Option(key, name) for key, name in indicators)
    fields = []
    left = [name for name in header if name not in chosen.columns.values()]
    for number, one in enumerate(places_for(chosen.figures, left)):
        name = field_name(number, "indicator")
        fields.append(
            Field(
                name, "Indicator", "select", one.indicator, "", problems.get(name, ""), required=False, options=known,
                heading=f"Indicator {number + 1}",
            )
        )  # fmt: skip
        for part, label, hint in _PARTS:
            name = field_name(number, part)
            value = getattr(one, part)
            fields.append(
                Field(name, label, "select", value, hint, problems.get(name, ""), required=False, options=columns)
            )
    return fields


def _read_figures(given: MultiDict[str, str]) -> tuple[WideFigure, ...]:
    """The indicators with their columns as chosen; places that were left empty fall out."""
    found = (
        WideFigure(*(given.get(field_name(number, part), "")[:200] for part in ("indicator", *PARTS)))
        for number in range(MOST)
    )
    return tuple(one for one in found if one.indicator or one.columns)


def _hint(field: object) -> str:
    choices = getattr(field, "choices", None)
    if choices:
        shown = list(choices.values())[:6]
        return f"{'; '.join(shown)}{' and others' if len(choices) > len(shown) else ''}."
    return {
        "date": "A date, the day before the month.",
        "datetime": "A date with its time.",
        "boolean": "Yes or no.",
    }.get(getattr(field, "kind", ""), "")


def _about(chosen: Chosen, problems: Mapping[str, str]) -> list[Field]:
    return [
        Field(
            "system", "Which system do these files come from?", "text", chosen.system,
            "Such as “Rota system”. With the reference it tells which record a row is.", problems.get("system", ""),
            required=False, heading="Keep this mapping",
        ),
        Field("name", "Name of the mapping", "text", chosen.name, "", problems.get("name", "")),
        Field(
            "missing", "Words that mean “no value”", "text", chosen.missing, "Separated by commas, such as: n/a, -, unknown.",
            problems.get("missing", ""), required=False,
        ),
    ]  # fmt: skip
