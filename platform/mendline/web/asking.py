"""The questions of a form that may come back: each with what was typed and why it was refused."""

from collections.abc import Mapping, Sequence
from datetime import date

from mendline.web.components import Field, Option
from tenants.errors import RefusedError


class Asking:
    """Makes the fields of one form.

    Attributes:
        given: what was typed, by field; empty before anything was.
        problems: why it was refused, by field, each in a sentence that says what to do.
    """

    def __init__(self, given: Mapping[str, str], refused: RefusedError | None = None) -> None:
        self.given = given
        self.problems = dict(refused.problems) if refused else {}
        self._refused = refused

    def field(
        self,
        name: str,
        label: str,
        kind: str = "text",
        hint: str = "",
        *,
        value: str = "",
        rule: str = "",
        required: bool = True,
        options: tuple[Option, ...] = (),
        values: tuple[str, ...] = (),
        unit: str = "",
        low: date | int | str = "",
        high: date | int | str = "",
        autocomplete: str = "off",
        heading: str = "",
    ) -> Field:
        """One question.

        Args:
            name: the field's name, in the form and in what was refused.
            label: the question.
            kind: as `Field` has it.
            hint: what helps to answer it.
            value: what stands in it before anything was typed.
            rule: what the rules call it, where the form has another name for it.
            required: whether it must be answered.
            options: what can be chosen.
            values: what is chosen of `choices`; of these nothing stands in `given`.
            unit: what a number counts.
            low: the least number or the first date.
            high: the greatest number or the last date.
            autocomplete: the browser's token.
            heading: opens a group of questions.
        """
        return Field(
            name,
            label,
            kind,
            "" if kind == "choices" else self.given.get(name, value),
            hint,
            self.problems.get(name) or self.problems.get(rule, ""),
            required,
            options,
            values,
            unit,
            str(low),
            str(high),
            autocomplete=autocomplete,
            heading=heading,
        )

    def unplaced(self, fields: Sequence[Field]) -> tuple[str, ...]:
        """What was refused and stands beside none of these fields; the refusal itself where it names no field at all."""
        names = {field.name for field in fields if field.error}
        shown = {field.error for field in fields}
        return self.trouble or tuple(
            words for name, words in self.problems.items() if name not in names and words not in shown
        )

    @property
    def trouble(self) -> tuple[str, ...]:
        """The refusal itself, where it says nothing of single fields."""
        return (str(self._refused),) if self._refused and not self.problems else ()
