"""End-of-shift checks, discrepancies, audits, observed rounds and controlled-drug checks of a medicines recovery."""

from datetime import timedelta

from mendline.demonstration.recording import Maker, Week, split
from mendline.demonstration.sources import at

_ENDS = (("day", 0, 13, 50), ("afternoon", 0, 17, 50), ("evening", 0, 21, 45), ("night", 1, 6, 45))
_DOSES = {"day": 34, "afternoon": 16, "evening": 30, "night": 8}
_ROUNDS = {"day": "morning", "afternoon": "teatime", "evening": "evening", "night": "early"}
_CHECKERS = ("AO", "AO", "GA", "GA", "PN", "SR", "KB")
_MEDICINES = ("Paracetamol 500 mg", "Levothyroxine 50 micrograms", "Apixaban 5 mg", "Co-careldopa 25/100", "Eye drops")
_CAUSES = ("interruption", "handover", "stock", "training", "interruption")
_CHANGES = (
    "Tabard worn on the round, and the phone goes to the office.",
    "The chart is read out at handover.",
    "Stock is counted the evening before.",
    "Watched on two rounds and signed off.",
)


def end_of_shift_checks(maker: Maker) -> None:
    """One for each unit and shift; fewer gaps as compliance rises."""
    for week in maker.weeks("mar_compliance_pct"):
        for day in range(7):
            for band, later, hour, minute in _ENDS:
                moment = at(week.day(day) + timedelta(days=later), hour, minute)
                for unit, people in zip(
                    maker.units, split(maker.setting.service.people_count, len(maker.units)), strict=True
                ):
                    doses = _DOSES[band] + maker.draw.randrange(4)
                    gaps = sum(maker.draw.random() < (1 - week.met / week.whole) / 2 for _ in range(doses))
                    checker = maker.draw.choice(_CHECKERS)
                    maker.add(
                        "end_of_shift_check",
                        checker,
                        moment,
                        checked_at=moment,
                        shift_on=week.day(day),
                        shift_band=band,
                        unit=unit,
                        people_on_unit=people,
                        charts_checked=people,
                        doses_due=doses,
                        gaps_found=gaps,
                        gap_rounds=[_ROUNDS[band]] if gaps else None,
                        cd_balance_agrees="yes" if unit == maker.units[0] else "none_held",
                        fridge_temperature=round(maker.draw.uniform(3.2, 6.4), 1),
                        time_critical_on_time="yes" if maker.draw.random() < 0.96 else "no",
                        completed_by=checker,
                    )


def discrepancies(maker: Maker) -> None:
    """Found early in the week and reviewed so that the week's median is the figure."""
    for week in maker.weeks("medicines_discrepancy_review_median_hours"):
        for number, hours in enumerate(_around(week)):
            found = at(week.day(number % 4), 7 + 2 * (number % 7), 12)
            reviewed = found + timedelta(hours=hours)
            chosen = maker.draw.randrange(len(_CHANGES))
            maker.add(
                "medicines_discrepancy",
                "AO",
                found,
                found_at=found,
                happened_on=week.day(number % 4),
                kind="gap" if number % 4 else "stock_difference",
                person=maker.person(),
                room=f"Room {maker.draw.randrange(1, 43)}",
                person_safe="checked",
                medicine=maker.draw.choice(_MEDICINES),
                round_slot=maker.draw.choice(("evening", "evening", "morning", "night")),
                unit=maker.unit(),
                what_is_known="given_unsigned" if number % 3 else "unknown",
                done_so_far="Counted the tablets with a second person and told the person in charge.",
                told=["manager"],
                harm_level="none",
                found_by=maker.draw.choice(_CHECKERS),
                reviewed_at=reviewed,
                reviewed_by="PN",
                root_cause=_CAUSES[chosen],
                action_taken=_CHANGES[chosen],
            )


def _around(week: Week) -> list[float]:
    """As many waits as were reviewed, with the week's median exactly."""
    count = max(1, week.whole)
    half = count // 2
    below = [week.value * (0.45 + 0.5 * place / max(1, half)) for place in range(half)]
    above = [week.value * (1.05 + 0.4 * place / max(1, half)) for place in range(half)]
    if count % 2:
        return [*below, week.value, *above]
    return [*below[:-1], week.value, week.value, *above[1:]]


def audits(maker: Maker) -> None:
    """One for each unit and week; together they are the week's figure."""
    for week in maker.weeks("mar_compliance_pct"):
        lines = split(week.whole, len(maker.units))
        missed = split(week.whole - week.met, len(maker.units))
        for unit, whole, wrong in zip(maker.units, lines, missed, strict=True):
            maker.add(
                "medicines_audit",
                "PN",
                at(week.day(3), 15, 30),
                audited_on=week.day(3),
                unit=unit,
                auditor="PN",
                independent=unit != maker.units[0],
                sample_method="all",
                shift_band="mixed",
                round_slot="mixed",
                weekday_weekend="mixed",
                lines_audited=whole,
                lines_compliant=whole - wrong,
                lines_unsigned=wrong - wrong // 3,
                lines_wrong_code=wrong // 3,
                criteria_version="4",
            )


def observed_rounds(maker: Maker) -> None:
    """Four rounds a week, one at night or a weekend."""
    staff = ("AO", "GA", "KB", "SR", "DN", "EV", "FT", "MW")
    for place, week in enumerate(maker.weeks("mar_compliance_pct")):
        for number in range(4):
            hour = (9, 13, 20, 22)[number]
            moment = at(week.day((1, 3, 4, 5)[number]), hour, 15)
            met = 12 - (maker.draw.random() < 0.25)
            maker.add(
                "competency_observation",
                "PN",
                moment,
                observed_at=moment,
                staff=staff[(4 * place + number) % len(staff)],
                staff_type="agency" if staff[(4 * place + number) % len(staff)] in {"FT", "MW"} else "employed",
                observer="PN",
                task="medicines_round",
                shift_band=("day", "day", "evening", "night")[number],
                weekend=number == 3,
                announced=number == 0,
                steps_observed=12,
                steps_met=met,
                asked_person=True,
                recorded_at_once=met == 12,
                near_miss=False,
                outcome="competent" if met == 12 else "competent_with_advice",
            )


def controlled_drug_checks(maker: Maker) -> None:
    """One a day, by two people."""
    for week in maker.weeks("mar_compliance_pct"):
        for day in range(7):
            moment = at(week.day(day), 20, 5)
            maker.add(
                "cd_check",
                "GA",
                moment,
                scheduled_for=at(week.day(day), 20, 0),
                checked_at=moment,
                on_time=True,
                balances_checked=6,
                balances_agreeing=6,
                first_signature="GA",
                second_signature="AO",
            )
