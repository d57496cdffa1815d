"""A provider's own plan templates: read, checked against the catalogue, and kept version by version."""

import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.catalogue.frameworks import frameworks, regulations
from mendline.catalogue.indicators import indicator_definitions
from mendline.catalogue.plans import PlanTemplate, plan_templates, read_template, template_data
from mendline.catalogue.reading import CatalogueError
from mendline.catalogue.record_types import record_types
from mendline.duties.holding import short_name
from mendline.recovery.plans.model import ProviderTemplate
from tenants.clock import now
from tenants.database import in_turn
from tenants.errors import RefusedError
from tenants.ledger import note
from tenants.reach import Reach
from tenants.roles import ROLES

LARGEST = 65_536  # characters; the longest of the catalogue has a tenth of that
SHORTEST_REASON = 8
OWN = re.compile(r"own_[a-z0-9_]{2,60}")
WHERE = "Your template"


def save_template(
    session: Session, reach: Reach, *, provider_id: uuid.UUID, written: str, reason: str, based_on: str | None = None
) -> tuple[str, int]:
    """Keeps a template as its next version; plans that run keep the one that they were started from.

    Returns:
        Its key and the new version.

    Raises:
        RefusedError: the text is no template, or names what the catalogue does not know; `problems` says which and where.
    """
    reach.require("change_plans", provider_id)
    template, problems = read_written(written)
    if template is None or problems:
        raise RefusedError("The template was not saved.", {"written": " ".join(problems)})
    in_turn(session, f"template:{provider_id}:{template.key}")
    t = ProviderTemplate
    newest = session.scalar(
        select(func.max(t.version)).where(t.provider_id == provider_id, t.template_key == template.key)
    )
    if newest and len(reason.strip()) < SHORTEST_REASON:
        raise RefusedError("The template was not saved.", {"reason": "Say what changed since the last version."})
    version = (newest or 0) + 1
    _add(session, reach, provider_id, template, version, written, reason, based_on, is_withdrawn=False)
    return template.key, version


def withdraw_template(session: Session, reach: Reach, *, provider_id: uuid.UUID, key: str, reason: str) -> None:
    """Takes a template out of what can be started; its versions and the plans made from them stay.

    Raises:
        RefusedError: there is none, it is withdrawn, or no reason is given.
    """
    reach.require("change_plans", provider_id)
    t = ProviderTemplate
    newest = session.execute(
        select(t.version, t.written, t.is_withdrawn)
        .where(t.provider_id == provider_id, t.template_key == key)
        .order_by(t.version.desc())
        .limit(1)
    ).one_or_none()
    if newest is None or newest.is_withdrawn:
        raise RefusedError("There is no such template to withdraw.")
    if len(reason.strip()) < SHORTEST_REASON:
        raise RefusedError("The template was not withdrawn.", {"reason": "Say why, in a few words."})
    template, _ = read_written(newest.written)
    if template is None:
        raise RefusedError("This template can no longer be read.")
    _add(
        session, reach, provider_id, template, newest.version + 1, newest.written, reason, None, is_withdrawn=True
    )  # fmt: skip


def read_written(written: str) -> tuple[PlanTemplate | None, tuple[str, ...]]:
    """A template from its text, with everything in it that cannot be, one sentence each."""
    if not written.strip():
        return None, ("Write the template, or upload its file.",)
    if len(written) > LARGEST:
        return None, (f"A template has at most {LARGEST:,} characters.",)
    try:
        template = read_template(written, WHERE)
    except CatalogueError as error:
        return None, (f"{error}.",)
    return template, tuple(_faults(template))


def copied(template: PlanTemplate) -> str:
    """A template's text to adapt, with a key of the provider's own."""
    content = template_data(template)
    content["key"] = template.key if OWN.fullmatch(template.key) else f"own_{template.key}"
    return written_of(content)


def written_of(content: Mapping[str, Any]) -> str:
    """A template's content as text."""
    return yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=110)


def _faults(template: PlanTemplate) -> Iterator[str]:
    if template.key in plan_templates():
        yield f"'{template.key}' is a template of the catalogue. Give yours a key that begins with own_."
    elif not OWN.fullmatch(template.key):
        yield "The key begins with own_ and has small letters, figures and underscores, such as own_medicines."
    nodes = {code for version in frameworks().values() for code in version.nodes}
    held = [role for role, one in ROLES.items() if one.level in ("service", "provider")]
    warnings = {one.code for plan in plan_templates().values() for one in plan.early_warnings}
    known = {rule for plan in plan_templates().values() for rule in plan.triggers}
    expected = [one.indicator for stone in template.milestones for one in stone.expects]
    read = [key for one in template.early_warnings for key in one.indicators]
    made = [key for step in template.steps for key in step.record_types]
    behind = [key for source in template.evidence for key in source.record_types]
    seen = [key for one in template.early_warnings for key in one.records]
    yield from _unknown("indicator", [*template.indicators, *expected, *read], indicator_definitions())
    yield from _unknown("record type", [*made, *behind, *seen], record_types())
    roles = [*(step.role for step in template.steps), *(review.role for review in template.reviews)]
    yield from _unknown("role", [*roles, template.sign_off_role], held)
    yield from _unknown("regulation", template.regulations, regulations())
    yield from _unknown("quality statement", template.quality_statements, nodes)
    yield from _unknown("early warning", [one.code for one in template.early_warnings], warnings)
    yield from _unknown("trigger", template.triggers, known)
    for target in template.targets:
        if not 1 <= target.by_week <= template.weeks:
            yield f"The target of {target.indicator} is due in week {target.by_week}, outside the plan's weeks."


def _unknown(what: str, named: Collection[str], known: Collection[str]) -> Iterator[str]:
    for name in dict.fromkeys(name for name in named if name not in known):
        yield f"There is no {what} '{name}'."


def _add(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    template: PlanTemplate,
    version: int,
    written: str,
    reason: str,
    based_on: str | None,
    *,
    is_withdrawn: bool,
) -> None:
    session.add(
        ProviderTemplate(
            provider_id=provider_id,
            template_key=template.key,
            version=version,
            title=template.title,
            weeks=template.weeks,
            content=template_data(template),
            written=written,
            based_on=based_on,
            reason=reason.strip() or None,
            is_withdrawn=is_withdrawn,
            recorded_by=reach.person_id,
            recorded_label=short_name(reach.name),
            recorded_at=now(),
        )
    )
    note(
        session,
        reach,
        "plan template withdrawn" if is_withdrawn else "plan template saved",
        provider_id=provider_id,
        subject=f"plan template {template.key}",
        detail={"version": version},
    )
    session.flush()
