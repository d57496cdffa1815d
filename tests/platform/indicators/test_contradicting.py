import uuid
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import select
from support.facts import Home, a_home, a_provider
from support.tenancy import Place, signed_in

from mendline.indicators.contradicting import answer_contradiction, exempt_letter, record_contradiction
from mendline.indicators.model import Contradiction, ContradictionAnswer, EvidenceExemption, StaleMark
from tenants.database import Database
from tenants.errors import ConflictError, NotFoundError, NotPermittedError, RefusedError
from tenants.reach import Reach

TODAY = date(2026, 11, 17)


@dataclass(frozen=True)
class Setting:
    db: Database
    reach: Reach
    home: Home

    @property
    def here(self) -> dict[str, uuid.UUID]:
        home = self.home
        return {
            "provider_id": home.provider_id,
            "service_id": home.service_id,
            "indicator_id": home.indicator_id,
        }

    def contradict(self, reach: Reach | None = None, **changes) -> uuid.UUID:
        given = {
            "source": "E-046",
            "says": "Stock and chart differ by four doses.",
            "noticed_on": TODAY,
            "today": TODAY,
        }
        using = reach or self.reach
        with self.db.transaction(using) as session:
            return record_contradiction(session, using, **self.here, **{**given, **changes})

    def answer(self, which: uuid.UUID, words: str = "Four doses were signed on the wrong line.") -> None:
        with self.db.transaction(self.reach) as session:
            answer_contradiction(session, self.reach, **self.here, contradiction_id=which, answer=words)

    def exempt(
        self, letter: str = "F", reason: str = "Nobody but staff sees a balance.", *, applies: bool = True
    ) -> int:
        with self.db.transaction(self.reach) as session:
            return exempt_letter(session, self.reach, **self.here, letter=letter, applies=applies, reason=reason)

    def rows(self, model: type) -> list:
        with self.db.transaction(self.reach) as session:
            return list(session.scalars(select(model).where(model.provider_id == self.home.provider_id)).all())


@pytest.fixture
def setting(database: Database) -> Setting:
    with database.administration() as session:
        provider_id = a_provider(session)
        home = a_home(session, provider_id)
    return Setting(database, database.command_reach(provider_id), home)


def test_a_contradiction_is_kept_with_its_source_and_the_figure_is_judged_again(setting: Setting) -> None:
    setting.contradict()
    (row,) = setting.rows(Contradiction)
    assert (row.source, row.origin) == ("E-046", "person")
    assert setting.rows(StaleMark)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"source": " "}, "source"), ({"says": "No."}, "says"), ({"noticed_on": date(2026, 11, 18)}, "noticed_on")],
)
def test_a_contradiction_names_its_source_and_what_it_says(setting: Setting, changes, field) -> None:
    with pytest.raises(RefusedError) as refused:
        setting.contradict(**changes)
    assert set(refused.value.problems) == {field}


def test_an_answer_is_written_once_and_both_stay(setting: Setting) -> None:
    which = setting.contradict()
    setting.answer(which)
    assert len(setting.rows(Contradiction)) == len(setting.rows(ContradictionAnswer)) == 1
    with pytest.raises(ConflictError):
        setting.answer(which)


def test_an_answer_says_something_and_belongs_to_a_contradiction(setting: Setting) -> None:
    which = setting.contradict()
    with pytest.raises(RefusedError):
        setting.answer(which, "Fine.")
    with pytest.raises(NotFoundError):
        setting.answer(uuid.uuid4())


def test_a_kind_of_evidence_is_exempt_with_a_reason_and_the_newest_word_holds(setting: Setting) -> None:
    assert setting.exempt() == 1
    assert setting.exempt(applies=False, reason="Families can see the balance now.") == 2
    assert [row.applies for row in setting.rows(EvidenceExemption)] == [True, False]


@pytest.mark.parametrize(("letter", "reason"), [("R", "There are no records."), ("X", "It is unknown."), ("F", "No")])
def test_records_are_never_exempt_and_a_reason_is_needed(setting: Setting, letter, reason) -> None:
    with pytest.raises(RefusedError):
        setting.exempt(letter, reason)
    assert setting.rows(EvidenceExemption) == []


def test_whoever_adds_no_evidence_records_no_contradiction(database: Database, setting: Setting) -> None:
    place = Place(setting.home.provider_id, setting.home.service_id, "")
    carer = signed_in(database, "carer", place)
    with pytest.raises(NotPermittedError):
        setting.contradict(carer)
