import uuid

import pytest

from tenants.errors import RefusedError
from tenants.separation import made_by, must_not_assure_own

ANN, BEN = uuid.uuid4(), uuid.uuid4()


def test_whoever_entered_a_figure_does_not_assure_it() -> None:
    with pytest.raises(RefusedError) as refused:
        must_not_assure_own(ANN, [BEN, ANN])
    assert "does not assure it" in refused.value.problems["decision"]


@pytest.mark.parametrize("makers", [[], [None], [BEN], [None, BEN]])
def test_somebody_else_may_and_a_figure_without_a_person_stands_in_nobody_s_way(makers: list[uuid.UUID | None]) -> None:
    must_not_assure_own(ANN, makers)
    assert not made_by(ANN, makers)
    assert not made_by(None, [None])
