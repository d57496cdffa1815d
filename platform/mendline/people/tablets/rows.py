"""A home's tablets as its manager sees them."""

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TabletLine:
    """A tablet that is trusted now."""

    shared_device_id: uuid.UUID
    label: str
    registered_at: datetime
    registered_by: str
    is_this_one: bool
