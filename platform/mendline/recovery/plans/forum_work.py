"""The reviews of the recovery loop as dated work, where no step of a plan asks for them, as a pure rule.

A service in recovery is reviewed by its deputy (sampling), its manager, the quality lead and the nominated individual.
A plan's own steps ask for some of these; the others are dated beside them, once for a service, whatever its plans.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any

from mendline.recovery.reviews.rhythm import FORUMS, FRIDAY, Forum

REVIEW = "indicator_review"
# What work items carry in the place of a step's number.
NUMBERS: Mapping[str, int] = MappingProxyType({key: 101 + place for place, key in enumerate(FORUMS)})
FORUM_OF: Mapping[int, Forum] = MappingProxyType({number: FORUMS[key] for key, number in NUMBERS.items()})


def with_forums(steps: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The steps of running plans, and after those of each service the reviews that none of them asks for.

    Args:
        steps: rows in order of service and plan, each with role, cadence and record_types beside its plan's days.
    """
    for _, found in groupby(steps, key=lambda step: step["service_id"]):
        here = list(found)
        yield from here
        first = min(here, key=lambda step: (step["starts_on"], str(step["plan_id"])))
        for forum in FORUMS.values():
            if not any(_asks_for(step, forum) for step in here):
                yield {**first, **_step_of(forum)}


def _asks_for(step: Mapping[str, Any], forum: Forum) -> bool:
    return (step["role"], step["cadence"]) == (forum.role, forum.cadence) and REVIEW in step["record_types"]


def _step_of(forum: Forum) -> dict[str, Any]:
    return {
        "number": NUMBERS[forum.key],
        "role": forum.role,
        "action": forum.label,
        "record": "Signed review",
        "record_types": [REVIEW],
        "cadence": forum.cadence,
        "at_least": 1,
        "due_weekday": FRIDAY,
        "shifts": [],
        "changed_on": None,
        "until": None,
    }
