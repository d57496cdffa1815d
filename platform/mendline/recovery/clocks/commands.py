"""What people do with the regulator's clocks: start, send, move, hand on, end, and set the provider's own numbers."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.catalogue.clocks import ClockKind, Count, clock_kinds, clocks_version
from mendline.places.references import next_reference
from mendline.recovery.clocks.model import ClockSetting, RegulatorClock, RegulatorClockEvent, RegulatorEvent
from mendline.recovery.clocks.queries import counts_in_force
from mendline.recovery.clocks.rules import count_words, end_in_force, end_of, next_due
from mendline.recovery.registers.action_commands import signature
from tenants.clock import now
from tenants.database import in_turn
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

SHORTEST = 8
MOST_TURNS = 120


@dataclass(frozen=True, slots=True)
class GivenEvent:
    """An event as somebody tells it.

    Attributes:
        about: the kind of event, as `ClockKind.about`.
        summary: what happened, without names.
        started_at: from when the clocks count.
        kinds: the clocks to start.
        owner: who sees to them.
        said: the date that a letter gives, by kind.
        requirement_id: the notice or breach it belongs to.
        record_reference: the source record it belongs to.
    """

    about: str
    summary: str
    started_at: datetime | None
    kinds: Sequence[str]
    owner: str
    said: dict[str, date] = field(default_factory=dict)
    requirement_id: uuid.UUID | None = None
    record_reference: str = ""


def start_clocks(
    session: Session, reach: Reach, *, provider_id: uuid.UUID, service_id: uuid.UUID, given: GivenEvent
) -> str:
    """Records an event with the clocks that it starts; gives its reference, such as N-004.

    Raises:
        RefusedError: something is missing; `problems` names the field.
    """
    reach.require("manage_clocks", provider_id, service_id)
    own = counts_in_force(session, provider_id)
    problems = _problems(given, own)
    if problems or given.started_at is None:
        raise RefusedError("No clock was started.", problems)
    reference = next_reference(session, RegulatorEvent.reference, "N", provider_id=provider_id, service_id=service_id)
    event_id, at, label = new_id(), now(), signature(reach)
    session.add(
        RegulatorEvent(
            provider_id=provider_id,
            service_id=service_id,
            event_id=event_id,
            reference=reference,
            about=given.about,
            summary=given.summary.strip(),
            started_at=given.started_at,
            requirement_id=given.requirement_id,
            record_reference=given.record_reference.strip() or None,
            recorded_by=reach.person_id,
            recorded_label=label,
            recorded_at=at,
        )
    )
    session.flush()
    for key in dict.fromkeys(given.kinds):
        kind, said = clock_kinds()[key], given.said.get(key)
        count = own.get(key)
        due = end_in_force(kind, given.started_at, count=count, said=said)
        if due is None:  # ruled out by _problems
            continue
        counted = (
            f"the date in the letter, {said:%d %B %Y}"
            if said and kind.takes_date
            else count_words(count or kind.counts)
        )
        _clock(
            session, reach, provider_id, service_id, event_id, kind, turn=1, due=due, counted=counted, owner=given.owner
        )
    note(
        session, reach, "clocks started", provider_id=provider_id, service_id=service_id, subject=f"event {reference}",
        detail={"kinds": list(dict.fromkeys(given.kinds))},
    )  # fmt: skip
    return reference


@dataclass(frozen=True, slots=True)
class GivenClockChange:
    """What happens to a clock; each kind asks for its own part.

    Attributes:
        kind: sent, redated, reassigned, ended or undone.
        happened_at: when it was sent; now where not given.
        method: how it was sent.
        proof: the recipient's reference.
        evidence_reference: what is kept, in the evidence index.
        due_on: the new date.
        owner: the new owner.
        reason: why.
    """

    kind: str
    happened_at: datetime | None = None
    method: str = ""
    proof: str = ""
    evidence_reference: str = ""
    due_on: date | None = None
    owner: str = ""
    reason: str = ""


def change_clock(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    clock_id: uuid.UUID,
    given: GivenClockChange,
) -> None:
    """Adds what happened to a clock; a report that comes again starts its next turn when this one is sent.

    Raises:
        NotFoundError: no such clock at the service.
        RefusedError: something is missing.
        ConflictError: it was sent or ended meanwhile.
    """
    reach.require("manage_clocks", provider_id, service_id)
    clock = _locked(session, provider_id, service_id, clock_id)
    at = now()
    problems = _change_problems(given, at)
    if problems:
        raise RefusedError("Nothing was recorded.", problems)
    last, closed = _so_far(session, provider_id, service_id, clock_id)
    if closed and given.kind != "undone":
        raise ConflictError("This clock was sent or ended already. Look at it again before you change it.")
    if not closed and given.kind == "undone":
        raise ConflictError("This clock still runs; there is nothing to undo.")
    session.add(
        RegulatorClockEvent(
            provider_id=provider_id,
            service_id=service_id,
            clock_id=clock_id,
            number=last + 1,
            kind=given.kind,
            happened_at=given.happened_at or at,
            method=given.method.strip() or None,
            proof=given.proof.strip() or None,
            evidence_reference=given.evidence_reference.strip() or None,
            due_at=end_of(given.due_on) if given.kind == "redated" and given.due_on else None,
            owner=given.owner.strip() or None,
            reason=given.reason.strip() or None,
            recorded_by=reach.person_id,
            recorded_label=signature(reach),
            recorded_at=at,
        )
    )
    session.flush()
    if given.kind == "sent":
        _next_turn(session, reach, clock)
    note(
        session, reach, f"clock {given.kind}", provider_id=provider_id, service_id=service_id,
        subject=f"clock {clock_id}", detail={"kind": clock.kind, "turn": clock.turn},
    )  # fmt: skip


def set_count(session: Session, reach: Reach, *, provider_id: uuid.UUID, kind: str, count: Count, reason: str) -> None:
    """Confirms or changes a provider's number for a kind of clock; running clocks keep the number they began with.

    Raises:
        RefusedError: the kind has no number, or something is missing.
    """
    reach.require("manage_clocks", provider_id)
    known = clock_kinds().get(kind)
    problems = {}
    if known is None or known.counts is None:
        problems["kind"] = "Choose a clock that is counted."
    elif (count.number < 0) != (known.counts.number < 0) or not 0 < abs(count.number) <= 366:
        problems["number"] = "Give a number from 1 to 366."
    if len(reason.strip()) < SHORTEST:
        problems["reason"] = "Say who confirmed it, or why it differs."
    if problems:
        raise RefusedError("The number was not changed.", problems)
    session.add(
        ClockSetting(
            provider_id=provider_id,
            setting_id=new_id(),
            kind=kind,
            unit=count.unit,
            number=count.number,
            reason=reason.strip(),
            recorded_by=reach.person_id,
            recorded_label=signature(reach),
            recorded_at=now(),
        )
    )
    note(
        session, reach, "clock number set", provider_id=provider_id, subject=f"clock kind {kind}",
        detail={"number": count.number, "unit": count.unit},
    )  # fmt: skip


def _problems(given: GivenEvent, own: dict[str, Count]) -> dict[str, str]:
    problems: dict[str, str] = {}
    kinds = clock_kinds()
    if len(given.summary.strip()) < SHORTEST:
        problems["summary"] = "Say in a few words what happened, without names."
    if given.started_at is None:
        problems["started_on"] = "Give the day from which it counts."
    elif given.started_at > now() and not _before(given.kinds):
        problems["started_on"] = "This lies ahead. Give the day on which it began."
    if not given.kinds or any(kind not in kinds for kind in given.kinds):
        problems["kinds"] = "Choose at least one."
    if not given.owner.strip():
        problems["owner"] = "Name who sees to it: an initial and a surname."
    for key in given.kinds:
        kind = kinds.get(key)
        if kind and kind.counts is None and key not in own and key not in given.said:
            problems[f"said_{key}"] = "Give the date that the letter or notice says."
    return problems


def _before(kinds: Sequence[str]) -> bool:
    """Whether every clock ends before what it counts from, such as notice of a planned absence."""
    counts = [clock_kinds()[key].counts for key in kinds if key in clock_kinds()]
    return bool(counts) and all(count is not None and count.number < 0 for count in counts)


def _change_problems(given: GivenClockChange, at: datetime) -> dict[str, str]:
    kind, why = given.kind, len(given.reason.strip()) < SHORTEST
    return {
        name: words
        for wrong, name, words in (
            (kind not in ("sent", "redated", "reassigned", "ended", "undone"), "kind", "Choose what happened."),
            (kind == "sent" and not given.method.strip(), "method", "Say how it was sent."),
            (
                kind == "sent" and not (given.proof.strip() or given.evidence_reference.strip()),
                "proof",
                "Give the recipient's reference, or the evidence that shows it was sent.",
            ),
            (given.happened_at is not None and given.happened_at > at, "happened_on", "This lies ahead."),
            (kind == "redated" and given.due_on is None, "due_on", "Give the new date."),
            (kind == "reassigned" and not given.owner.strip(), "owner", "Name the new owner."),
            (kind in ("redated", "ended", "undone") and why, "reason", "Say why, in a few words."),
        )
        if wrong
    }


def _locked(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, clock_id: uuid.UUID) -> RegulatorClock:
    """The clock; two people who change it at once go one after the other."""
    in_turn(session, f"clock:{clock_id}")
    found = session.get(RegulatorClock, (provider_id, service_id, clock_id))
    if found is None:
        raise NotFoundError("There is no such clock here.")
    return found


def _so_far(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, clock_id: uuid.UUID) -> tuple[int, bool]:
    """How many things happened to it, and whether the last that counts closed it."""
    e = RegulatorClockEvent
    here = (e.provider_id == provider_id, e.service_id == service_id, e.clock_id == clock_id)
    count = session.execute(select(func.count()).where(*here)).scalar_one()
    last = session.execute(
        select(e.kind).where(*here, e.kind.in_(("sent", "ended", "undone"))).order_by(e.number.desc()).limit(1)
    ).scalar_one_or_none()
    return count, last in ("sent", "ended")


def _next_turn(session: Session, reach: Reach, clock: RegulatorClock) -> None:
    kind = clock_kinds().get(clock.kind)
    if kind is None or kind.recurs is None or clock.turn >= MOST_TURNS:
        return
    c = RegulatorClock
    first = session.execute(
        select(c.due_at).where(
            c.provider_id == clock.provider_id,
            c.service_id == clock.service_id,
            c.event_id == clock.event_id,
            c.kind == clock.kind,
            c.turn == 1,
        )
    ).scalar_one()
    later = session.execute(
        select(func.max(c.turn)).where(
            c.provider_id == clock.provider_id,
            c.service_id == clock.service_id,
            c.event_id == clock.event_id,
            c.kind == clock.kind,
        )
    ).scalar_one()
    if later > clock.turn:
        return
    _clock(
        session, reach, clock.provider_id, clock.service_id, clock.event_id, kind, turn=clock.turn + 1,
        due=next_due(first, clock.turn + 1, kind.recurs), counted=f"again {kind.recurs}", owner=clock.owner,
    )  # fmt: skip


def _clock(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    event_id: uuid.UUID,
    kind: ClockKind,
    *,
    turn: int,
    due: datetime,
    counted: str,
    owner: str,
) -> None:
    session.add(
        RegulatorClock(
            provider_id=provider_id,
            service_id=service_id,
            clock_id=new_id(),
            event_id=event_id,
            kind=kind.key,
            kinds_version=clocks_version(),
            turn=turn,
            due_at=due,
            counted=counted,
            owner=owner.strip(),
            recorded_by=reach.person_id,
            recorded_label=signature(reach),
            recorded_at=now(),
        )
    )
    session.flush()
