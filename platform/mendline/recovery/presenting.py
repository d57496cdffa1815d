"""The pages of recovery, from rows to words."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, day_and_date, lateness, long_date, short_date
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, service_head
from mendline.places.rows import Place
from mendline.recovery.pages import ActionRow, ActionsPage, ReviewsPage
from mendline.recovery.queries import ActionLine, DecisionLine, RiskLine
from mendline.web.components import (
    Badge,
    Button,
    Empty,
    Head,
    Link,
    TimelineEntry,
    WorkItem,
    WorkList,
)
from mendline.web.readings import DECISION_WORDS

FORUMS = {
    "weekly_review": "weekly review",
    "deputy_sampling": "deputy manager's sampling",
    "quality_review": "quality lead's monthly review",
    "provider_review": "nominated individual's monthly review",
    "provider_oversight": "provider oversight",
    "monthly_review": "monthly review",
    "plan_start": "start of the plan",
}
_DECISION_ICONS = {"assured": ("i-tick", "improving"), "escalate": ("i-up", "alert")}


_STATES = {
    "open": Badge("Open"),
    "reopened": Badge("Open again", kind="pending"),
    "closed": Badge("Closed", "i-tick", "ok"),
    "no_longer_applicable": Badge("No longer applies", kind="hollow"),
}


def decision_entry(row: DecisionLine) -> TimelineEntry:
    """A decision on the timeline."""
    icon, tone = _DECISION_ICONS.get(row.decision, ("i-dot", ""))
    told = " ".join(part for part in (row.what_changed, row.why, row.what_follows) if part)
    if row.exception_reason:
        told += f" Exception: {row.exception_reason}"
    return TimelineEntry(
        heading=DECISION_WORDS.get(row.decision, row.decision),
        meta=f"{long_date(row.held_on)}, {row.decided_label}, {FORUMS.get(row.forum, row.forum.replace('_', ' '))}",
        text=told,
        icon=icon,
        tone=tone,
        references=tuple(Link(reference) for reference in row.relied_on),
    )


def actions_page(
    place: Place,
    standings: tuple[Standing, ...],
    rows: tuple[ActionLine, ...],
    *,
    today: date,
    offers: Offers,
    address: Address,
) -> ActionsPage:
    """The actions of a service, late ones first."""
    names = {each.indicator_id: indicator_definition(each.definition_key).name for each in standings}
    open_rows = [row for row in rows if row.state in ("open", "reopened")]
    late = sum(row.due_on < today for row in open_rows)
    moved = sum(row.moved > 1 for row in open_rows)
    sentence = f"{counted(len(open_rows), 'action')} {'is' if len(open_rows) == 1 else 'are'} open."
    sentence += f" {late} {'is' if late == 1 else 'are'} late." if late else " None is late."
    if moved:
        sentence += f" {moved} {'has' if moved == 1 else 'have'} been given a new date more than once."
    return ActionsPage(
        head=_with_new("registers.new_action", "New action", place, offers, address, service_head(
            place, standings, offers=offers, address=address, current="recovery.actions", sentence=sentence,
            actions=len(open_rows),
        )),
        rows=tuple(_action_row(row, names, today, address, place) for row in rows),
        empty=Empty("No actions yet", "Actions come from decisions and reviews. Each has an owner and a date."),
    )  # fmt: skip


def _with_new(endpoint: str, words: str, place: Place, offers: Offers, address: Address, head: Head) -> Head:
    """The head of a register with the button that adds to it, for whoever may."""
    if not offers.decide:
        return head
    return replace(
        head, buttons=(Button(words, address(endpoint, service_id=place.service_id), "i-plus"), *head.buttons)
    )


def risks_page(
    place: Place, standings: tuple[Standing, ...], rows: tuple[RiskLine, ...], *, offers: Offers, address: Address
) -> ActionsPage:
    """The risk register of a service, highest score first."""
    names = {each.indicator_id: indicator_definition(each.definition_key).name for each in standings}
    high = sum((row.likelihood or 0) * (row.impact or 0) >= 15 for row in rows)
    sentence = f"{counted(len(rows), 'risk')} {'is' if len(rows) == 1 else 'are'} on the register."
    sentence += f" {high} {'scores' if high == 1 else 'score'} 15 or more." if high else " None scores 15 or more."
    return ActionsPage(
        head=_with_new(
            "registers.new_risk",
            "New risk",
            place,
            offers,
            address,
            service_head(place, standings, offers=offers, address=address, current="recovery.risks", sentence=sentence),
        ),
        rows=tuple(_risk_row(row, names, address, place) for row in rows),
        name="Risk",
        when="Next look",
        empty=Empty("No risks recorded", "Risks come from escalations. Each has controls, an owner and a next look."),
    )


def reviews_page(
    place: Place,
    standings: tuple[Standing, ...],
    decisions: tuple[DecisionLine, ...],
    *,
    today: date,
    offers: Offers,
    address: Address,
) -> ReviewsPage:
    """Reviews that are due, most pressing first, and the decisions that were recorded."""
    ordered = sorted(standings, key=lambda each: (each.unescalated_days is None, each.review_due_on or today))
    late = sum(bool(each.review_due_on and each.review_due_on < today) for each in standings)
    sentence = (
        f"{counted(late, 'review')} {'is' if late == 1 else 'are'} late." if late else "Every review is up to date."
    )
    head = service_head(place, standings, offers=offers, address=address, current="recovery.reviews", sentence=sentence)
    sitting = Button("Open this review", address("sittings.current", service_id=place.service_id), kind="primary")
    return ReviewsPage(
        head=replace(head, buttons=(sitting,)),
        due=WorkList(
            "Reviews due",
            tuple(_due_review(each, place, today, offers, address) for each in ordered),
            aside="Most pressing first",
            empty="No indicator is reviewed here yet.",
        ),
        decisions=tuple(_service_decision(row) for row in decisions),
    )


def _due_review(standing: Standing, place: Place, today: date, offers: Offers, address: Address) -> WorkItem:
    definition = indicator_definition(standing.definition_key)
    here = {"service_id": place.service_id, "indicator_id": standing.indicator_id}
    due = standing.review_due_on
    late = due is not None and due < today
    last = (
        f"Last: {DECISION_WORDS.get(standing.last_decision, standing.last_decision)}, {short_date(standing.last_decision_on)}"
        if standing.last_decision and standing.last_decision_on
        else "No decision yet"
    )
    when = "No date" if due is None else lateness(due, today) if due <= today else short_date(due)
    return WorkItem(
        heading=definition.name,
        text=standing.sentence,
        when=f"{when[0].upper()}{when[1:]}",
        when_note=last,
        late=late,
        href=address("services.indicator", **here),
        icon="i-flag" if standing.unescalated_days is not None else "i-review",
        tone="alert" if standing.unescalated_days is not None else "pending" if late else "",
        button=Button("Record decision", address("recovery.decide", **here), about=f" on {definition.name}")
        if offers.decide
        else None,
    )


def _service_decision(row: DecisionLine) -> TimelineEntry:
    entry = decision_entry(row)
    return TimelineEntry(
        heading=f"{entry.heading}: {indicator_definition(row.definition_key).name}",
        meta=entry.meta,
        text=entry.text,
        icon=entry.icon,
        tone=entry.tone,
        references=entry.references,
    )


def _action_row(
    row: ActionLine, names: Mapping[uuid.UUID, str], today: date, address: Address, place: Place
) -> ActionRow:
    is_open = row.state in ("open", "reopened")
    late = is_open and row.due_on < today
    if not is_open:
        due = f"Closed {short_date(row.closed_on)}" if row.closed_on else "\N{EN DASH}"
    else:
        due = lateness(row.due_on, today) if late else f"Due {day_and_date(row.due_on)}"
    moved = f"First due {short_date(row.first_due_on)}, moved {counted(row.moved, 'time')}" if row.moved else ""
    if row.evidence_reference and not is_open:
        moved = f"Evidence {row.evidence_reference}"
    return ActionRow(
        reference=row.reference,
        title=row.title,
        href=address("registers.action", service_id=place.service_id, reference=row.reference),
        owner=row.owner,
        due=due,
        state=Badge("Second person closes", kind="pending")
        if row.closing
        else _STATES.get(row.state, Badge(row.state)),
        supports=_supported(row.indicator_id, names, address, place),
        late=late,
        moved=moved,
    )


def _risk_row(row: RiskLine, names: Mapping[uuid.UUID, str], address: Address, place: Place) -> ActionRow:
    score = (row.likelihood or 0) * (row.impact or 0)
    change = "no change" if row.first_score in (None, score) else f"was {row.first_score}"
    return ActionRow(
        reference=row.reference,
        title=row.title,
        href=address("registers.risk", service_id=place.service_id, risk=row.reference),
        owner=row.owner,
        due=short_date(row.look_again_on) if row.look_again_on else "None set",
        state=Badge("Closed", "i-tick", "ok")
        if row.state == "closed"
        else Badge(f"Score {score}, {change}" if score else "Not scored yet", kind="alert" if score >= 15 else ""),
        supports=_supported(row.indicator_id, names, address, place),
        moved=f"Controls: {row.controls}" if row.controls else "",
    )


def _supported(
    indicator_id: uuid.UUID | None, names: Mapping[uuid.UUID, str], address: Address, place: Place
) -> Link | None:
    if indicator_id is None or indicator_id not in names:
        return None
    return Link(
        names[indicator_id], address("services.indicator", service_id=place.service_id, indicator_id=indicator_id)
    )
