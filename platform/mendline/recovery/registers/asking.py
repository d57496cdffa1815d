"""The fields of a form as they were answered and refused."""

from collections.abc import Mapping
from datetime import date

from mendline.web.components import (
    Field,
    Option,
)
from tenants.errors import RefusedError


class Asking:
    """Fields with what was typed and why it was refused."""

    def __init__(self, given: Mapping[str, str], refused: RefusedError | None) -> None:
        self._given = given
        self._problems = dict(refused.problems) if refused else {}

    def field(
        self,
        name: str,
        label: str,
        kind: str = "text",
        hint: str = "",
        *,
        options: tuple[Option, ...] = (),
        required: bool = True,
        low: date | None = None,
        rule: str = "",
    ) -> Field:
        """A question; `rule` is what the rules call it, where two forms of a page ask the same."""
        return Field(
            name, label, kind, self._given.get(name, ""), hint=hint, error=self._problems.get(name) or self._problems.get(rule, ""),
            required=required, options=options, low=low.isoformat() if low else "",
        )  # fmt: skip
