"""Evidence files of the demonstration: one of each common kind at the first service, made here and sent like any other."""

import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pikepdf
from openpyxl import Workbook
from PIL import Image, ImageDraw
from sqlalchemy import func, select

from mendline.config import Settings
from mendline.demonstration.model import Demonstration
from mendline.evidence.files.commands import add_file
from mendline.evidence.files.keeping import keeper_of
from mendline.evidence.files.model import EvidenceFile
from mendline.evidence.rules import GivenEvidence
from mendline.indicators.model import ServiceIndicator
from tenants.clock import now
from tenants.database import Database

SENDER = "Sunita Rao"  # the deputy manager
_LINES = (
    "Medicines audit, Primrose unit",
    "40 charts looked at, 38 complete",
    "Two gaps, both explained and recorded",
    "Invented for the demonstration",
)


@dataclass(frozen=True, slots=True)
class DemoFile:
    """A file of the demonstration and what is said of it."""

    name: str
    make: Callable[[], bytes]
    letter: str
    title: str
    days_ago: int
    definition_key: str


def audit_pdf() -> bytes:
    """One page of text in a font that every reader has."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    shown = " ".join(f"({line}) Tj 0 -24 Td" for line in _LINES)
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page = pdf.pages[0]
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)))
    page.Contents = pdf.make_stream(f"BT /F1 16 Tf 72 760 Td {shown} ET".encode())
    made = io.BytesIO()
    pdf.save(made)
    return made.getvalue()


def board_photograph() -> bytes:
    """A board on a wall, as a phone would have taken it."""
    picture = Image.new("RGB", (800, 600), (236, 233, 226))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((60, 60, 740, 540), outline=(70, 90, 85), width=6)
    for number, line in enumerate(("You said: call bells take too long", "We did: two more people at night")):
        pen.text((100, 140 + 60 * number), line, fill=(30, 40, 38), font_size=30)
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=80)
    return made.getvalue()


def competency_workbook() -> bytes:
    """Who was seen giving medicines, by initials."""
    book = Workbook()
    sheet = book.create_sheet("Seen", 0)
    for row in (("Initials", "Seen on unit", "Competent"), ("JM", "Primrose", "yes"), ("AO", "Bluebell", "yes")):
        sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def voices_csv() -> bytes:
    """What people said, in a table."""
    return b"question,people asked,satisfied\r\nFood,22,19\r\nBeing listened to,22,20\r\n"


FILES = (
    DemoFile("Medicines audit Primrose.pdf", audit_pdf, "A", "Medicines audit, Primrose unit", 9, "mar_compliance_pct"),
    DemoFile("You said we did.jpg", board_photograph, "F", "Board: you said, we did", 6, "mar_compliance_pct"),
    DemoFile("Competency seen.xlsx", competency_workbook, "P", "Competency seen on medicines rounds", 12, "mar_compliance_pct"),
    DemoFile("What people said.csv", voices_csv, "F", "What people said in November", 4, "mar_compliance_pct"),
)  # fmt: skip


def add_files(database: Database, settings: Settings, planned: Demonstration) -> int:
    """Sends the files where none were sent yet; workers examine them as they do any other. How many were sent."""
    service = planned.services[0]
    here = {"provider_id": service.provider_id, "service_id": service.service_id}
    reach = replace(database.command_reach(service.provider_id), name=SENDER)
    keeper, sent = keeper_of(settings), 0
    with database.transaction(reach) as session:
        if session.scalar(select(func.count()).select_from(EvidenceFile).filter_by(**here)):
            return 0
        running = {
            row.definition_key: row.indicator_id
            for row in session.execute(
                select(ServiceIndicator.definition_key, ServiceIndicator.indicator_id)
                .filter_by(**here)
                .where(ServiceIndicator.ended_on.is_(None))
            )
        }
        for file in FILES:
            kept = keeper.keep(reach, service.provider_id, file.name, io.BytesIO(file.make()))
            evidence_id = uuid.uuid5(service.service_id, file.name)
            given = _said(file, planned.today, running.get(file.definition_key))
            add_file(
                session, reach, provider_id=service.provider_id, service_id=service.service_id,
                evidence_id=evidence_id, given=given, kept=kept, today=planned.today, at=now(),
            )  # fmt: skip
            sent += 1
    return sent


def _said(file: DemoFile, today: date, indicator_id: uuid.UUID | None) -> GivenEvidence:
    return GivenEvidence(
        letter=file.letter,
        title=file.title,
        dated_on=today - timedelta(days=file.days_ago),
        system="",
        where_to_look="",
        sha256=None,
        sample_size=None,
        supports=(indicator_id,) if indicator_id else (),
        seen_at="evening" if file.letter == "P" else None,
    )
