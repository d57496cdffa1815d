"""Charts set by hand and limits set anew: by whom, with what reason, and what stays on the record."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from support.facts import Home, a_baseline, a_home, a_provider, figures
from support.tenancy import Place, signed_in

from mendline.comparison.derivation import derive_marked
from mendline.indicators.chart_commands import AskedBase, Chart, ask_new_base, choose_chart, decide_new_base, leave_out
from mendline.indicators.chart_queries import bases_of, choices_of, happenings_of
from mendline.indicators.model import ChartEvent, IndicatorStatus
from tenants.database import Database
from tenants.errors import ConflictError, NotFoundError, NotPermittedError, RefusedError
from tenants.ledger import LedgerEntry
from tenants.reach import Reach

FIRST = date(2026, 1, 5)
BASELINE = [90, 91, 89, 92, 88, 90, 91, 90, 89, 92, 90, 88]
BETTER = [97, 98, 97, 96, 98, 97, 96, 98]
CHANGED = FIRST + timedelta(weeks=12)
TODAY = FIRST + timedelta(weeks=20, days=1)
ASKED = AskedBase(CHANGED, "Two people check each chart.", "The old range no longer fits.", "A-022", lasting=True)


@dataclass(frozen=True)
class Setting:
    db: Database
    home: Home
    manager: Reach
    lead: Reach

    @property
    def chart(self) -> Chart:
        return Chart(self.home.provider_id, self.home.service_id, self.home.indicator_id)

    def derive(self) -> IndicatorStatus:
        command = self.db.command_reach(self.home.provider_id)
        with self.db.transaction(command) as session:
            derive_marked(session, self.home.provider_id, TODAY)
            found = session.scalars(
                select(IndicatorStatus).where(IndicatorStatus.provider_id == self.home.provider_id)
            ).one()
            session.expunge(found)
        return found

    def choose(self, kind: str = "xmr", reason: str = "The board reads XmR", reach: Reach | None = None) -> int:
        using = reach or self.manager
        with self.db.transaction(using) as session:
            return choose_chart(session, using, self.chart, kind=kind, reason=reason, today=TODAY)

    def ask(self, asked: AskedBase = ASKED, reach: Reach | None = None) -> uuid.UUID:
        using = reach or self.manager
        with self.db.transaction(using) as session:
            return ask_new_base(session, using, self.chart, asked)

    def decide(self, base_id: uuid.UUID, reach: Reach, *, approve: bool = True, words: str = "It has held.") -> None:
        with self.db.transaction(reach) as session:
            decide_new_base(session, reach, self.chart, base_id, approve=approve, words=words)

    def leave(self, period: date, reason: str = "Norovirus in the home") -> bool:
        with self.db.transaction(self.manager) as session:
            return leave_out(session, self.manager, self.chart, period=period, reason=reason)

    def acts(self) -> list[str]:
        with self.db.administration() as session:
            rows = session.scalars(
                select(LedgerEntry.act)
                .where(LedgerEntry.provider_id == self.home.provider_id)
                .order_by(LedgerEntry.recorded_at)
            )
            return list(rows)

    def events(self) -> list[ChartEvent]:
        with self.db.administration() as session:
            found = session.scalars(select(ChartEvent).where(ChartEvent.provider_id == self.home.provider_id)).all()
            session.expunge_all()
        return list(found)


@pytest.fixture
def here(database: Database) -> Setting:
    with database.administration() as session:
        provider_id = a_provider(session)
        home = a_home(session, provider_id)
        figures(session, home, [(float(count * 2), 200.0) for count in [*BASELINE, *BETTER]])
        a_baseline(session, home, first_period=FIRST, last_period=FIRST + timedelta(weeks=11), periods=12)
    place = Place(home.provider_id, home.service_id, "ROWAN")
    setting = Setting(
        database,
        home,
        signed_in(database, "registered_manager", place),
        signed_in(database, "registered_manager", place),
    )
    setting.choose("fitting", "Begin")
    setting.derive()
    return setting


def test_a_chart_set_by_hand_is_read_marks_the_chart_and_stands_in_the_ledger(here: Setting) -> None:
    assert here.derive().series["chart"] == "p"
    assert here.choose() == 2
    row = here.derive()
    assert row.series["chart"] == "xmr"
    assert "set by hand: The board reads XmR" in row.series["chart_reason"]
    assert any(event.kind == "chart" and event.why == "The board reads XmR" for event in here.events())
    assert here.acts()[-1] == "chart set"


def test_the_choice_can_be_given_back_to_the_figures_and_both_stay_on_the_record(here: Setting) -> None:
    here.choose()
    here.choose("fitting", "The p chart says more")
    assert here.derive().series["chart"] == "p"
    with here.db.transaction(here.manager) as session:
        kept = choices_of(session, *here.chart.keys.values())
    assert [(line.version, line.chart) for line in kept] == [(3, "fitting"), (2, "xmr"), (1, "fitting")]


@pytest.mark.parametrize(("kind", "reason", "field"), [("u", "Why not", "chart"), ("xmr", " ", "chart_reason")])
def test_a_chart_that_does_not_suit_or_has_no_reason_is_refused(
    here: Setting, kind: str, reason: str, field: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        here.choose(kind, reason)
    assert field in refused.value.problems


def test_a_carer_settles_nothing(here: Setting) -> None:
    place = Place(here.home.provider_id, here.home.service_id, "ROWAN")
    carer = signed_in(here.db, "senior_carer", place)
    with pytest.raises(NotPermittedError):
        here.choose(reach=carer)
    with pytest.raises(NotPermittedError):
        here.ask(reach=carer)


def test_new_limits_wait_for_another_person_and_change_nothing_until_then(here: Setting) -> None:
    before = here.derive()
    base_id = here.ask()
    assert here.derive().series["phases"] == before.series["phases"]
    with pytest.raises(RefusedError) as refused:
        here.decide(base_id, here.manager)
    assert "Another person" in refused.value.problems["decision"]
    with here.db.transaction(here.manager) as session:
        (line,) = bases_of(session, *here.chart.keys.values())
    assert (line.decision, line.starts_on) == (None, CHANGED)


def test_agreed_limits_begin_a_new_stretch_and_keep_the_old_one(here: Setting) -> None:
    before = here.derive()
    here.decide(here.ask(), here.lead)
    row = here.derive()
    assert (row.status, row.reason) == ("insufficient", "new_baseline")
    assert row.usable_points == 8
    assert row.series["phases"][0]["lower"] == pytest.approx(before.series["phases"][0]["lower"])
    assert [phase["start"] for phase in row.series["phases"]] == [0, 12]
    (event,) = [one for one in here.events() if one.kind == "limits"]
    assert (event.happened_on, event.reference) == (CHANGED, "A-022")
    assert here.acts()[-2:] == ["new limits asked for", "new limits agreed"]
    with here.db.transaction(here.manager) as session:
        assert any(one.day == CHANGED for one in happenings_of(session, *here.chart.keys.values()))


def test_refused_limits_leave_the_old_ones_and_the_reason(here: Setting) -> None:
    before = here.derive()
    here.decide(here.ask(), here.lead, approve=False, words="Wait for the audit.")
    assert here.derive().series["phases"] == before.series["phases"]
    with here.db.transaction(here.manager) as session:
        (line,) = bases_of(session, *here.chart.keys.values())
    assert (line.decision, line.note) == ("refused", "Wait for the audit.")
    assert here.ask() != line.base_id, "it may be asked for again"


def test_nobody_decides_twice_and_two_requests_do_not_wait_at_once(here: Setting) -> None:
    base_id = here.ask()
    with pytest.raises(ConflictError):
        here.ask()
    here.decide(base_id, here.lead)
    with pytest.raises(ConflictError):
        here.decide(base_id, here.lead)
    with pytest.raises(NotFoundError):
        here.decide(uuid.uuid4(), here.lead)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": FIRST + timedelta(weeks=3)}, "starts_on"),
        ({"starts_on": FIRST + timedelta(weeks=16)}, "starts_on"),
        ({"starts_on": None}, "starts_on"),
        ({"what_changed": ""}, "what_changed"),
        ({"reason": " "}, "base_reason"),
        ({"evidence_reference": ""}, "evidence_reference"),
        ({"lasting": False}, "lasting"),
    ],
    ids=str,
)
def test_new_limits_need_a_known_lasting_change_that_shows(
    here: Setting, changes: dict[str, object], field: str
) -> None:
    fields = {name: getattr(ASKED, name) for name in ASKED.__slots__}
    with pytest.raises(RefusedError) as refused:
        here.ask(AskedBase(**{**fields, **changes}))
    assert field in refused.value.problems


def test_steady_figures_offer_no_new_limits(database: Database) -> None:
    with database.administration() as session:
        provider_id = a_provider(session)
        home = a_home(session, provider_id)
        figures(session, home, [(float(count), 100.0) for count in BASELINE * 2])
    place = Place(home.provider_id, home.service_id, "ELM")
    manager = signed_in(database, "registered_manager", place)
    setting = Setting(database, home, manager, manager)
    setting.choose("fitting", "Begin")
    setting.derive()
    with pytest.raises(RefusedError) as refused:
        setting.ask()
    assert "no lasting change" in refused.value.problems["starts_on"]


def test_the_moment_of_a_decision_counts_as_newest_fact(here: Setting) -> None:
    here.decide(here.ask(), here.lead)
    newest = here.derive().facts_recorded_at
    assert newest is not None
    assert newest > datetime(2026, 6, 1, tzinfo=UTC)


def test_case_32_an_exceptional_week_stays_on_the_chart_and_is_left_out_of_the_limits_with_its_reason(
    here: Setting,
) -> None:
    outbreak = FIRST + timedelta(weeks=4)
    before = here.derive()
    assert here.leave(outbreak)
    after = here.derive()
    assert after.series["values"] == before.series["values"]
    assert after.series["left_out"] == [outbreak.isoformat()]
    assert after.series["phases"][0]["centre"] == pytest.approx((sum(BASELINE) - 88) / 11)
    assert after.series["phases"][0]["centre"] != before.series["phases"][0]["centre"]
    assert "Left out of it as exceptional: week of 2 February 2026." in after.series["base"]
    (event,) = [each for each in here.events() if each.kind == "left_out"]
    assert (event.happened_on, event.why) == (outbreak, "Norovirus in the home")
    assert not here.leave(outbreak, "It was the week before")
    back = here.derive()
    assert back.series["left_out"] == []
    assert back.series["phases"] == before.series["phases"]
    assert here.acts()[-2:] == ["period left out of the limits", "period put back into the limits"]


def test_a_period_is_left_out_with_a_reason_and_as_an_exception_only(here: Setting) -> None:
    for period, reason, field in (
        (FIRST, " ", "out_reason"),
        (FIRST - timedelta(weeks=9), "A flood", "period"),
        (None, "A flood", "period"),
    ):
        with pytest.raises(RefusedError) as told:
            here.leave(period, reason)  # type: ignore[arg-type]
        assert set(told.value.problems) == {field}
    for week in range(4):
        here.leave(FIRST + timedelta(weeks=week))
        here.derive()
    with pytest.raises(RefusedError, match="Nothing was changed"):
        here.leave(FIRST + timedelta(weeks=4))
