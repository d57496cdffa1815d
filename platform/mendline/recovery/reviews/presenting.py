"""The page of a review, from rows to words."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, day_and_date, long_date, short_date
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, service_head
from mendline.places.rows import Place
from mendline.recovery.plans.rows import PlanLine
from mendline.recovery.reviews.pages import DecidedEntry, SittingPage
from mendline.recovery.reviews.queries import DecidedLine, SittingLine
from mendline.recovery.reviews.rhythm import FORUMS, Forum, Reviewed, outstanding, turn_due
from mendline.recovery.story.presenting import story_entry
from mendline.recovery.story.rows import StoryLine
from mendline.web.components import Button, Field, Form, Item, Link, Note, WorkItem, WorkList
from mendline.web.readings import DECISION_WORDS
from tenants.clock import LONDON
from tenants.errors import RefusedError

WEAK = "assured_with_exception"


def reviewed_of(standings: Sequence[Standing]) -> tuple[Reviewed, ...]:
    """What signing a review needs to know of each indicator."""
    return tuple(
        Reviewed(
            str(each.indicator_id), each.in_plan, each.review_due_on, each.last_decision, each.last_decision_on,
            each.last_decision_by,
        )
        for each in standings
    )  # fmt: skip


def sitting_page(
    place: Place,
    forum: Forum,
    standings: Sequence[Standing],
    since: Sequence[StoryLine],
    decided: Sequence[DecidedLine],
    sittings: Sequence[SittingLine],
    samples: Sequence[tuple[uuid.UUID, str, datetime]],
    *,
    stones: Sequence[tuple[PlanLine, int, str]],
    population: int,
    turn: date,
    today: date,
    offers: Offers,
    address: Address,
    typed: Mapping[str, str],
    refused: RefusedError | None = None,
) -> SittingPage:
    """A review at its rhythm."""
    due = turn_due(forum, turn)
    signed = next((one for one in sittings if one.forum == forum.key and one.period_from == turn), None)
    names = {each.indicator_id: indicator_definition(each.definition_key).name for each in standings}
    left = {one.indicator_id for one in outstanding(turn, reviewed_of(standings), today)}
    waiting = [each for each in standings if str(each.indicator_id) in left]
    state = "It is signed." if signed else f"It is due by {day_and_date(due)}."
    head = service_head(
        place, standings, offers=offers, address=address, current="recovery.reviews",
        sentence=f"{forum.label}, {_turn_words(forum, turn)}. {state}",
    )  # fmt: skip
    return SittingPage(
        head=replace(head, buttons=()),
        since_words=f"Since {long_date(since_day(forum, sittings, turn))}",
        since=tuple(story_entry(line, names, place, address) for line in since),
        left=WorkList(
            "Still to decide",
            (
                *(_left(each, place, today, offers, address) for each in waiting),
                *(_stone(*each, place, address) for each in stones),
            ),
            aside=counted(len(waiting), "indicator") + (f", {counted(len(stones), 'milestone')}" if stones else ""),
            empty="Every indicator that is due has its decision.",
        ),
        decided=tuple(_decided(row, place, offers, address) for row in decided),
        samples=tuple(_sample(one, place, address) for one in samples),
        sample_words=f"{len(samples)} of {counted(population, 'record')} of the last seven days, drawn by the week, so that nobody chooses them.",
        signed=_signed(signed) if signed else None,
        sign=None if signed or not offers.decide else _sign_form(place, typed, refused, address),
        earlier=tuple(_earlier(one) for one in sittings if one is not signed),
    )


def since_day(forum: Forum, sittings: Sequence[SittingLine], turn: date) -> date:
    """From when on the page tells what changed: the last signed review of its sort, or one turn back."""
    before = [one.held_on for one in sittings if one.forum == forum.key and one.period_from < turn]
    return max(before, default=turn)


def _turn_words(forum: Forum, turn: date) -> str:
    if forum.cadence == "weekly":
        return f"week of {short_date(turn)}"
    return f"{turn:%B %Y}"


def _left(standing: Standing, place: Place, today: date, offers: Offers, address: Address) -> WorkItem:
    definition = indicator_definition(standing.definition_key)
    here = {"service_id": place.service_id, "indicator_id": standing.indicator_id}
    due = standing.review_due_on
    return WorkItem(
        heading=definition.name,
        text=standing.sentence,
        when=f"Due {short_date(due)}" if due else "Never reviewed",
        late=bool(due and due < today),
        href=address("services.indicator", **here),
        icon="i-flag" if standing.unescalated_days is not None else "i-review",
        tone="alert" if standing.unescalated_days is not None else "",
        button=Button("Record decision", address("recovery.decide", **here), about=f" on {definition.name}")
        if offers.decide
        else None,
    )


def _stone(plan: PlanLine, week: int, title: str, place: Place, address: Address) -> WorkItem:
    """A milestone that names no figures: a person says whether it was met."""
    form = address("plans.milestone_form", service_id=place.service_id, plan_id=plan.plan_id, week=week)
    return WorkItem(
        heading=f"{title}, a milestone of {plan.title}",
        text="Its week is over and it names no figures: say whether it was met, with what shows it.",
        when=f"Week {week}" if week else "Before week 1",
        href=form,
        icon="i-review",
        button=Button("Judge", form, about=f" the milestone of week {week}"),
    )


def _decided(row: DecidedLine, place: Place, offers: Offers, address: Address) -> DecidedEntry:
    told = [part for part in (row.what_changed, row.why, row.what_follows) if part]
    if row.exception_reason:
        told.append(f"Assured all the same because: {row.exception_reason}")
    return DecidedEntry(
        heading=f"{DECISION_WORDS.get(row.decision, row.decision)}: {indicator_definition(row.definition_key).name}",
        meta=f"{long_date(row.held_on)}, {row.decided_label}",
        text=" ".join(told),
        weak=row.decision == WEAK,
        correct=""
        if row.decision == "addendum" or not offers.decide
        else address("sittings.correct", service_id=place.service_id, review_id=row.review_id),
    )


def _sample(one: tuple[uuid.UUID, str, datetime], place: Place, address: Address) -> Item:
    record_id, record_type, happened_at = one
    local = happened_at.astimezone(LONDON)
    words = record_type.replace("_", " ")
    return Item(
        f"{words[0].upper()}{words[1:]}",
        f"{day_and_date(local.date())}, {local:%H:%M}",
        href=address("records.one", service_id=place.service_id, record_type=record_type, record_id=record_id),
    )


def _signed(sitting: SittingLine) -> Note:
    return Note(
        f"Signed by {sitting.signed_label} on {long_date(sitting.held_on)}",
        f"{sitting.summary or ''} It is closed. A correction is added to the decision that it corrects.",
        icon="i-lock",
    )


def _sign_form(place: Place, typed: Mapping[str, str], refused: RefusedError | None, address: Address) -> Form:
    problems = dict(refused.problems) if refused else {}
    return Form(
        action=address("sittings.sign", service_id=place.service_id),
        fields=(
            Field(
                "summary", "What did this review find?", "textarea", typed.get("summary", ""),
                hint="What is better, what is not, and what you will look at next.", error=problems.get("summary", ""),
            ),
        ),
        submit="Sign this review",
        cancel=Link("Back to reviews", address("recovery.reviews", service_id=place.service_id)),
        trouble=(str(refused),) if refused and not problems else (),
        footnote="Signed once; it cannot be edited afterwards.",
    )  # fmt: skip


def _earlier(one: SittingLine) -> Item:
    weak = sum(each.get("decision") == WEAK for each in one.decided)
    forum = FORUMS[one.forum]
    flagged = f", {counted(weak, 'weak assurance')}" if weak else ""
    return Item(
        f"{forum.label}, {_turn_words(forum, one.period_from)}",
        f"Signed by {one.signed_label} on {long_date(one.held_on)}: {counted(len(one.decided), 'decision')}{flagged}."
        f" {one.summary or ''}",
    )
