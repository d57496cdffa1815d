"""The forms for what stands behind or against a figure: a contradiction, its answer, an exemption, a new way of counting."""

from collections.abc import Mapping
from datetime import date, timedelta

from mendline.catalogue.calendar import period_label, period_start
from mendline.catalogue.indicators import indicator_definition
from mendline.indicators.pages import ObservationFormPage
from mendline.indicators.standing import Standing
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.services.indicator_rows import Opposing
from mendline.web.components import Fact, Field, Form, Head, Link, Option
from mendline.web.readings import LETTERS
from tenants.errors import ConflictError, RefusedError

OFFERED_PERIODS = 26
Refused = RefusedError | ConflictError | None


def contradiction_form(
    place: Place,
    standing: Standing,
    *,
    today: date,
    address: Address,
    given: Mapping[str, str],
    refused: Refused = None,
) -> ObservationFormPage:
    """Asks which source points the other way and what it says."""
    return _page(
        place, standing, "Something points the other way",
        "A figure is contradicted until what speaks against it is answered in writing. Both stay visible.",
        "behind.save_contradiction", "Record it",
        (
            ("source", "Which source?", "text", "A reference such as E-046, a visit, the council's list."),
            ("says", "What does it say that does not fit?", "textarea", "In a sentence, without names of people."),
            ("noticed_on", "When was it noticed?", "date", ""),
        ),
        {"noticed_on": today.isoformat(), **given}, refused, address, today=today,
    )  # fmt: skip


def answer_form(
    place: Place,
    standing: Standing,
    opposing: Opposing,
    *,
    address: Address,
    given: Mapping[str, str],
    refused: Refused = None,
) -> ObservationFormPage:
    """Asks for the written answer to a contradiction."""
    return _page(
        place, standing, "Answer what points the other way",
        f"{opposing.source}: {opposing.says}",
        "behind.save_answer", "Record the answer",
        (("answer", "What was found when both were looked at?", "textarea", "It stands beside it, in packs too."),),
        given, refused, address, contradiction_id=opposing.contradiction_id,
    )  # fmt: skip


def exemption_form(
    place: Place, standing: Standing, *, address: Address, given: Mapping[str, str], refused: Refused = None
) -> ObservationFormPage:
    """Asks which kind of evidence cannot exist for a figure here, and why."""
    page = _page(
        place, standing, "A kind of evidence does not apply",
        "Nobody can speak to a stock balance. Say so once, with the reason, and it is no longer asked for.",
        "behind.save_exemption", "Save",
        (("exempt_reason", "Why can it not exist, or why can it after all?", "textarea", "It is shown on the page and in packs."),),
        given, refused, address,
    )  # fmt: skip
    problems = _problems(refused)
    letters = tuple(Option(letter, f"{name} ({letter})") for letter, name in LETTERS.items() if letter != "R")
    choice = (
        Field("letter", "Which kind?", "choice", given.get("letter", ""), options=letters,
              error=problems.get("letter", "")),
        Field("applies", "Does it apply?", "choice", given.get("applies", "no"),
              options=(Option("no", "It cannot exist for this figure"), Option("yes", "It can exist after all"))),
    )  # fmt: skip
    form = page.form
    fields = (*choice, *form.fields)
    return ObservationFormPage(
        head=page.head,
        form=Form(form.action, fields, form.submit, form.cancel, form.trouble, form.footnote),
        definition=page.definition,
    )


def redefinition_form(
    place: Place,
    standing: Standing,
    *,
    today: date,
    address: Address,
    given: Mapping[str, str],
    refused: Refused = None,
) -> ObservationFormPage:
    """Asks from which period on something else is counted, or in another way, and why."""
    page = _page(
        place, standing, "What is counted has changed",
        "From the period that you choose a new series begins: no trend crosses it, and the baseline is frozen anew when"
        " there are enough figures. Everything before it is kept.",
        "behind.save_redefinition", "Break the series here",
        (
            ("what_changed", "What is counted now, or how?", "text", "Such as: the audit has six more questions."),
            ("reason", "Why?", "textarea", "The break stands on the chart with this reason, and in packs."),
        ),
        given, refused, address,
    )  # fmt: skip
    period = Field(
        "from_period", "First period counted in the new way", "select", given.get("from_period", ""),
        options=_periods(standing, today), error=_problems(refused).get("from_period", ""),
    )  # fmt: skip
    form = page.form
    return ObservationFormPage(
        head=page.head,
        form=Form(form.action, (period, *form.fields), form.submit, form.cancel, form.trouble, form.footnote),
        definition=page.definition,
    )


def _page(
    place: Place,
    standing: Standing,
    heading: str,
    sentence: str,
    endpoint: str,
    submit: str,
    questions: tuple[tuple[str, str, str, str], ...],
    given: Mapping[str, str],
    refused: Refused,
    address: Address,
    *,
    today: date | None = None,
    **more: object,
) -> ObservationFormPage:
    definition = indicator_definition(standing.definition_key)
    here = {"service_id": place.service_id, "indicator_id": standing.indicator_id}
    problems = _problems(refused)
    fields = tuple(
        Field(
            name, label, kind, given.get(name, ""), hint=hint, error=problems.get(name, ""),
            high=today.isoformat() if kind == "date" and today else "",
        )
        for name, label, kind, hint in questions
    )  # fmt: skip
    return ObservationFormPage(
        head=Head(f"{heading}: {definition.name}", place.name, sentence),
        form=Form(
            address(endpoint, **here, **more),
            fields,
            submit,
            Link("Cancel", address("services.indicator", **here)),
            trouble=(str(refused),) if refused and not problems else (),
        ),
        definition=(Fact("What it is", definition.description), Fact("Where it stands", standing.sentence)),
    )


def _problems(refused: Refused) -> dict[str, str]:
    return dict(refused.problems) if isinstance(refused, RefusedError) else {}


def _periods(standing: Standing, today: date) -> tuple[Option, ...]:
    start = period_start(standing.cadence, today)
    options = []
    for _ in range(OFFERED_PERIODS):
        label = period_label(standing.cadence, start)
        options.append(Option(start.isoformat(), f"{label[0].upper()}{label[1:]}"))
        start = period_start(standing.cadence, start - timedelta(days=1))
    return tuple(options)
