"""Where a file's facts go, and how: what every part of one save is told."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from mendline.evidence.imports.known import Known
from mendline.evidence.imports.plan import Place
from mendline.evidence.imports.weighing import OnConflict
from tenants.reach import Reach

NEW = "new"  # the decision that a row is no record that is kept already
SAME = "same"  # for every row without a decision of its own: that it is the one record that it looks like


@dataclass(frozen=True, slots=True)
class Names:
    """What a file of one provider may name, and the identifiers behind the names.

    Attributes:
        known: services and indicators, as the check looks them up.
        indicator_ids: the running indicator of a service, by service and key of the definition.
        service_id: the only service that the file speaks of, where it was sent to one.
    """

    known: Known
    indicator_ids: Mapping[tuple[uuid.UUID, str], uuid.UUID]
    service_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name facts are recorded."""

    person_id: uuid.UUID | None
    initials: str | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person decided about a file.

    Attributes:
        on_conflict: what happens with rows that say something else than what somebody recorded by hand.
        decisions: the record that a row is, or `NEW`, by the row's number; of rows that look like a record.
        otherwise: the same for every row without a decision of its own: `NEW`, `SAME`, or none for not decided.
    """

    on_conflict: OnConflict = "stop"
    decisions: Mapping[uuid.UUID, uuid.UUID | str] = field(default_factory=dict)
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One save of one file.

    Attributes:
        session: its transaction.
        reach: the reach that it works in.
        sender: in whose name.
        names: what the check was given.
        batch_id: the file, as its facts name it.
        file_name: what people call the file; the reason of every fact that it corrects.
        at: the moment of recording, in UTC.
        choices: what a person decided.
        shown: the places of the rows that the preview shows.
        writes: False for a rehearsal, which finds everything and changes nothing.
        import_id: the file's own number, where it was sent on a page.
    """

    session: Session
    reach: Reach
    sender: Sender
    names: Names
    provider_id: uuid.UUID
    batch_id: uuid.UUID
    file_name: str
    at: datetime
    choices: Choices
    shown: frozenset[Place] = frozenset()
    writes: bool = True
    import_id: uuid.UUID | None = None

    @property
    def reason(self) -> str:
        """Why a fact is corrected."""
        return f"Imported from {self.file_name}"
