"""Call bells, delayed support, people in residence, falls, concerns, dependency and short shifts."""

from datetime import date, timedelta

from mendline.demonstration.recording import Maker, Week, band_of, split
from mendline.demonstration.sources import at

_BUSY = (8, 9, 10, 12, 13, 15, 17, 18, 18, 19, 19, 20, 21, 23, 2, 5)
_SLOW = (17, 18, 18, 19, 19, 20, 20, 21)


def call_bells(maker: Maker) -> None:
    """Each call of the week; waits beyond five minutes fall mostly in the evening."""
    for week in maker.weeks("call_bell_within_standard_pct"):
        for number in range(week.whole):
            in_time = number < week.met
            called = maker.moment(week, _BUSY if in_time else _SLOW)
            wait = maker.draw.uniform(0.4, 4.8) if in_time else min(28.0, 5.2 + maker.draw.expovariate(0.25))
            answered = called + timedelta(seconds=round(wait * 60))
            band, weekend = band_of(called)
            room = maker.draw.randrange(maker.setting.service.people_count) + 1
            maker.add(
                "call_bell_event",
                "BS",
                answered,
                called_at=called,
                answered_at=answered,
                cleared_at=answered + timedelta(minutes=4),
                room=f"Room {room}",
                unit=maker.units[room % len(maker.units)],
                shift_band=band,
                weekend=weekend,
                wait_minutes=round(wait, 1),
                within_standard=in_time,
                answered_in_person=True,
                test=False,
                kind="call",
            )


def delayed_support(maker: Maker, reporter: str) -> None:
    """Late or missed support as shift leaders log it, and the people in residence each day."""
    for week in maker.weeks("unmet_need_rate"):
        for number in range(week.met):
            moment = maker.moment(week, _SLOW)
            band, weekend = band_of(moment)
            maker.add(
                "unmet_need_event",
                reporter,
                moment + timedelta(hours=1),
                happened_at=moment,
                person=maker.person(),
                unit=maker.unit(),
                shift_band=band,
                weekend=weekend,
                support=("toilet", "personal_care", "repositioning", "meal")[number % 4],
                kind="late",
                minutes_late=15 + 5 * maker.draw.randrange(8),
                harm_level="none",
                cause="staff_elsewhere",
                safeguarding_tested=True,
                reported_by_kind="staff",
            )
        occupancy(maker, week.start, 7, week.whole, reporter)


def occupancy(maker: Maker, first: date, days: int, bed_days: int, counter: str) -> None:
    """People in residence, day by day, that add up to the occupied bed days of a period."""
    for number, people in enumerate(split(bed_days, days)):
        day = first + timedelta(days=number)
        maker.add(
            "occupancy_day",
            counter,
            at(day, 23, 55),
            night_of=day,
            people_in_residence=people,
            beds_registered=max(people, maker.setting.service.beds or 0),
        )


def falls_with_harm(maker: Maker, reporter: str) -> None:
    """The falls of the newest month, and that month's people in residence."""
    for month in maker.weeks("falls_with_harm_rate")[-1:]:
        for number in range(month.met):
            moment = at(month.start + timedelta(days=3 + 6 * number), 18 + number % 2, 25)
            band, weekend = band_of(moment)
            maker.add(
                "incident",
                reporter,
                moment + timedelta(minutes=40),
                happened_at=moment,
                known_at=moment,
                kind="fall",
                person=maker.person(),
                unit=maker.unit(),
                place="lounge",
                shift_band=band,
                weekend=weekend,
                witnessed=number % 2 == 0,
                harm_level="moderate",
                what_happened="Stood up from the table without the frame.",
                done_at_once="Checked, made comfortable, the paramedic line was called and the family told.",
                reported_by=reporter,
                notifiable="no",
                reviewed_at=moment + timedelta(hours=38),
                reviewed_by="TB",
                learning="Frames stay within reach at supper.",
                candour_applies="no",
            )
        days = (_next(month) - month.start).days
        occupancy(maker, month.start, days, month.whole, reporter)


def _next(month: Week) -> date:
    return (month.start.replace(day=28) + timedelta(days=4)).replace(day=1)


def concerns(maker: Maker) -> None:
    """Safeguarding concerns of the newest month, each with the time of its referral."""
    for month in maker.weeks("safeguarding_referral_within_24h_pct")[-1:]:
        for number in range(month.whole):
            known = at(month.start + timedelta(days=2 + 4 * number % 26), 10 + number, 5)
            maker.add(
                "safeguarding_concern",
                "DH",
                known + timedelta(hours=2),
                known_at=known,
                person=maker.person(),
                kind=("neglect", "physical", "emotional")[number % 3],
                meets_threshold=True,
                referred_at=known + timedelta(hours=3 + number if number < month.met else 40),
                reference=f"SG-{1040 + number}",
                wishes="recorded" if number % 3 else "by_representative",
                status="awaiting_outcome" if number % 2 else "no_further_action",
                immediate_safety="Stayed with the person and changed who supports them that day.",
                restricted=False,
            )


def dependency(maker: Maker, assessor: str, on: date) -> None:
    """Everybody's assessed hours on the day the tool was last run."""
    for number in range(maker.setting.service.people_count):
        level = ("medium", "high", "low", "medium", "very_high")[number % 5]
        hours = {"low": 2.5, "medium": 4.0, "high": 5.5, "very_high": 7.5}[level]
        maker.add(
            "dependency_assessment",
            assessor,
            at(on, 14, 0),
            assessed_on=on,
            person=maker.person(number),
            unit=maker.units[number % len(maker.units)],
            level=level,
            hours_per_day=hours,
            evening_hours=round(hours * 0.25, 1),
            night_hours=round(hours * 0.15, 1),
            two_staff=level == "very_high",
            assessor=assessor,
            reason="monthly",
        )


def short_shifts(maker: Maker, recorder: str) -> None:
    """Shifts that ran short in the newest weeks."""
    for week in maker.weeks("call_bell_within_standard_pct"):
        for day in (4, 6):
            maker.add(
                "staffing_exception",
                recorder,
                at(week.day(day), 22, 5),
                happened_on=week.day(day),
                shift_band="evening",
                weekend=day == 6,
                unit=maker.units[0],
                kind="short",
                hours_short=4,
                planned_staff=5,
                actual_staff=4,
                effect="delays",
                response="prioritised",
                escalated=day == 6,
                recorded_by=recorder,
            )
