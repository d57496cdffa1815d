"""Evidence to find, as it stands in My work: the first thing that each weakly supported figure wants."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.status_rules import status_rules
from mendline.catalogue.wording import counted
from mendline.places.head import Address
from mendline.web.components import Button, WorkItem, WorkList
from tenants.reach import Reach

SHOWN = 8

# What is in a plan and cannot be relied on comes first; a to-do goes by itself when its mark is met.
_TODOS = text("""
select st.provider_id, st.service_id, s.name as service, st.indicator_id, st.definition_key, st.todos,
       count(*) over () as total
from indicator_status st
join service_indicator i
  on i.provider_id = st.provider_id and i.service_id = st.service_id and i.indicator_id = st.indicator_id
join service s on s.provider_id = st.provider_id and s.service_id = st.service_id
where st.provider_id = any (:providers) and i.ended_on is null and s.closed_on is null
  and st.todos <> '[]' and st.rules_version = :rules
order by not i.in_plan, st.composite <> 'not_supported', jsonb_array_length(st.todos) desc, s.name, i.display_order
limit :most
""")


def evidence_to_find(
    session: Session, held: Reach, providers: Sequence[uuid.UUID], *, address: Address, tell: bool
) -> tuple[WorkList, ...]:
    """The card, or none where nothing is missing: one statement.

    Args:
        session: a transaction in the reach.
        held: whose work.
        providers: where the person works.
        address: writes links.
        tell: whether each line names its service.
    """
    values = {"providers": list(providers), "rules": status_rules().identity, "most": SHOWN}
    rows = session.execute(_TODOS, values).all()
    if not rows:
        return ()
    total = rows[0].total
    aside = f"The first {len(rows)}" if total > len(rows) else "Each goes by itself when it is done"
    return (
        WorkList(
            f"Evidence to find ({total})", tuple(_item(row, held, address, tell=tell) for row in rows), aside=aside
        ),
    )


def _item(row: Any, held: Reach, address: Address, *, tell: bool) -> WorkItem:
    first = row.todos[0]
    name = indicator_definition(row.definition_key).name
    here = address("services.indicator", service_id=row.service_id, indicator_id=row.indicator_id)
    return WorkItem(
        heading=name,
        text=f"{row.service}. {first['words']}" if tell else first["words"],
        when=counted(len(row.todos), "thing missing", "things missing"),
        href=f"{here}#todos",
        icon="i-gap",
        button=_button(row, first, held, address, name),
    )


def _button(row: Any, todo: dict[str, str], held: Reach, address: Address, name: str) -> Button | None:
    here = (row.provider_id, row.service_id)
    about = f"{name}, {row.service}"
    if todo["form"] == "figure" and held.may("enter_observation", *here):
        form = address("services.figure_form", service_id=row.service_id, indicator_id=row.indicator_id)
        return Button("Enter", form, about=about)
    if todo["form"] == "decide" and held.may("record_decision", *here):
        form = address("recovery.decide", service_id=row.service_id, indicator_id=row.indicator_id)
        return Button("Decide", form, about=about)
    if todo["form"] == "evidence" and held.may("add_evidence", *here):
        form = address("evidence.add", service_id=row.service_id, indicator=row.indicator_id, letter=todo["mark"])
        return Button("Add", form, about=about)
    return None
