"""The first page of a day."""

import uuid

from flask_login import current_user

from mendline.evidence.records.permits import enterable_at
from mendline.evidence.records.queries import own_entries
from mendline.places.head import address
from mendline.web.frame import on_day, reach, transaction
from mendline.web.page import page
from mendline.web.section import SIGNED_IN, Section
from mendline.work import queries
from mendline.work.presenting import carer_page, covers_page, work_page
from mendline.work.sources import Asking, gather
from tenants.clock import now
from tenants.reach import Reach

work = Section("work", url_prefix="/work")

SECTION = "work.mine"


@work.page("", access=SIGNED_IN)
def mine() -> str:
    """A carer's tiles, a manager's list, or, where there is neither, what the sign-in covers."""
    held = reach()
    if held.is_external or not (held.may_anywhere("enter_record") or held.may_anywhere("see_actions")):
        view = covers_page(held)
        return page("recovery/sign_in_covers.html", title=view.head.heading, section=SECTION, view=view)
    if enters_only(held):
        return _carer(held)
    return _manager(held)


def enters_only(held: Reach) -> bool:
    """Whether the person makes records and neither leads nor manages."""
    return held.may_anywhere("enter_record") and not held.may_anywhere("see_story")


def _carer(held: Reach) -> str:
    with transaction() as session:
        places = queries.workplaces(session, held.provider_ids, _own_services(held))
        entries = own_entries(session, held.provider_ids, held.person_id)
        asked = gather(Asking(session, held, on_day(), address, tell=len(places) != 1))
    enterable = [(place, enterable_at(held, place.provider_id, place.service_id)) for place in places]
    view = carer_page(enterable, entries, today=on_day(), address=address, lists=asked.lists)
    return page("evidence/carer_home.html", title="My work", section=SECTION, view=view)


def _manager(held: Reach) -> str:
    with transaction() as session:
        places = queries.workplaces(session, held.provider_ids, _own_services(held))
        entries = own_entries(session, held.provider_ids, held.person_id)
        # A person may also be an officer of a commissioner: what is granted to them there is no work of theirs.
        working = list({each.provider_id for each in held.held})
        waits = queries.waiting(session, working, on_day())
        asked = gather(Asking(session, held, on_day(), address, tell=len(places) != 1))
        # A program that asks by token is no visit, and may not write.
        earlier = None if current_user.by_token else queries.visit(session, working[0], held.person_id, now())
        changes = queries.changes_since(session, working, held.person_id, earlier) if earlier else ()
    enterable = [(place, enterable_at(held, place.provider_id, place.service_id)) for place in places]
    view = work_page(
        held, enterable, entries, waits, today=on_day(), address=address, asked=asked, changes=changes, since=earlier
    )
    return page("recovery/my_work.html", title="My work", section=SECTION, view=view)


def _own_services(held: Reach) -> list[uuid.UUID]:
    return list(dict.fromkeys(each.service_id for each in held.held if each.service_id is not None))
