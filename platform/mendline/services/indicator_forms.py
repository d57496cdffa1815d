"""The forms that begin an indicator, and that set what it is measured from and aimed at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from mendline.catalogue.calendar import period_label, period_start
from mendline.catalogue.indicators import indicator_definition, indicator_definitions
from mendline.catalogue.wording import figure, target_words
from mendline.indicators.aims import OPERATORS, USUAL_PERIODS, GivenTarget, usual_target
from mendline.indicators.pages import ObservationFormPage
from mendline.indicators.standing import Standing
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.web.asking import Asking
from mendline.web.components import Fact, Field, Form, Head, Link, Option
from mendline.web.typed import read_day
from tenants.errors import RefusedError

OFFERED_PERIODS = 26
_OPERATOR_WORDS = {
    ">=": "At least",
    "<=": "At most",
    "==": "Exactly",
    "monitor_only": "Watch it without a target",
}


@dataclass(frozen=True, slots=True)
class TypedAims:
    """What was typed into the form of baseline and target; what was left empty stays as it is."""

    last_period: date | None
    periods: int
    target: GivenTarget | None
    reason: str


def add_form(
    place: Place,
    running: frozenset[str],
    *,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> ObservationFormPage:
    """The form that begins an indicator of the catalogue at a service."""
    ask = Asking(given, refused)
    options = tuple(
        Option(key, f"{definition.domain.replace('_', ' ').capitalize()}: {definition.name}")
        for key, definition in indicator_definitions().items()
        if key not in running
    )
    fields = (
        ask.field("definition_key", "Indicator", "select", options=options),
        ask.field("review_owner", "Review owner", "text", "Who reviews it: an initial and a surname."),
        *_target_fields(ask),
    )
    return ObservationFormPage(
        head=Head(
            "Add an indicator",
            place.name,
            "Choose what is measured, who reviews it and what is aimed at. Figures and evidence follow.",
        ),
        form=Form(
            address("indicators.add", service_id=place.service_id),
            fields,
            "Add indicator",
            Link("Cancel", address("services.dashboard", service_id=place.service_id)),
            trouble=ask.unplaced(fields),
            footnote="Leave the target empty to take the catalogue's own.",
        ),
    )


def aims_form(
    place: Place,
    standing: Standing,
    *,
    today: date,
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> ObservationFormPage:
    """The form that freezes a baseline and sets a target; both keep what stood before."""
    definition = indicator_definition(standing.definition_key)
    ask = Asking(given, refused)
    here = {"service_id": place.service_id, "indicator_id": standing.indicator_id}
    fields = (
        ask.field("last_period", "Freeze the baseline at", "select", required=False,
                  hint=f"The {USUAL_PERIODS} periods up to this one become the starting position.",
                  options=_periods(standing, today), heading="Baseline"),
        *_target_fields(ask, heading="Target"),
        ask.field("reason", "Reason for a change", "textarea", required=False, heading="Why",
                  hint="Needed where a baseline or target stands already. Both stay visible, in packs too."),
    )  # fmt: skip
    known = [Fact("What it is", definition.description), Fact("Catalogue target", target_words(definition))]
    if standing.baseline_value is not None:
        known.append(Fact("Baseline now", figure(standing.baseline_value, definition)))
    if standing.target_value is not None:
        known.append(Fact("Target now", figure(standing.target_value, definition)))
    return ObservationFormPage(
        head=Head(
            f"Baseline and target: {definition.name}",
            place.name,
            "A baseline is frozen and a target has a date. Changing either needs a reason and keeps the old one.",
        ),
        form=Form(
            address("indicators.set_aims", **here),
            fields,
            "Save baseline and target",
            Link("Cancel", address("services.indicator", **here)),
            trouble=ask.unplaced(fields),
        ),
        definition=tuple(known),
    )


def read_start(given: Mapping[str, str]) -> tuple[str, str, GivenTarget]:
    """The indicator, its owner and its target, as typed; an empty target takes the catalogue's.

    Raises:
        RefusedError: naming each field that could not be read.
    """
    key = given.get("definition_key", "")
    target = _read_target(given)
    if target is None:
        known = indicator_definitions().get(key)
        operator, value = usual_target(known) if known else ("monitor_only", None)
        target = GivenTarget(operator, value)
    return key, given.get("review_owner", ""), target


def read_aims(given: Mapping[str, str]) -> TypedAims:
    """Baseline and target as typed.

    Raises:
        RefusedError: naming each field that could not be read, or where nothing was given at all.
    """
    problems: dict[str, str] = {}
    last = read_day(given.get("last_period", ""), "last_period", problems)
    if problems:
        raise RefusedError("Nothing was changed.", problems)
    target = _read_target(given)
    if last is None and target is None:
        raise RefusedError("Nothing was changed: choose a baseline, a target, or both.")
    return TypedAims(last, USUAL_PERIODS, target, given.get("reason", "").strip())


def _target_fields(ask: Asking, heading: str = "") -> tuple[Field, ...]:
    operators = tuple(Option(operator, _OPERATOR_WORDS[operator]) for operator in OPERATORS)
    return (
        ask.field("target_operator", "What is aimed at", "select", required=False, options=operators, heading=heading),
        ask.field("target_value", "Target figure", "number", required=False, low=0),
        ask.field("reach_by", "To be reached by", "date", required=False),
    )


def _read_target(given: Mapping[str, str]) -> GivenTarget | None:
    """The target, or none where nothing of it was typed."""
    problems: dict[str, str] = {}
    operator, typed = given.get("target_operator", ""), given.get("target_value", "").strip()
    reach_by = read_day(given.get("reach_by", ""), "reach_by", problems)
    value = None
    if typed:
        try:
            value = float(typed.removesuffix("%").replace(",", ""))
        except ValueError:
            problems["target_value"] = f"{typed[:20]!r} is not a number. Use digits, such as 98."
    if typed and not operator:
        problems["target_operator"] = "Say whether it is at least, at most or exactly this figure."
    if problems:
        raise RefusedError("Nothing was saved.", problems)
    if not operator:
        return None
    return GivenTarget(operator, value, reach_by, given.get("reason", ""))


def _periods(standing: Standing, today: date) -> tuple[Option, ...]:
    """The newest periods that are over."""
    start = period_start(standing.cadence, period_start(standing.cadence, today) - timedelta(days=1))
    options = []
    for _ in range(OFFERED_PERIODS):
        label = period_label(standing.cadence, start)
        options.append(Option(start.isoformat(), f"{label[0].upper()}{label[1:]}"))
        start = period_start(standing.cadence, start - timedelta(days=1))
    return tuple(options)
