import uuid
from dataclasses import replace
from datetime import date

import pytest

from mendline.evidence.rules import GivenEvidence, evidence_problems

TODAY = date(2026, 1, 20)
GOOD = GivenEvidence(
    letter="A",
    title="Medicines audit, Primrose unit",
    dated_on=TODAY,
    system="Governance folder",
    where_to_look="Audits, January",
    sha256="0f" * 32,
    sample_size=40,
    supports=(uuid.UUID(int=1),),
)


def test_evidence_of_today_with_everything_said_has_no_problem() -> None:
    assert evidence_problems(GOOD, TODAY) == {}


def test_a_fingerprint_a_sample_size_and_a_figure_may_be_left_out() -> None:
    assert evidence_problems(replace(GOOD, sha256=None, sample_size=None, supports=()), TODAY) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("letter", "X"),
        ("letter", ""),
        ("title", "Audit"),
        ("title", "x" * 301),
        ("title", "Medicines\x00 audit"),
        ("system", ""),
        ("where_to_look", ""),
        ("dated_on", None),
        ("dated_on", date(2026, 1, 21)),
        ("sha256", "0f" * 31),
        ("sha256", "zz" * 32),
        ("sample_size", 0),
        ("sample_size", 100_001),
    ],
)
def test_what_is_missing_or_cannot_be_is_said_beside_its_field(field: str, value: object) -> None:
    problems = evidence_problems(replace(GOOD, **{field: value}), TODAY)  # type: ignore[arg-type]
    assert list(problems) == [field]
    assert problems[field].endswith((".", "”."))


def test_every_problem_is_said_at_once() -> None:
    problems = evidence_problems(GivenEvidence("", "", None, "", "", "x", 0, ()), TODAY)
    assert set(problems) == {"letter", "title", "dated_on", "system", "where_to_look", "sha256", "sample_size"}
