"""What the forms of custody ask, each with what was typed and what was wrong with it."""

from collections.abc import Mapping
from dataclasses import replace

from mendline.custody.rows import ServiceName
from mendline.web.components import Field, Option

Typed = Mapping[str, str]


def apart(fields: tuple[Field, ...], prefix: str) -> tuple[Field, ...]:
    """Fields of a second form on the page, under names of their own, so that labels find the right one."""
    return tuple(replace(one, name=f"{prefix}_{one.name}") for one in fields)


def service_field(
    services: tuple[ServiceName, ...], typed: Typed, problems: Typed, everywhere: str, *, required: bool = False
) -> Field:
    """Which of the provider's services."""
    options = tuple(Option(str(one.service_id), one.name) for one in services)
    hint = f"Leave it empty for {everywhere.lower()}." if everywhere else ""
    return field("service_id", "Service", typed, problems, kind="select", options=options, required=required, hint=hint)


def reason_field(problems: Typed, typed: Typed | None = None) -> Field:
    """Why."""
    return field("reason", "Reason", typed or {}, problems, kind="textarea")


def field(
    name: str,
    label: str,
    typed: Typed,
    problems: Typed,
    *,
    kind: str = "text",
    required: bool = True,
    hint: str = "",
    unit: str = "",
    options: tuple[Option, ...] = (),
) -> Field:
    """One question with what was typed and what was wrong with it."""
    return Field(
        name,
        label,
        kind,
        typed.get(name, ""),
        hint,
        problems.get(name, ""),
        required,
        options,
        unit=unit,
    )
