"""A change of rhythm or of milestones, as pure rules."""

import pytest

from mendline.recovery.plans.changing import StepRhythm, Stone, new_milestones, rhythm_problems

WEEKLY = StepRhythm("weekly", 1, 4)
STANDING = [
    {"week": 0, "title": "Baseline signed", "expects": []},
    {
        "week": 5,
        "title": "Mid-point review",
        "expects": [{"indicator": "mar_compliance_pct", "operator": ">=", "value": 95}],
    },
]
AS_THEY_ARE = (Stone(0, 0, "Baseline signed"), Stone(1, 5, "Mid-point review"))


@pytest.mark.parametrize(
    ("rhythm", "words"),
    [
        (StepRhythm("weekly", 3, 1), "Every week by Tuesday, 3 or more each time"),
        (StepRhythm("monthly", 1), "Every month"),
        (StepRhythm("as_due", 1, 4), "As each falls due, by Friday"),
        (StepRhythm("every_shift", 1, None, ("day", "night")), "Every shift: day and night"),
    ],
)
def test_a_rhythm_is_told_in_plain_words(rhythm: StepRhythm, words: str) -> None:
    assert rhythm.words() == words


@pytest.mark.parametrize(
    ("after", "field"),
    [
        (StepRhythm("hourly", 1), "cadence"),
        (WEEKLY, "cadence"),
        (StepRhythm("weekly", 0, 1), "at_least"),
        (StepRhythm("weekly", 1, 9), "weekday"),
        (StepRhythm("weekly", 1), "weekday"),
        (StepRhythm("every_shift", 1), "shifts"),
        (StepRhythm("every_shift", 1, None, ("noon",)), "shifts"),
    ],
)
def test_a_rhythm_that_cannot_be_is_refused_at_its_field(after: StepRhythm, field: str) -> None:
    assert set(rhythm_problems(WEEKLY, after)) == {field}


def test_a_rhythm_that_can_be_has_nothing_against_it() -> None:
    assert rhythm_problems(WEEKLY, StepRhythm("every_shift", 1, None, ("day", "night"))) == {}


def test_a_step_that_is_done_once_has_no_rhythm_to_change() -> None:
    assert "done once" in rhythm_problems(StepRhythm("once", 1), WEEKLY)["cadence"]


def test_a_milestone_moves_with_what_it_expects() -> None:
    found, says, problems = new_milestones(STANDING, (AS_THEY_ARE[0], Stone(1, 6, "Mid-point review")))
    assert problems == {}
    assert found[1] == STANDING[1] | {"week": 6}
    assert says == "“Mid-point review” moves from week 5 to week 6, 1 week later"


def test_a_milestone_is_renamed_taken_away_or_new_and_each_is_told() -> None:
    found, says, problems = new_milestones(STANDING, (Stone(1, 5, "Half time"), Stone(None, 3, "A first look")))
    assert problems == {}
    assert [(each["week"], each["title"]) for each in found] == [(3, "A first look"), (5, "Half time")]
    assert says == (
        "“Baseline signed” of week 0 is taken away; “Mid-point review” is now called “Half time”;"
        " “A first look” is new in week 3"
    )


def test_milestones_that_do_not_differ_share_a_week_or_say_nothing_are_refused() -> None:
    assert set(new_milestones(STANDING, AS_THEY_ARE)[2]) == {"milestones"}
    assert set(new_milestones(STANDING, (*AS_THEY_ARE, Stone(None, 5, "Another one")))[2]) == {"week_2"}
    assert set(new_milestones(STANDING, (*AS_THEY_ARE, Stone(None, 900, "ok")))[2]) == {"week_2", "title_2"}
