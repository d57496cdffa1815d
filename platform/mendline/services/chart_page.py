"""The page on which a chart is settled: which one it is and why, what its limits rest on, and who agreed to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mendline.catalogue.calendar import period_label
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import long_date, short_date
from mendline.indicators.chart import layout
from mendline.indicators.chart_commands import AskedBase, shown_of
from mendline.indicators.chart_queries import BaseLine, ChoiceLine
from mendline.indicators.chart_words import CHART_MEANINGS, CHART_NAMES
from mendline.indicators.charting import DrawnChart, chart_of
from mendline.indicators.fitting import FITTING
from mendline.indicators.reading import readings
from mendline.indicators.rebasing import charts_for, may_be_left_out, may_be_offered, offered_starts
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, chart_ways
from mendline.places.rows import Place
from mendline.web.components import Fact, Field, Form, Head, Option, TimelineEntry
from mendline.web.typed import day_or_none
from tenants.clock import LONDON
from tenants.errors import RefusedError
from tenants.reach import Reach

CHART_WIDTH, CHART_HEIGHT = 860, 330
LEAVE_SHOWN = 52


@dataclass(frozen=True, slots=True)
class ChartPage:
    """How a chart is settled.

    Attributes:
        chart: as it is read now.
        before: with the limits as they would be, had they not been set anew last.
        said: which chart it is, what its limits rest on, how small the numbers are.
        choose: the form that sets a chart; none for those who may not.
        ask: the form that asks for new limits; none where the chart shows no lasting change.
        leave: the form that leaves an exceptional period out of the limits, or puts it back.
        no_ask: why new limits cannot be asked for now.
        decide: the form that decides on a request; none for whoever asked.
        waiting: the request that waits for a decision, in words.
        record: everything settled so far, newest first.
    """

    head: Head
    chart: DrawnChart | None
    before: DrawnChart | None
    said: tuple[Fact, ...]
    choose: Form | None
    ask: Form | None
    leave: Form | None
    no_ask: str
    decide: Form | None
    waiting: str
    record: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into which of the forms, and why it was refused."""

    form: str = ""
    given: Mapping[str, str] | None = None
    refused: RefusedError | None = None

    def value(self, form: str, name: str, usual: str = "") -> str:
        """What was typed, where it was this form."""
        return (self.given or {}).get(name, usual) if self.form == form else usual

    def problem(self, form: str, name: str) -> str:
        """Why a field was refused, where it was this form."""
        return str(self.refused.problems.get(name, "")) if self.form == form and self.refused else ""

    def trouble(self, form: str, names: Sequence[str]) -> tuple[str, ...]:
        """What was refused and belongs to none of the fields."""
        if self.form != form or self.refused is None:
            return ()
        unplaced = tuple(str(words) for name, words in self.refused.problems.items() if name not in names)
        return unplaced or (() if self.refused.problems else (str(self.refused),))


def chart_page(
    place: Place,
    standing: Standing,
    choices: Sequence[ChoiceLine],
    bases: Sequence[BaseLine],
    *,
    reach: Reach,
    offers: Offers,
    address: Address,
    typed: Typed,
) -> ChartPage:
    """The page; `typed` brings back what was refused."""
    definition = indicator_definition(standing.definition_key)
    here = {"service_id": place.service_id, "indicator_id": standing.indicator_id}
    waiting = next((base for base in bases if base.decision is None), None)
    shown = shown_of(standing.series)
    starts = offered_starts(shown)
    trend, target = readings(standing, definition)
    reading = f"{trend.word}. {target.word}"
    can_ask = offers.change and waiting is None
    return ChartPage(
        head=Head(
            f"Chart and limits: {definition.name}",
            place.name,
            "Which chart is read and what its expected range rests on. Nothing here is overwritten.",
        ),
        chart=_drawn(place, standing, reading, address),
        before=_drawn(place, standing, reading, address, before=True) if standing.series.get("before") else None,
        said=_said(standing),
        choose=_choose(standing, charts_for(definition), typed, address("charts.choose", **here))
        if offers.change
        else None,
        ask=_ask(standing, starts, typed, address("charts.ask", **here)) if can_ask and starts else None,
        leave=_leave(standing, typed, address("charts.leave", **here)) if offers.change else None,
        no_ask=_no_ask(waiting is not None, may_be_offered(shown)) if offers.change else "",
        decide=_decide(waiting, typed, address("charts.decide", base_id=waiting.base_id, **here))
        if waiting and offers.decide and waiting.requested_by != reach.person_id
        else None,
        waiting=_waiting(waiting) if waiting else "",
        record=_record(choices, bases),
    )


def read_asked(given: Mapping[str, str]) -> AskedBase:
    """The request for new limits as typed; a date that is none is left out and asked for again."""
    return AskedBase(
        day_or_none(given.get("starts_on", "")),
        given.get("what_changed", ""),
        given.get("base_reason", ""),
        given.get("evidence_reference", ""),
        given.get("lasting", "") == "yes",
    )


def read_decision(given: Mapping[str, str]) -> bool:
    """Whether new limits are agreed to.

    Raises:
        RefusedError: neither was chosen.
    """
    decision = given.get("decision", "")
    if decision not in ("approved", "refused"):
        raise RefusedError("Nothing was decided.", {"decision": "Choose whether you agree."})
    return decision == "approved"


def _drawn(
    place: Place, standing: Standing, reading: str, address: Address, *, before: bool = False
) -> DrawnChart | None:
    spec = chart_of(standing, indicator_definition(standing.definition_key), reading=reading, before=before, most=104)
    if spec is None:
        return None
    ways = chart_ways(spec, address, place.service_id, standing.indicator_id)
    return DrawnChart(spec, layout(spec, CHART_WIDTH, CHART_HEIGHT), ways)


def _said(standing: Standing) -> tuple[Fact, ...]:
    series = standing.series
    facts = (
        ("Chart", series.get("chart_reason", "")),
        ("Limits", series.get("base", "")),
        ("Size", series.get("small_numbers", "")),
    )
    return tuple(Fact(term, words) for term, words in facts if words)


def _choose(standing: Standing, charts: Sequence[str], typed: Typed, action: str) -> Form:
    now = standing.series.get("chart_kind", "") if standing.series.get("chart_overruled") else FITTING
    fitting = CHART_NAMES.get(standing.series.get("chart_fits", ""), "")
    options = (
        Option(FITTING, "The chart that fits the figures", f"Now: {fitting}." if fitting else ""),
        *(Option(chart, f"{CHART_NAMES[chart][:1].upper()}{CHART_NAMES[chart][1:]}: {CHART_MEANINGS[chart]}") for chart in charts),
    )  # fmt: skip
    fields = (
        Field("chart", "Chart", "select", typed.value("choose", "chart", now), options=options,
              error=typed.problem("choose", "chart")),
        Field("chart_reason", "Reason", "textarea", typed.value("choose", "chart_reason"),
              hint="Shown beside the chart and in packs.", error=typed.problem("choose", "chart_reason")),
    )  # fmt: skip
    return Form(action, fields, "Set the chart", trouble=typed.trouble("choose", ("chart", "chart_reason")))


def _ask(standing: Standing, starts: Sequence[date], typed: Typed, action: str) -> Form:
    def field(name: str, label: str, kind: str, hint: str) -> Field:
        return Field(name, label, kind, typed.value("ask", name), hint=hint, error=typed.problem("ask", name))

    labels = [(day, period_label(standing.cadence, day)) for day in starts]
    fields = (
        Field("starts_on", "From", "select", typed.value("ask", "starts_on"),
              options=tuple(Option(day.isoformat(), f"{label[0].upper()}{label[1:]}") for day, label in labels),
              hint="The first period after the change.", error=typed.problem("ask", "starts_on")),
        field("what_changed", "What changed in the way of working", "textarea", "Not the figures: what people do otherwise."),
        field("evidence_reference", "Evidence or action", "text", "Its reference, such as A-022."),
        field("base_reason", "Why the old limits no longer fit", "textarea", ""),
        Field("lasting", "Is the change expected to last?", "yes_no", typed.value("ask", "lasting"),
              error=typed.problem("ask", "lasting")),
    )  # fmt: skip
    names = [each.name for each in fields]
    return Form(action, fields, "Ask for new limits", trouble=typed.trouble("ask", names),
                footnote="Another person decides. Until then, and for the old results after it, the old limits hold.")  # fmt: skip


def _leave(standing: Standing, typed: Typed, action: str) -> Form | None:
    days = may_be_left_out(standing.series)[:LEAVE_SHOWN]
    if not days:
        return None
    gone = {date.fromisoformat(day) for day in standing.series.get("left_out", ())}
    options = tuple(
        Option(day.isoformat(), f"{label[0].upper()}{label[1:]}{': left out, put it back' if day in gone else ''}")
        for day in sorted({*days, *gone}, reverse=True)
        if (label := period_label(standing.cadence, day))
    )
    fields = (
        Field("period", "Period", "select", typed.value("leave", "period"), options=options,
              error=typed.problem("leave", "period")),
        Field("out_reason", "What was exceptional", "textarea", typed.value("leave", "out_reason"),
              hint="An outbreak, a flood, a system that was down. Shown with the chart and in packs.",
              error=typed.problem("leave", "out_reason")),
    )  # fmt: skip
    return Form(action, fields, "Leave it out, or put it back", trouble=typed.trouble("leave", ("period", "out_reason")),
                footnote="The period stays on the chart and is judged; only the expected range is worked out without it.")  # fmt: skip


def _decide(waiting: BaseLine, typed: Typed, action: str) -> Form:
    fields = (
        Field("decision", "Decision", "choice", typed.value("decide", "decision"),
              options=(Option("approved", "Agree: set the limits anew"), Option("refused", "Refuse: the old limits hold")),
              error=typed.problem("decide", "decision")),
        Field("note", "Reason", "textarea", typed.value("decide", "note"), error=typed.problem("decide", "note")),
    )  # fmt: skip
    return Form(action, fields, "Record the decision", trouble=typed.trouble("decide", ("decision", "note")),
                footnote=f"Asked for by {waiting.requested_initials or 'a colleague'}.")  # fmt: skip


def _no_ask(waits: bool, offered: bool) -> str:
    if waits:
        return ""
    if offered:
        return "New limits can be asked for once seven figures have followed the change."
    return (
        "New limits can be asked for when the chart shows a lasting change: seven figures in a row apart from what was"
        " usual, after a known change in the way of working. They are never set to make a decline look usual."
    )


def _waiting(base: BaseLine) -> str:
    by = f" by {base.requested_initials}" if base.requested_initials else ""
    return (
        f"New limits from {long_date(base.starts_on)} were asked for{by} on {short_date(base.recorded_at.astimezone(LONDON).date())}:"
        f" {base.what_changed} {base.reason} ({base.evidence_reference}). The old limits hold until another person agrees."
    )


def _record(choices: Sequence[ChoiceLine], bases: Sequence[BaseLine]) -> tuple[TimelineEntry, ...]:
    entries = [
        (
            choice.recorded_at,
            TimelineEntry(
                "The chart follows the figures again"
                if choice.chart == FITTING
                else f"Chart set by hand: {CHART_NAMES[choice.chart]}",
                _signed(choice.recorded_at.astimezone(LONDON).date(), choice.by),
                choice.reason,
            ),
        )
        for choice in choices
    ]
    for base in bases:
        asked = TimelineEntry(
            f"New limits asked for, from {short_date(base.starts_on)}",
            _signed(base.recorded_at.astimezone(LONDON).date(), base.requested_initials),
            f"{base.what_changed} {base.reason} ({base.evidence_reference})",
        )
        entries.append((base.recorded_at, asked))
        if base.decision and base.decided_at:
            heading = "New limits agreed" if base.decision == "approved" else "New limits refused"
            said = TimelineEntry(
                heading, _signed(base.decided_at.astimezone(LONDON).date(), base.decided_initials), base.note or ""
            )
            entries.append((base.decided_at, said))
    return tuple(entry for _, entry in sorted(entries, key=lambda pair: pair[0], reverse=True))


def _signed(day: date, by: str | None) -> str:
    return f"{short_date(day)}{f', {by}' if by else ''}"
