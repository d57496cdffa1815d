"""Where a service stands with the regulator, in the strip that opens its pages."""

from datetime import date

from mendline.catalogue.calendar import plan_ends_on
from mendline.catalogue.wording import counted, lateness, listed, long_date
from mendline.places.rows import Place
from mendline.places.wording import RATING_NUMBERS, RATING_WORDS, key_question_words, plan_week, rating_term
from mendline.web.components import RegulatorCell, Weeks


def regulator_cells(place: Place, today: date) -> tuple[RegulatorCell, ...]:
    """Rating, breaches, the nearest warning notice and the plan's week; what there is not is left out."""
    cells = []
    if place.rating:
        lowest, rest = key_question_words(place.rating)
        cells.append(
            RegulatorCell(
                rating_term(place.rating),
                RATING_WORDS.get(place.rating.overall, "Not rated"),
                f"{lowest}." if rest else lowest,
                rest,
                rating=RATING_NUMBERS.get(place.rating.overall, 0),
            )
        )
    breaches = [each for each in place.requirements if each.kind == "breach"]
    if place.rating:
        numbers = sorted({each.regulation.removeprefix("hsca-").upper() for each in breaches}, key=_in_order)
        cells.append(
            RegulatorCell(
                "Breaches of regulation",
                f"{len(breaches)} open" if breaches else "None open",
                f"{'Regulation' if len(numbers) == 1 else 'Regulations'} {listed(numbers)}" if numbers else "",
            )
        )
    notices = [each for each in place.requirements if each.kind == "warning_notice" and each.comply_by]
    if notices and notices[0].comply_by:
        left = (notices[0].comply_by - today).days
        cells.append(
            RegulatorCell(
                f"Warning notice, Regulation {notices[0].regulation.removeprefix('hsca-').upper()}",
                f"{counted(left, 'day')} left" if left >= 0 else lateness(notices[0].comply_by, today),
                f"Comply by {long_date(notices[0].comply_by)}.",
            )
        )
    if place.plan:
        week = plan_week(place.plan.starts_on, place.plan.weeks, today)
        last = plan_ends_on(place.plan.starts_on, place.plan.weeks)
        cells.append(
            RegulatorCell(
                "Recovery plan",
                f"Week {week} of {place.plan.weeks}" if week else f"Starts {long_date(place.plan.starts_on)}",
                f"{'Ended' if last < today else 'Ends'} {long_date(last)}",
                weeks=Weeks(week, place.plan.weeks),
            )
        )
    return tuple(cells)


def _in_order(number: str) -> tuple[int, str]:
    """Regulation 9A stands between 9 and 10."""
    digits = "".join(letter for letter in number if letter.isdecimal())
    return int(digits or 0), number
