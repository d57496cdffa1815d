"""What My work is put together from: each source reads its part with one statement, and says in which card it stands.

To add one: write a function that takes `Asking` and returns a `Found`, with one bounded statement that names the
providers and cuts its rows to what a card shows, and add it to `SOURCES` with a permission. The order of the tuple is
the order on the page. Nothing else has to know of it. The page's statements are counted in a test, whose number grows by
the one that was added.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from mendline.duties.queries import work_of
from mendline.evidence.imports.presenting_merging import waiting_item
from mendline.evidence.imports.proposals import waiting_files
from mendline.places.head import Address
from mendline.recovery.clocks.presenting import clock_item, state_of
from mendline.recovery.clocks.queries import running_clocks
from mendline.recovery.effects.presenting import effect_item
from mendline.recovery.effects.queries import due_checks
from mendline.recovery.plans.presenting import work_item
from mendline.services.todo_list import evidence_to_find
from mendline.web.components import Link, WorkList
from tenants.clock import now
from tenants.reach import Reach

SHOWN = 8
SOON = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for their work, and when.

    Attributes:
        tell: whether each line names its service, since there are several.
    """

    session: Session
    held: Reach
    today: date
    address: Address
    tell: bool

    @property
    def providers(self) -> list[uuid.UUID]:
        """Where the person works; what is granted to them elsewhere is no work of theirs."""
        return list(dict.fromkeys(each.provider_id for each in self.held.held))


@dataclass(frozen=True, slots=True)
class Found:
    """What a source has: its cards, and how many things of it press (are late or due today)."""

    lists: tuple[WorkList, ...] = ()
    pressing: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """One part of My work, shown to whoever holds its permission anywhere."""

    permission: str
    read: Callable[[Asking], Found]


def planned_work(asking: Asking) -> Found:
    """Dated work of recovery plans: what is overdue, then what is due today and soon."""
    roles = [(each.provider_id, each.service_id, each.role) for each in asking.held.held]
    found = work_of(
        asking.session,
        person_id=asking.held.person_id,
        roles=roles,
        today=asking.today,
        soon=asking.today + SOON,
        most=SHOWN,
    )
    late = [each for each in found if each.due_on < asking.today]
    soon = [each for each in found if each.due_on >= asking.today]
    lists = []
    for heading, lines, order in (
        ("Overdue work", late, "Longest first"),
        ("Work due today and soon", soon, "Earliest first"),
    ):
        if not lines:
            continue
        total = lines[0].total
        lists.append(
            WorkList(
                f"{heading} ({total})",
                tuple(work_item(each, asking.today, asking.address, tell=asking.tell) for each in lines),
                aside=f"The first {len(lines)}" if total > len(lines) else order,
            )
        )
    pressing = (late[0].total if late else 0) + sum(each.due_on == asking.today for each in soon)
    return Found(tuple(lists), pressing)


def missing_evidence(asking: Asking) -> Found:
    """What would make weakly supported figures better supported."""
    return Found(
        evidence_to_find(asking.session, asking.held, asking.providers, address=asking.address, tell=asking.tell)
    )


def regulators_clocks(asking: Asking) -> Found:
    """Clocks of the regulator that are late or end soon; the rest is one click away."""
    at = now()
    found = running_clocks(asking.session, tuple(asking.providers))
    states = {line.clock_id: state_of(line, at) for line in found}
    near = [line for line in found if states[line.clock_id].state in ("overdue", "soon")]
    if not near:
        return Found()
    items = tuple(clock_item(line, at, asking.address, with_service=asking.tell) for line in near[:SHOWN])
    more = Link(f"All {len(found)}", asking.address("clock_numbers.everywhere"))
    late = sum(states[line.clock_id].state == "overdue" for line in near)
    return Found((WorkList(f"The regulator's clocks ({len(near)})", items, more=more),), late)


def look_backs(asking: Asking) -> Found:
    """Closed actions whose effect is to be looked at by now."""
    found = due_checks(asking.session, asking.providers, asking.today, SHOWN)
    if not found:
        return Found()
    items = tuple(effect_item(line, asking.today, asking.address, tell=asking.tell) for line in found)
    return Found((WorkList("Look at what these changed", items, aside="Longest first"),), len(items))


def rows_of_files(asking: Asking) -> Found:
    """Files that cannot come in before somebody says what rows of them are."""
    found = [
        one
        for one in waiting_files(asking.session, asking.providers, SHOWN)
        if asking.held.may("import_facts", one.provider_id, one.service_id)
    ]
    if not found:
        return Found()
    items = tuple(waiting_item(one, asking.address, tell=asking.tell) for one in found)
    return Found((WorkList(f"Files that wait for a decision ({found[0].total})", items, aside="Oldest first"),))


SOURCES: tuple[Source, ...] = (
    Source("see_clocks", regulators_clocks),
    Source("do_work", planned_work),
    Source("manage_actions", look_backs),
    Source("import_facts", rows_of_files),
    Source("add_evidence", missing_evidence),
)


def gather(asking: Asking) -> Found:
    """Everything that the person's sources have, in the order of the page: one statement for each source."""
    lists: list[WorkList] = []
    pressing = 0
    for source in SOURCES:
        if asking.held.may_anywhere(source.permission):
            found = source.read(asking)
            lists += found.lists
            pressing += found.pressing
    return Found(tuple(lists), pressing)
