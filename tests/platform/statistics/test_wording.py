from datetime import date, timedelta
from typing import Any

import pytest

from mendline.statistics.judgement import Judgement
from mendline.statistics.signals import RecentSignal
from mendline.statistics.wording import STATUS_WORDS, TARGET_WORDS, day, icon_alternative, sentence

WEEKS = [date(2026, 3, 2) + timedelta(weeks=week) for week in range(18)]


def a_judgement(**changes: Any) -> Judgement:
    facts: dict[str, Any] = {
        "status": "deteriorating",
        "reason": "shift",
        "chart": "xmr",
        "rule_set_version": "2026.1",
        "needed_points": 12,
        "usable_points": 18,
        "basis": "shift",
        "since_index": 9,
        "signal_length": 8,
        "signal_high": True,
        "variation": "concern_high",
        "assurance": "inconsistent",
        **changes,
    }
    return Judgement(**facts)


def test_a_sustained_decline_is_told_with_its_length_and_start() -> None:
    told = sentence(a_judgement(), "Falls with harm", cadence="weekly", dates=WEEKS, plural=True)
    assert told == (
        "Falls with harm are deteriorating: 8 weeks in a row above the usual level (since 4 May). "
        "The process will sometimes miss the target."
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"basis": "limits", "signal_length": 1, "since_index": 17, "assurance": None},
         "Falls is deteriorating: one unusual result above the expected range (29 June), check it."),
        ({"basis": "trend", "signal_length": 7, "since_index": 11, "assurance": "fail"},
         "Falls is deteriorating: 7 weeks in a row rising (since 18 May). The process misses the target: act now."),
        ({"basis": "two_in_three", "signal_length": 3, "since_index": 15, "assurance": "pass"},
         ("Falls is deteriorating: two of the last three weeks close to the upper limit (since 15 June). "
          "Still inside the target: an early warning.")),
        ({"status": "stable", "basis": None, "signal_high": None, "assurance": "fail"},
         "Falls is stable: usual variation. It will keep missing the target until something changes."),
        ({"conflict": True, "assurance": None},
         ("Falls is deteriorating: 8 weeks in a row above the usual level (since 4 May). "
          "Another rule points the other way: ask what happened.")),
        ({"status": "stable", "basis": None, "assurance": None, "recent_signal": RecentSignal(14, 1, "limits")},
         "Falls is stable: usual variation. A change marked 8 June has not lasted."),
        ({"status": "insufficient", "reason": "too_few_points", "usable_points": 8, "early_signal": True},
         "Falls: not enough to say (8 of 12 weeks so far). An early sign of getting worse is visible."),
        ({"status": "insufficient", "reason": "new_baseline", "usable_points": 5, "last_status": "deteriorating"},
         "Falls: not enough to say (new baseline, 5 of 12 weeks). Before it: deteriorating."),
        ({"status": "insufficient", "reason": "out_of_date", "due": date(2026, 7, 15), "last_status": "stable"},
         "Falls: out of date: the next figure was due by 15 July 2026. When last current: stable."),
        ({"status": "insufficient", "reason": "no_figures"}, "Falls: no figures yet."),
        ({"status": "insufficient", "reason": "gaps"},
         "Falls: not enough to say (more than one in five of the last 12 weeks are missing)."),
    ],
)  # fmt: skip
def test_each_reason_has_its_sentence(changes: dict[str, Any], expected: str) -> None:
    assert sentence(a_judgement(**changes), "Falls", cadence="weekly", dates=WEEKS) == expected


def test_the_words_for_status_and_target_are_fixed() -> None:
    assert STATUS_WORDS["insufficient"] == "Not supported"
    assert list(TARGET_WORDS.values()) == ["Meets target", "Hit and miss", "Misses target", "Not judged"]


def test_an_icon_has_a_text_with_direction() -> None:
    assert icon_alternative(a_judgement(), WEEKS) == "Concern: higher than usual since 4 May"
    assert icon_alternative(a_judgement(variation="improvement_low")) == "Improvement: lower than usual"
    assert icon_alternative(a_judgement(variation="common_cause")) == "Stable: usual variation"
    assert icon_alternative(a_judgement(variation="insufficient")) == "Not enough to say"


def test_a_date_of_another_year_names_the_year() -> None:
    assert day(date(2025, 12, 1), WEEKS) == "1 December 2025"
