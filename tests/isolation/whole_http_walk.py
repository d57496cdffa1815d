"""Every route, every method, every caller, every place: a foreign place answers as one that never was, and shows nothing."""

import logging
import uuid
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import select
from support.application import GROUP_WORDS, Caller, a_world, an_application_over, everybody, identifiers_of
from support.hostile import digest
from support.http import Answer, HttpClient, faults_of
from support.tenancy import Groups, Place, tenant_tables
from support.walk import Target, is_unsafe, path_of, routes, sending, targets, unplaced
from werkzeug.routing import Rule

from mendline.app import register
from mendline.web.section import SIGNED_IN, Section
from mendline.web.security import declared_access
from tenants.database import Database
from tenants.directory.model import Service

LOOKS = {"ledger_entry", "work_visit", "notice"}
LIGHT = {"HEAD", "OPTIONS"}  # the same view as GET, or none
# Who asks by the methods above, and with foreign identifiers in query and form: one of each kind.
FEW = {
    "senior_carer",
    "registered_manager",
    "nominated_individual",
    "provider_quality_lead",
    "commissioner with grants",
    "nobody",
}
# Guesses are counted, so that the eleventh is answered otherwise; `whole_http_forged` and `test_http_next` ask there.
LIMITED = ("signin.", "confirm.take", "account.save_password")
CLOSED = {302, 401, 403}


@pytest.fixture(scope="module")
def groups(database: Database) -> Groups:
    return a_world(database)


@pytest.fixture(scope="module")
def app(database: Database, groups: Groups, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return an_application_over(database, groups, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def callers(database: Database, groups: Groups) -> list[Caller]:
    return everybody(database, groups)


class Walk:
    """Asks, compares and counts."""

    def __init__(self, app: Flask, groups: Groups) -> None:
        self.app = app
        self.groups = groups
        self.tried: Counter[str] = Counter()
        self.shown: Counter[str] = Counter()
        self.leaks: list[str] = []
        self.faults: dict[str, str] = {}

    def try_route(self, rule: Rule, method: str, caller: Caller) -> None:
        """Every place on one route as one caller."""
        answers: dict[str, tuple[Target, Answer]] = {}
        closed = False
        for target in targets(rule, caller, self.groups):
            if (closed or method in LIGHT) and not target.name.startswith("of "):
                continue
            if target.others and caller.name not in FEW:
                continue
            answer = self._ask(rule, method, caller, target)
            answers[target.name] = target, answer
            self._look(rule, method, caller, target, answer)
            # A door that is closed to the role, or to nobody at all, is closed before anything is looked up.
            closed = closed or answer.status in CLOSED
        for target, answer in answers.values():
            if target.is_open or target.like not in answers:
                continue
            _, never = answers[target.like]
            accepted = is_unsafe(method) and answer.status < 400  # what was made has a number of its own
            if answer.status != never.status or (not accepted and answer.told() != never.told()):
                self.leaks.append(
                    f"{method} {rule.rule} as {caller.name}, {target.name}: {answer.status}, not as {target.like}: "
                    f"{never.status}\n{_first_difference(answer, never)}"
                )

    def _shown_of(self, place: Place, caller: Caller, target: Target, words: str) -> str:
        """The canary, or the name of an identifier that the caller did not send, where an answer shows it."""
        if place.canary in words:
            return "its canary"
        siblings = [other for other in self.groups.places if other.provider_id == place.provider_id]
        if not caller.knows_names and GROUP_WORDS[place.canary] in words and not any(map(caller.may_see, siblings)):
            return "its provider"
        known = {*target.parts.values(), *target.others.values(), *self._known_to(caller)}
        return next(
            (name for name, value in identifiers_of(place).items() if value not in known and str(value) in words), ""
        )

    def _known_to(self, caller: Caller) -> set[uuid.UUID]:
        seen = [place for place in self.groups.places if caller.may_see(place)]
        named = {place.provider_id for place in self.groups.places} if caller.knows_names else set()
        return named | {value for place in seen for value in identifiers_of(place).values()}

    def _ask(self, rule: Rule, method: str, caller: Caller, target: Target) -> Answer:
        path = path_of(self.app, rule, method, target)
        client = HttpClient(self.app, caller)
        self.tried[method] += 1
        if not is_unsafe(method):
            return client.ask(method, path)
        token = client.get("/sign-in").token if caller.cookie else ""
        return client.ask(method, path, **sending(rule, target, token))

    def _look(self, rule: Rule, method: str, caller: Caller, target: Target, answer: Answer) -> None:
        """Looks for canaries, for errors of ours and for faults of the page."""
        where = f"{method} {rule.rule} as {caller.name}, {target.name}"
        words = answer.everything()
        for place in self.groups.places:
            if not caller.may_see(place) and (shown := self._shown_of(place, caller, target, words)):
                self.leaks.append(f"{where}: {answer.status} shows {shown} of {place.canary}")
        if answer.status >= 500:
            self.leaks.append(f"{where}: {answer.status}")
        if answer.status == 200 and target.is_open:
            self.shown[f"{method} {rule.rule}"] += 1
        if target.is_open or target.name == "of none":
            for fault in faults_of(answer):
                self.faults.setdefault(f"{rule.rule}: {fault}", where)


def _first_difference(answer: Answer, never: Answer) -> str:
    pairs = zip(answer.told()[1].splitlines(), never.told()[1].splitlines(), strict=False)
    return next(
        (f"    {mine.strip()[:150]}\n    {theirs.strip()[:150]}" for mine, theirs in pairs if mine != theirs), ""
    )


@pytest.fixture(scope="module")
def heard() -> Iterator[list[str]]:
    """Everything that is logged while this module runs."""
    lines: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    ear = Ear()
    logging.getLogger().addHandler(ear)
    yield lines
    logging.getLogger().removeHandler(ear)


def test_every_route_has_its_place_in_the_walk(app: Flask) -> None:
    assert unplaced(app) == []


def test_no_route_shows_a_foreign_place_by_a_safe_method_and_none_writes(
    app: Flask, groups: Groups, callers: list[Caller], database: Database, heard: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    tables = [table for table in tenant_tables() if table.name not in LOOKS]
    before = digest(database, tables)
    walk = _walked(app, groups, callers, unsafe=False)
    _tell(walk, callers, "safe methods", capsys)
    assert sorted({leak.split(" as ")[0] for leak in walk.leaks}) == []
    assert walk.leaks[:10] == []
    assert list(walk.faults.items())[:20] == []
    assert [rule for rule, method in _pages(app) if not walk.shown[f"{method} {rule}"]] == []
    assert digest(database, tables) == before
    assert [line for line in heard if any(place.canary in line for place in groups.places)] == []


def test_no_route_tells_or_changes_a_foreign_place_by_an_unsafe_method(
    app: Flask, groups: Groups, callers: list[Caller], database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _rows_of(database, groups, ("MERLIN", "NUTHATCH"))
    walk = _walked(
        app, groups, [one for one in callers if one.home.provider_id == groups.first.provider_id], unsafe=True
    )
    _tell(walk, callers, "unsafe methods", capsys)
    assert sorted({leak.split(" as ")[0] for leak in walk.leaks}) == []
    assert walk.leaks[:10] == []
    assert list(walk.faults.items())[:20] == []
    assert _rows_of(database, groups, ("MERLIN", "NUTHATCH")) == before


def _walked(app: Flask, groups: Groups, callers: list[Caller], *, unsafe: bool) -> Walk:
    walk = Walk(app, groups)
    # The longest addresses first: what a shorter one makes under an identifier of the sender's is not there yet.
    for rule, method in reversed(list(routes(app))):
        if is_unsafe(method) == unsafe and not rule.endpoint.startswith(LIMITED):
            for caller in callers:
                if method not in LIGHT or caller.name in FEW:
                    walk.try_route(rule, method, caller)
    return walk


def _pages(app: Flask) -> list[tuple[str, str]]:
    """Routes that somebody must have been shown, or the walk walked past closed doors."""
    with app.app_context():
        return [
            (rule.rule, method)
            for rule, method in routes(app)
            if method == "GET" and rule.endpoint != "static" and declared_access(rule.endpoint) != "public"
        ]


def _rows_of(db: Database, groups: Groups, canaries: tuple[str, ...]) -> dict[str, list[str]]:
    """Every row of some places' provider, table by table."""
    providers = {place.provider_id for place in groups.places if place.canary in canaries}
    with db.administration() as session:
        return {
            table.name: sorted(
                str(row) for row in session.execute(table.select().where(table.c.provider_id.in_(providers)))
            )
            for table in tenant_tables()
            if table.name not in LOOKS
        }


def _tell(walk: Walk, callers: list[Caller], what: str, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        each = ", ".join(f"{method} {count}" for method, count in walk.tried.items())
        print(  # noqa: T201 -- the figure is asked for
            f"\nisolation over HTTP, {what}: {len({rule.rule for rule, _ in routes(walk.app)})} routes x {len(callers)} "
            f"callers, {walk.tried.total()} requests ({each}), {sum(walk.shown.values())} answered with a page: "
            f"{len(walk.leaks)} leaks, {len(walk.faults)} faults of a page"
        )


def test_the_identifiers_of_two_places_differ_except_for_the_twin(groups: Groups) -> None:
    """Else a foreign identifier would be one's own, and the walk would prove nothing."""
    mine, theirs = identifiers_of(groups.first), identifiers_of(groups.twin)
    assert {name for name in mine if mine[name] == theirs[name]} == {"service_id"}


def test_the_walk_would_notice_a_route_that_leaks(
    database: Database, groups: Groups, callers: list[Caller], tmp_path_factory: pytest.TempPathFactory
) -> None:
    leaky = Section("leaky")

    @leaky.page("/leaky/<uuid:service_id>", access=SIGNED_IN)
    def name_of(service_id: uuid.UUID) -> str:
        with database.administration() as session:
            rows = session.execute(select(Service.name).where(Service.service_id == service_id)).scalars().all()
        return f"<p>{escape(rows)}</p>"

    app = an_application_over(database, groups, tmp_path_factory.mktemp("leaky"))
    register(app, leaky)
    walk = Walk(app, groups)
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == "leaky.name_of")
    walk.try_route(rule, "GET", next(one for one in callers if one.name == "registered_manager"))
    assert any("shows its canary of MERLIN" in leak for leak in walk.leaks)
    assert any("200, not as of none: 200" in leak for leak in walk.leaks)
    assert any("the title is" in fault for fault in walk.faults)
