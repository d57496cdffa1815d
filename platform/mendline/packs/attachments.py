"""What travels inside a pack: its figures and its evidence index as CSV, and the manifest that fixes both.

A pack cannot contain its own hash. It prints that of its manifest instead, and the manifest holds the hashes of the
embedded files and of the document, so whoever has the file can check each against the other without asking us.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from mendline.packs.document import PackDocument

FACTS = "facts.csv"
EVIDENCE = "evidence.csv"
MANIFEST = "manifest.json"
_FACT_COLUMNS = (
    "indicator", "definition", "period_start", "numerator", "denominator", "value", "state", "revision", "source",
    "recorded_at", "references", "indicator_id", "observation_id", "records", "left_out", "kinds", "agreement", "address",
)  # fmt: skip
_EVIDENCE_COLUMNS = ("reference", "what", "kind", "where", "sha256", "checked", "state")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class PackAttachment:
    """A file inside the pack."""

    name: str
    description: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Fingerprint of the content."""
        return hashlib.sha256(self.content).hexdigest()


def attachments(document: PackDocument) -> tuple[PackAttachment, ...]:
    """Everything that is embedded, manifest last; the same document gives the same bytes."""
    files = (facts_csv(document), evidence_csv(document))
    return (*files, _manifest_of(document, files))


def manifest(document: PackDocument) -> PackAttachment:
    """What the pack is made of; its SHA-256 is printed on the cover and kept with the pack's record."""
    return attachments(document)[-1]


def facts_csv(document: PackDocument) -> PackAttachment:
    """The figures behind the pack, one row per indicator and period, each with its records and its page; UTF-8 with a header."""
    rows = (
        (row.indicator, row.definition, row.period_start, row.numerator, row.denominator, row.value, row.state,
         row.revision, row.source, row.recorded_at, " ".join(row.references), row.indicator_id, row.observation_id, row.records, row.left_out,
         "; ".join(row.kinds), row.agreement, row.address)
        for row in document.facts
    )  # fmt: skip
    return PackAttachment(FACTS, "Figures behind this pack", csv_text(_FACT_COLUMNS, rows))


def evidence_csv(document: PackDocument) -> PackAttachment:
    """The evidence index with fingerprints in full."""
    rows = (
        (row.reference, row.what, row.kind, row.where, row.fingerprint, row.checked, row.state)
        for row in document.evidence
    )
    return PackAttachment(EVIDENCE, "Evidence index with fingerprints in full", csv_text(_EVIDENCE_COLUMNS, rows))


def _manifest_of(document: PackDocument, files: Sequence[PackAttachment]) -> PackAttachment:
    content = {
        "format": "mendline-pack-1",
        "pack": document.reference,
        "provider": document.provider,
        "service": document.service,
        "as_at": document.as_at_iso,
        "figures_to": document.figures_to,
        "framework": document.framework,
        "rule_set": document.rule_set,
        "figures": {
            "rows": len(document.facts),
            "with_records": sum(row.records is not None for row in document.facts),
            "records": sum(row.records or 0 for row in document.facts),
        },
        "document_sha256": hashlib.sha256(canonical(asdict(document))).hexdigest(),
        "files": {file.name: {"sha256": file.sha256, "bytes": len(file.content)} for file in files},
        "evidence": {row.reference: row.fingerprint for row in document.evidence},
    }
    return PackAttachment(MANIFEST, "What this pack is made of, with fingerprints", canonical(content) + b"\n")


def canonical(content: object) -> bytes:
    """JSON that is the same, byte for byte, for the same content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table in UTF-8 with a header, in which no cell is run as a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers are left alone."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value
