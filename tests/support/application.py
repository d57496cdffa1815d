"""The whole application over two provider groups that are true enough to be shown, and everybody who might ask it.

Every table of a tenant has a row at each place (`support.tenancy.sample_row`, with what pages need to be true put in its
stead), so that a foreign row is always there to leak, marked by its place's canary word in each text.
"""

import io
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pikepdf
from flask import Flask
from sqlalchemy import Table, text
from sqlalchemy.orm import Session
from support.facts import Home, a_baseline, a_target, an_indicator, figures
from support.shared import SHARED_WITH_STAFF
from support.tenancy import (
    Groups,
    Place,
    add_body,
    add_grant,
    add_membership,
    add_officer,
    add_operator,
    add_person,
    inspector_ticket,
    is_there_already,
    let_in,
    revoke,
    sample_row,
    settled_groups,
    tenant_tables,
    ticket_hash,
)
from support.visiting import KEY, an_application

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.plans import plan_template, template_data
from mendline.catalogue.record_types import record_type
from mendline.catalogue.validation import ValidRecord, validate
from mendline.comparison.rebuild import rebuild
from mendline.evidence.files.sealing import Keys, sealed
from mendline.evidence.files.stores import FolderStore
from mendline.packs.storage import keep
from tenants.clock import now, today
from tenants.database import Database
from tenants.roles import ROLES
from tenants.signin.links import beginning_of
from tenants.signin.model import Person
from tenants.signin.passwords import hash_password
from tenants.signin.sessions import remember_beginning, ticket_of

PASSWORD = "correct horse battery staple"
RECORD_TYPE = "end_of_shift_check"
SHOWN = "mar_compliance_pct"
ALSO_SHOWN = "care_review_on_time_pct"
WEEKS = 30
# What work under way would be: a server that runs over these rows would do it.
UNDER_WAY = ("job", "stale_mark", "ledger_seal", "idempotency_key")
DERIVED = ("indicator_status", "roll_up")
# The word in a provider's own name, which each of its places may show.
GROUP_WORDS = {"KESTREL": "KITTIWAKE", "LINNET": "KITTIWAKE", "MERLIN": "SKYLARK", "NUTHATCH": "SKYLARK"}
CLASSES = ("summary", "actions", "evidence_index", "evidence_files")
_TEMPLATE_WORDS = ("title", "written", "based_on", "reason", "recorded_label")


@dataclass(frozen=True)
class Caller:
    """Somebody, or nobody, who asks.

    Attributes:
        home: the place that they belong to.
        sees: canaries of the places that they may see.
        cookie: the session cookie's value; none where they have none.
        token: the bearer token's value.
    """

    name: str
    role: str | None
    home: Place
    sees: frozenset[str] = frozenset()
    cookie: str | None = None
    token: str | None = None
    knows_names: bool = False  # runs the platform: sees what providers are called, and nothing of theirs

    def may_see(self, place: Place) -> bool:
        return place.canary in self.sees


def a_world(db: Database, *, without: tuple[str, ...] = (), newest: int = 1) -> Groups:
    """Two groups with figures, evidence, actions, records and a finished pack, and what follows from them derived.

    Args:
        db: a migrated, empty database.
        without: tables that stay empty.
        newest: how many weeks ago the newest figures are for; 1 is the week that ended last.
    """
    groups = settled_groups(db, lambda session, place, body_id: _settle(session, place, body_id, without, newest))
    rebuild(db)
    return groups


@cache
def identifiers_of(place: Place) -> Mapping[str, uuid.UUID]:
    """Every identifier of a place's rows by the name of its column, as a URL names it."""
    found: dict[str, uuid.UUID] = {}
    for table in tenant_tables():
        row = sample_row(table, place, body_id=place.provider_id)
        found |= {name: value for name, value in row.items() if isinstance(value, uuid.UUID)}
    return MappingProxyType(found | {"provider_id": place.provider_id, "service_id": place.service_id})


def keep_packs(state: Path, groups: Groups) -> None:
    """The files of the packs."""
    for place in groups.places:
        keep(state, _pack_key(place), _a_pdf(place.canary))
        keep(state, _archive_key(place), f"PK {place.canary}".encode())
        sent = sealed([f"{place.canary} notes".encode()], Keys((KEY,)), place.provider_id, _file_key(place))
        FolderStore(state / "objects").put(_file_key(place), sent)


def _a_pdf(words: str) -> bytes:
    """A document of one empty page with words in its title, where anybody finds them."""
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595, 842))
    document.docinfo["/Title"] = words
    document.save(out)
    return out.getvalue()


def an_application_over(db: Database, groups: Groups, state: Path) -> Flask:
    """The application in this process, with the packs' files where it looks for them."""
    app = an_application(db, state)
    keep_packs(state, groups)
    return app


def everybody(db: Database, groups: Groups) -> list[Caller]:
    """Each role at its own place, outsiders before, during and after a grant, and sessions that are none any more."""
    return [
        *_roles(db, groups),
        *_commissioners(db, groups),
        *_let_in_from_outside(db, groups),
        *_without_session(db, groups),
    ]


def insiders(db: Database, groups: Groups) -> list[Caller]:
    """Each role at its own place, and a commissioner with grants."""
    return [*_roles(db, groups), next(one for one in _commissioners(db, groups) if one.sees)]


def a_person_with_password(db: Database, place: Place | None, role: str, *, name: str = "Denise Hartley") -> str:
    """Somebody who can sign in with `PASSWORD` and no second factor, as demonstration people do; gives the address."""
    person_id = uuid.uuid4()
    email = f"{role}.{person_id.hex[:6]}@example.org"
    with db.administration() as session:
        session.add(
            Person(
                person_id=person_id,
                email=email,
                name=name,
                password_hash=_password_hash(),
                second_factor_relaxed=True,
                created_at=now(),
            )
        )
    if place is not None:
        add_membership(db, person_id, role, place, whole_provider=ROLES[role].level == "provider")
    return email


@cache
def _password_hash() -> str:
    return hash_password(PASSWORD)


def person_of(db: Database, email: str) -> uuid.UUID:
    """Whose address it is."""
    with db.administration() as session:
        found = session.execute(text("select person_id from signin.person where email = :email"), {"email": email})
        return uuid.UUID(str(found.scalar_one()))


def a_session(db: Database, person_id: uuid.UUID, *, purpose: str = "session", lives: timedelta | None = None) -> str:
    """The secret of a cookie or a bearer token for somebody, as signing in would issue it."""
    secret = secrets.token_urlsafe(24)
    with db.as_role("signin") as connection:
        connection.execute(
            text("select reach.issue_ticket(:hash, :person, :expires, null, true, 'full', null, null, now())"),
            {
                "hash": ticket_hash(ticket_of(KEY.encode(), secret, purpose)),
                "person": person_id,
                "expires": now() + (lives or timedelta(hours=1)),
            },
        )
        remember_beginning(
            connection,
            ticket_hash(ticket_of(KEY.encode(), secret, purpose)),
            beginning_of(KEY.encode(), secret, purpose),
        )
    return secret


def monday(weeks_ago: int = 0) -> date:
    """The Monday of a week that is over."""
    return today() - timedelta(days=today().weekday(), weeks=weeks_ago)


def _settle(session: Session, place: Place, body_id: uuid.UUID, without: tuple[str, ...], newest: int) -> None:
    for table in tenant_tables():
        if table.name in (*DERIVED, *without):
            continue
        shared = table.name in SHARED_WITH_STAFF
        words = replace(place, canary=GROUP_WORDS[place.canary]) if shared else place
        row = sample_row(table, words, body_id=body_id) | _true_of(table, place)
        # What a provider has once for everybody who works there bears the provider's word, and is there once.
        if not is_there_already(session, table, place, once=shared):
            session.execute(table.insert().values(row))
    ids = identifiers_of(place)
    home = Home(place.provider_id, place.service_id, ids["indicator_id"], SHOWN)
    numbers = _numbers(place)[: WEEKS + 1 - newest]
    figures(session, home, numbers, first=monday(WEEKS), recorded_at=_moment(monday(1)))
    a_target(session, home, value=98, version=2, valid_from=monday(WEEKS), recorded_at=_moment(monday(WEEKS)))
    other = an_indicator(session, place.provider_id, place.service_id, ALSO_SHOWN, started_on=monday(WEEKS))
    figures(session, other, numbers[::-1], first=monday(WEEKS), recorded_at=_moment(monday(1)))
    a_baseline(session, other, first_period=monday(WEEKS), last_period=monday(WEEKS - 11), periods=12)
    a_target(session, other, valid_from=monday(WEEKS), recorded_at=_moment(monday(WEEKS)))


def _numbers(place: Place) -> list[tuple[float, float] | None]:
    """Thirty weeks that get better, with one that is missing; each place has its own."""
    own = len(place.canary)
    counted = [(float(80 + week // 2 + (week * own) % 3), 100.0) for week in range(WEEKS)]
    return [None if week == 7 else pair for week, pair in enumerate(counted)]


def _true_of(table: Table, place: Place) -> dict[str, Any]:
    """What a page reads by its meaning, and so cannot be any word."""
    return {name: value for (owner, name), value in _meant(place).items() if owner == table.name}


def _meant(place: Place) -> dict[tuple[str, str], Any]:
    record = a_check_record(place)
    kept_days = ("recovery_plan", "starts_on"), ("service_indicator", "started_on")
    return {
        **dict.fromkeys(kept_days, monday(WEEKS)),
        ("provider", "name"): f"{GROUP_WORDS[place.canary]} Care Group",
        ("service", "kind"): "residential",
        ("service", "closed_on"): None,
        ("service", "beds"): 30,
        ("inspection", "framework_version"): "saf-2023",
        ("inspection", "overall"): "requires_improvement",
        ("inspection", "key_questions"): {"safe": "inadequate", "well-led": "requires_improvement"},
        ("regulatory_requirement", "kind"): "warning_notice",
        ("regulatory_requirement", "regulation"): "hsca-12",
        ("regulatory_requirement", "met_on"): None,
        ("commissioner_grant", "valid_from"): today() - timedelta(days=40),
        ("commissioner_grant", "valid_until"): today() - timedelta(days=10),
        ("membership", "valid_until"): today() - timedelta(days=1),
        ("service_indicator", "definition_key"): SHOWN,
        ("service_indicator", "definition_version"): _version(),
        ("service_indicator", "cadence"): "weekly",
        ("service_indicator", "ended_on"): None,
        ("service_indicator", "in_plan"): True,
        ("indicator_baseline", "first_period"): monday(WEEKS),
        ("indicator_baseline", "last_period"): monday(WEEKS - 11),
        ("indicator_baseline", "value"): 82.0,
        ("indicator_baseline", "figures"): [{"period": monday(WEEKS).isoformat(), "value": 82.0, "revision": 1}],
        ("indicator_target", "operator"): ">=",
        ("indicator_target", "valid_from"): monday(WEEKS),
        ("observation", "period_start"): monday(WEEKS + 1),
        ("observation", "numerator"): 80.0,
        ("observation", "denominator"): 100.0,
        ("observation", "value"): 80.0,
        ("observation", "source"): "entered",
        ("record", "record_type"): RECORD_TYPE,
        ("record", "type_version"): record.type_version,
        ("record", "happened_at"): record.happened_at,
        ("record", "payload"): record.payload,
        ("evidence", "reference"): "E-001",
        ("evidence", "letter"): "R",
        ("evidence_check", "result"): "unchanged",
        ("recovery_plan", "template_key"): "medicines",
        ("recovery_plan", "framework_version"): "saf-2023",
        ("recovery_plan", "weeks"): 12,
        ("recovery_plan", "content"): _plan_content(place),
        ("inspection", "corrects"): None,
        ("plan_revision", "ended_on"): None,
        ("plan_revision", "starts_on"): monday(WEEKS),
        ("plan_revision", "weeks"): 12,
        ("plan_milestone_revision", "milestones"): [{"week": 1, "title": f"{place.canary} milestone", "expects": []}],
        ("milestone_verdict", "week"): 5,
        ("milestone_verdict", "number"): 1,
        ("milestone_verdict", "seen"): [],
        ("plan_template", "template_key"): "own_nothing",
        # A template is the provider's own: each of its places may show it.
        ("plan_template", "content"): _plan_content(place) | {"title": f"{GROUP_WORDS[place.canary]} plan"},
        **{("plan_template", name): f"{GROUP_WORDS[place.canary]} {name}" for name in _TEMPLATE_WORDS},
        ("plan_template", "is_withdrawn"): False,
        ("plan_objective", "owner_role"): "registered_manager",
        ("plan_objective", "sign_off_role"): "nominated_individual",
        ("plan_objective", "requirement_ids"): [identifiers_of(place)["requirement_id"]],
        ("objective_indicator", "operator"): ">=",
        ("objective_indicator", "value"): 98.0,
        ("plan_step", "role"): "medicines_lead",
        ("plan_step", "number"): 1,
        ("plan_step_revision", "number"): 1,
        ("work_item", "role"): "registered_manager",
        ("work_item", "asked_role"): "registered_manager",
        ("work_item", "assigned_id"): None,
        ("work_item", "stands_in"): None,
        ("work_item", "record_types"): [RECORD_TYPE],
        ("work_item", "shift_band"): None,
        ("work_item", "due_on"): monday(0),
        ("work_item", "closed_on"): None,
        ("work_item_event", "record_type"): RECORD_TYPE,
        ("work_delegation", "role"): "registered_manager",
        ("work_delegation", "work_item_id"): None,
        ("work_delegation", "ends"): None,
        ("work_delegation", "until_on"): None,
        ("action", "reference"): "A-001",
        ("indicator_owner", "owner"): "Ann Owner",
        ("action_event", "kind"): "redated",
        ("risk", "reference"): "R-001",
        ("review", "decided_role"): "registered_manager",
        ("review", "relied_on"): ["E-001"],
        ("review_sitting", "decided"): [],
        ("escalation", "to_role"): "nominated_individual",
        ("escalation_decision", "outcome"): "no_further_action",
        ("escalation", "episode_id"): None,
        ("escalation", "subject_person_id"): None,
        ("escalation_step", "to_role"): "nominated_individual",
        ("escalation_step", "from_role"): "registered_manager",
        ("oversight", "reference"): "O-001",
        ("oversight", "to_role"): "nominated_individual",
        ("risk_event", "kind"): "reviewed",
        ("trigger_episode", "rule_key"): "M1",
        ("trigger_episode", "family"): "warning",
        ("trigger_episode", "facts"): [],
        ("job", "kind"): "make_pack",
        ("job", "state"): "done",
        ("pack_file", "object_key"): _pack_key(place),
        ("pack_share", "object_key"): _pack_key(place),
        ("custody_file", "object_key"): _archive_key(place),
        ("import_file", "state"): "saved",
        ("import_file", "mapping"): "observations",
        ("import_file", "mapping_id"): None,
        ("import_file", "found"): {"header": ["service", f"{place.canary} week", "value"]},
        ("evidence_file", "object_key"): _file_key(place),
        ("file_share", "is_shared"): True,
        ("evidence_file_verdict", "object_key"): _file_key(place),
        ("evidence_file_verdict", "kind"): "txt",
        ("evidence_file_verdict", "words"): None,
    }


def a_check_record(place: Place) -> ValidRecord:
    """A source record whose words bear the place's canary."""
    raw = {
        "checked_at": f"{monday(1).isoformat()}T06:41",
        "shift_on": monday(1).isoformat(),
        "shift_band": "night",
        "unit": f"{place.canary} unit",
        "people_on_unit": "14",
        "charts_checked": "14",
        "gaps_found": "2",
        "cd_balance_agrees": "yes",
        "time_critical_on_time": "yes",
        "completed_by": "AO",
        "note": f"{place.canary} note",
    }
    found = validate(record_type(RECORD_TYPE), raw)
    assert isinstance(found, ValidRecord), found
    return found


def _plan_content(place: Place) -> dict[str, Any]:
    """A template that a plan can be read from, with the place's canary in its words."""
    return template_data(plan_template("medicines_recovery")) | {"key": "own_nothing", "title": f"{place.canary} plan"}


def _version() -> str:
    return indicator_definition(SHOWN).version


def _pack_key(place: Place) -> str:
    return f"{place.provider_id}/packs/{identifiers_of(place)['pack_id']}.pdf"


def _file_key(place: Place) -> str:
    return f"{place.provider_id}/evidence/{place.service_id.hex}{place.canary}"


def _archive_key(place: Place) -> str:
    return f"{place.provider_id}/custody/{identifiers_of(place)['request_id']}.zip"


def _moment(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=now().tzinfo)


def _roles(db: Database, groups: Groups) -> list[Caller]:
    callers = []
    for role in ROLES.values():
        if role.level in ("service", "provider"):
            whole = role.level == "provider"
            # One of them is whom the rows of the place name: what is a person's alone is shown to somebody.
            named = identifiers_of(groups.first)["person_id"] if role.key == "carer" else None
            person_id = add_person(db, name=f"Ann {role.label}", person_id=named)
            add_membership(db, person_id, role.key, groups.first, whole_provider=whole)
            sees = {groups.first.canary} | ({groups.sister.canary} if whole else set())
            callers.append(Caller(role.key, role.key, groups.first, frozenset(sees), a_session(db, person_id)))
    return callers


def _commissioners(db: Database, groups: Groups) -> list[Caller]:
    """Officers of bodies that are granted nothing yet, a service of each provider, and what has ended."""
    day = timedelta(days=1)
    grants: dict[str, dict[str, Any] | None] = {
        "commissioner before a grant": None,
        "commissioner with grants": {},
        "commissioner of an identifier that is there at both": {},
        "commissioner before a grant begins": {"valid_from": today() + day},
        "commissioner after a grant has ended": {"valid_from": today() - 9 * day, "valid_until": today() - day},
        "commissioner whose grant was withdrawn": {"withdrawn_at": now() - day},
    }
    callers = []
    for name, grant in grants.items():
        body_id, person_id = add_body(db, name=f"Council of the {name}"), add_person(db, name="Olu Officer")
        add_officer(db, body_id, person_id)
        clashing = name.endswith("at both")
        granted = (groups.first if clashing else groups.sister, groups.second)
        if grant is not None:
            for place in granted:
                grant_id = add_grant(db, place, body_id, classes=CLASSES, **grant)
                if name == "commissioner with grants":
                    share_pack(db, place, grant_id)
        sees = {place.canary for place in granted} if grant == {} else set()
        home = groups.second if clashing else groups.sister
        callers.append(Caller(name, None, home, frozenset(sees), a_session(db, person_id)))
    return callers


def share_pack(db: Database, place: Place, grant_id: uuid.UUID) -> None:
    """The pack of a place is shared with a grant, and with no other."""
    with db.administration() as session:
        session.execute(
            text(
                "update pack_share set grant_id = :grant, withdrawn_at = null where provider_id = :p and service_id = :s"
            ),
            {"grant": grant_id, "p": place.provider_id, "s": place.service_id},
        )


def _let_in_from_outside(db: Database, groups: Groups) -> list[Caller]:
    """Holders of inspectors' links, and operators with and without support access, while it lasts and after."""
    first, both = groups.first, frozenset({groups.first.canary, groups.sister.canary})
    callers = []
    for name, told in (
        ("inspector's link", {}),
        ("revoked link", {"revoked": True}),
        ("link that is over", {"ended": True}),
    ):
        secret = f"insp_{secrets.token_urlsafe(24)}"
        inspector_ticket(db, first, ticket=ticket_of(KEY.encode(), secret, "inspector"), **told)
        callers.append(Caller(name, None, first, frozenset() if told else frozenset({first.canary}), cookie=secret))
    for name, support in (
        ("operator", None),
        ("operator let in", {}),
        ("operator whose time is over", {"minutes": -30}),
        ("operator who was sent away", {"ended": True}),
        ("operator whom nobody agreed to", {"consented": False}),
    ):
        person_id = add_operator(db)
        if support is not None:
            let_in(db, person_id, first, **support)
        sees = both if support == {} else frozenset()
        callers.append(Caller(name, None, first, sees, cookie=a_session(db, person_id), knows_names=True))
    return callers


def _without_session(db: Database, groups: Groups) -> list[Caller]:
    """Nobody, what is no session any more or never was, and a token of the other provider."""
    manager, foreigner = add_person(db, name="Ann Former"), add_person(db, name="Mo Foreigner")
    add_membership(db, manager, "registered_manager", groups.first)
    add_membership(db, foreigner, "provider_quality_lead", groups.second, whole_provider=True)
    former = add_person(db, name="Ann Yesterday")
    for role in ROLES.values():
        if role.level in ("service", "provider"):
            whole, until = role.level == "provider", today() - timedelta(days=1)
            add_membership(db, former, role.key, groups.first, whole_provider=whole, valid_until=until)
    ended = a_session(db, manager)
    revoke(db, ticket_of(KEY.encode(), ended))
    foreign = frozenset({groups.second.canary, groups.twin.canary})
    return [
        Caller("nobody", None, groups.first),
        Caller("somebody with a made-up cookie", None, groups.first, cookie=secrets.token_urlsafe(24)),
        Caller("a session that was ended", None, groups.first, cookie=ended),
        Caller("a session too old", None, groups.first, cookie=a_session(db, manager, lives=timedelta(hours=-1))),
        Caller("somebody whose every role has ended", None, groups.first, cookie=a_session(db, former)),
        Caller("a made-up token", None, groups.first, token=f"mnd_{secrets.token_urlsafe(24)}"),
        Caller("a cookie used as a token", None, groups.first, token=a_session(db, manager)),
        Caller(
            "a token of the other provider",
            None,
            groups.second,
            foreign,
            token=a_session(db, foreigner, purpose="token"),
        ),
    ]
