"""Evidence behind a figure: what it is, where its original is, what the newest look at it said."""

import uuid

from mendline.catalogue.wording import log_time, short_date
from mendline.evidence.rows import EvidenceBehind
from mendline.indicators.pages import EvidenceRow
from mendline.places.head import Address
from mendline.web.components import Badge, Link
from mendline.web.readings import LETTERS
from tenants.clock import LONDON

CHECKS = {
    "unchanged": Badge("Unchanged", "i-tick", "ok"),
    "changed": Badge("Original changed", "i-warn", "alert"),
    "not_found": Badge("Original not found", "i-warn", "alert"),
    "withdrawn": Badge("Withdrawn", "i-cross", "hollow"),
}
NOT_CHECKED = Badge("Not checked yet", "i-clock", "pending")


def evidence_row(row: EvidenceBehind, address: Address, service_id: uuid.UUID) -> EvidenceRow:
    """Evidence as it stands in a table."""
    when = row.checked_at.astimezone(LONDON) if row.checked_at else None
    return EvidenceRow(
        reference=Link(row.reference, address("evidence.one", service_id=service_id, evidence_id=row.evidence_id)),
        title=row.title,
        kind=f"{LETTERS[row.letter]}. {f'Added by {row.recorded_initials}' if row.recorded_initials else 'Added'}",
        where=f"{row.system}, {row.where_to_look}",
        fingerprint=short_fingerprint(row.sha256),
        check=CHECKS.get(row.result or "", NOT_CHECKED),
        checked=f"{short_date(when.date())}, {log_time(when)}" if when else "",
    )


def short_fingerprint(sha256: str | None) -> str:
    """The first eight and last four digits, which is enough to see a difference; the whole stands on its own page."""
    return f"{sha256[:8]}\N{HORIZONTAL ELLIPSIS}{sha256[-4:]}" if sha256 else "No fingerprint"
