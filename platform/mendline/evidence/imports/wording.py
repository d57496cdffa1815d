"""Words of imports that more than one page says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mendline.catalogue.wording import counted, log_time, short_date
from mendline.evidence.imports.pages import ProblemLine
from mendline.evidence.imports.sent import SentFile
from mendline.web.components import Badge
from tenants.clock import LONDON

STATES = {
    "reading": Badge("Being read", "i-clock", "pending"),
    "unmapped": Badge("Match its columns", "i-review", "pending"),
    "checking": Badge("Being checked", "i-clock", "pending"),
    "checked": Badge("Ready to import", "i-eye", "pending"),
    "refused": Badge("Has problems", "i-warn", "alert"),
    "saving": Badge("Being imported", "i-clock", "pending"),
    "saved": Badge("Imported", "i-tick", "ok"),
    "undoing": Badge("Being taken back", "i-clock", "pending"),
    "undone": Badge("Taken back", "i-cross", "hollow"),
    "discarded": Badge("Put aside", "i-cross", "hollow"),
}
COUNTS = (
    ("new", "new", "rows to add", "ok"),
    ("changed", "changed", "rows that the source corrected", "ok"),
    ("unchanged", "unchanged", "rows that say the same already", ""),
    ("kept", "corrected by hand", "rows that stay as a person corrected them", ""),
    ("written", "written by actions", "rows that stay as their action says", ""),
    ("conflict", "conflicting", "rows that differ from what a person recorded", "pending"),
    ("alike", "perhaps kept already", "rows that look like a record that is here", "pending"),
    ("refused", "refused", "rows with a problem", "alert"),
)


def state_of(state: str, undecided: int | None) -> Badge:
    """A file that is checked is not ready before each of its rows is decided."""
    return Badge(f"{counted(undecided, 'row')} to decide", "i-review", "pending") if undecided else STATES[state]


def problem_line(one: Mapping[str, Any]) -> ProblemLine:
    """A problem as it was kept, as a line of a table."""
    return ProblemLine(
        str(one["line"]) if one["line"] else "File", one["column"], one["value"], one["reason"], one["advice"]
    )


def place_words(sent: SentFile) -> str:
    """Where a file belongs."""
    return f"{sent.service}, {sent.provider}" if sent.service else sent.provider


def moment_words(at: datetime) -> str:
    """A moment as the pages of imports say it."""
    local = at.astimezone(LONDON)
    return f"{short_date(local.date())} {local.year}, {log_time(local)}"
