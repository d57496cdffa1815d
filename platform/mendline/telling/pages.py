"""What the pages of notices show."""

from dataclasses import dataclass

from mendline.web.components import Form, Head, WorkList


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """A person's notices: those not seen yet, then the others."""

    head: Head
    unread: WorkList
    earlier: WorkList


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """How a person wants to be told."""

    head: Head
    form: Form
