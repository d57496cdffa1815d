"""The form that records a decision, from rows to words: what is known, what is asked, what is suggested."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import long_date
from mendline.evidence.rows import EvidenceBehind
from mendline.indicators.chart import layout
from mendline.indicators.charting import DrawnChart, chart_of
from mendline.indicators.reading import readings
from mendline.indicators.standing import Standing
from mendline.places.head import Address, chart_ways
from mendline.places.rows import Place
from mendline.recovery.decisions import REPORTING_EFFECT, KnownFigure, needs_exception
from mendline.recovery.pages import DecisionPage
from mendline.recovery.presenting import decision_entry
from mendline.recovery.queries import DecisionLine
from mendline.recovery.story.presenting import story_entry
from mendline.recovery.story.rows import StoryLine
from mendline.web.asking import Asking
from mendline.web.components import (
    Field,
    Form,
    Head,
    Item,
    Link,
    Note,
    Option,
)
from mendline.web.readings import LETTERS, kinds_of
from tenants.clock import LONDON
from tenants.errors import RefusedError

CHART_WIDTH, CHART_HEIGHT = 620, 280
CHART_PERIODS = 30
ESCALATE_TO = (
    Option("nominated_individual", "Nominated individual"),
    Option("provider_oversight", "Provider oversight"),
    Option("registered_manager", "Registered manager"),
)


def decision_page(
    place: Place,
    standing: Standing,
    evidence: tuple[EvidenceBehind, ...],
    earlier: tuple[DecisionLine, ...],
    *,
    today: date,
    address: Address,
    given: Mapping[str, str],
    relied_on: tuple[str, ...] = (),
    refused: RefusedError | None = None,
    since: Sequence[StoryLine] = (),
    drafted_at: datetime | None = None,
    warnings: tuple[str, ...] = (),
) -> DecisionPage:
    """The form that ends a review in a decision, beside what is known."""
    definition = indicator_definition(standing.definition_key)
    trend, target = readings(standing, definition)
    spec = chart_of(standing, definition, reading=f"{trend.word}. {target.word}", most=CHART_PERIODS)
    ask = Asking(given, refused)
    here = {"service_id": place.service_id, "indicator_id": standing.indicator_id}
    return DecisionPage(
        head=Head(f"Record a decision: {definition.name}", place.name, standing.sentence),
        trend=trend,
        assurance=target,
        kinds=kinds_of(standing.evidence_marks),
        known=tuple(
            Item(row.title, f"{LETTERS[row.letter]}, {long_date(row.dated_on)}", reference=Link(row.reference))
            for row in evidence[:8]
        ),
        earlier=tuple(decision_entry(row) for row in earlier[:5]),
        form=Form(
            action=address("recovery.record", **here),
            fields=_decision_fields(standing, ask, today, warnings),
            submit="Record decision",
            cancel=Link("Cancel", address("services.indicator", **here)),
        ),
        decision=ask.field(
            "decision", "Your decision", "choice",
            options=(
                Option("assured", "Assured", "It is under control, and you can say why you believe it."),
                Option("further_action", "Further action", "Something more is needed here: what, who, by when."),
                Option("escalate", "Escalate", "It needs somebody else's decision, by a date."),
            ),
        ),
        relied_on=ask.field(
            "relied_on", "What you relied on", "choices", required=False, values=relied_on,
            options=tuple(Option(row.reference, f"{row.reference}: {row.title}") for row in evidence[:8]),
        )
        if evidence
        else None,
        suggestion=_suggestion(standing),
        chart=DrawnChart(
            spec,
            layout(spec, CHART_WIDTH, CHART_HEIGHT),
            chart_ways(spec, address, place.service_id, standing.indicator_id),
        )
        if spec
        else None,
        chart_note=spec.axis.note if spec else "",
        since=tuple(story_entry(line, {}, place, address) for line in since),
        drafted=f"Draft kept {drafted_at.astimezone(LONDON):%-d %B, %H:%M}" if drafted_at else "",
    )  # fmt: skip


def _decision_fields(
    standing: Standing,
    ask: Asking,
    today: date,
    warnings: tuple[str, ...],
) -> tuple[Field, ...]:
    known = KnownFigure(standing.evidence_level, standing.status, standing.is_stale, standing.last_state, warnings)
    asked = [
        ask.field("what_changed", "What changed?", "textarea", required=False),
        ask.field("why", "Why do you think so?", "textarea", required=False),
        ask.field("what_follows", "What action follows, or what do you ask?", "textarea", required=False),
    ]
    companion = indicator_definition(standing.definition_key).companion
    if companion:
        name = indicator_definition(companion).name
        asked.insert(
            1,
            ask.field(
                "reporting_effect",
                "Is a rise an effect of better reporting?",
                "select",
                f"Then it is recorded first in your reason. Compare {name}: reporting moves that less.",
                required=False,
                options=(Option("yes", REPORTING_EFFECT),),
            ),
        )
    if needs_exception(known):
        asked.append(
            ask.field(
                "exception_reason",
                "If you are assured all the same: why?",
                "textarea",
                f"An early warning is open: {' '.join(warnings)}"
                if warnings
                else "The figure declines, or too little current evidence stands behind it.",
                required=False,
            )
        )
    soon = (today + timedelta(days=7)).isoformat()
    return (
        *asked,
        ask.field("action_title", "Action: what will be done?", "text", "Only for further action.", required=False),
        ask.field("action_owner", "Action: who does it?", "text", "An initial and a surname.", required=False),
        ask.field("action_due_on", "Action: by when?", "date", f"For example {soon}.", low=today, required=False),
        ask.field(
            "escalate_to", "Escalate to whom?", "select", "Only to escalate.", options=ESCALATE_TO, required=False
        ),
        ask.field("reply_due_on", "Answer needed by", "date", low=today, required=False),
    )


def _suggestion(standing: Standing) -> Note | None:
    if standing.unescalated_days is None and standing.composite != "deteriorating":
        return None
    waited = (
        f" It could be seen from {long_date(standing.declined_since)} and has no decision."
        if standing.unescalated_days is not None and standing.declined_since
        else ""
    )
    return Note(
        "Suggested: further action or escalate",
        f"{standing.sentence}{waited} You decide. If you choose differently, we ask you to say why.",
        "suggest",
        "i-drift",
    )
