"""Builders of files and of what they may name."""

import gzip
import io
from datetime import date
from pathlib import Path
from uuid import UUID, uuid5

from mendline.evidence.imports.known import Known, KnownIndicator, KnownService

DATA = Path(__file__).parents[1] / "data"
TODAY = date(2026, 11, 23)
NAMES = UUID("00000000-0000-4000-8000-000000000001")


def opened(text, encoding="utf-8"):
    """A file with a text."""
    return io.BytesIO(text.encode(encoding))


def real(name):
    """A real file, unpacked."""
    content = (DATA / "real" / name).read_bytes()
    return io.BytesIO(gzip.decompress(content) if name.endswith(".gz") else content)


def service(name="Rosewood House", **more):
    """A service by name, always with the same id."""
    return KnownService(uuid5(NAMES, name), name, **more)


def indicator(key="mar_compliance_pct", measure_type="proportion", cadence="weekly", unit="%", *, bounded=True):
    """What checking knows of an indicator."""
    return KnownIndicator(key, measure_type, cadence, unit, bounded=bounded)


def known(services=None, indicators=None, running=None):
    """What a file may name."""
    listed = indicators or (
        indicator(),
        indicator("falls_rate", "rate", "monthly", "falls per 1,000 OBD"),
        indicator("staffing_fill_rate_pct", bounded=False),
        indicator("overdue_regulatory_actions_count", "count", "weekly", "items"),
    )
    return Known(tuple(services or (service(),)), {one.key: one for one in listed}, running)
