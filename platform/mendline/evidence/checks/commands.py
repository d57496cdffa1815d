"""What a person does to test a claim: draw a sample, compare records, end the check."""

import uuid
from datetime import date, datetime
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mendline.catalogue.calendar import period_label
from mendline.catalogue.indicators import Cadence, indicator_definition
from mendline.evidence.checks.model import SpotCheck, SpotCheckFinding, SpotCheckResult
from mendline.evidence.checks.queries import check_of, records_behind
from mendline.evidence.checks.rows import CheckLine
from mendline.evidence.checks.sampling import FINDINGS, Agreement, agreement, draw, sample_size, words_of
from mendline.evidence.commands import add_evidence
from mendline.evidence.rules import GivenEvidence
from mendline.indicators.contradicting import record_contradiction
from mendline.indicators.marking import mark_stale
from mendline.indicators.model import ServiceIndicator
from mendline.places.references import next_reference
from tenants.database import in_turn
from tenants.errors import ConflictError, NotFoundError, RefusedError
from tenants.ids import new_id
from tenants.ledger import note
from tenants.reach import Reach

LONGEST = 2_000


def draw_check(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    indicator_id: uuid.UUID,
    period_start: date,
    seed: str,
    purpose: str,
    today: date,
    at: datetime,
) -> uuid.UUID:
    """Draws a sample of the records behind a figure; gives the check's identifier.

    Args:
        session: a transaction in the reach.
        reach: who draws.
        provider_id: the provider.
        service_id: the service.
        indicator_id: its indicator.
        period_start: the first day of the figure's period.
        seed: random, made by the caller; kept with the check, so that anybody can draw the same sample again.
        purpose: why this figure, in a few words; may be empty.
        today: the day in England.
        at: the moment of recording, in UTC.

    Raises:
        NotFoundError: no such indicator at the service.
        RefusedError: the figure was not worked out from records here.
    """
    reach.require("carry_out_check", provider_id, service_id)
    _require_running(session, provider_id, service_id, indicator_id)
    records, measurement = records_behind(session, provider_id, service_id, indicator_id, period_start)
    if not records:
        raise RefusedError(
            "There is nothing to draw: this figure was not worked out from records kept here. Check it against the place "
            "where its records are kept, and add what you find as evidence."
        )
    reference = next_reference(session, SpotCheck.reference, "S", provider_id=provider_id, service_id=service_id)
    check_id = new_id()
    session.add(
        SpotCheck(
            provider_id=provider_id,
            service_id=service_id,
            check_id=check_id,
            reference=reference,
            indicator_id=indicator_id,
            period_start=period_start,
            measurement=measurement,
            population=len(records),
            seed=seed,
            drawn=list(draw(records, seed, sample_size(len(records)))),
            purpose=purpose.strip()[:LONGEST] or None,
            drawn_by=reach.person_id,
            drawn_label=reach.initials,
            drawn_on=today,
            recorded_at=at,
        )
    )
    note(
        session, reach, "spot check drawn", provider_id=provider_id, service_id=service_id,
        subject=f"spot check {reference}", detail={"population": len(records), "seed": seed},
    )  # fmt: skip
    return check_id


def compare_record(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    check_id: uuid.UUID,
    record_id: uuid.UUID,
    finding: str,
    words: str,
    at: datetime,
) -> None:
    """Records what the comparison of one drawn record with its original found; a second time corrects the first.

    Raises:
        NotFoundError: no such check, or the record was not drawn.
        RefusedError: whoever made the record compares it, or something is missing.
        ConflictError: the check has ended.
    """
    reach.require("carry_out_check", provider_id, service_id)
    one_at_a_time(session, check_id)
    line, drawn = check_of(session, provider_id, service_id, check_id, reach.person_id)
    record = next((one for one in drawn if one.record_id == record_id), None)
    if record is None:
        raise NotFoundError("This record was not drawn.")
    if line.verdict is not None:
        raise ConflictError("This check has ended. Draw a new one to compare again.")
    problems = {}
    if finding not in FINDINGS:
        problems["finding"] = "Choose what you found."
    if finding in ("disagrees", "not_found") and len(words.strip()) < 4:
        problems["note"] = "Say in a few words what differs, or where you looked. No names."
    if record.by_reader:
        problems["finding"] = "You made this record, so somebody else compares it."
    if problems:
        raise RefusedError("The comparison was not recorded.", problems)
    f = SpotCheckFinding
    number = session.execute(
        select(func.count()).where(
            f.provider_id == provider_id, f.service_id == service_id, f.check_id == check_id, f.record_id == record_id
        )
    ).scalar_one()
    session.add(
        SpotCheckFinding(
            provider_id=provider_id,
            service_id=service_id,
            check_id=check_id,
            record_id=record_id,
            number=number + 1,
            finding=finding,
            note=words.strip()[:LONGEST] or None,
            recorded_by=reach.person_id,
            recorded_label=reach.initials,
            recorded_at=at,
        )
    )
    note(
        session, reach, "record compared", provider_id=provider_id, service_id=service_id,
        subject=f"spot check {line.reference}", detail={"record": str(record_id), "finding": finding},
    )  # fmt: skip


def end_check(
    session: Session,
    reach: Reach,
    *,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    check_id: uuid.UUID,
    today: date,
    at: datetime,
) -> Agreement:
    """Ends a check whose records were all compared: it becomes an independent check behind the figure, or speaks against it.

    Raises:
        NotFoundError: no such check.
        RefusedError: records are left to compare.
        ConflictError: it has ended already.
    """
    reach.require("carry_out_check", provider_id, service_id)
    one_at_a_time(session, check_id)
    line, drawn = check_of(session, provider_id, service_id, check_id, reach.person_id)
    if line.verdict is not None:
        raise ConflictError("This check has ended already.")
    left = sum(one.finding is None for one in drawn)
    if left:
        raise RefusedError(f"{left} of {len(drawn)} records are not compared yet.")
    found = agreement([one.finding for one in drawn if one.finding is not None], line.population)
    if found.verdict is None or found.low is None or found.high is None:
        raise RefusedError("Nothing was drawn, so nothing can be said.")
    reference = _tell(session, reach, provider_id, service_id, line, found, today, at)
    session.add(
        SpotCheckResult(
            provider_id=provider_id,
            service_id=service_id,
            check_id=check_id,
            agree=found.agree,
            compared=found.compared,
            low=found.low,
            high=found.high,
            verdict=found.verdict,
            evidence_reference=reference,
            recorded_by=reach.person_id,
            recorded_label=reach.initials,
            recorded_at=at,
        )
    )
    mark_stale(session, provider_id, service_id, line.indicator_id, None, reach.person_id)
    note(
        session, reach, "spot check ended", provider_id=provider_id, service_id=service_id,
        subject=f"spot check {line.reference}", detail={"verdict": found.verdict},
    )  # fmt: skip
    return found


def _tell(
    session: Session,
    reach: Reach,
    provider_id: uuid.UUID,
    service_id: uuid.UUID,
    line: CheckLine,
    found: Agreement,
    today: date,
    at: datetime,
) -> str | None:
    """Puts the result where figures are judged: an independent check in the evidence index, or a contradiction."""
    period = period_label(cast("Cadence", line.cadence), line.period_start)
    if found.verdict == "contradicted":
        record_contradiction(
            session, reach, provider_id=provider_id, service_id=service_id, indicator_id=line.indicator_id,
            source=f"Spot check {line.reference}", noticed_on=today, today=today, origin="spot_check",
            says=f"Of the records behind {period}, {words_of(found)}",
        )  # fmt: skip
        return None
    name = indicator_definition(line.definition_key).name
    return add_evidence(
        session, reach, provider_id=provider_id, service_id=service_id, evidence_id=line.check_id, today=today, at=at,
        given=GivenEvidence(
            letter="A", title=f"Spot check {line.reference}: {name}, {period}. {words_of(found).rstrip('.')}", dated_on=today,
            system="Mendline", where_to_look=f"Spot check {line.reference} of this service", sha256=None,
            sample_size=found.compared, supports=(line.indicator_id,), seen_at=None, made_by=f"Drawn by {line.drawn_label}",
        ),
    )  # fmt: skip


def _require_running(session: Session, provider_id: uuid.UUID, service_id: uuid.UUID, indicator_id: uuid.UUID) -> None:
    i = ServiceIndicator
    if (
        session.execute(
            select(i.indicator_id).where(
                i.provider_id == provider_id, i.service_id == service_id, i.indicator_id == indicator_id
            )
        ).one_or_none()
        is None
    ):
        raise NotFoundError("There is no such indicator here.")


def one_at_a_time(session: Session, key: uuid.UUID) -> None:
    """Whoever comes to the same check or drill waits until this transaction ends."""
    in_turn(session, f"check:{key}")
