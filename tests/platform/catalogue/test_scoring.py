from collections.abc import Sequence

import pytest

from mendline.catalogue.frameworks import ScoringScheme, framework
from mendline.catalogue.scoring import key_question_view, overall_view


def scheme() -> ScoringScheme:
    found = framework("saf-2023").scoring
    assert found is not None
    return found


def test_one_score_of_one_holds_a_good_percentage_down() -> None:
    view = key_question_view([3, 2, 3, 3, 3, 2, 3, 1], scheme())
    assert (view.percentage, view.band, view.rating, view.limited) == (62.5, "good", "requires_improvement", True)


@pytest.mark.parametrize(
    ("scores", "rating"),
    [
        ([1, 1, 1, 1, 1], "inadequate"),
        ([3, 3, 3, 3, 3], "good"),
        ([4, 4, 4, 4, 3], "outstanding"),
        ([4, 4, 4, 4, 4, 4, 4, 2], "good"),
        ([2, 2, 2, 2], "requires_improvement"),
        ([2, 1], "inadequate"),
    ],
)
def test_scores_read_as_a_rating(scores: Sequence[int], rating: str) -> None:
    assert key_question_view(scores, scheme()).rating == rating


@pytest.mark.parametrize(("scores", "message"), [([], "at least one"), ([5], "5 is not a score"), ([0], "0 is not")])
def test_scores_outside_the_scheme_are_refused(scores: Sequence[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        key_question_view(scores, scheme())


@pytest.mark.parametrize(
    ("ratings", "overall"),
    [
        (["good"] * 5, "good"),
        (["good"] * 4 + ["requires_improvement"], "good"),
        (["good"] * 3 + ["requires_improvement"] * 2, "requires_improvement"),
        (["good"] * 4 + ["inadequate"], "requires_improvement"),
        (["good"] * 3 + ["inadequate"] * 2, "inadequate"),
        (["good"] * 3 + ["outstanding"] * 2, "outstanding"),
        (["good"] * 4 + ["outstanding"], "good"),
        (["outstanding"] * 4 + ["requires_improvement"], "good"),
    ],
)
def test_five_key_questions_weigh_the_same(ratings: list[str], overall: str) -> None:
    assert overall_view(ratings) == overall


def test_five_known_ratings_are_needed() -> None:
    with pytest.raises(ValueError, match="five ratings"):
        overall_view(["good"] * 4)
    with pytest.raises(ValueError, match="five ratings"):
        overall_view(["fine"] * 5)
