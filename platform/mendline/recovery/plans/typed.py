"""Reading what a form sends, and the words that forms share."""

from mendline.catalogue.wording import long_date, short_date
from mendline.places.wording import RATING_WORDS
from mendline.recovery.plans.rows import InspectionLine, RequirementLine
from mendline.web.components import Option

KINDS = (
    Option("breach", "Breach of a regulation"),
    Option("requirement_notice", "Requirement notice"),
    Option("warning_notice", "Warning notice"),
    Option("condition", "Condition of registration"),
)


def requirement_title(line: RequirementLine) -> str:
    """`Warning notice, Regulation 12, comply by 5 December 2026`."""
    kind = next((each.label for each in KINDS if each.value == line.kind), line.kind.replace("_", " ").capitalize())
    until = f", comply by {long_date(line.comply_by)}" if line.comply_by else ""
    return f"{kind}, Regulation {line.regulation.removeprefix('hsca-').upper()}{until}"


def inspection_words(line: InspectionLine) -> str:
    """`5 Oct 2026, inadequate`."""
    return f"{short_date(line.inspected_on)} {line.inspected_on.year}, {RATING_WORDS.get(line.overall, 'not rated').lower()}"
