"""What `mendline up` runs beside the two servers, as data: one line here is all that a new part needs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of process.

    Attributes:
        name: how messages and its log file call it.
        arguments: what follows `mendline`.
        first: whether a person waits for it; the others start once the pages answer, so that they do not hold them up
            (their work waits in PostgreSQL).
    """

    name: str
    arguments: tuple[str, ...]
    first: bool = False


def parts(port: int) -> tuple[Part, ...]:
    """Every part, each queue in a process of its own so that a long pack never holds up a figure."""
    return (
        Part("web", ("web", "--port", str(port)), first=True),
        Part("relay", ("relay",), first=True),
        Part("worker-fast", ("worker", "--queue", "fast")),
        Part("worker-derive", ("worker", "--queue", "derive"), first=True),
        Part("worker-render", ("worker", "--queue", "render")),
        Part("worker-mail", ("worker", "--queue", "mail")),
    )
