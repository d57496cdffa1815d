"""The regulator's clocks: what starts each, how its days are counted, who owns it and what proves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from mendline.catalogue.reading import DATA, CatalogueError, build, read_yaml, unique

Unit = Literal["hours", "working_days", "calendar_days", "months"]
Basis = Literal["law", "guidance", "letter", "custom", "internal"]
Recurrence = Literal["weekly", "monthly"]

BASIS_WORDS: Mapping[Basis, str] = MappingProxyType(
    {
        "law": "Set by law",
        "guidance": "Published guidance",
        "letter": "The letter or notice gives the date",
        "custom": "Usual practice; the law sets no number",
        "internal": "Internal standard; the law says without delay or as soon as practicable",
    }
)


@dataclass(frozen=True, slots=True)
class Count:
    """How long a clock runs; a negative number ends before what it counts from."""

    unit: Unit
    number: int


@dataclass(frozen=True, slots=True)
class ClockKind:
    """One kind of clock.

    Attributes:
        about: the kind of event that starts it.
        regulation: where the duty comes from.
        starts_with: from when it counts.
        counts: None where only the letter says the date.
        basis: where the number comes from.
        check: the number was not re-checked against its source.
        letter_may_say: a date in the letter goes before the count.
        recurs: how often it comes again until it is ended.
        proof: what is kept to show that it was done.
    """

    key: str
    label: str
    about: str
    regulation: str
    starts_with: str
    basis: Basis
    recipient: str
    owner_role: str
    proof: str
    counts: Count | None = None
    check: bool = False
    letter_may_say: bool = False
    recurs: Recurrence | None = None

    @property
    def takes_date(self) -> bool:
        """Whether somebody may or must give the date that a letter says."""
        return self.counts is None or self.letter_may_say


@dataclass(frozen=True, slots=True)
class _Clocks:
    version: str
    clocks: tuple[ClockKind, ...]


@cache
def _read() -> _Clocks:
    found = build(_Clocks, read_yaml(DATA / "clocks.yaml"), "clocks.yaml")
    for kind in found.clocks:
        if (kind.counts is None) != (kind.basis == "letter"):
            raise CatalogueError(f"clocks.yaml, {kind.key}: a clock has a count, or the basis `letter`")
    return found


@cache
def clock_kinds() -> Mapping[str, ClockKind]:
    """Every kind of clock, by its key, in the order of the file."""
    return MappingProxyType(unique(_read().clocks, "key", "clocks.yaml"))


def clocks_version() -> str:
    """The version of the declarations, stored with each clock that is started."""
    return _read().version
