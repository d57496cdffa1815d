"""Walks routes as every caller at every place, and compares what comes back with what a place that never was gets.

Tried is every route x every method x every caller x one's own place, a sister service, another provider's, a service of
another provider that bears an identifier of one's own, and none that ever was; callers whose sign-in, role, grant or link
is over are callers of their own. Folded, since the request ends before it could differ:

- Where a door is closed to a caller (no sign-in, or a permission that they hold nowhere: answered before anything is
  looked up), it is tried at a place that never was and at one foreign place, and not at the others.
- HEAD runs the view of GET, and OPTIONS none: `LIGHT_CALLERS` try them, at a place that never was and a foreign one.
- Foreign identifiers in query and body, below one's own path, are tried by one caller of each kind, `FEW`.
- Guesses at sign-in are counted, so that the eleventh is answered otherwise: `COUNTED` are tried by the tests of
  signing in and by `isolation/test_http_forged.py`.
"""

import re
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from support.application import GROUP_WORDS, Caller, identifiers_of
from support.hostile import digest
from support.http import Answer, HttpClient, faults_of
from support.tenancy import Groups, Place, tenant_tables
from support.walk import Target, is_unsafe, path_of, routes, sending, targets
from werkzeug.routing import Rule

from mendline.web.section import PUBLIC
from mendline.web.security import declared_access
from tenants.database import Database

# Tables that a look may write to: what was seen stands in the ledger, and who came.
LOOKS = {"ledger_entry", "work_visit", "notice"}
LIGHT = {"HEAD", "OPTIONS"}
LIGHT_CALLERS = {"registered_manager", "commissioner with grants", "nobody"}
FEW = {
    "senior_carer",
    "registered_manager",
    "nominated_individual",
    "provider_quality_lead",
    "commissioner with grants",
    "nobody",
}
COUNTED = ("signin.", "confirm.take", "account.save_password")
CLOSED = {302, 401, 403}
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass(frozen=True)
class Heard:
    """An answer, and what giving it cost.

    Attributes:
        statements: how many SQL statements were sent, whatever the role of the database.
        seconds: from the request to the whole answer.
    """

    answer: Answer
    statements: int
    seconds: float


class Walk:
    """Asks, compares and counts."""

    def __init__(self, app: Flask, groups: Groups) -> None:
        self.app = app
        self.groups = groups
        self.tried: Counter[str] = Counter()
        self.shown: Counter[str] = Counter()
        self.leaks: list[str] = []
        self.faults: dict[str, str] = {}
        self.compared: list[tuple[Heard, Heard]] = []
        self._tokens: dict[str, str] = {}
        self._sent = 0
        self._owners = {
            str(value): (place, name) for place in groups.places for name, value in identifiers_of(place).items()
        }

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Counts the statements of every engine while the block runs."""

        def hear(*_: Any) -> None:
            self._sent += 1

        event.listen(Engine, "before_cursor_execute", hear)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", hear)

    def try_route(self, rule: Rule, method: str, caller: Caller) -> None:
        """Every place on one route as one caller."""
        heard: dict[str, tuple[Target, Heard]] = {}
        brief, foreign = method in LIGHT, 0
        for target in targets(rule, caller, self.groups):
            if target.others and caller.name not in FEW:
                continue
            if brief and heard and (foreign or target.is_open or not target.name.startswith("of ")):
                continue
            found = self._ask(rule, method, caller, target)
            heard[target.name] = target, found
            self._look(rule, method, caller, target, found.answer)
            foreign += target.name not in ("of none", "query of none", "below of none")
            # A door that is closed to the role, or to nobody at all, is closed before anything is looked up.
            brief = brief or found.answer.status in CLOSED
        for target, found in heard.values():
            if not target.is_open and target.like in heard:
                self._compare(f"{method} {rule.rule} as {caller.name}, {target.name}", found, heard[target.like][1])

    def _compare(self, where: str, found: Heard, never: Heard) -> None:
        """A foreign place answers as one that never was: by status, words, headers, and the work that it makes."""
        answer, other = found.answer, never.answer
        accepted = is_unsafe(where.partition(" ")[0]) and answer.status < 400  # what was made has a number of its own
        if answer.status != other.status or (not accepted and answer.told() != other.told()):
            self.leaks.append(
                f"{where}: {answer.status}, not as one that never was: {other.status}\n{_first_difference(answer, other)}"
            )
        elif not accepted and found.statements != never.statements:
            self.leaks.append(f"{where}: {found.statements} statements, {never.statements} for one that never was")
        if answer.status not in CLOSED:
            self.compared.append((found, never))

    def _shown_of(self, place: Place, caller: Caller, target: Target, words: str, named: set[str]) -> str:
        """The canary, or the name of an identifier that the caller did not send, where an answer shows it."""
        if place.canary in words:
            return "its canary"
        siblings = [other for other in self.groups.places if other.provider_id == place.provider_id]
        if not caller.knows_names and GROUP_WORDS[place.canary] in words and not any(map(caller.may_see, siblings)):
            return "its provider"
        theirs = {str(value): name for name, value in identifiers_of(place).items()}
        shown = named & theirs.keys()
        if not shown:
            return ""
        known = {*target.parts.values(), *target.others.values(), *self._known_to(caller)}
        return next((theirs[value] for value in sorted(shown) if uuid.UUID(value) not in known), "")

    def _known_to(self, caller: Caller) -> set[uuid.UUID]:
        seen = [place for place in self.groups.places if caller.may_see(place)]
        named = {place.provider_id for place in self.groups.places} if caller.knows_names else set()
        return named | {value for place in seen for value in identifiers_of(place).values()}

    def _ask(self, rule: Rule, method: str, caller: Caller, target: Target) -> Heard:
        path = path_of(self.app, rule, method, target)
        client = HttpClient(self.app, caller)
        self.tried[method] += 1
        options = sending(rule, target, self._token(caller)) if is_unsafe(method) else {}
        before, began = self._sent, time.perf_counter()
        answer = client.ask(method, path, **options)
        return Heard(answer, self._sent - before, time.perf_counter() - began)

    def _token(self, caller: Caller) -> str:
        """The token of a caller's forms, asked for once: it is bound to the session."""
        if caller.cookie and caller.name not in self._tokens:
            self._tokens[caller.name] = HttpClient(self.app, caller).get("/sign-in").token
        return self._tokens.get(caller.name, "")

    def _look(self, rule: Rule, method: str, caller: Caller, target: Target, answer: Answer) -> None:
        """Looks for canaries, for errors of ours and for faults of the page."""
        where = f"{method} {rule.rule} as {caller.name}, {target.name}"
        words = answer.everything()
        named = set(_UUID.findall(words))
        for place in self.groups.places:
            if not caller.may_see(place) and (shown := self._shown_of(place, caller, target, words, named)):
                self.leaks.append(f"{where}: {answer.status} shows {shown} of {place.canary}")
        if answer.status >= 500:
            self.leaks.append(f"{where}: {answer.status}")
        if answer.status in (200, 303) and target.is_open:
            self.shown[f"{method} {rule.rule}"] += 1
        if (answer.status < 400 and target.is_open) or (target.name == "of none" and caller.name in FEW):
            for fault in faults_of(answer):
                self.faults.setdefault(f"{rule.rule}: {fault}", where)

    def told(self, callers: list[Caller], what: str) -> str:
        """The figures of the walk, in a line."""
        each = ", ".join(f"{method} {count}" for method, count in self.tried.items())
        return (
            f"\nisolation over HTTP, {what}: {len({rule.rule for rule, _ in routes(self.app)})} routes x {len(callers)} "
            f"callers, {self.tried.total()} requests ({each}), {sum(self.shown.values())} answered with a page: "
            f"{len(self.leaks)} leaks, {len(self.faults)} faults of a page; {self._ratio()}"
        )

    def _ratio(self) -> str:
        if not self.compared:
            return "nothing compared"
        foreign, never = (statistics.median(each.seconds for each in side) for side in zip(*self.compared, strict=True))
        same = sum(found.statements == other.statements for found, other in self.compared)
        return (
            f"{len(self.compared)} foreign places looked up, {same} with the statements of one that never was, "
            f"medians {foreign * 1000:.2f} and {never * 1000:.2f} ms, ratio {foreign / never:.3f}"
        )


def _first_difference(answer: Answer, never: Answer) -> str:
    pairs = zip(answer.told()[1].splitlines(), never.told()[1].splitlines(), strict=False)
    return next(
        (f"    {mine.strip()[:150]}\n    {theirs.strip()[:150]}" for mine, theirs in pairs if mine != theirs), ""
    )


def walked(app: Flask, groups: Groups, callers: list[Caller], tried: list[tuple[Rule, str]]) -> Walk:
    """Every route of a part of the walk as every caller."""
    walk = Walk(app, groups)
    with walk.counting():
        # The longest addresses first: what a shorter one makes under an identifier of the sender's is not there yet.
        for rule, method in reversed(tried):
            for caller in callers:
                if method not in LIGHT or caller.name in LIGHT_CALLERS:
                    walk.try_route(rule, method, caller)
    return walk


def parts_of_the_walk(app: Flask) -> dict[str, list[tuple[Rule, str]]]:
    """The routes and methods that each module of the walk asks; together they are all but the counted ones."""
    parts: dict[str, list[tuple[Rule, str]]] = {"unsafe": [], "of a service": [], "of others": []}
    for rule, method in routes(app):
        if not rule.endpoint.startswith(COUNTED):
            of_a_service = rule.rule.startswith("/services/")
            parts["unsafe" if is_unsafe(method) else "of a service" if of_a_service else "of others"].append(
                (rule, method)
            )
    return parts


def pages(app: Flask, tried: list[tuple[Rule, str]]) -> list[str]:
    """Routes that somebody must have been shown, or the walk walked past closed doors."""
    with app.app_context():
        return [
            f"{method} {rule.rule}"
            for rule, method in tried
            if method == "GET" and rule.endpoint != "static" and declared_access(rule.endpoint) != PUBLIC
        ]


def assert_safe_walk(
    app: Flask, groups: Groups, callers: list[Caller], db: Database, tried: list[tuple[Rule, str]], what: str
) -> str:
    """Walks routes by safe methods: nothing leaks, no page is at fault, each was shown to somebody, nothing is written.

    Returns:
        The figures of the walk, in a line.
    """
    tables = [table for table in tenant_tables() if table.name not in LOOKS]
    before = digest(db, tables)
    walk = walked(app, groups, callers, tried)
    assert sorted({leak.split(" as ")[0] for leak in walk.leaks}) == []
    assert walk.leaks[:10] == []
    assert list(walk.faults.items())[:20] == []
    assert [page for page in pages(app, tried) if not walk.shown[page]] == []
    assert digest(db, tables) == before
    return walk.told(callers, what)
