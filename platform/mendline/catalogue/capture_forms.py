"""The shift forms: a layout over a record type's declaration, as data. A new form is an entry there and no code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from mendline.catalogue.reading import DATA, CatalogueError, build, read_yaml, unique
from mendline.catalogue.record_types import Field, RecordType, record_type

SAFETY = "If someone may have been harmed, get help first. Call 111, or 999 in an emergency. This form can wait."
_NONE: Mapping[str, str] = MappingProxyType({})
# Codes by which a declared choice says itself that the answer is not known.
_UNSURE = frozenset({"unknown", "not_sure", "not_judged"})


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """An answer that is not asked for: yes where another one is among these, no where it is any other."""

    of: str
    among: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaptureForm:
    """How a record is asked for on a phone.

    Attributes:
        key: its place in an address.
        record_type: the declaration that its answers are checked against.
        says: what the tile says under its title.
        asked: questions in their order, each on the page.
        folded: questions that are filled in already, behind one line that can be opened.
        later: questions that may be left open, behind another.
        filled: what a question holds when the form opens; a count is never filled in but by what was counted before.
        fixed: answers that the form itself stands for.
        worked_out: answers that follow from another one.
        all_of: a count with the field whose number one touch takes over.
        none_of: a count with the words of a touch that says nought.
        one: what one of a count is called.
        ranges: a number with the lowest and the highest that is safe.
        then: the form that is filled in once for each of what `then_counts` counted.
        is_followed: it comes after another one and is offered nowhere by itself.
    """

    key: str
    record_type: str
    title: str
    icon: str
    says: str
    asked: tuple[str, ...]
    folded: tuple[str, ...]
    folded_title: str
    later: tuple[str, ...] = ()
    filled: Mapping[str, str] = field(default_factory=lambda: _NONE)
    fixed: Mapping[str, str] = field(default_factory=lambda: _NONE)
    worked_out: Mapping[str, WorkedOut] = field(default_factory=lambda: MappingProxyType({}))
    hints: Mapping[str, str] = field(default_factory=lambda: _NONE)
    all_of: Mapping[str, str] = field(default_factory=lambda: _NONE)
    none_of: Mapping[str, str] = field(default_factory=lambda: _NONE)
    one: Mapping[str, str] = field(default_factory=lambda: _NONE)
    ranges: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}))
    then: str | None = None
    then_counts: str | None = None
    is_followed: bool = False

    @property
    def kind(self) -> RecordType:
        """The declaration behind the form."""
        return record_type(self.record_type)

    @property
    def names(self) -> tuple[str, ...]:
        """Every question on the page, in order."""
        return (*self.folded, *self.asked, *self.later)

    @property
    def safety(self) -> str:
        """What comes before every question."""
        return self.kind.safety or SAFETY

    def given(self, answers: Mapping[str, Any]) -> dict[str, str]:
        """What nobody is asked: what the form stands for, and what follows from these answers."""
        following = {
            name: "yes" if answers[rule.of] in rule.among else "no"
            for name, rule in self.worked_out.items()
            if answers.get(rule.of)
        }
        return {**self.fixed, **following}

    def may_be_unknown(self, name: str) -> bool:
        """Whether a question has to be answered some time and has no answer of its own for not knowing yet."""
        declared = self.kind.field(name)
        return declared.required and name in self.asked and not _UNSURE & set(declared.choices)


@dataclass(frozen=True, slots=True)
class _Sheet:
    forms: tuple[CaptureForm, ...]


@cache
def capture_forms() -> Mapping[str, CaptureForm]:
    """Every shift form by its key, in the order in which they are offered.

    Raises:
        CatalogueError: a form leaves out what its record needs, or names what its record has not.
    """
    sheet = build(_Sheet, read_yaml(DATA / "capture.yaml"), "capture.yaml")
    forms = unique(sheet.forms, "key", "capture.yaml")
    for form in forms.values():
        _check(form, forms)
    return MappingProxyType(forms)


def form_for(record_type_key: str) -> CaptureForm | None:
    """The form by which a kind of record is captured; None where it has none."""
    return next(
        (form for form in capture_forms().values() if form.record_type == record_type_key and not form.is_followed),
        None,
    )


def _check(form: CaptureForm, forms: Mapping[str, CaptureForm]) -> None:
    declared: dict[str, Field] = {one.name: one for one in form.kind.fields}
    given = {*form.names, *form.fixed, *form.worked_out}
    named = {
        *given,
        *(rule.of for rule in form.worked_out.values()),
        *form.filled,
        *form.hints,
        *form.all_of,
        *form.all_of.values(),
        *form.none_of,
        *form.ranges,
    }
    unknown = sorted(named - set(declared))
    if unknown:
        raise CatalogueError(f"capture.yaml: {form.key}: its record has no field '{unknown[0]}'")
    missing = [name for name, one in declared.items() if one.required and name not in given]
    if missing:
        raise CatalogueError(f"capture.yaml: {form.key}: leaves out '{missing[0]}', which its record needs")
    if (form.then is None) != (form.then_counts is None) or (form.then and form.then not in forms):
        raise CatalogueError(f"capture.yaml: {form.key}: what comes then needs a form and a count")
