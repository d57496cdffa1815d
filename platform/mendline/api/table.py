"""The one table of operations: each is a route, its declared access and its place in the document, in one line."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, TypeVar

from flask import request

from mendline.api.shapes import Shape
from mendline.web.section import Section
from tenants.errors import RefusedError

PREFIX = "/api/v1"
View = TypeVar("View", bound=Callable[..., Any])
Method = Literal["GET", "POST", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter after the question mark.

    Attributes:
        kind: date, date-time, integer, uuid or text.
        choices: the only values taken; any where empty.
        span: the least and the most of an integer.
        many: whether it may be repeated.
    """

    name: str
    kind: str
    about: str
    choices: tuple[str, ...] = ()
    span: tuple[int, int] = (1, 1)
    many: bool = False


CURSOR = Query("cursor", "text", "Where the page begins: `next_cursor` of the page before.")
LIMIT = Query("limit", "integer", "Most items on the page; 100 otherwise.", span=(1, 200))
AS_AT = Query("as_at", "date-time", "As it was recorded by this moment, which has come; now otherwise.")


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked.

    Attributes:
        name: of the view and of the operation in the document.
        path: as Flask writes it, below `/api/v1`.
        access: a permission, `signed_in` or `public`.
        answer: the resource of the answer; None where it is no JSON of ours.
        paged: the answer is a list with a cursor.
        media: of the answer.
        largest: how many bytes a request may have that brings a file, as `multipart/form-data`; 0 where none does.
    """

    name: str
    method: Method
    path: str
    access: str
    about: str
    answer: type[Any] | None
    status: int = 200
    body: Shape | None = None
    query: tuple[Query, ...] = ()
    paged: bool = False
    media: str = "application/json"
    largest: int = 0


class Api(Section):
    """A section whose routes come from operations and from nowhere else."""

    def __init__(self, name: str) -> None:
        super().__init__(name, url_prefix=PREFIX)
        self.operations: list[Operation] = []

    def operation(
        self,
        method: Method,
        path: str,
        *,
        access: str,
        answer: type[Any] | None = None,
        status: int = 200,
        body: Shape | None = None,
        query: tuple[Query, ...] = (),
        paged: bool = False,
        media: str = "application/json",
        largest: int = 0,
    ) -> Callable[[View], View]:
        """Puts a view on the route and into the table; its docstring's first line is what the document says."""

        def register(view: View) -> View:
            about = (view.__doc__ or "").strip().splitlines()[0]
            self.operations.append(
                Operation(
                    view.__name__, method, path, access, about, answer, status, body, query, paged, media, largest
                )
            )
            self.page(path, access=access, methods=(method,), largest=largest)(_only_asking(query, view))
            return view

        return register


def _only_asking(query: tuple[Query, ...], view: Callable[..., Any]) -> Callable[..., Any]:
    """The view behind a check that a request asks for nothing that its operation does not know.

    What is misspelt, or meant for another operation, must not be passed over: without `as_at` an answer is of now.
    """
    known = {one.name for one in query}

    @wraps(view)
    def asked(**values: Any) -> Any:
        problems = {
            name[:60]: f"There is no parameter “{name[:60]}” here. Known: {', '.join(sorted(known)) or 'none'}."
            for name in request.args
            if name not in known
        }
        if problems:
            raise RefusedError("The request asks for something that is not known here.", problems)
        return view(**values)

    return asked


api = Api("api")
