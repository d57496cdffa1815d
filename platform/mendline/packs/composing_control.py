"""The control sheet of a pack: who made it, by which rules, what was changed about the measures, what points elsewhere."""

from mendline.catalogue.frameworks import FrameworkVersion
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.status_rules import status_rules
from mendline.catalogue.wording import counted, long_date, moment, short_date
from mendline.packs.document import ChangeRow, Fact, OpposingRow
from mendline.packs.order import PackOrder
from mendline.packs.reading import PackFacts
from tenants.clock import LONDON

CHANGED = {"baseline": "Baseline", "target": "Target", "definition": "What is counted", "chart": "Chart"}


def changes_of(facts: PackFacts) -> tuple[ChangeRow, ...]:
    """What was changed about the measures themselves, oldest first: a base that drifts would prove nothing."""
    names = {each.indicator_id: indicator_definition(each.definition_key).name for each in facts.standings}
    rows = [
        (row.happened_on, names.get(indicator_id, "An indicator that has ended"), row)
        for indicator_id, stories in facts.stories.items()
        for row in stories
        if row.kind != "story"
    ]
    return tuple(
        ChangeRow(
            long_date(day),
            name,
            CHANGED.get(row.kind, row.kind.capitalize()),
            row.what_changed,
            row.why,
            row.recorded_initials or "",
        )
        for day, name, row in sorted(rows, key=lambda found: (found[0], found[1], found[2].what_changed))
    )


def opposing_of(facts: PackFacts) -> tuple[OpposingRow, ...]:
    """What points the other way, with the answers; what nobody has answered says so."""
    names = {each.indicator_id: indicator_definition(each.definition_key).name for each in facts.standings}
    return tuple(
        OpposingRow(
            short_date(row.noticed_on),
            names.get(row.indicator_id, "An indicator that has ended"),
            row.source,
            row.says,
            f"{row.answer} ({short_date(row.answered_on)})" if row.answer and row.answered_on else "Not answered yet",
        )
        for row in facts.opposing
    )


def left_out_of(facts: PackFacts) -> tuple[Fact, ...]:
    """What a reader may miss, and why it is not here."""
    return (
        Fact("Source records", "They stay in the service's own systems", "The evidence index says where each one is."),
        Fact(
            "Names",
            "People and staff appear by initials or a reference",
            "Owners of actions are named by initial and surname.",
        ),
        Fact("Files", "No evidence file is inside this pack", f"{counted(len(facts.evidence), 'item')} in the index."),
    )


def control_of(facts: PackFacts, order: PackOrder, known: FrameworkVersion) -> tuple[Fact, ...]:
    """Who made the pack, from what and by which rules."""
    return (
        Fact("Made by", order.asked_by),
        Fact("As at", moment(order.as_at.astimezone(LONDON)), "Later entries and corrections are not listed in it."),
        Fact("Framework", f"{known.name}, version {known.version}", "Pinned to the inspection's site visit."),
        Fact("Rules for status", status_rules().identity, "Charts follow NHS England's Making Data Count."),
        Fact("Figures", counted(len(facts.figures), "figure"), "embedded as facts.csv"),
    )
