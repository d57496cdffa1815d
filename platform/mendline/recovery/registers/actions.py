"""An action as it stands: everything that its events made of it, and what may happen to it next."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.errors import NotFoundError

SHORTEST_TITLE = 8
KINDS = ("redated", "edited", "closed", "closure_refused", "reopened", "no_longer_applicable")

_ACTION = text("""
select a.action_id, a.indicator_id, coalesce(t.title, a.title) as title, coalesce(o.owner, a.owner) as owner,
       coalesce(me.measure, a.measure) as measure, coalesce(h.high_risk, a.high_risk) as high_risk,
       coalesce(d.due_on, a.due_on) as due_on, coalesce(mk.marks, a.marks, '{}') as marks,
       coalesce(st.kind, 'open') as state, p.recorded_by as proposed_by, p.evidence_reference as proposed_evidence
from action a
left join lateral (select title from action_event x where x.provider_id = a.provider_id
    and x.service_id = a.service_id and x.action_id = a.action_id and x.title is not null
    order by x.recorded_at desc, x.event_id desc limit 1) t on true
left join lateral (select owner from action_event x where x.provider_id = a.provider_id
    and x.service_id = a.service_id and x.action_id = a.action_id and x.owner is not null
    order by x.recorded_at desc, x.event_id desc limit 1) o on true
left join lateral (select measure from action_event x where x.provider_id = a.provider_id
    and x.service_id = a.service_id and x.action_id = a.action_id and x.measure is not null
    order by x.recorded_at desc, x.event_id desc limit 1) me on true
left join lateral (select high_risk from action_event x where x.provider_id = a.provider_id
    and x.service_id = a.service_id and x.action_id = a.action_id and x.high_risk is not null
    order by x.recorded_at desc, x.event_id desc limit 1) h on true
left join lateral (select marks from action_event x where x.provider_id = a.provider_id
    and x.service_id = a.service_id and x.action_id = a.action_id and x.marks is not null
    order by x.recorded_at desc, x.event_id desc limit 1) mk on true
left join lateral (select due_on from action_event x where x.provider_id = a.provider_id
    and x.service_id = a.service_id and x.action_id = a.action_id and x.due_on is not null
    order by x.recorded_at desc, x.event_id desc limit 1) d on true
left join lateral (select kind from action_event x where x.provider_id = a.provider_id
    and x.service_id = a.service_id and x.action_id = a.action_id
    and x.kind in ('closed', 'reopened', 'no_longer_applicable')
    order by x.recorded_at desc, x.event_id desc limit 1) st on true
left join lateral (select kind, recorded_by, evidence_reference from action_event x where x.provider_id = a.provider_id
    and x.service_id = a.service_id and x.action_id = a.action_id
    and x.kind in ('closure_proposed', 'closure_refused', 'closed', 'reopened')
    order by x.recorded_at desc, x.event_id desc limit 1) n on true
left join lateral (select n.recorded_by, n.evidence_reference where n.kind = 'closure_proposed') p on true
where a.provider_id = :provider and a.service_id = :service and a.reference = :reference
""")


@dataclass(frozen=True, slots=True)
class KnownAction:
    """An action with all that its events changed.

    Attributes:
        state: open, reopened, closed or no_longer_applicable.
        proposed_by: who proposed to close it, while a second person is waited for.
    """

    action_id: uuid.UUID
    indicator_id: uuid.UUID | None
    title: str
    owner: str
    measure: str | None
    high_risk: bool
    due_on: date
    marks: tuple[str, ...]
    state: str
    proposed_by: uuid.UUID | None
    proposed_evidence: str | None

    @property
    def is_open(self) -> bool:
        """It is still to be done."""
        return self.state in ("open", "reopened")


@dataclass(frozen=True, slots=True)
class ActionEdit:
    """Other words for an action; what is left empty stays as it is."""

    title: str = ""
    owner: str = ""
    measure: str = ""
    high_risk: bool | None = None


def find_action(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, reference: str) -> KnownAction:
    """An action by its reference.

    Raises:
        NotFoundError: there is none at the service.
    """
    values = {"provider": provider_id, "service": service_id, "reference": reference}
    row = session.execute(_ACTION, values).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is no such action at this service.")
    return KnownAction(**{**row, "marks": tuple(row["marks"])})


def change_problems(
    kind: str, action: KnownAction, today: date, due_on: date | None, words: str, edit: ActionEdit | None
) -> dict[str, str]:
    """Why this may not happen to the action now; empty where it may."""
    if kind not in KINDS:
        return {"kind": "Choose what happens to it."}
    closed = "This action is closed. Open it again first, and say why."
    out_of_turn = {
        "This action is open already.": kind == "reopened" and action.is_open,
        closed: kind != "reopened" and not action.is_open,
        "Nobody has proposed to close it.": kind == "closure_refused" and action.proposed_by is None,
    }
    for sentence, holds in out_of_turn.items():
        if holds:
            return {"kind": sentence}
    if kind == "edited":
        return _edit_problems(edit or ActionEdit(), words)
    if kind == "redated" and (due_on is None or due_on < today):
        return {"due_on": "Give the new date, today or later."}
    why = "Say why the date moves. Both dates stay visible." if kind == "redated" else "Say why."
    return {} if kind == "closed" or words.strip() else {"note": why}


def _edit_problems(edit: ActionEdit, words: str) -> dict[str, str]:
    if edit == ActionEdit():
        return {"title": "Nothing differs from what stands, so nothing was saved."}
    problems = {}
    if edit.title.strip() and len(edit.title.strip()) < SHORTEST_TITLE:
        problems["title"] = "Say what will be done, in a few words."
    if not words.strip():
        problems["note"] = "Say why it is changed."
    return problems
