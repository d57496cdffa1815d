"""What one evaluation of the trigger rules costs after one change, with ten services in the database and with a thousand.

The same change at the same service each time: one discrepancy and one new status. Wall clock of the whole transaction,
PostgreSQL included, since it is what could grow; the middle one of many rounds, the two databases taken in turns.
"""

import gc
import secrets
import time
from statistics import median

from sqlalchemy import text
from support.folders import passable_folder
from support.triggers import Recovering, a_recovering_service, a_stored_record

from mendline.config import resources
from mendline.local.postgres import EmbeddedPostgres
from mendline.recovery.triggers.evaluation import evaluate
from tenants.clock import now, today
from tenants.database import RUNNING_ROLES, Database
from tenants.migrate import upgrade

FEW, MANY, INDICATORS, ROUNDS, AIM = 10, 1_000, 40, 40, 1.3

# More services of the same provider like the one that is changed: status rows with their series, records and actions.
_MORE = """
insert into service (provider_id, service_id, name, code, kind, beds, people_count, created_at)
select :provider, gen_random_uuid(), 'House ' || n, 'H' || n, 'residential', 30, 30, now() from generate_series(2, :services) n;
insert into service_indicator (provider_id, service_id, indicator_id, definition_key, definition_version, cadence,
    review_every_days, display_order, in_plan, started_on, recorded_at)
select s.provider_id, s.service_id, gen_random_uuid(), i.definition_key, i.definition_version, i.cadence,
       i.review_every_days, n, true, i.started_on, now()
from service s cross join generate_series(1, :indicators) n
cross join (select * from service_indicator where provider_id = :provider and service_id = :first limit 1) i
where s.provider_id = :provider and (s.service_id <> :first or n > 1);
"""
_STATUS = """
insert into indicator_status ({columns})
select {values} from service_indicator i
cross join (select * from indicator_status where provider_id = :provider and service_id = :first limit 1) x
where i.provider_id = :provider and i.indicator_id <> x.indicator_id;
"""
_RECORDS = """
insert into record (provider_id, service_id, record_id, revision, record_type, type_version, happened_at, payload, recorded_at)
select s.provider_id, s.service_id, gen_random_uuid(), 1, 'medicines_discrepancy', '1', now() - n * interval '1 day',
       jsonb_build_object('kind', 'gap', 'person', 'P' || n, 'medicine', 'M', 'round_slot', 'night', 'reviewed_at', now()), now()
from service s cross join generate_series(1, 20) n where s.provider_id = :provider and s.service_id <> :first;
insert into recovery_plan (provider_id, service_id, plan_id, template_key, template_version, framework_version, title, goal,
    starts_on, weeks, recorded_at)
select s.provider_id, s.service_id, gen_random_uuid(), 'medicines_recovery', '1', 'saf-2023', 'x', 'y', current_date - 30, 10,
       now() from service s where s.provider_id = :provider and s.service_id <> :first;
"""


def run() -> str:
    """Builds both databases and prints how one evaluation compares."""
    with passable_folder() as state, EmbeddedPostgres(state, durable=False) as server:
        passwords = {role: secrets.token_urlsafe(12) for role in RUNNING_ROLES}
        worlds = []
        for services in (FEW, MANY):
            url = server.create_database(f"services_{services}")
            upgrade(url, passwords, resources().migrations)
            db = Database(url, passwords)
            worlds.append((services, db, _world(db, services)))
        try:
            return _compare(worlds)
        finally:
            for _, db, _ in worlds:
                db.dispose()


def _world(db: Database, services: int) -> Recovering:
    home = a_recovering_service(db, numbers=(90.0,) * 30)
    for day in range(20):
        a_stored_record(db, home, "medicines_discrepancy", days_ago=day, kind="gap", person=f"P{day}", medicine="M",
                        round_slot="night", reviewed_at=now().isoformat())  # fmt: skip
    given = {
        "provider": home.home.provider_id,
        "first": home.home.service_id,
        "services": services,
        "indicators": INDICATORS,
    }
    with db.administration() as session:
        names = session.execute(
            text("select column_name from information_schema.columns where table_name = 'indicator_status'")
        ).scalars().all()  # fmt: skip
        own = {"service_id", "indicator_id"}
        values = ", ".join(f"i.{name}" if name in own else f"x.{name}" for name in names)
        for statements in (_MORE, _STATUS.format(columns=", ".join(names), values=values), _RECORDS):
            for statement in filter(str.strip, statements.split(";")):
                session.execute(text(statement), {name: given[name] for name in given if f":{name}" in statement})
    with db.administration() as session:
        session.execute(text("analyze"))
    return home


def _compare(worlds: list[tuple[int, Database, Recovering]]) -> str:
    spent: dict[int, list[float]] = {services: [] for services, _, _ in worlds}
    asked = 0
    gc.collect()
    for round_ in range(ROUNDS + 5):
        for services, db, home in worlds:
            begun = time.perf_counter()
            asked = _once(db, home)
            if round_ >= 5:  # the first rounds open connections and read the catalogue
                spent[services].append(time.perf_counter() - begun)
    few, many = (median(spent[services]) for services in (FEW, MANY))
    ratio = many / few
    lines = [
        f"One evaluation after one change ({asked} rules asked), {INDICATORS} indicators each:",
        f"  {FEW:>6,} services: {few * 1000:6.1f} ms",
        f"  {MANY:>6,} services: {many * 1000:6.1f} ms",
        f"  {ratio:.2f} x (aim at most {AIM:g} x): {'holds' if ratio <= AIM else 'does not hold'}",
    ]
    return "\n".join(lines)


def _once(db: Database, home: Recovering) -> int:
    reach = db.command_reach(home.home.provider_id)
    changed = {home.home.service_id: ["record:medicines_discrepancy", f"indicator:{home.home.indicator_id}"]}
    with db.transaction(reach) as session:
        return evaluate(session, reach, home.home.provider_id, changed, today=today(), now=now()).asked


if __name__ == "__main__":
    print(run())  # noqa: T201 -- the figure is asked for
