"""The page of an indicator says how earlier outlooks on its target held."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from support.facts import a_target, figures, two_providers
from support.site import a_site, who_works_as
from support.tenancy import Place

from mendline.comparison.outlooks import keep_outlooks
from mendline.comparison.past import statuses_then
from mendline.comparison.rebuild import rebuild
from mendline.indicators.model import OutlookGiven
from tenants.clock import now, today
from tenants.database import Database


def test_outlooks_are_held_against_the_newest_final_figure_of_their_period(database: Database) -> None:
    (home, *_), (other, *_) = two_providers(database, services=1)
    monday = today() - timedelta(days=today().weekday())
    first = monday - timedelta(weeks=20)
    with database.administration() as session:
        a_target(session, home, value=75)
        for where in (home, other):
            figures(session, where, [(45 + week % 3, 60) for week in range(20)], first=first)

        def foreseen(weeks_ago: int, **made: float) -> None:
            period = monday - timedelta(weeks=weeks_ago)
            for where in (home, other):
                session.add(
                    OutlookGiven(
                        provider_id=where.provider_id,
                        service_id=where.service_id,
                        indicator_id=where.indicator_id,
                        after_period=period - timedelta(weeks=4),
                        for_period=period,
                        target_value=75.0,
                        rule_set_version="1",
                        recorded_at=now() - timedelta(weeks=weeks_ago + 4),
                        **made,
                    )
                )

        foreseen(5, low=70.0, centre=75.0, high=80.0)
        foreseen(4, low=20.0, centre=25.0, high=30.0)
        foreseen(3, share_meeting=0.9)
        foreseen(2, share_meeting=0.8)
        foreseen(-2, share_meeting=0.1)
    rebuild(database, home.provider_id)
    manager = who_works_as(
        a_site(database), database, "registered_manager", Place(home.provider_id, home.service_id, "")
    )
    text = manager.text(f"/services/{home.service_id}/indicators/{home.indicator_id}")
    assert "Of 2 ranges that were foreseen, 1 held what came; about 8 in 10 should." in text
    assert "Of 2 weeks foreseen without a trend, about 2 were expected to meet the target and 2 did." in text


def test_what_was_foreseen_as_at_a_past_day_is_kept_as_of_that_day_and_only_once(database: Database) -> None:
    (home, *_), _ = two_providers(database, services=1)
    moment = datetime(2026, 6, 29, 12, tzinfo=UTC)
    with database.administration() as session:
        a_target(session, home, value=75)
        numbers = [(445 + week % 3 * 5, 600) for week in range(24)]
        figures(session, home, numbers, recorded_at=moment - timedelta(days=6))
    with database.transaction(database.command_reach(home.provider_id)) as session:
        stood = statuses_then(session, home.provider_id, home.service_id, day=moment.date(), moment=moment)
        for _ in range(2):
            keep_outlooks(session, stood, moment)
        (kept,) = session.scalars(select(OutlookGiven).where(OutlookGiven.provider_id == home.provider_id)).all()
        assert kept.recorded_at == moment
        assert kept.for_period - kept.after_period == timedelta(weeks=4)
