"""What there is to tell at a provider now, and to whom: one statement for each kind, read by the provider's own jobs.

Titles say what kind of thing it is, where and by when; what was written about it stays on its page.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import LONDON
from mendline.catalogue.clocks import clock_kinds
from mendline.catalogue.wording import counted, long_date
from mendline.telling.finding_offers import answered_offers
from mendline.telling.told import Holder, Told
from tenants.roles import ROLES
from tenants.watching import words_of

SOON = timedelta(days=3)
SINCE = timedelta(days=60)
MOST = 2_000

_PEOPLE = text("""
select person_id, service_id, role, display_name from membership
where provider_id = :provider and valid_from <= :today and (valid_until is null or valid_until >= :today)
order by person_id
""")

_ESCALATIONS = text("""
select e.service_id, s.name as service, e.escalation_id, e.subject_person_id, coalesce(t.to_role, e.to_role) as role,
       coalesce(t.due_on, e.due_on) as due_on, coalesce(t.number, 0) as number
from escalation e
join service s on s.provider_id = e.provider_id and s.service_id = e.service_id
left join lateral (
    select to_role, due_on, number from escalation_step x
    where x.provider_id = e.provider_id and x.service_id = e.service_id and x.indicator_id = e.indicator_id
      and x.escalation_id = e.escalation_id
    order by number desc limit 1) t on true
where e.provider_id = :provider and e.recorded_at >= :since and s.closed_on is null
  and not exists (
    select 1 from escalation_decision d
    where d.provider_id = e.provider_id and d.service_id = e.service_id and d.indicator_id = e.indicator_id
      and d.escalation_id = e.escalation_id)
order by e.recorded_at desc, e.escalation_id limit :most
""")

_CUT = text("""
select c.person_id, c.about_id from conflict c
where c.provider_id = :provider and c.lifts is null
  and not exists (select 1 from conflict l where l.provider_id = c.provider_id and l.service_id = c.service_id
    and l.lifts = c.conflict_id)
""")

_CLOCKS = text("""
select * from (
    select c.service_id, s.name as service, c.clock_id, c.kind,
           coalesce((select x.due_at from regulator_clock_event x where x.provider_id = c.provider_id
               and x.service_id = c.service_id and x.clock_id = c.clock_id and x.kind = 'redated'
               order by x.number desc limit 1), c.due_at) as due_at,
           coalesce((select x.owner from regulator_clock_event x where x.provider_id = c.provider_id
               and x.service_id = c.service_id and x.clock_id = c.clock_id and x.owner is not null
               order by x.number desc limit 1), c.owner) as owner,
           (select x.kind from regulator_clock_event x where x.provider_id = c.provider_id
               and x.service_id = c.service_id and x.clock_id = c.clock_id and x.kind in ('sent', 'ended', 'undone')
               order by x.number desc limit 1) as closed
    from regulator_clock c
    join service s on s.provider_id = c.provider_id and s.service_id = c.service_id
    where c.provider_id = :provider) k
where coalesce(k.closed, 'undone') = 'undone' and k.due_at between :since and :soon
order by k.due_at limit :most
""")

_ACTIONS = text("""
select * from (
    select a.service_id, s.name as service, a.action_id, a.reference,
           coalesce((select x.due_on from action_event x where x.provider_id = a.provider_id
               and x.service_id = a.service_id and x.action_id = a.action_id and x.due_on is not null
               order by x.recorded_at desc, x.event_id desc limit 1), a.due_on) as due_on,
           coalesce((select x.owner from action_event x where x.provider_id = a.provider_id
               and x.service_id = a.service_id and x.action_id = a.action_id and x.owner is not null
               order by x.recorded_at desc, x.event_id desc limit 1), a.owner) as owner,
           (select x.kind from action_event x where x.provider_id = a.provider_id
               and x.service_id = a.service_id and x.action_id = a.action_id
               and x.kind in ('closed', 'reopened', 'no_longer_applicable')
               order by x.recorded_at desc, x.event_id desc limit 1) as state
    from action a
    join service s on s.provider_id = a.provider_id and s.service_id = a.service_id
    where a.provider_id = :provider and s.closed_on is null) k
where coalesce(k.state, 'reopened') = 'reopened' and k.due_on < :today and k.due_on >= :oldest
order by k.due_on limit :most
""")

_EFFECTS = text("""
select e.service_id, s.name as service, e.check_id, a.reference, a.owner, e.due_on
from effect_check e
join service s on s.provider_id = e.provider_id and s.service_id = e.service_id
join action a on a.provider_id = e.provider_id and a.service_id = e.service_id and a.action_id = e.action_id
where e.provider_id = :provider and e.due_on <= :today and e.due_on >= :oldest and s.closed_on is null
  and not exists (select 1 from effect_verdict v where v.provider_id = e.provider_id
    and v.service_id = e.service_id and v.check_id = e.check_id)
  and not exists (select 1 from effect_check n where n.provider_id = e.provider_id
    and n.service_id = e.service_id and n.action_id = e.action_id and n.number > e.number)
order by e.due_on limit :most
""")

_WORK = text("""
select w.service_id, s.name as service, w.assigned_id, w.asked_role, count(*) as late
from work_item w join service s on s.provider_id = w.provider_id and s.service_id = w.service_id
where w.provider_id = :provider and w.state = 'open' and w.due_on < :today and s.closed_on is null
group by 1, 2, 3, 4
order by 1, 2, 4, 3 limit :most
""")

_HANDED_OVER = text("""
select h.service_id, s.name as service, h.hand_over_id, h.to_person, count(*) as items
from hand_over_item h join service s on s.provider_id = h.provider_id and s.service_id = h.service_id
where h.provider_id = :provider and h.recorded_at >= :since and h.to_person is not null and s.closed_on is null
group by 1, 2, 3, 4 order by 1, 3, 4 limit :most
""")

_TAKEN_BACK = text("""
select u.batch_id, s.service_id, s.name as service, cast(c.value as integer) as facts, u.recorded_by, u.recorded_at
from import_undo u
cross join lateral jsonb_each_text(u.services) c
join service s on s.provider_id = u.provider_id and s.service_id = cast(c.key as uuid)
where u.provider_id = :provider and u.recorded_at >= :since and s.closed_on is null
order by u.recorded_at desc, u.batch_id, s.service_id limit :most
""")


_ALERTS = text("""
select alert_id, kind from security_alert where provider_id = :provider and raised_at >= :since
order by raised_at desc limit :most
""")


class Finder:
    """Reads what there is to tell at one provider."""

    def __init__(self, session: Session, provider_id: uuid.UUID, at: datetime) -> None:
        """Reads who holds which role today."""
        self._session = session
        self._today = at.astimezone(LONDON).date()
        self._given = {
            "provider": provider_id,
            "today": self._today,
            "now": at,
            "since": at - SINCE,
            "oldest": self._today - SINCE,
            "soon": at + SOON,
            "most": MOST,
        }
        self._at = at
        self._people = tuple(Holder(*row) for row in self._rows(_PEOPLE))

    def everything(self) -> tuple[Told, ...]:
        """All that may be told now, also what was told before; whoever writes it keeps only what is new."""
        found = (
            *self._escalations(),
            *self._clocks(),
            *self._actions(),
            *self._effects(),
            *self._work(),
            *self._handed_over(),
            *self._taken_back(),
            *self._alerts(),
            *answered_offers(self._session, self._given, self._people),
        )
        return tuple({(each.person_id, each.key): each for each in found}.values())

    def _escalations(self) -> Iterable[Told]:
        cut = {(row.person_id, row.about_id) for row in self._rows(_CUT)}
        for row in self._rows(_ESCALATIONS):
            went_up = "went up to you" if row.number else "waits for your decision"
            for person_id in self._holding(row.service_id, _answering(row.role)):
                if person_id == row.subject_person_id or (person_id, row.escalation_id) in cut:
                    continue
                yield Told(
                    person_id,
                    row.service_id,
                    "escalation",
                    f"escalation:{row.escalation_id}:{row.number}",
                    f"An escalation at {row.service} {went_up}. Decide by {long_date(row.due_on)}.",
                    f"/services/{row.service_id}/escalations/{row.escalation_id}",
                    row.due_on <= self._today,
                )

    def _clocks(self) -> Iterable[Told]:
        kinds = clock_kinds()
        for row in self._rows(_CLOCKS):
            label = kinds[row.kind].label if row.kind in kinds else "A clock"
            late = row.due_at < self._at
            day = (row.due_at.astimezone(LONDON) - timedelta(microseconds=1)).date()
            roles = ("registered_manager", "nominated_individual") if late else ("registered_manager",)
            said = f"was due by {long_date(day)} and is not sent" if late else f"is due by {long_date(day)}"
            for person_id in self._owners(row.service_id, row.owner, roles):
                yield Told(
                    person_id,
                    row.service_id,
                    "clock",
                    f"clock:{row.clock_id}:{'late' if late else 'soon'}:{day}",
                    f"{label} at {row.service} {said}.",
                    f"/services/{row.service_id}/clocks/{row.clock_id}",
                    late or day <= self._today,
                )

    def _actions(self) -> Iterable[Told]:
        for row in self._rows(_ACTIONS):
            for person_id in self._owners(row.service_id, row.owner, ("registered_manager",)):
                yield Told(
                    person_id,
                    row.service_id,
                    "action",
                    f"action:{row.action_id}:{row.due_on}",
                    f"Action {row.reference} at {row.service} was due by {long_date(row.due_on)}.",
                    f"/services/{row.service_id}/actions/{row.reference}",
                    presses=True,
                )

    def _effects(self) -> Iterable[Told]:
        for row in self._rows(_EFFECTS):
            for person_id in self._owners(row.service_id, row.owner, ("registered_manager",)):
                yield Told(
                    person_id,
                    row.service_id,
                    "effect",
                    f"effect:{row.check_id}",
                    f"It is time to look at what action {row.reference} at {row.service} changed.",
                    f"/services/{row.service_id}/look-backs/{row.check_id}",
                    presses=False,
                )

    def _work(self) -> Iterable[Told]:
        late: dict[tuple[uuid.UUID, uuid.UUID, str], int] = {}
        for row in self._rows(_WORK):
            people = (row.assigned_id,) if row.assigned_id else self._holding(row.service_id, (row.asked_role,))
            for person_id in people:
                late[person_id, row.service_id, row.service] = (
                    late.get((person_id, row.service_id, row.service), 0) + row.late
                )
        year, week, _ = self._today.isocalendar()
        for (person_id, service_id, service), count in late.items():
            are = "is" if count == 1 else "are"
            yield Told(
                person_id,
                service_id,
                "work",
                f"work:{service_id}:{year}-W{week:02}",
                f"{counted(count, 'piece')} of your work at {service} {are} overdue.",
                "/work",
                presses=False,
            )

    def _handed_over(self) -> Iterable[Told]:
        for row in self._rows(_HANDED_OVER):
            were = "was" if row.items == 1 else "were"
            yield Told(
                row.to_person,
                row.service_id,
                "hand_over",
                f"hand_over:{row.hand_over_id}:{row.service_id}",
                f"{counted(row.items, 'thing')} at {row.service} {were} handed over to you.",
                f"/hand-over/done/{row.hand_over_id}",
                presses=False,
            )

    def _taken_back(self) -> Iterable[Told]:
        for row in self._rows(_TAKEN_BACK):
            day = long_date(row.recorded_at.astimezone(LONDON).date())
            for person_id in self._holding(row.service_id, _ANSWERING_FOR):
                if person_id == row.recorded_by:
                    continue
                yield Told(
                    person_id,
                    row.service_id,
                    "import",
                    f"import:{row.batch_id}:{row.service_id}",
                    f"An import was taken back on {day}: {counted(row.facts, 'fact')} of {row.service} changed.",
                    f"/services/{row.service_id}",
                    presses=False,
                )

    def _alerts(self) -> Iterable[Told]:
        """To whoever reads the provider's ledger."""
        readers = [each for each in self._people if each.service_id is None and ROLES[each.role].holds("ledger", "r")]
        for row in self._rows(_ALERTS):
            for each in readers:
                yield Told(
                    each.person_id,
                    None,
                    "security",
                    f"alert:{row.alert_id}",
                    f"{words_of(row.kind)}.",
                    "/alerts",
                    presses=True,
                )

    def _owners(self, service_id: uuid.UUID, owner: str, roles: Sequence[str]) -> tuple[uuid.UUID, ...]:
        """Whoever owns it, as far as the name says, and holders of these roles."""
        named = [each.person_id for each in self._people if each.is_at(service_id) and is_named(owner, each.name)]
        return tuple(dict.fromkeys([*named, *self._holding(service_id, roles)]))

    def _holding(self, service_id: uuid.UUID, roles: Sequence[str]) -> tuple[uuid.UUID, ...]:
        found = [each.person_id for each in self._people if each.role in roles and each.is_at(service_id)]
        return tuple(dict.fromkeys(found))

    def _rows(self, statement: Any) -> Sequence[Any]:
        return self._session.execute(statement, self._given).all()


def is_named(owner: str, name: str) -> bool:
    """Whether an owner, written as an initial and a surname or in full, is the person of that name."""

    def short(words: str) -> str:
        parts = words.replace(".", " ").split()
        return f"{parts[0][0]} {parts[-1]}".casefold() if len(parts) > 1 else words.strip().casefold()

    return bool(owner.strip()) and short(owner) == short(name)


_ANSWERING_FOR = ("registered_manager", "nominated_individual", "provider_quality_lead")
_LEVELS: Mapping[str, tuple[str, ...]] = {"provider_oversight": ("nominated_individual", "provider_quality_lead")}


def _answering(role: str) -> tuple[str, ...]:
    return _LEVELS.get(role, (role,))
