"""The story of a service on a real database: what is in it, its order, its pages, and who sees it."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from support.escalating import an_escalation, works_as
from support.facts import a_home, a_provider, figures
from support.site import a_site, who_works_as
from support.triggers import Recovering, a_recovering_service, rows_of

from mendline.comparison.derivation import derive_indicators
from mendline.recovery.clocks.commands import GivenClockChange, GivenEvent, change_clock, start_clocks
from mendline.recovery.effects.commands import decide
from mendline.recovery.effects.queries import checks_at
from mendline.recovery.registers.action_commands import change_action, open_action
from mendline.recovery.story.commands import GivenChange, tell_change
from mendline.recovery.story.presenting import cursor_of, place_of
from mendline.recovery.story.queries import story_of
from mendline.recovery.story.rows import Asked, StoryLine
from tenants.clock import now, today
from tenants.database import Database
from tenants.errors import NotPermittedError, RefusedError
from tenants.reach import Reach


@pytest.fixture(scope="module")
def site(database: Database) -> Flask:
    return a_site(database)


@pytest.fixture
def at(database: Database) -> Recovering:
    return a_recovering_service(database)


def told(db: Database, reach: Reach, at: Recovering, **asked: Any) -> tuple[tuple[StoryLine, ...], bool]:
    with db.transaction(reach) as session:
        return story_of(session, at.home.provider_id, at.home.service_id, Asked(**asked))


def a_change(db: Database, reach: Reach, at: Recovering, *, on: Sequence[uuid.UUID] = (), **changes: Any) -> uuid.UUID:
    fields: dict[str, Any] = {
        "kind": "staff",
        "happened_on": today() - timedelta(days=3),
        "what_changed": "Two night seniors left.",
        "why": "The posts were paid less than the agency's.",
        "indicator_ids": tuple(on),
    }
    with db.transaction(reach) as session:
        return tell_change(
            session, reach, provider_id=at.home.provider_id, service_id=at.home.service_id,
            given=GivenChange(**{**fields, **changes}), today=today(),
        )  # fmt: skip


def test_changes_decisions_and_actions_stand_on_one_timeline(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    a_change(database, manager, at, on=[at.home.indicator_id])
    an_escalation(database, manager, at.home)
    with database.transaction(manager) as session:
        open_action(session, manager, provider_id=at.home.provider_id, service_id=at.home.service_id,
                    title="Second checker on nights", owner="P Nowak", due_on=today(), today=today(),
                    indicator_id=at.home.indicator_id)  # fmt: skip
    lines, more = told(database, manager, at)
    assert not more
    assert {"change", "escalation", "action"} <= {line.kind for line in lines}
    assert "event" not in {line.kind for line in lines}  # the change's letter on the chart is not told twice
    assert list(lines) == sorted(lines, key=lambda line: (line.happened_on, line.recorded_at, line.entry), reverse=True)


def test_a_change_is_lettered_on_the_charts_that_it_names(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    a_change(database, manager, at, on=[at.home.indicator_id])
    (event,) = rows_of(database, at, "chart_event")
    assert (event.kind, event.what_changed) == ("staff", "Two night seniors left.")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "weather"}, "kind"),
        ({"happened_on": date(2999, 1, 1)}, "happened_on"),
        ({"happened_on": None}, "happened_on"),
        ({"what_changed": "Left"}, "what_changed"),
        ({"why": ""}, "why"),
        ({"on": [uuid.UUID(int=7)]}, "indicator_ids"),
    ],
)
def test_a_change_without_its_parts_is_refused(
    database: Database, at: Recovering, changes: dict[str, Any], field: str
) -> None:
    manager = works_as(database, "registered_manager", at.home)
    with pytest.raises(RefusedError) as refused:
        a_change(database, manager, at, **changes)
    assert set(refused.value.problems) == {field}
    assert rows_of(database, at, "service_change") == []


def test_who_does_not_tell_the_story_cannot(database: Database, at: Recovering) -> None:
    carer = works_as(database, "carer", at.home)
    with pytest.raises(NotPermittedError):
        a_change(database, carer, at)


def test_filters_narrow_by_kind_indicator_and_dates(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    a_change(database, manager, at, on=[at.home.indicator_id])
    a_change(database, manager, at, happened_on=today() - timedelta(days=30))
    assert len(told(database, manager, at, kinds=("change",))[0]) == 2
    (line,), _ = told(database, manager, at, kinds=("change",), indicator_id=at.home.indicator_id)
    assert line.indicator_ids == (at.home.indicator_id,)
    (old,), _ = told(database, manager, at, kinds=("change",), until=today() - timedelta(days=10))
    assert old.happened_on == today() - timedelta(days=30)
    assert told(database, manager, at, kinds=("change",), since=today())[0] == ()


def test_pages_follow_each_other_without_gap_or_repeat(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    for number in range(7):
        a_change(database, manager, at, happened_on=today() - timedelta(days=number // 2))
    whole, _ = told(database, manager, at)
    seen: list[str] = []
    after = None
    while True:
        page, more = told(database, manager, at, after=after, most=3)
        seen += [line.entry for line in page]
        if not more:
            break
        after = place_of(cursor_of(page[-1]))
    assert seen == [line.entry for line in whole]


def test_nobody_reads_the_story_of_another_provider(database: Database, at: Recovering) -> None:
    a_change(database, works_as(database, "registered_manager", at.home), at)
    other = a_recovering_service(database)
    stranger = works_as(database, "registered_manager", other.home)
    assert told(database, stranger, at) == ((), False)


def test_a_worker_writes_down_when_an_indicator_comes_to_stand_elsewhere(database: Database) -> None:
    with database.administration() as session:
        home = a_home(session, a_provider(session))
        figures(session, home, [(90, 100)] * 20)
    reach = database.command_reach(home.provider_id)
    with database.transaction(reach) as session:
        derive_indicators(session, home.provider_id, [(home.service_id, home.indicator_id)], date(2026, 5, 26))
    count = text("select before, after, happened_on from status_change where provider_id = :provider")
    with database.administration() as session:
        assert session.execute(count, {"provider": home.provider_id}).all() == []
        session.execute(
            text("update indicator_status set composite = 'improving' where provider_id = :provider"),
            {"provider": home.provider_id},
        )
    with database.transaction(reach) as session:
        derive_indicators(session, home.provider_id, [(home.service_id, home.indicator_id)], date(2026, 5, 27))
        derive_indicators(session, home.provider_id, [(home.service_id, home.indicator_id)], date(2026, 5, 27))
    with database.administration() as session:
        (row,) = session.execute(count, {"provider": home.provider_id}).all()
    assert (row.before, row.happened_on) == ("improving", date(2026, 5, 27))
    assert row.after != "improving"


def test_an_overdue_clock_stands_in_the_story_and_so_does_its_late_report(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    here = {"provider_id": at.home.provider_id, "service_id": at.home.service_id}
    began = now() - timedelta(days=40)
    with database.transaction(manager) as session:
        start_clocks(
            session, manager, **here,
            given=GivenEvent("assessment", "The draft report came.", began, ["factual_accuracy"], "D Hartley"),
        )  # fmt: skip
    (late, first), _ = told(database, manager, at, kinds=("clock",))
    assert [line.said["step"] for line in (late, first)] == ["late", "began"]
    assert late.happened_on > first.happened_on
    (clock,) = rows_of(database, at, "regulator_clock")
    with database.transaction(manager) as session:
        change_clock(
            session, manager, **here, clock_id=clock.clock_id,
            given=GivenClockChange("sent", method="CQC portal", proof="C-17", evidence_reference="E-001"),
        )  # fmt: skip
    lines, _ = told(database, manager, at, kinds=("clock",))
    # Late stays told although it was sent afterwards: that is what happened.
    assert [line.said["step"] for line in lines] == ["sent", "late", "began"]


def test_a_look_back_stands_in_the_story_from_its_booking_to_its_verdict(database: Database, at: Recovering) -> None:
    manager = works_as(database, "registered_manager", at.home)
    here = {"provider_id": at.home.provider_id, "service_id": at.home.service_id}
    with database.administration() as session:
        session.execute(
            text(
                "insert into evidence (provider_id, service_id, evidence_id, reference, letter, title, dated_on, system,"
                " where_to_look, recorded_at) values (:p, :s, gen_random_uuid(), 'E-001', 'P', 'Seen', current_date, 'F',"
                " 'P', now())"
            ),
            {"p": at.home.provider_id, "s": at.home.service_id},
        )
    with database.transaction(manager) as session:
        reference = open_action(
            session, manager, **here, title="Second checker on nights", owner="P Nowak", due_on=today(), today=today(),
            indicator_id=at.home.indicator_id,
        )  # fmt: skip
        change_action(
            session, manager, **here, reference=reference, kind="closed", today=today(), evidence_reference="E-001"
        )
    (booked,), _ = told(database, manager, at, kinds=("effect",))
    assert booked.said["step"] == "booked"
    with database.transaction(manager) as session:
        (check,) = checks_at(session, at.home.provider_id, at.home.service_id)
        decide(
            session, manager, **here, check_id=check.check_id, verdict="worked", reason="It rose and stayed.", periods=None,
            today=today() + timedelta(weeks=8), label="D Hartley",
        )  # fmt: skip
    lines, _ = told(database, manager, at, kinds=("effect",), indicator_id=at.home.indicator_id)
    assert [line.said["step"] for line in lines] == ["judged", "booked"]
    assert lines[0].said["seen"]


def test_the_page_shows_the_story_and_tells_a_change(site: Flask, database: Database, at: Recovering) -> None:
    visitor = who_works_as(site, database, "registered_manager", at.place)
    base = f"/services/{at.home.service_id}/story"
    refused = visitor.post(f"{base}/changes", {"kind": "process", "what_changed": "A second checker.", "why": ""})
    assert refused.status_code == 422
    assert "Say why: a change without a reason" in refused.get_data(as_text=True)
    done = visitor.post(f"{base}/changes", {
        "kind": "process", "happened_on": today().isoformat(), "what_changed": "A second checker begins.",
        "why": "Gaps came back on nights.", "indicator_ids": str(at.home.indicator_id),
    })  # fmt: skip
    assert done.status_code == 303
    page = visitor.text(base)
    assert "Process change" in page
    assert "A second checker begins. Why: Gaps came back on nights." in page
    assert "A second checker begins." not in visitor.text(f"{base}?kind=action")
