"""What the API says of the story."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class StoryEntryOut:
    """Something that happened at a service, in words; `references` lead to actions, risks and evidence."""

    entry: str
    kind: str
    happened_on: date
    recorded_at: datetime
    heading: str
    sentence: str
    indicator_ids: list[uuid.UUID]
    references: list[str]
