"""Inspections, breaches, the thread that a breach leads to, and templates: from rows to words."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from mendline.catalogue.frameworks import frameworks, regulations
from mendline.catalogue.indicators import indicator_definition, indicator_definitions
from mendline.catalogue.wording import counted, lateness, long_date, short_date
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, service_head
from mendline.places.regulator import regulator_cells
from mendline.places.rows import Place
from mendline.places.wording import KEY_QUESTION_WORDS, RATING_WORDS
from mendline.recovery.plans.pages import (
    InspectionsPage,
    StartPage,
    TemplateCard,
    TemplatePage,
    TemplatesPage,
    ThreadPage,
)
from mendline.recovery.plans.presenting import step_rows
from mendline.recovery.plans.presenting_objective import STAGES, requirement_words, target_text
from mendline.recovery.plans.rows import (
    InspectionLine,
    ObjectiveLine,
    RequirementLine,
    TargetLine,
    TemplateLine,
    ThreadLine,
)
from mendline.recovery.plans.typed import requirement_title
from mendline.web.components import Badge, Button, Fact, Form, Head, Item, ItemList, Link, TimelineEntry
from mendline.web.readings import DECISION_WORDS
from tenants.reach import Reach

STORY_SHOWN = 30
ACTION_WORDS = {
    "open": "Open",
    "reopened": "Opened again",
    "closed": "Closed",
    "no_longer_applicable": "No longer applies",
}
STATUS_WORDS = {
    "improving": Badge("Improving", kind="improve"),
    "stable": Badge("Stable", kind="steady"),
    "changed": Badge("Stable", kind="steady"),
    "deteriorating": Badge("Deteriorating", kind="concern"),
    "too_few": Badge("Not supported", kind="hollow"),
    "not_supported": Badge("Not supported", kind="hollow"),
}


def start_page(
    place: Place,
    templates: Sequence[TemplateLine],
    chosen: TemplateLine | None,
    form: Form | None,
    holders: Mapping[str, Sequence[str]],
    running: Mapping[str, str],
    *,
    address: Address,
) -> StartPage:
    """Choose a template, look once at what it makes, and start.

    Args:
        place: the service.
        templates: what can be started.
        chosen: the one whose defaults fill the form.
        form: the form.
        holders: names by role.
        running: by definition key, what an indicator that runs here reads now.
        address: of our pages.
    """
    here = address("plans.start_form", service_id=place.service_id)
    return StartPage(
        head=Head(
            "Start a recovery plan",
            place.name,
            "Choose a template, read what it makes, and start. All of it can be changed later, on the record.",
        ),
        cards=tuple(
            TemplateCard(
                each.key,
                each.title,
                f"{each.weeks} weeks. {each.template.target}{' Your own, version ' + each.version + '.' if each.is_own else ''}",
                f"{here}?template={each.key}#form",
                chosen=chosen is not None and each.key == chosen.key,
            )
            for each in templates
            if not each.is_withdrawn
        ),
        form=form,
        steps=step_rows(chosen.template, holders) if chosen else (),
        indicators=tuple(
            Fact(indicator_definition(key).name, running.get(key, "Begins with the plan"))
            for key in (chosen.template.indicators if chosen else ())
        ),
    )


def inspections_page(
    place: Place,
    standings: Sequence[Standing],
    held: Reach,
    inspections: Sequence[InspectionLine],
    requirements: Sequence[RequirementLine],
    *,
    today: date,
    offers: Offers,
    address: Address,
) -> InspectionsPage:
    """What the regulator found, with what stands open."""
    may = held.may("change_indicators", place.provider_id, place.service_id)
    open_ones = [each for each in requirements if each.met_on is None]
    head = service_head(
        place,
        standings,
        offers=offers,
        address=address,
        current="plans.of_service",
        sentence=f"{counted(len(open_ones), 'breach, notice or condition', 'breaches, notices and conditions')}"
        f" {'is' if len(open_ones) == 1 else 'are'} open.",
    )
    here = {"service_id": place.service_id}
    buttons = (
        Button("Record a breach or notice", address("plans.requirement_form", **here)),
        Button("Record an inspection", address("plans.inspection_form", **here), "i-doc", "primary"),
    )
    met = tuple(_requirement_item(each, place, today, address) for each in requirements if each.met_on)
    return InspectionsPage(
        head=replace(head, buttons=buttons if may else ()),
        cells=regulator_cells(place, today),
        requirements=ItemList(
            "Open breaches, notices and conditions",
            tuple(_requirement_item(each, place, today, address) for each in open_ones),
            empty="None is open.",
        ),
        inspections=ItemList(
            "Inspections",
            tuple(_inspection_item(each, place, address, may=may) for each in inspections),
            empty="No inspection is recorded yet.",
        ),
        met=ItemList("Met", met) if met else None,
    )


def thread_page(
    place: Place,
    held: Reach,
    line: RequirementLine,
    objectives: Sequence[ObjectiveLine],
    targets: Mapping[uuid.UUID, Sequence[TargetLine]],
    stages: Mapping[uuid.UUID, str],
    thread: Sequence[ThreadLine],
    *,
    today: date,
    address: Address,
) -> ThreadPage:
    """From what was found to what changed for people, each with its own page."""
    here = {"service_id": place.service_id}
    answering = [each for each in objectives if line.requirement_id in each.requirement_ids]
    measured = {each.indicator_id: each for one in answering for each in targets.get(one.objective_id, ())}
    may = held.may("change_plans", place.provider_id, place.service_id) and line.met_on is None
    met = Button("Record that it is met", address("plans.met_form", **here, requirement_id=line.requirement_id))
    return ThreadPage(
        head=Head(
            requirement_words(line),
            place.name,
            line.summary,
            buttons=(met,) if may else (),
        ),
        facts=_thread_facts(line, today),
        lists=(
            ItemList(
                "Objectives that answer it",
                tuple(
                    Item(each.goal, each.target, badge=STAGES[stages.get(each.objective_id, "working")],
                         href=address("plans.of_service", **here))
                    for each in answering
                ),
                empty="No plan answers it yet. The indicators below are those declared under its regulation.",
            ),
            ItemList(
                "Indicators and their effect",
                tuple(_indicator_item(each, measured, place, address) for each in thread if each.what == "indicator"),
                empty="No indicator measures it yet.",
            ),
            ItemList(
                "Actions",
                tuple(_action_item(each, today, place, address) for each in thread if each.what == "action"),
                empty="No action was opened for it.",
                more=Link("All actions", address("recovery.actions", **here)),
            ),
            ItemList(
                "Evidence",
                tuple(
                    Item(each.title, f"{long_date(each.day) if each.day else ''}",
                         href=address("evidence.one", **here, evidence_id=uuid.UUID(each.state)),
                         reference=Link(each.id))
                    for each in thread
                    if each.what == "evidence"
                ),
                empty="No evidence stands behind these indicators yet.",
            ),
        ),
        story=_thread_story(thread),
    )  # fmt: skip


def _thread_facts(line: RequirementLine, today: date) -> tuple[Fact, ...]:
    """What a breach or notice asks, and whether it is met."""
    regulation = regulations().get(line.regulation)
    late = "" if line.met_on or not line.comply_by else _opening(lateness(line.comply_by, today))
    facts = [
        Fact("Regulation", f"{regulation.number}: {regulation.title}" if regulation else line.regulation),
        Fact("Issued", long_date(line.issued_on) if line.issued_on else "Not told"),
        Fact("Comply by", long_date(line.comply_by) if line.comply_by else "No date in the letter",
             note=late),
        Fact("Stands", f"Met {long_date(line.met_on)}" if line.met_on else "Open", note=line.met_note or ""),
    ]  # fmt: skip
    if line.key_question:
        facts.append(Fact("Key question", KEY_QUESTION_WORDS.get(line.key_question, line.key_question)))
    return tuple(facts)


def _thread_story(thread: Sequence[ThreadLine]) -> tuple[TimelineEntry, ...]:
    """The newest decisions on what it leads to."""
    decided = [each for each in thread if each.what == "decision"]
    return tuple(
        TimelineEntry(
            DECISION_WORDS.get(each.title, each.title.replace("_", " ").capitalize()),
            f"{long_date(each.day) if each.day else ''}, {each.state}, {_name(each.indicator_id, thread)}",
            each.detail or "",
            icon="i-review",
        )
        for each in decided[:STORY_SHOWN]
    )


def templates_page(templates: Sequence[TemplateLine], *, may_write: bool, address: Address) -> TemplatesPage:
    """What plans can be started from."""
    new = address("templates.new_guided") if may_write else ""
    shipped = tuple(
        Item(each.title, f"{each.weeks} weeks, {len(each.template.steps)} steps, "
             f"{len(each.template.early_warnings)} early-warning signs. {each.template.target}",
             href=f"{new}?from={each.key}" if may_write else "", badge=Badge("Copy and adapt") if may_write else None)
        for each in templates
        if not each.is_own
    )  # fmt: skip
    own = tuple(
        Item(each.title, f"Version {each.version}, {each.weeks} weeks, by {each.recorded_label}.",
             href=address("templates.one", template_key=each.key),
             badge=Badge("Withdrawn", kind="hollow") if each.is_withdrawn else None)
        for each in templates
        if each.is_own
    )  # fmt: skip
    return TemplatesPage(
        head=Head(
            "Plan templates",
            sentence="A plan keeps the version that it was started from.",
            buttons=(Button("Write a template", new, "i-doc", "primary"),) if may_write else (),
        ),
        lists=(
            ItemList("Your own", own, empty="None yet. Copy one of the catalogue's and adapt it."),
            ItemList("Of the catalogue", shipped),
        ),
    )


def template_page(versions: Sequence[TemplateLine], form: Form | None) -> TemplatePage:
    """One of the provider's templates."""
    newest = versions[0]
    return TemplatePage(
        head=Head(newest.title, f"Version {newest.version}", newest.template.target),
        key=newest.key,
        written=newest.written,
        versions=ItemList(
            "Versions",
            tuple(
                Item(
                    f"Version {each.version}",
                    f"{long_date(each.recorded_at.date()) if each.recorded_at else ''}, {each.recorded_label}",
                    badge=Badge("Withdrawn", kind="hollow") if each.is_withdrawn else None,
                )
                for each in versions
            ),
        ),
        form=form,
    )


def _requirement_item(line: RequirementLine, place: Place, today: date, address: Address) -> Item:
    here = address("plans.thread", service_id=place.service_id, requirement_id=line.requirement_id)
    late = line.met_on is None and line.comply_by is not None and line.comply_by < today
    due = ""
    if line.met_on is None and line.comply_by:
        due = _opening(lateness(line.comply_by, today))
    return Item(
        requirement_title(line),
        f"Met {long_date(line.met_on)}. {line.summary}" if line.met_on else line.summary,
        due=due,
        late=late,
        href=here,
    )


def _inspection_item(line: InspectionLine, place: Place, address: Address, *, may: bool) -> Item:
    rated = ". ".join(
        f"{KEY_QUESTION_WORDS.get(question, question)}: {RATING_WORDS.get(rating, 'Not rated').lower()}"
        for question, rating in line.key_questions.items()
    )
    version = frameworks().get(line.framework_version)
    labels = {code: node.title for code, node in version.nodes.items()} if version else {}
    found = ". ".join(f"{labels.get(code, code)}: {words}" for code, words in line.quality_statements.items())
    said = [f"Visit {long_date(line.inspected_on)}", rated, found, line.outcome or ""]
    if line.correction_reason:
        said.append(f"Corrected by {line.recorded_label}: {line.correction_reason}")
    can = may and not line.is_corrected
    here = address("plans.correction_form", service_id=place.service_id, inspection_id=line.inspection_id)
    return Item(
        f"{RATING_WORDS.get(line.overall, 'Not rated')}"
        + (f", published {short_date(line.published_on)} {line.published_on.year}" if line.published_on else ""),
        ". ".join(each.rstrip(".") for each in said if each) + ".",
        href=here if can else "",
        badge=Badge("Corrected since", kind="hollow") if line.is_corrected else (Badge("Correct it") if can else None),
    )


def _indicator_item(each: ThreadLine, measured: Mapping[uuid.UUID, TargetLine], place: Place, address: Address) -> Item:
    known = each.indicator_id
    target = f"Target {target_text(measured[known])}. " if known in measured and known is not None else ""
    return Item(
        indicator_definitions()[each.title].name if each.title in indicator_definitions() else each.title,
        f"{target}{each.detail or 'Not judged yet.'}",
        href=address("services.indicator", service_id=place.service_id, indicator_id=known) if known else "",
        badge=STATUS_WORDS.get(each.state),
    )


def _action_item(each: ThreadLine, today: date, place: Place, address: Address) -> Item:
    is_open = each.state in ("open", "reopened")
    return Item(
        each.title,
        f"Owner {each.detail}. {ACTION_WORDS.get(each.state, each.state)}.",
        due=_opening(lateness(each.day, today)) if is_open and each.day else "",
        late=bool(is_open and each.day and each.day < today),
        href=address("recovery.actions", service_id=place.service_id),
        reference=Link(each.id),
        due_last=True,
    )


def _name(indicator_id: uuid.UUID | None, thread: Sequence[ThreadLine]) -> str:
    keys = {each.indicator_id: each.title for each in thread if each.what == "indicator"}
    key = keys.get(indicator_id, "")
    return indicator_definitions()[key].name if key in indicator_definitions() else ""


def _opening(words: str) -> str:
    """Words as they open a line."""
    return f"{words[:1].upper()}{words[1:]}"
