"""What people settle about a chart: which one it is, and from when its limits are set anew. All of it on the record."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import period_label
from mendline.catalogue.indicators import indicator_definition
from mendline.indicators.chart_words import CHART_MEANINGS, CHART_NAMES
from mendline.indicators.fitting import FITTING
from mendline.indicators.marking import mark_stale
from mendline.indicators.model import (
    ChartChoice,
    ChartEvent,
    IndicatorStatus,
    LimitBase,
    LimitBaseDecision,
    ServiceIndicator,
)
from mendline.indicators.rebasing import Shown, base_problems, choice_problems, left_out_problems, marked_alike
from tenants.clock import now
from tenants.database import in_turn
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach


@dataclass(frozen=True, slots=True)
class Chart:
    """Whose chart: the three keys that every row about it carries."""

    provider_id: uuid.UUID
    service_id: uuid.UUID
    indicator_id: uuid.UUID

    @property
    def keys(self) -> dict[str, uuid.UUID]:
        """As columns."""
        return {
            "provider_id": self.provider_id,
            "service_id": self.service_id,
            "indicator_id": self.indicator_id,
        }


@dataclass(frozen=True, slots=True)
class AskedBase:
    """New limits as somebody asks for them."""

    starts_on: date | None
    what_changed: str
    reason: str
    evidence_reference: str
    lasting: bool


def choose_chart(session: Session, reach: Reach, chart: Chart, *, kind: str, reason: str, today: date) -> int:
    """Sets a chart over the one that fits by the figures, or gives the choice back to them with `fitting`.

    Returns:
        The choice's version.

    Raises:
        RefusedError: the chart does not suit the measure, or no reason is given; `problems` names the field.
    """
    reach.require("change_indicators", chart.provider_id, chart.service_id)
    definition = indicator_definition(_definition_key(session, chart))
    problems = choice_problems(definition, kind, reason)
    if problems:
        raise RefusedError("The chart was not changed.", problems)
    _wait_for_others(session, chart)
    version = (session.scalar(select(func.max(ChartChoice.version)).where(*_here(ChartChoice, chart))) or 0) + 1
    session.add(
        ChartChoice(
            **chart.keys,
            version=version,
            chart=kind,
            reason=reason.strip(),
            recorded_by=reach.person_id,
            recorded_initials=reach.initials,
            recorded_at=now(),
        )
    )
    if kind == FITTING:
        what, followed = (
            "The chart follows the figures again",
            "The fitting chart is chosen from measure, counts and rarity.",
        )
    else:
        what, followed = f"Chart set by hand: {CHART_NAMES[kind]}", f"It shows {CHART_MEANINGS[kind]}."
    _mark(session, reach, chart, "chart", today, what, reason.strip(), followed)
    _told(session, reach, chart, "chart set", {"version": version, "chart": kind, "why": reason.strip()})
    return version


def ask_new_base(session: Session, reach: Reach, chart: Chart, asked: AskedBase) -> uuid.UUID:
    """Asks for limits to be set anew from a period on; another person decides, until then the old ones hold.

    Returns:
        The request's identifier.

    Raises:
        RefusedError: the chart shows no lasting change there, or something is not said; `problems` names the field.
        ConflictError: another request waits for its decision.
    """
    reach.require("change_indicators", chart.provider_id, chart.service_id)
    shown = _shown(session, chart)
    problems = base_problems(
        shown, asked.starts_on, asked.what_changed, asked.reason, asked.evidence_reference, lasting=asked.lasting
    )
    if problems or asked.starts_on is None:
        raise RefusedError("The limits were not asked to be set anew.", problems)
    _wait_for_others(session, chart)
    if _waiting(session, chart) is not None:
        raise ConflictError("Another request for new limits waits for its decision.")
    base_id = new_id()
    session.add(
        LimitBase(
            **chart.keys,
            base_id=base_id,
            starts_on=asked.starts_on,
            what_changed=asked.what_changed.strip(),
            reason=asked.reason.strip(),
            evidence_reference=asked.evidence_reference.strip(),
            requested_by=reach.person_id,
            requested_initials=reach.initials,
            recorded_at=now(),
        )
    )
    session.flush()
    detail = {"base": str(base_id), "from": asked.starts_on.isoformat(), "why": asked.reason.strip()}
    note(session, reach, "new limits asked for", **_told_of(chart), detail=detail)
    return base_id


def decide_new_base(
    session: Session, reach: Reach, chart: Chart, base_id: uuid.UUID, *, approve: bool, words: str
) -> None:
    """Agrees to new limits or refuses them; whoever asked cannot decide.

    Raises:
        RefusedError: it is one's own request, or no reason is given.
        NotFoundError: there is no such request.
        ConflictError: it has been decided.
    """
    reach.require("record_decision", chart.provider_id, chart.service_id)
    found = session.scalar(select(LimitBase).where(*_here(LimitBase, chart), LimitBase.base_id == base_id))
    if found is None:
        raise NotFoundError("There is no such request.")
    problems: dict[str, str] = {}
    if found.requested_by is not None and found.requested_by == reach.person_id:
        problems["decision"] = "Another person than the one who asked has to decide."
    if not words.strip():
        problems["note"] = "Say why. It stays with the chart."
    if problems:
        raise RefusedError("Nothing was decided.", problems)
    _wait_for_others(session, chart)
    decided = select(LimitBaseDecision.base_id).where(
        *_here(LimitBaseDecision, chart), LimitBaseDecision.base_id == base_id
    )
    if session.scalar(decided) is not None:
        raise ConflictError("This request has been decided.")
    session.add(
        LimitBaseDecision(
            **chart.keys,
            base_id=base_id,
            decision="approved" if approve else "refused",
            note=words.strip(),
            decided_by=reach.person_id,
            decided_initials=reach.initials,
            recorded_at=now(),
        )
    )
    act = "new limits agreed" if approve else "new limits refused"
    detail = {"base": str(base_id), "from": found.starts_on.isoformat(), "why": words.strip()}
    if not approve:
        session.flush()
        note(session, reach, act, **_told_of(chart), detail=detail)
        return
    followed = f"Agreed by {reach.initials}. The old limits stay with the old results."
    what = f"Limits set anew: {found.what_changed}"
    _mark(session, reach, chart, "limits", found.starts_on, what, found.reason, followed, found.evidence_reference)
    _told(session, reach, chart, act, detail)


def leave_out(session: Session, reach: Reach, chart: Chart, *, period: date | None, reason: str) -> bool:
    """Leaves an exceptional period out of the limits, or puts one back that was left out; it stays on the chart and is judged.

    Returns:
        Whether it is left out now.

    Raises:
        RefusedError: it is no period with a figure, too many would be left out, or no reason is given.
    """
    reach.require("change_indicators", chart.provider_id, chart.service_id)
    st = IndicatorStatus
    series = session.scalar(select(st.series).where(*_here(IndicatorStatus, chart))) or {}
    if not series:
        _definition_key(session, chart)
    problems = left_out_problems(series, period, reason)
    if problems or period is None:
        raise RefusedError("Nothing was changed.", problems)
    _wait_for_others(session, chart)
    back = period.isoformat() in series.get("left_out", ())
    cadence = series["cadence"]
    what = f"{period_label(cadence, period).capitalize()} {'put back into' if back else 'left out of'} the limits"
    followed = "It counts for the expected range again." if back else "It stays on the chart and is judged as before."
    _mark(session, reach, chart, "put_back" if back else "left_out", period, what, reason.strip(), followed)
    act = "period put back into the limits" if back else "period left out of the limits"
    _told(session, reach, chart, act, {"period": period.isoformat(), "why": reason.strip()})
    return not back


def _definition_key(session: Session, chart: Chart) -> str:
    key = session.scalar(select(ServiceIndicator.definition_key).where(*_here(ServiceIndicator, chart)))
    if key is None:
        raise NotFoundError("There is no such indicator at this service.")
    return key


def _shown(session: Session, chart: Chart) -> Shown:
    st = IndicatorStatus
    row = session.execute(select(st.series).where(*_here(IndicatorStatus, chart))).one_or_none()
    if row is None:
        _definition_key(session, chart)
        return Shown((), (), None, None, None)
    return shown_of(row.series)


def shown_of(series: dict[str, Any]) -> Shown:
    """What a derived row shows of a change: since when its newest figures are marked alike."""
    signal = series.get("signal") or {}
    starts_on = [date.fromisoformat(day) for day in series.get("periods", ())]
    first = marked_alike(series.get("marks", ()), series.get("values", ()))
    return Shown(
        starts_on=starts_on,
        values=series.get("values", ()),
        since=None if first is None else starts_on[first],
        basis=signal.get("basis"),
        strength=signal.get("strength"),
        base_rows=[base["row"] for base in series.get("new_bases", ())],
    )


def _waiting(session: Session, chart: Chart) -> uuid.UUID | None:
    decided = select(LimitBaseDecision.base_id).where(*_here(LimitBaseDecision, chart))
    waiting = select(LimitBase.base_id).where(*_here(LimitBase, chart), LimitBase.base_id.not_in(decided))
    return session.scalar(waiting.limit(1))


def _here(table: Any, chart: Chart) -> tuple[Any, ...]:
    return (
        table.provider_id == chart.provider_id,
        table.service_id == chart.service_id,
        table.indicator_id == chart.indicator_id,
    )


def _wait_for_others(session: Session, chart: Chart) -> None:
    what = f"chart:{chart.provider_id}:{chart.indicator_id}"
    in_turn(session, what)


def _mark(
    session: Session,
    reach: Reach,
    chart: Chart,
    kind: str,
    day: date,
    what: str,
    why: str,
    followed: str,
    reference: str | None = None,
) -> None:
    """Marks the chart, on the page, in packs and through the API alike."""
    session.add(
        ChartEvent(
            **chart.keys,
            event_id=new_id(),
            happened_on=day,
            what_changed=what,
            why=why,
            what_followed=followed,
            reference=reference,
            kind=kind,
            recorded_by=reach.person_id,
            recorded_initials=reach.initials,
            recorded_at=now(),
        )
    )


def _told(session: Session, reach: Reach, chart: Chart, act: str, detail: dict[str, Any]) -> None:
    session.flush()
    mark_stale(session, chart.provider_id, chart.service_id, chart.indicator_id, None, reach.person_id)
    note(session, reach, act, **_told_of(chart), detail=detail)


def _told_of(chart: Chart) -> dict[str, Any]:
    return {
        "provider_id": chart.provider_id,
        "service_id": chart.service_id,
        "subject": f"indicator {chart.indicator_id}",
    }
