"""Sentences that open the pages of services, made from the counts and nothing else."""

from datetime import date

from mendline.catalogue import calendar
from mendline.catalogue.wording import counted, listed, long_date
from mendline.indicators.standing import Standing
from mendline.places.rows import Neighbour, Place, Rating, ServiceLine

KIND_WORDS = {
    "residential": "Residential care home",
    "nursing": "Nursing home",
    "home_care": "Home-care branch",
    "supported_living": "Supported living service",
}
RATING_NUMBERS = {"inadequate": 1, "requires_improvement": 2, "good": 3, "outstanding": 4}
RATING_WORDS = {
    "inadequate": "Inadequate",
    "requires_improvement": "Requires improvement",
    "good": "Good",
    "outstanding": "Outstanding",
}
KEY_QUESTION_WORDS = {
    "safe": "Safe",
    "effective": "Effective",
    "caring": "Caring",
    "responsive": "Responsive",
    "well-led": "Well-led",
}
TRIGGER_ROLES = {
    "registered_manager": "the registered manager",
    "nominated_individual": "the nominated individual",
    "provider_oversight": "provider oversight",
}


def tallied(standings: tuple[Standing, ...]) -> dict[str, int]:
    """How many indicators read one way; whatever is not supported counts as that and as nothing else."""
    counts = {"improving": 0, "stable": 0, "deteriorating": 0, "not_supported": 0}
    for standing in standings:
        if not standing.is_judged:
            counts["not_supported"] += 1
        elif standing.composite == "changed":
            counts["stable"] += 1
        else:
            counts[standing.composite] += 1
    return counts


def summary_sentence(standings: tuple[Standing, ...]) -> str:
    """How a dashboard opens: how many improve, how many get worse, how many cannot be relied on yet."""
    total = len(standings)
    if not total:
        return "No indicators have been chosen for this service yet."
    counts = tallied(standings)
    up, down, unsure = counts["improving"], counts["deteriorating"], counts["not_supported"]
    first = f"{up or 'None'} of {counted(total, 'indicator')} {'is' if up in (0, 1) else 'are'} improving."
    worse = "None is getting worse" if not down else f"{down} {'is' if down == 1 else 'are'} getting worse"
    if not unsure:
        return f"{first} {worse}, and all can be relied on."
    return f"{first} {worse}, and {unsure} cannot be relied on yet."


def listing_sentence(lines: tuple[ServiceLine, ...]) -> str:
    """What a list of services opens with."""
    if not lines:
        return "Your sign-in covers no service at present."
    waiting = sum(line.unescalated > 0 for line in lines)
    worse = sum(line.deteriorating for line in lines)
    results = f"{counted(worse, 'result')} {'is' if worse == 1 else 'are'}" if worse else "No result is"
    said = f"{results} getting worse across {counted(len(lines), 'service')}."
    if waiting:
        said += f" {counted(waiting, 'service')} {'has' if waiting == 1 else 'have'} a decline without a decision."
    return said


def week_words(place: Place) -> str:
    """`Week 7 of 10`, as every page of a service says it; nothing without a plan."""
    plan = place.plan
    if plan is None or plan.as_of is None:
        return ""
    return calendar.plan_week(plan.starts_on, plan.weeks, plan.as_of).label


def service_line(place: Place, figures_to: str, week: str = "") -> str:
    """What stands under a service's name."""
    people = f", {counted(place.people_count, 'person', 'people')}" if place.people_count else ""
    manager = f" Registered manager {place.registered_manager}." if place.registered_manager else ""
    until = f" Figures to {figures_to}." if figures_to else " No figures yet."
    plan = f" Recovery plan: {week.lower()}." if week else ""
    return f"{KIND_WORDS.get(place.kind, 'Service')}{people}.{manager}{until}{plan}{_life_words(place)}"


def _life_words(place: Place) -> str:
    """That it closed, what it follows and what follows it."""
    said = f" Closed on {long_date(place.closed_on)}." if place.closed_on else ""
    if place.before:
        said += f" {follows_words(place.before)}"
    if place.after:
        said += f" {place.after.name} follows it from {long_date(place.after.from_on)}."
    return said


def follows_words(before: Neighbour) -> str:
    """What stands on the newer one: `Follows Old House, closed 3 May 2026: its history is there`."""
    closed = f", closed {long_date(before.closed_on)}" if before.closed_on else ""
    return f"Follows {before.name}{closed}: its history is there."


def rating_term(rating: Rating) -> str:
    """What the rating's cell is headed."""
    when = rating.published_on or rating.inspected_on
    return f"CQC rating, {'published' if rating.published_on else 'visit of'} {long_date(when)}"


def key_question_words(rating: Rating) -> tuple[str, str]:
    """The key questions in two parts: the lowest, which is always shown, and the rest, for wide screens."""
    by_word: dict[str, list[str]] = {}
    for question, found in rating.key_questions.items():
        by_word.setdefault(found, []).append(KEY_QUESTION_WORDS.get(question, question))
    ordered = sorted(by_word, key=lambda found: RATING_NUMBERS.get(found, 9))
    parts = [f"{listed(by_word[found])}: {RATING_WORDS.get(found, 'Not rated')}" for found in ordered]
    return (parts[0] if parts else "", ". ".join(parts[1:]))


def plan_week(starts_on: date, weeks: int, today: date) -> int:
    """Which Monday week of a plan it is, the first one 1; 0 before its start, and the last one after its end."""
    return min(calendar.plan_week(starts_on, weeks, today).number, weeks)
