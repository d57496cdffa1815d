"""Care reviews, their actions, samples of action quality, support seen against plans, and what people say."""

from datetime import timedelta

from mendline.demonstration.recording import Maker, Week, split
from mendline.demonstration.sources import at

_TITLES = (
    "Ask the optician to visit",
    "Try the walking frame with the physiotherapist",
    "Offer tea in the garden room before supper",
    "Write down how the person likes to be woken",
    "Agree with the family who brings the hearing aid batteries",
    "Weigh each Monday and tell the kitchen",
)
_GOOD = ("They come when I ring.", "I do not wait long.", "Mostly they are quick.")
_BAD = ("I wait longer after tea.", "They are run off their feet in the evening.", "Sundays are slow.")


def care_reviews(maker: Maker, author: str) -> None:
    """Due in the week; held by then, late, or not yet."""
    for week in maker.weeks("care_review_on_time_pct"):
        for number in range(week.whole):
            due = week.day(number % 6)
            on_time = number < week.met
            late = due + timedelta(days=3 + number % 5)
            held = due - timedelta(days=number % 3) if on_time else (late if late < maker.setting.clock.today else None)
            maker.add(
                "care_review",
                author,
                at(held or due, 15, 0),
                due_on=due,
                person=maker.person(number),
                unit=maker.units[number % len(maker.units)],
                person_group="dementia" if number % 3 else "older_people",
                respite=False,
                completed_on=held,
                sections_complete=True if held else None,
                took_part=("person", "person_and_representative", "representative")[number % 3] if held else None,
                views_recorded=True if held else None,
                actions_made=1 + number % 3 if held else None,
                author=author if held else None,
                high_risk=number % 9 == 0,
            )


def review_actions(maker: Maker, owner: str) -> None:
    """Due in the week: those from care reviews, and the others that make up all actions of the service."""
    everything = {week.start: week for week in maker.weeks("actions_closed_on_time_pct")}
    for week in maker.weeks("care_review_actions_closed_on_time_pct"):
        _actions(maker, week, "care_review", owner)
        total = everything.get(week.start)
        if total is not None:
            rest = Week(week.start, total.met - week.met, total.whole - week.whole, 0.0)
            _actions(maker, rest, "audit", owner)


def _actions(maker: Maker, week: Week, source: str, owner: str) -> None:
    for number in range(week.whole):
        due = week.day(number % 7)
        opened = due - timedelta(days=14 + number % 8)
        on_time = number < week.met
        redated = not on_time and number % 2 == 0
        late = due + timedelta(days=6)
        closed = due - timedelta(days=number % 4) if on_time else (late if late < maker.setting.clock.today else None)
        maker.add(
            "action",
            owner,
            at(opened, 11, 0),
            opened_on=opened,
            reference=f"{source[:2].upper()}-{due:%m%d}-{number + 1:02}",
            source=source,
            title=_TITLES[number % len(_TITLES)] if source == "care_review" else "Put right what the audit found",
            person=maker.person(number) if source == "care_review" else None,
            owner=owner,
            owner_role="key_worker" if source == "care_review" else "senior_carer",
            high_risk=number % 8 == 0,
            has_measure=number % 3 != 0,
            original_due_on=due,
            due_on=due + timedelta(days=7) if redated else due,
            date_changes=1 if redated else 0,
            delay_reason="capacity" if redated else None,
            closed_on=closed,
            close_reason="done" if closed else None,
            outcome="Done, and written in the plan." if closed else None,
            evidence_attached=bool(closed),
        )


def quality_samples(maker: Maker, auditor: str) -> None:
    """The deputy's weekly sample of how good the actions are."""
    for week in maker.weeks("care_review_action_quality_pct"):
        maker.add(
            "audit",
            auditor,
            at(week.day(4), 16, 0),
            scheduled_on=week.day(4),
            completed_on=week.day(4),
            subject="review_actions",
            kind="scheduled",
            auditor=auditor,
            independent=False,
            template_version="2",
            items_checked=week.whole,
            items_met=week.met,
            findings_made_actions="yes",
            findings="“Monitor” and “encourage” stand in place of what somebody will do.",
        )


def support_seen(maker: Maker, observer: str) -> None:
    """Two observations a week, one in the evening, that add up to the figure."""
    for week in maker.weeks("care_plan_practice_match_pct"):
        missed = split(week.whole - week.met, 2)
        for number, (whole, wrong) in enumerate(zip(split(week.whole, 2), missed, strict=True)):
            moment = at(week.day(1 + 4 * number), (11, 19)[number], 20)
            maker.add(
                "practice_observation",
                observer,
                moment,
                observed_at=moment,
                focus="support_against_plan",
                person=maker.person(),
                consent="yes",
                unit=maker.unit(),
                shift_band=("day", "evening")[number],
                weekend=number == 1,
                staff_type="employed",
                opportunities=whole,
                met=whole - wrong,
                plan_failure=wrong > 0,
                observer=observer,
                seen="Support followed the plan."
                if wrong == 0
                else "The plan had changed and the carer had not been told.",
            )


def timely_support_answers(maker: Maker, asker: str) -> None:
    """One answer for each person asked in the week."""
    for week in maker.weeks("timely_support_feedback_positive_pct"):
        for number in range(week.whole):
            good = number < week.met
            evening = number % 3 == 0
            maker.add(
                "feedback",
                asker,
                at(week.day(number % 7), 17, 0),
                given_on=week.day(number % 7),
                respondent="person" if number % 5 else "observed",
                respondent_code=maker.person(number),
                question="timely_support",
                answer=("usually" if number % 2 else "always") if good else ("sometimes" if number % 2 else "rarely"),
                positive=good,
                about_shift="evening" if evening else "day",
                about_weekend=number % 7 > 4,
                theme=None if good else ("rushed" if number % 4 == 0 else "waiting"),
                mode="talk" if number % 5 else "observed",
                helped_by="nobody",
                asked_by=asker,
                unit=maker.unit(),
                words=(_GOOD if good else _BAD)[number % 3] if number % 4 == 0 else None,
            )
