"""The form that enters a figure: what it asks, how what was typed is read, and what it says beside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from mendline.catalogue.calendar import next_period, period_label, period_start
from mendline.catalogue.indicators import IndicatorDefinition, indicator_definition
from mendline.catalogue.wording import target_words
from mendline.indicators.pages import ObservationFormPage, ObservationRow
from mendline.indicators.standing import Standing
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.web.asking import Asking
from mendline.web.components import Fact, Field, Form, Head, Link, Option
from tenants.errors import RefusedError

OFFERED_PERIODS = 12
_STATES = (
    Option("", "It is counted"),
    Option("missing", "It is missing", "It was expected and nobody can supply it. Missing is never counted as zero."),
    Option("not_applicable", "There was nothing to count", "The denominator is genuinely zero."),
    Option("suspended", "Counting was suspended", "The service was closed or evacuated, or a system was down."),
)


@dataclass(frozen=True, slots=True)
class TypedFigure:
    """A figure as it was typed, read into its types."""

    period_start: date
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str | None
    reason: str | None


def read_figure(given: Mapping[str, str]) -> TypedFigure:
    """What was typed.

    Raises:
        RefusedError: naming each field that could not be read; nothing else is checked here.
    """
    problems: dict[str, str] = {}
    numbers = {name: _number(given.get(name, ""), name, problems) for name in ("numerator", "denominator", "value")}
    try:
        period = date.fromisoformat(given.get("period_start", ""))
    except ValueError:
        problems["period_start"] = "Choose the period that the figure is for."
        period = date.min
    if problems:
        raise RefusedError("The figure was not saved.", problems)
    return TypedFigure(
        period_start=period,
        state=given.get("state") or None,
        reason=given.get("reason", "").strip() or None,
        **numbers,
    )


def figure_form(
    place: Place,
    standing: Standing,
    recent: tuple[ObservationRow, ...],
    *,
    today: date,
    address: Address,
    given: Mapping[str, str] | None = None,
    refused: RefusedError | None = None,
) -> ObservationFormPage:
    """The page, empty or with what was typed and why it was refused."""
    definition = indicator_definition(standing.definition_key)
    here = {"service_id": place.service_id, "indicator_id": standing.indicator_id}
    back = address("services.indicator", **here)
    ask = Asking(given or {}, refused)
    fields = _fields(definition, standing, ask, today)
    return ObservationFormPage(
        head=Head(
            heading=f"Enter a figure: {definition.name}",
            sub=place.name,
            sentence="Enter what was counted. The figure, its trend and the provider's comparison follow by themselves.",
        ),
        form=Form(
            action=address("services.save_figure", **here),
            fields=fields,
            submit="Save figure",
            cancel=Link("Cancel", back),
            trouble=ask.unplaced(fields),
            footnote="Nothing is overwritten: a correction is kept beside the figure that it corrects.",
        ),
        recent=recent,
        definition=_definition(definition, standing),
    )


def _fields(definition: IndicatorDefinition, standing: Standing, ask: Asking, today: date) -> tuple[Field, ...]:
    periods = _periods(standing, today)
    fields = [
        Field(
            "period_start",
            "Period",
            "select",
            ask.given.get("period_start") or (periods[1].value if len(periods) > 1 else periods[0].value),
            options=periods,
            error=ask.problems.get("period_start", ""),
        )
    ]
    if definition.denominator is not None or definition.measure_type in ("proportion", "rate"):
        fields += [
            ask.field("numerator", "Numerator", "number", definition.numerator, required=False, low=0),
            ask.field("denominator", "Denominator", "number", definition.denominator or "", required=False, low=0),
        ]
    elif definition.measure_type == "count":
        fields.append(ask.field("numerator", "Count", "number", definition.numerator, required=False, low=0))
    else:
        label = f"Value, in {definition.unit}"
        fields.append(ask.field("value", label, "number", definition.numerator, required=False, low=0))
    return (
        *fields,
        ask.field("state", "If there is no figure", "choice", required=False, options=_STATES),
        ask.field(
            "reason",
            "Reason for a correction",
            "textarea",
            "Needed only when this changes a figure that was saved before. It is shown beside both.",
            required=False,
        ),
    )


def _periods(standing: Standing, today: date) -> tuple[Option, ...]:
    """The newest periods, the one that still runs first."""
    start = period_start(standing.cadence, today)
    options = []
    for _ in range(OFFERED_PERIODS):
        running = " (still running)" if next_period(standing.cadence, start) > today else ""
        label = period_label(standing.cadence, start)
        options.append(Option(start.isoformat(), f"{label[0].upper()}{label[1:]}{running}"))
        start = period_start(standing.cadence, start - timedelta(days=1))
    return tuple(options)


def _definition(definition: IndicatorDefinition, standing: Standing) -> tuple[Fact, ...]:
    facts = [Fact("What it is", definition.description), Fact("Numerator", definition.numerator)]
    if definition.denominator:
        facts.append(Fact("Denominator", definition.denominator))
    if standing.target_value is not None:
        facts.append(Fact("Catalogue target", target_words(definition)))
    return tuple(facts)


def _number(typed: str, name: str, problems: dict[str, str]) -> float | None:
    text = typed.strip().replace(",", "")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        problems[name] = f"{typed[:20]!r} is not a number. Use digits, such as 1240."
        return None
