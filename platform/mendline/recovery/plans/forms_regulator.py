"""The forms of inspections, breaches and notices: what they ask, and what was typed."""

from collections.abc import Mapping, Sequence
from datetime import date

from mendline.catalogue.frameworks import framework_in_force, frameworks, regulations
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.places.wording import KEY_QUESTION_WORDS, RATING_WORDS
from mendline.recovery.plans.inspecting import KEY_QUESTIONS, RATINGS, GivenInspection
from mendline.recovery.plans.pages import PlanFormPage
from mendline.recovery.plans.requiring import GivenRequirement
from mendline.recovery.plans.rows import InspectionLine, RequirementLine
from mendline.recovery.plans.typed import KINDS, inspection_words, requirement_title
from mendline.web.asking import Asking
from mendline.web.components import Form, Head, Link, Option
from mendline.web.typed import read_day, read_identifier
from tenants.errors import RefusedError


def inspection_form(
    place: Place,
    *,
    correcting: InspectionLine | None,
    today: date,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> PlanFormPage:
    """Records an inspection, or stands in place of one that was wrong."""
    ask = Asking(given, refused)
    was = correcting
    version = was.framework_version if was else framework_in_force(today).version
    ratings = tuple(Option(key, RATING_WORDS.get(key, "Not rated")) for key in RATINGS)
    fields = [
        ask.field("inspected_on", "Day of the visit", "date", value=was.inspected_on.isoformat() if was else ""),
        ask.field("published_on", "Day of publication", "date", required=False,
                  value=was.published_on.isoformat() if was and was.published_on else ""),
        ask.field("framework_version", "Assessment framework", "select", value=version,
                  hint="The one in force on the day of the visit; it stays with the inspection.",
                  options=tuple(Option(key, one.name) for key, one in frameworks().items())),
        ask.field("overall", "Overall", "select", value=was.overall if was else "", options=ratings, heading="Ratings"),
        *(
            ask.field(f"rating_{key}", KEY_QUESTION_WORDS[key], "select", required=False, options=ratings,
                      value=was.key_questions.get(key, "") if was else "")
            for key in KEY_QUESTIONS
        ),
        ask.field("statements", "Quality statements that fell short", "textarea", required=False, heading="Findings",
                  value=_statement_lines(was), rule="quality_statements",
                  hint="One on each line: the code, a colon, what was found. Such as safe.medicines-optimisation: gaps on"
                       " two of five charts."),
        ask.field("outcome", "What followed", "textarea", "Special measures, notices, conditions.", required=False,
                  value=(was.outcome or "") if was else ""),
    ]  # fmt: skip
    if was:
        fields.append(
            ask.field("reason", "What was wrong", "textarea", heading="Correction",
                      hint="Both stay visible. Plans that follow this inspection move by as many days as its visit."),
        )  # fmt: skip
        action = address("plans.correct", service_id=place.service_id, inspection_id=was.inspection_id)
    else:
        action = address("plans.add_inspection", service_id=place.service_id)
    return PlanFormPage(
        head=Head("Correct an inspection" if was else "Record an inspection", place.name),
        form=Form(
            action,
            tuple(fields),
            "Save the correction" if was else "Save the inspection",
            Link("Cancel", address("plans.inspections", service_id=place.service_id)),
            trouble=ask.unplaced(fields),
        ),
    )


def read_inspection(given: Mapping[str, str]) -> GivenInspection:
    """The inspection as typed.

    Raises:
        RefusedError: a date or a line of the findings cannot be read.
    """
    problems: dict[str, str] = {}
    inspected = read_day(given.get("inspected_on", ""), "inspected_on", problems)
    published = read_day(given.get("published_on", ""), "published_on", problems)
    statements: dict[str, str] = {}
    for line in given.get("statements", "").splitlines():
        code, colon, words = line.partition(":")
        if not line.strip():
            continue
        if not colon or not words.strip():
            problems["quality_statements"] = (
                f"“{line.strip()[:40]}” has no finding. Write the code, a colon, the finding."
            )
            continue
        statements[code.strip()] = words.strip()
    if problems:
        raise RefusedError("The inspection was not saved.", problems)
    return GivenInspection(
        inspected_on=inspected,
        published_on=published,
        framework_version=given.get("framework_version", ""),
        overall=given.get("overall", ""),
        key_questions={key: given[f"rating_{key}"] for key in KEY_QUESTIONS if given.get(f"rating_{key}")},
        quality_statements=statements,
        outcome=given.get("outcome", ""),
    )


def requirement_form(
    place: Place,
    inspections: Sequence[InspectionLine],
    *,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> PlanFormPage:
    """Adds a breach, a notice or a condition."""
    ask = Asking(given, refused)
    current = [each for each in inspections if not each.is_corrected]
    questions = tuple(Option(key, words) for key, words in KEY_QUESTION_WORDS.items())
    fields = (
        ask.field("kind", "What it is", "select", value="breach", options=KINDS),
        ask.field("regulation", "Regulation", "select",
                  options=tuple(Option(key, f"{one.number}: {one.title}") for key, one in regulations().items())),
        ask.field("summary", "What was found", "textarea"),
        ask.field("issued_on", "Date on the notice", "date", required=False),
        ask.field("comply_by", "Comply by", "date", required=False,
                  hint="As written in the letter. It does not move for a weekend or bank holiday."),
        ask.field("key_question", "Key question", "select", required=False, options=questions),
        ask.field("inspection_id", "Found by the inspection of", "select", required=False,
              value=str(current[0].inspection_id) if current else "",
              options=tuple(Option(str(each.inspection_id), inspection_words(each)) for each in current)),
    )  # fmt: skip
    return PlanFormPage(
        head=Head("Record a breach or notice", place.name),
        form=Form(
            address("plans.add_requirement_here", service_id=place.service_id),
            fields,
            "Save it",
            Link("Cancel", address("plans.inspections", service_id=place.service_id)),
            trouble=ask.unplaced(fields),
        ),
    )


def read_requirement(given: Mapping[str, str]) -> GivenRequirement:
    """A breach or notice as typed.

    Raises:
        RefusedError: a date or identifier cannot be read.
    """
    problems: dict[str, str] = {}
    issued = read_day(given.get("issued_on", ""), "issued_on", problems)
    comply = read_day(given.get("comply_by", ""), "comply_by", problems)
    inspection = read_identifier(given.get("inspection_id", ""), "inspection_id", problems)
    if problems:
        raise RefusedError("The breach or notice was not saved.", problems)
    return GivenRequirement(
        kind=given.get("kind", ""),
        regulation=given.get("regulation", ""),
        summary=given.get("summary", ""),
        issued_on=issued,
        comply_by=comply,
        inspection_id=inspection,
        key_question=given.get("key_question", ""),
    )


def met_form(
    place: Place,
    line: RequirementLine,
    *,
    today: date,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> PlanFormPage:
    """Says that a breach or notice is met."""
    ask = Asking(given, refused)
    fields = (
        ask.field("met_on", "Met on", "date", value=today.isoformat()),
        ask.field("words", "Who found so, and where it is written", "textarea",
                  hint="A letter or a later report of the regulator. Your own view is an objective's signature instead."),
    )  # fmt: skip
    return PlanFormPage(
        head=Head(f"Met: {requirement_title(line)}", place.name, line.summary),
        form=Form(
            address("plans.meet", service_id=place.service_id, requirement_id=line.requirement_id),
            fields,
            "Save it as met",
            Link("Cancel", address("plans.thread", service_id=place.service_id, requirement_id=line.requirement_id)),
            trouble=ask.unplaced(fields),
        ),
    )


def _statement_lines(line: InspectionLine | None) -> str:
    return "\n".join(f"{code}: {words}" for code, words in line.quality_statements.items()) if line else ""
