"""What follows from an answer is not asked for on a phone."""

from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from mendline.capture.forms import read_form, read_sent
from mendline.capture.rules import open_questions
from mendline.catalogue.capture_forms import capture_forms

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
FEEDBACK = capture_forms()["feedback"]
RECORD = "0198c0de-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("answer", "positive"), [("always", "yes"), ("usually", "yes"), ("sometimes", "no"), ("comment_only", "no")]
)
def test_whether_an_answer_is_one_of_the_top_two_follows_from_it(answer: str, positive: str) -> None:
    assert "positive" not in FEEDBACK.names
    plain = read_form(FEEDBACK, MultiDict([("record_id", RECORD), ("answer", answer)]), device="a phone", at=AT)
    assert plain.answers["positive"] == positive
    sent: dict[str, Any] = {
        "record_id": RECORD, "answers": {"answer": answer, "positive": "maybe"}, "finished_at": AT.isoformat(),
        "sent_at": AT.isoformat(),
    }  # fmt: skip
    assert read_sent(FEEDBACK, sent, device="a phone").answers["positive"] == positive


def test_where_the_answer_is_not_known_yet_nothing_follows_and_one_question_is_open() -> None:
    given = FEEDBACK.given({"respondent": "person"})
    assert given == {}
    assert open_questions(FEEDBACK, given, ("answer",)) == ("answer",)
