"""What is said of a chart beside it: which one it is and why, what its limits rest on, and how small the numbers are."""

from collections.abc import Sequence
from datetime import date

from mendline.catalogue.calendar import period_label
from mendline.catalogue.indicators import Cadence, IndicatorDefinition
from mendline.catalogue.wording import listed, long_date, rounded
from mendline.indicators.chart_spec import TITLES
from mendline.indicators.fitting import OF_GAPS, ChartFacts, Fit
from mendline.statistics.chooser import Choice

CHART_NAMES: dict[str, str] = {
    kind: title[0].lower() + title[1:] if kind == "run" else title for kind, title in TITLES.items()
}
CHART_MEANINGS = {
    "xmr": "single figures with the change from one to the next",
    "p": "a proportion, with limits that follow how many were counted",
    "pp": "a proportion that spreads more than chance, with limits widened for it",
    "u": "events for their exposure, with limits that follow the exposure",
    "up": "events for their exposure that spread more than chance, with limits widened for it",
    "c": "a count over much the same exposure each time",
    "g": "how much passes between rare events, one point for each",
    "t": "how long it is between rare events, one point for each",
    "run": "points around their median, without limits",
}
_PERIODS = {"weekly": ("week", "weeks"), "monthly": ("month", "months")}
FEW_PEOPLE = 20  # below it one person more or less is five points of a percentage
FEW_EVENTS = 2.0


def chart_sentence(fit: Fit, settled: ChartFacts) -> str:
    """Which chart is read, and why it and no other."""
    name = CHART_NAMES[fit.chart]
    fitting = CHART_NAMES.get(fit.choice.chart, fit.choice.chart)
    if fit.overruled:
        because = settled.chosen_reason.rstrip(".")
        if fit.choice.chart == fit.chart:
            return f"{_upper(name)}, set by hand: {because}."
        return f"{_upper(name)}, set by hand: {because}. By the figures alone it would be a {fitting}."
    scale = ", judged on a logarithmic scale" if fit.on_log_scale else ""
    return f"{_upper(name)}{scale}: {fit.choice.reason}."


def small_numbers_sentence(definition: IndicatorDefinition, cadence: Cadence, choice: Choice, chart: str) -> str:
    """A warning where one person or one event moves the figure a long way; nothing where it does not."""
    period, _ = _PERIODS[cadence]
    if chart in OF_GAPS:
        often = _often(definition, choice, period)
        return (
            f"Small numbers: {often}. One event more or less moves a single {period}'s figure a long way, so what lies"
            " between events says more."
        )
    people = choice.mean_denominator
    if definition.measure_type == "proportion" and people is not None and people < FEW_PEOPLE:
        points = rounded(100 / people, 0)
        return f"Small numbers: about {rounded(people, 0)} a {period}, so that one more or less is {points} points."
    if choice.mean_events is not None and choice.mean_events < FEW_EVENTS and definition.measure_type != "proportion":
        return f"Small numbers: {_often(definition, choice, period)}."
    return ""


def base_sentence(cadence: Cadence, starts_on: Sequence[date], fit: Fit, usable_points: int) -> str:
    """What the limits of the last phase were worked out from, until when that holds, and what was left out of them."""
    said = _base(cadence, starts_on, fit, usable_points)
    if not said or not fit.left_out:
        return said
    gone = listed([period_label(cadence, starts_on[row]) for row in fit.left_out])
    return f"{said} Left out of it as exceptional: {gone}."


def _base(cadence: Cadence, starts_on: Sequence[date], fit: Fit, usable_points: int) -> str:
    _, periods = _PERIODS[cadence]
    if fit.chart == "run" or not starts_on or not fit.bases:
        return ""
    base = fit.bases[-1]
    if fit.chart in OF_GAPS:
        return "Expected range from the first 12 gaps, or from all while there are fewer."
    if base is None:
        if fit.starts:
            return (
                f"Limits were set anew from {long_date(starts_on[fit.starts[-1]])}; they are fixed after 12 {periods}."
            )
        return (
            f"Expected range from all {usable_points} {periods}, worked out anew with each until a baseline is frozen."
        )
    first, last = long_date(starts_on[base[0]]), long_date(starts_on[base[1] - 1])
    what = f"the {base[1] - base[0]} {periods} from {first} to {last}"
    if fit.starts:
        return f"Limits set anew, fixed from {what}."
    return f"Expected range fixed from the baseline, {what}. It stays until a change of the process is recorded."


def _often(definition: IndicatorDefinition, choice: Choice, period: str) -> str:
    if definition.measure_type == "proportion" and choice.pooled_share is not None and choice.mean_denominator:
        share = min(choice.pooled_share, 1 - choice.pooled_share)
        return f"{rounded(share * choice.mean_denominator, 1)} a {period} go the rarer way"
    return f"{rounded(choice.mean_events or 0.0, 1)} a {period} on average"


def _upper(text: str) -> str:
    """Names that start with their symbol keep it as it is."""
    return (
        text if text[:2] in ("p ", "p\N{PRIME}", "u ", "u\N{PRIME}", "c ", "g ", "t ") else text[:1].upper() + text[1:]
    )
