"""A Flask blueprint of ours that refuses, at import, a route which does not say who may use it."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint

from tenants.classes import PERMISSIONS

PUBLIC = "public"
SIGNED_IN = "signed_in"
INSPECTION = "inspection"
UNFINISHED = "unfinished"

View = TypeVar("View", bound=Callable[..., Any])


class Section(Blueprint):
    """A group of routes, each with its declared access.

    Access is a permission of `tenants.classes.PERMISSIONS`, `SIGNED_IN` where any signed-in person may look (the query
    still narrows by reach), `UNFINISHED` where also somebody may whose second factor is still to be set up, `INSPECTION` for holders of an inspector's link, who use nothing else, or `PUBLIC` on
    purpose. A query or command checks the permission again at the very place.
    """

    def __init__(self, name: str, url_prefix: str | None = None) -> None:
        super().__init__(name, "mendline", url_prefix=url_prefix)
        self.declared: dict[str, str] = {}
        self.stepped_up: set[str] = set()
        self.largest: dict[str, int] = {}

    def page(
        self,
        rule: str,
        *,
        access: str,
        methods: tuple[str, ...] = ("GET",),
        step_up: bool = False,
        largest: int = 0,
    ) -> Callable[[View], View]:
        """Registers a view; the only way to add a route to a section.

        Args:
            rule: the URL rule below the section's prefix.
            access: who may use it.
            methods: the HTTP methods; HEAD and OPTIONS come by themselves.
            step_up: whether it needs a factor of the last ten minutes. Set it on the page with the form as well, so that
                the factor is asked for before anything is filled in.
            largest: how many bytes a request of somebody who is signed in may have, where that is more than elsewhere.

        Raises:
            ValueError: the access is not a known one.
        """
        if access not in (PUBLIC, SIGNED_IN, INSPECTION, UNFINISHED) and access not in PERMISSIONS:
            raise ValueError(
                f"{rule}: {access!r} is not a permission of tenants.roles, PUBLIC, SIGNED_IN or INSPECTION"
            )

        def register(view: View) -> View:
            self.declared[f"{self.name}.{view.__name__}"] = access
            if step_up:
                self.stepped_up.add(f"{self.name}.{view.__name__}")
            if largest:
                self.largest[f"{self.name}.{view.__name__}"] = largest
            super(Section, self).add_url_rule(rule, view_func=view, methods=list(methods))
            return view

        return register

    def add_url_rule(self, rule: str, *_args: Any, **_options: Any) -> None:
        """Refused: Flask's own way would let a route in without its access."""
        raise TypeError(f"{rule}: use Section.page(rule, access=…), so that the route says who may use it")
