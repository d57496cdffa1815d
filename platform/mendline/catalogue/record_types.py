"""Kinds of source record, each declared once in one file; forms, checks, templates and schemas follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from mendline.catalogue.indicators import EvidenceCategory, EvidenceLetter
from mendline.catalogue.reading import DATA, CatalogueError, build, read_yaml, unique

Kind = Literal[
    "text",
    "long_text",
    "integer",
    "number",
    "boolean",
    "choice",
    "multi_choice",
    "date",
    "datetime",
    "time",
    "person_reference",
    "staff_reference",
    "room",
]
PersonalData = Literal["none", "pseudonymous", "personal", "special"]
Prefill = Literal["now", "today", "own_initials"]
LawfulBasis = Literal["care", "safeguarding", "employment", "governance"]

# Basis -> what a provider relies on, as it would tell a person who asks. A provider's own notice may say otherwise.
LAWFUL_BASES: Mapping[LawfulBasis, str] = MappingProxyType(
    {
        "care": "UK GDPR Article 6(1)(c) and (e); health data under Article 9(2)(h) with DPA 2018 Schedule 1 paragraph 2",
        "safeguarding": "UK GDPR Article 6(1)(c) and (e); Article 9(2)(g) with DPA 2018 Schedule 1 paragraph 18",
        "employment": "UK GDPR Article 6(1)(b) and (c); Article 9(2)(b) with DPA 2018 Schedule 1 paragraph 1",
        "governance": "UK GDPR Article 6(1)(c) and (f); no special category data",
    }
)

MAX_TEXT = 200
MAX_LONG_TEXT = 4000

_NUMBERS = frozenset({"integer", "number"})
_MOMENTS = frozenset({"date", "datetime", "time"})
_CHOICES = frozenset({"choice", "multi_choice"})
_PREFILLED: Mapping[Prefill, Kind] = MappingProxyType(
    {"now": "datetime", "today": "date", "own_initials": "staff_reference"}
)
# Kinds that always say something about a person, so the declaration has to say how much.
_ABOUT_PEOPLE = frozenset({"person_reference", "staff_reference", "room", "long_text"})


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a record.

    Attributes:
        name: the column in a CSV and the member in JSON.
        label: the question as people read it.
        required: an answer is always needed.
        choices: codes with their labels, in order.
        minimum: lowest number taken.
        maximum: highest number taken.
        max_length: most characters taken.
        unit: after a number, for example hours.
        hint: one or two sentences under the label.
        personal_data: how much the answer says about a person; outsiders never see more than ``none``.
        not_above: a number field that this one may not exceed.
        not_before: a date or moment that this one may not come before.
        differs_from: a field that must hold somebody else.
        required_when: a field that, when answered, makes this one necessary.
        prefill: what an empty form already holds, to be changed where it is wrong; counts are never filled in.
    """

    name: str
    label: str
    kind: Kind
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    unit: str | None = None
    hint: str | None = None
    personal_data: PersonalData = "none"
    not_above: str | None = None
    not_before: str | None = None
    differs_from: str | None = None
    required_when: str | None = None
    prefill: Prefill | None = None

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name != self.name.lower():
            raise ValueError(f"field name '{self.name}' must be lower-case words joined by underscores")
        if bool(self.choices) != (self.kind in _CHOICES):
            raise ValueError(f"field '{self.name}': choices go with choice and multi_choice, and only with them")
        if self.kind not in _NUMBERS and (self.minimum, self.maximum, self.unit, self.not_above) != (None,) * 4:
            raise ValueError(f"field '{self.name}': minimum, maximum, unit and not_above are for numbers")
        if self.not_before is not None and self.kind not in _MOMENTS:
            raise ValueError(f"field '{self.name}': not_before is for dates and moments")
        if self.max_length is not None and self.kind not in {"text", "long_text"}:
            raise ValueError(f"field '{self.name}': max_length is for text")
        if self.personal_data == "none" and self.kind in _ABOUT_PEOPLE:
            raise ValueError(f"field '{self.name}': a {self.kind} says something about a person; declare personal_data")
        if self.prefill is not None and self.kind != _PREFILLED[self.prefill]:
            raise ValueError(f"field '{self.name}': {self.prefill} is for {_PREFILLED[self.prefill]}")
        if self.required and self.required_when is not None:
            raise ValueError(f"field '{self.name}' is always required, so required_when says nothing")

    @property
    def longest(self) -> int:
        """Most characters a text may have."""
        return self.max_length or (MAX_LONG_TEXT if self.kind == "long_text" else MAX_TEXT)

    @property
    def other_fields(self) -> tuple[str, ...]:
        """Fields of the same record that this one is checked against."""
        named = (self.not_above, self.not_before, self.differs_from, self.required_when)
        return tuple(name for name in named if name is not None)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How records of a type end, where somebody else decides that and may take months.

    Attributes:
        field: the choice that says where it stands.
        upheld: the answers that say it was so, in whole or in part.
        decided: every answer that is an outcome; only these are in the share that was upheld.
        waiting: the answers that wait for one.
        chased: the date on which it was last asked after.
        chase_days: after so many days without asking it is time to ask again.
        word: what upheld is called, as in "2 of 3 were substantiated".
    """

    field: str
    upheld: tuple[str, ...]
    decided: tuple[str, ...]
    waiting: tuple[str, ...]
    chased: str
    chase_days: int
    word: str

    def __post_init__(self) -> None:
        if not set(self.upheld) < set(self.decided):
            raise ValueError("what is upheld is a part of what is decided")
        if set(self.decided) & set(self.waiting):
            raise ValueError("what waits is not decided")


@dataclass(frozen=True, slots=True)
class RecordType:
    """A kind of source record.

    Attributes:
        key: also the name of its file.
        version: changes when a field changes its meaning; records keep the version they were made under.
        title: one of them, for people.
        plural: several.
        entered_by: roles that may enter one.
        retention_years: years kept after the record, or the care it is about, ends; a provider may change it.
        purpose: what the record is for, as a person whom it is about would be told.
        lawful_basis: what the provider relies on to hold it, one of `LAWFUL_BASES`.
        happened_field: the date or moment that places the record in a period.
        evidence_category: the kind of evidence it is to the regulator.
        evidence_letter: R record, A independent check, F feedback, P practice seen.
        quality_statements: what it speaks to.
        list_fields: the columns of its list, most telling first.
        fields: the questions, in the order of the form.
        safety: what comes before every question, where someone may need help before a form.
        also_dated_by: the second date by which measures place a record in a period, such as the day a shift began.
        leaving_field: the date on which the person it is about left the service.
        only_in_residence: it is about support given, so its person must not have left before it.
        outcomes: how its records end, where others decide that.
    """

    key: str
    version: str
    title: str
    plural: str
    description: str
    entered_by: tuple[str, ...]
    retention_years: int
    purpose: str
    lawful_basis: LawfulBasis
    happened_field: str
    evidence_category: EvidenceCategory
    evidence_letter: EvidenceLetter
    quality_statements: tuple[str, ...]
    list_fields: tuple[str, ...]
    fields: tuple[Field, ...]
    safety: str | None = None
    also_dated_by: str | None = None
    leaving_field: str | None = None
    only_in_residence: bool = False
    outcomes: Outcomes | None = None

    def __post_init__(self) -> None:
        names = [one.name for one in self.fields]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"field '{min(twice)}' is declared twice")
        named = [*self.list_fields, self.happened_field, *(name for one in self.fields for name in one.other_fields)]
        named += [self.outcomes.field, self.outcomes.chased] if self.outcomes else []
        unknown = [name for name in named if name not in names]
        if unknown:
            raise ValueError(f"there is no field '{unknown[0]}'")
        happened = self.field(self.happened_field)
        if happened.kind not in {"date", "datetime"} or not happened.required:
            raise ValueError(f"the happened field '{happened.name}' must be a required date or datetime")
        for name in filter(None, (self.also_dated_by, self.leaving_field)):
            if name not in names or self.field(name).kind != "date":
                raise ValueError(f"'{name}' must be a date field")
        if self.outcomes is not None:
            ends = self.outcomes
            strange = {*ends.decided, *ends.waiting} - set(self.field(ends.field).choices or ())
            if strange or self.field(ends.chased).kind != "date":
                raise ValueError(f"the outcomes do not fit the fields '{ends.field}' and '{ends.chased}'")
        if self.only_in_residence and self.person_field is None:
            raise ValueError("only_in_residence is for records about a person")
        if not self.entered_by or self.retention_years < 1:
            raise ValueError("a record type needs a role that enters it and at least one year of retention")

    def field(self, name: str) -> Field:
        """One field by name.

        Raises:
            KeyError: the type has no such field.
        """
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)

    @property
    def people_fields(self) -> tuple[str, ...]:
        """Fields that name a person using the service."""
        return tuple(one.name for one in self.fields if one.kind == "person_reference")

    @property
    def staff_fields(self) -> tuple[str, ...]:
        """Fields that name a member of staff."""
        return tuple(one.name for one in self.fields if one.kind == "staff_reference")

    @property
    def word_fields(self) -> tuple[str, ...]:
        """Fields whose words, or whose room, may lead to a person who is not named in them."""
        words = ("text", "long_text", "room")
        return tuple(one.name for one in self.fields if one.kind in words and one.personal_data != "none")

    @property
    def person_field(self) -> str | None:
        """The field with the code of the person that a record is about."""
        return next((one.name for one in self.fields if one.kind == "person_reference"), None)

    @property
    def identifies_people(self) -> bool:
        """Whether a record of this type may lead to a person, so that each look at one is noted."""
        return any(one.personal_data != "none" for one in self.fields)

    def may_enter(self, role: str) -> bool:
        """Whether a role may enter such a record."""
        return role in self.entered_by


def read_record_types(folder: Path) -> Mapping[str, RecordType]:
    """Every record type in a folder, by key.

    Raises:
        CatalogueError: a file is wrong, or its name is not its key.
    """
    found = []
    for path in sorted(folder.glob("*.yaml")):
        declared = build(RecordType, read_yaml(path), path.name)
        if declared.key != path.stem:
            raise CatalogueError(f"{path.name}: its key is '{declared.key}'; file and key must have one name")
        found.append(declared)
    return MappingProxyType(unique(found, "key", str(folder.name)))


@cache
def record_types() -> Mapping[str, RecordType]:
    """Every record type of the catalogue, by key."""
    return read_record_types(DATA / "record_types")


def record_type(key: str) -> RecordType:
    """One record type.

    Raises:
        KeyError: the catalogue has no such type.
    """
    return record_types()[key]
