"""The escalations of a pack, from rows to words: open ones first, late ones said to be late."""

from collections.abc import Sequence
from datetime import date

from mendline.catalogue.wording import counted, short_date
from mendline.packs.document import EscalationRow
from mendline.recovery.registers.presenting import outcome_words, title_of
from mendline.recovery.registers.rows import EscalationLine
from mendline.recovery.triggers.opening import label_of


def escalation_rows(lines: Sequence[EscalationLine], today: date) -> tuple[EscalationRow, ...]:
    """What was put before whom, and how it ended."""
    return tuple(_row(line, today) for line in lines)


def _row(line: EscalationLine, today: date) -> EscalationRow:
    if line.outcome and line.decided_on:
        days = (line.decided_on - line.opened_on).days
        late = line.decided_on > line.first_due_on
        ended = f"{outcome_words(line.outcome)} after {counted(days, 'day')}, {line.decided_label}: {line.reason}"
        ended += "".join(f" {one} is before the provider." for one in line.made or () if one.startswith("O-"))
    else:
        late = line.due_on < today
        ended = f"Open for {counted((today - line.opened_on).days, 'day')}, waits for the {label_of(line.role).lower()}"
    return EscalationRow(
        what=title_of(line),
        asked=line.asked,
        opened=short_date(line.opened_on),
        due=short_date(line.first_due_on),
        ended=f"{ended}{' Late.' if late else ''}",
        is_late=late,
        references=tuple(one for one in line.made or () if one[0] in "AR"),
    )
