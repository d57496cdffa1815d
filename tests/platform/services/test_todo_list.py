"""What is missing behind a figure is something to do, and goes by itself when it is done."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from support.facts import Home, a_home, a_provider, figures
from support.standings import at_address
from support.tenancy import Place, signed_in

from mendline.comparison.derivation import derive_marked
from mendline.evidence.commands import add_evidence
from mendline.evidence.rules import GivenEvidence
from mendline.indicators.contradicting import answer_contradiction, exempt_letter, record_contradiction
from mendline.indicators.queries import standings
from mendline.indicators.standing import Standing
from mendline.services.todo_list import evidence_to_find
from mendline.web.components import WorkItem
from tenants.clock import now, today
from tenants.database import Database
from tenants.reach import Reach


@dataclass(frozen=True)
class Setting:
    db: Database
    manager: Reach
    home: Home

    @property
    def here(self) -> dict[str, uuid.UUID]:
        return {"provider_id": self.home.provider_id, "service_id": self.home.service_id}

    def add(self, letter: str, seen_at: str | None = None, by: Reach | None = None) -> None:
        reach = by or self.manager
        given = GivenEvidence(
            letter, "Sheets of this week", today(), "Drive", "Folder 3", None, 200, (self.home.indicator_id,), seen_at
        )
        with self.db.transaction(reach) as session:
            add_evidence(session, reach, **self.here, evidence_id=uuid.uuid4(), given=given, today=today(), at=now())

    def judged(self) -> Standing:
        reach = self.db.command_reach(self.home.provider_id)
        with self.db.transaction(reach) as session:
            derive_marked(session, self.home.provider_id, today())
            return standings(session, self.home.provider_id, self.home.service_id)[0]

    def work(self) -> tuple[WorkItem, ...]:
        with self.db.transaction(self.manager) as session:
            lists = evidence_to_find(session, self.manager, [self.home.provider_id], address=at_address, tell=False)
        return lists[0].items if lists else ()


@pytest.fixture
def setting(database: Database) -> Setting:
    first = today() - timedelta(days=today().weekday(), weeks=16)
    with database.administration() as session:
        provider_id = a_provider(session)
        home = a_home(session, provider_id)
        figures(session, home, [(180 + week % 5, 200) for week in range(16)], first=first)
    manager = signed_in(database, "registered_manager", Place(provider_id, home.service_id, ""))
    return Setting(database, manager, home)


def test_each_gap_is_a_todo_with_its_form_and_closes_itself_when_it_is_filled(setting: Setting) -> None:
    setting.add("F")
    standing = setting.judged()
    assert [todo["mark"] for todo in standing.todos] == ["R", "A", "P"]
    assert standing.composite == "not_supported"
    (item,) = setting.work()
    assert (item.when, item.button.label) == ("3 things missing", "Add")
    for letter in ("R", "A", "P"):
        setting.add(letter, "evening" if letter == "P" else None)
    standing = setting.judged()
    assert (standing.evidence_level, standing.todos, standing.composite) == ("strong", [], "stable")
    assert setting.work() == ()


def test_a_contradiction_makes_the_figure_hollow_until_it_is_answered(setting: Setting) -> None:
    for letter in "RAFP":
        setting.add(letter, "night")
    ids = {**setting.here, "indicator_id": setting.home.indicator_id}
    with setting.db.transaction(setting.manager) as session:
        which = record_contradiction(
            session, setting.manager, **ids, source="Pharmacy visit", says="Counts did not agree on two of six charts.",
            noticed_on=today(), today=today(),
        )  # fmt: skip
    standing = setting.judged()
    assert (standing.evidence_level, standing.composite, standing.is_supported) == (
        "contradicted",
        "not_supported",
        False,
    )
    assert "points the other way without an answer" in standing.sentence
    assert standing.todos[0]["form"] == "answer"
    with setting.db.transaction(setting.manager) as session:
        answer_contradiction(
            session, setting.manager, **ids, contradiction_id=which, answer="The two charts were of the week before."
        )
    assert setting.judged().composite == "stable"


def test_a_kind_that_is_exempt_here_is_asked_for_no_more(setting: Setting) -> None:
    setting.add("R")
    ids = {**setting.here, "indicator_id": setting.home.indicator_id}
    with setting.db.transaction(setting.manager) as session:
        exempt_letter(
            session, setting.manager, **ids, letter="F", applies=True, reason="Nobody but staff sees the balance."
        )
    standing = setting.judged()
    assert standing.evidence_marks["F"] == "not_applicable"
    assert [todo["mark"] for todo in standing.todos] == ["A", "P"]


def test_a_check_by_whoever_entered_the_figure_is_not_independent(setting: Setting) -> None:
    from mendline.indicators.commands import enter_observation

    with setting.db.transaction(setting.manager) as session:
        enter_observation(
            session, setting.manager, **setting.here, indicator_id=setting.home.indicator_id,
            period_start=today() - timedelta(days=today().weekday()), numerator=90, denominator=100, today=today(),
        )  # fmt: skip
    setting.add("A")
    assert setting.judged().evidence_marks["A"] == "not_independent"
    deputy = signed_in(setting.db, "deputy_manager", Place(setting.home.provider_id, setting.home.service_id, ""))
    setting.add("A", by=deputy)
    assert setting.judged().evidence_marks["A"] == "current"
