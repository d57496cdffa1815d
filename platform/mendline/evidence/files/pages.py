"""What the page of a piece of evidence shows of its file."""

from dataclasses import dataclass

from mendline.web.components import Badge, Button, Fact, Form, Note

_REFRESH_SECONDS = 2


@dataclass(frozen=True, slots=True)
class SharingCard:
    """Whether commissioners may open the file, and the form that changes it."""

    sentence: str
    form: Form


@dataclass(frozen=True, slots=True)
class FileCard:
    """The file of a piece of evidence.

    Attributes:
        working: whether its examination is still to come; the page then asks again every `refresh_seconds`.
        step: what the examination is at.
        done: how far it is, 0 to 100; None where that is not known.
    """

    name: str
    state: Badge
    facts: tuple[Fact, ...]
    working: bool = False
    refresh_seconds: int = _REFRESH_SECONDS
    step: str = ""
    done: int | None = None
    download: Button | None = None
    note: Note | None = None
