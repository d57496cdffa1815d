"""Two files of the demonstration: one that came in, two of whose rows were records that were kept already, and one refused."""

import io
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from mendline.config import Settings
from mendline.demonstration.files import SENDER
from mendline.demonstration.model import Demonstration, DemoRecord, DemoService
from mendline.demonstration.sources import at
from mendline.evidence.files.keeping import Keeper, keeper_of
from mendline.evidence.imports import at_work, judging
from mendline.evidence.imports.commands import let_in, send_file
from mendline.evidence.imports.deciding import ALL, decide_many
from mendline.evidence.imports.model import ImportFile
from mendline.evidence.imports.proposals import forget_proposals, keep_proposals
from mendline.evidence.imports.queries import find_import, find_place
from mendline.evidence.imports.sent import SentFile
from mendline.evidence.imports.target import SAME
from mendline.evidence.imports.writing import write_csv
from tenants.clock import now
from tenants.database import Database
from tenants.reach import Reach

HEADER = (
    "service", "happened_at", "known_at", "kind", "person", "unit", "place", "shift_band", "weekend", "witnessed",
    "harm_level", "what_happened", "done_at_once", "reported_by", "notifiable", "reviewed_at", "reviewed_by", "learning",
    "candour_applies",
)  # fmt: skip
KNOWN = 2  # rows that somebody had entered before the file came
NEAR_MISSES = (
    (26, "P-007", "Primrose", "bedroom", "day", "Slid to the edge of the chair and was helped back.", "Chair raised, family told."),
    (24, "P-019", "Bluebell", "corridor", "afternoon", "A wheel of the frame was loose.", "Frame taken out of use and mended."),
    (21, "P-026", "Foxglove", "dining", "evening", "Drink spilt where people walk.", "Wiped up; mats checked after meals."),
)  # fmt: skip
# A day that never was, a kind that is not known, and no account of what happened.
WRONG = (
    ("2026-02-30T09:10:00Z", "fall", "Found on the floor beside the bed."),
    ("2026-10-09T14:20:00Z", "tumble", "Lost balance at the sink."),
    ("2026-10-12T20:05:00Z", "near_miss", ""),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where files are sent and checked, as a worker would."""

    database: Database
    keeper: Keeper
    reach: Reach
    service: DemoService

    def check(self, name: str, content: bytes, moment: datetime) -> SentFile:
        """Sends a file of incidents and checks it; how it stands then."""
        import_id = uuid.uuid5(self.service.service_id, name)
        kept = self.keeper.keep(self.reach, self.service.provider_id, name, io.BytesIO(content))
        with self.database.transaction(self.reach) as session:
            place = find_place(session, self.reach, service_id=self.service.service_id)
            send_file(session, self.reach, place, import_id=import_id, kept=kept, mapping="incident", at=moment)
        with self.database.transaction(self.reach) as session:
            sent = find_import(session, self.reach, import_id)
            columns, proposals = judging.check_sent(session, self.reach, sent, io.BytesIO(content), moment)
        with self.database.transaction(self.reach) as session:
            at_work.keep(session, sent, ("checking",), columns)
            keep_proposals(session, sent, proposals)
        with self.database.transaction(self.reach) as session:
            return find_import(session, self.reach, import_id)

    def save(self, sent: SentFile, content: bytes, moment: datetime) -> None:
        """Says that the rows which look like records are those records, and lets the file in."""
        with self.database.transaction(self.reach) as session:
            decide_many(session, self.reach, sent, ALL, SAME, moment)
            let_in(session, self.reach, sent, on_conflict="skip", at=moment)
        with self.database.transaction(self.reach) as session:
            sent = find_import(session, self.reach, sent.import_id)
            done = judging.save_sent(session, self.reach, sent, io.BytesIO(content), moment, lambda *_: None)
            at_work.keep(session, sent, ("saving",), judging.saved_columns(sent, done, moment))
            forget_proposals(session, sent.provider_id, sent.import_id)
        if sent.object_key:
            self.keeper.store.remove(sent.object_key)


def import_files(database: Database, settings: Settings, planned: Demonstration) -> None:
    """Brings both files to the first service; nothing where a file was sent already."""
    service = planned.services[0]
    reach = replace(database.command_reach(service.provider_id), name=SENDER)
    with database.transaction(reach) as session:
        known = select(func.count()).select_from(ImportFile).where(ImportFile.provider_id == service.provider_id)
        if session.scalar(known):
            return
    desk = _Desk(database, keeper_of(settings), reach, service)
    moment = min(now(), at(planned.today - timedelta(days=3), 15, 20))
    content = incident_log(planned, service)
    desk.save(desk.check("Incident log.csv", content, moment), content, moment)
    desk.check("Incident log, old tablet.csv", spoilt_log(service), moment + timedelta(minutes=25))


def incident_log(planned: Demonstration, service: DemoService) -> bytes:
    """The incidents of a month as another system exports them: two that were entered by hand, and three near misses."""
    mine = [one for one in planned.records if (one.service_id, one.record_type) == (service.service_id, "incident")]
    entered = sorted(mine, key=lambda one: one.happened_at)[-KNOWN:]
    return _csv([_row(service, one) for one in entered] + [_near_miss(planned, service, one) for one in NEAR_MISSES])


def spoilt_log(service: DemoService) -> bytes:
    """A file whose rows cannot be taken, each for another reason."""
    return _csv(
        [
            (
                service.name, moment, "", kind, "P-012", "Primrose", "bedroom", "day", "no", "no", "none", happened,
                "Checked and made comfortable.", "GA", "no", "", "", "", "no",
            )
            for moment, kind, happened in WRONG
        ]
    )  # fmt: skip


def _row(service: DemoService, one: DemoRecord) -> tuple[str, ...]:
    answers = {
        name: ("yes" if said else "no") if isinstance(said, bool) else said for name, said in one.payload.items()
    }
    return (service.name, *(str(answers.get(name, "")) for name in HEADER[1:]))


def _near_miss(
    planned: Demonstration, service: DemoService, one: tuple[int, str, str, str, str, str, str]
) -> tuple[str, ...]:
    days_ago, person, unit, place, band, happened, done = one
    hour = {"day": 10, "afternoon": 15, "evening": 19}[band]
    moment = at(planned.today - timedelta(days=days_ago), hour, 40)
    seen, reviewed = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (moment, moment + timedelta(days=1)))
    weekend = "yes" if moment.weekday() > 4 else "no"
    return (
        service.name, seen, seen, "near_miss", person, unit, place, band, weekend, "yes", "none", happened, done, "GA",
        "no", reviewed, "TB", "", "no",
    )  # fmt: skip


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    written = io.StringIO(newline="")
    write_csv(written, HEADER, rows)
    return written.getvalue().encode()
