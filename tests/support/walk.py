"""The walk over every route: where its parts stand, what is sent to it, and which places it is tried with.

Made from the URL map, so a new route is walked by itself where its parts are known here, and fails the walk otherwise.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Flask
from support.application import RECORD_TYPE, SHOWN, Caller, identifiers_of, monday
from support.tenancy import Groups, Place
from werkzeug.routing import Rule

from mendline.web.security import SAFE_METHODS, declared_access

# Parts of a URL that are not identifiers of a tenant's rows; identifiers are found by the name of their column.
CONSTANTS: dict[str, Any] = {
    "shown": "a-mailed-word-of-nobody",
    "link_secret": "0" * 64,
    "period": monday(2).isoformat(),
    "record_type": RECORD_TYPE,
    "period_start": monday(1).isoformat(),
    "definition_key": SHOWN,
    "service_kind": "residential",
    "template_key": "own_nothing",
    "form_key": "medicines_check",
    "digest": "0" * 32,
    "reference": "A-001",
    "number": 1,
    "week": 1,
    "filename": "nothing-of-this-name.css",
    "secret": "no-such-link",
    "sealed": "nothing-that-was-sealed-here",
    "session_id": uuid.UUID(int=1),
    "token_id": uuid.UUID(int=2),
    "passkey_id": uuid.UUID(int=3),
    "code": "safe.staffing",
    "category": "people",
    "risk": "R-001",
    "matter": "O-001",
    "month": "2026-01",
}

# What a route needs in its query to show anything at all, by endpoint; `{name}` stands for an identifier of the place.
NEEDED = {
    "handover.of": "owner=Ann+Owner",
    "checks.new": f"indicator={{indicator_id}}&period={monday(1).isoformat()}",
}

# Names under which a query may carry an identifier, on every route whether it reads them or not.
QUERY = (
    "provider={provider_id}&service={service_id}&service_id={service_id}&indicator={indicator_id}"
    "&evidence={evidence_id}&record={record_id}&pack={pack_id}&action={action_id}"
    "&before=2026-01-01T00:00:00%2B00:00~{record_id}&cursor={record_id}"
)


def _check() -> dict[str, Any]:
    day = monday(1).isoformat()
    return {
        "checked_at": f"{day}T06:41", "shift_on": day, "shift_band": "night", "people_on_unit": "14",
        "charts_checked": "14", "gaps_found": "2", "cd_balance_agrees": "yes", "time_critical_on_time": "yes",
        "completed_by": "AO",
    }  # fmt: skip


@cache
def forms() -> dict[str, dict[str, str]]:
    """What each form sends, by endpoint; `{name}` stands for an identifier of the place that it is tried with."""
    day, check = monday(1).isoformat(), _check()
    return {
        "signin.enter": {"email": "nobody@example.org", "password": "wrong", "next": "/services/{service_id}"},
        "signin.leave": {},
        "signin.take_step": {"code": "000000"},
        "signin.enter_with_passkey": {"asked": "none", "answer": "{{}}"},
        "signin.enter_by_pin": {"person": "{service_id}", "pin": "000000"},
        "signin.send_reset": {"email": "nobody@example.org"},
        "signin.save_reset": {"password": "short"},
        "signin.accept": {"password": "short"},
        "signin.decline": {},
        "signin.save_verify": {},
        "account.end_one": {},
        "account.end_others": {},
        "account.ask_verify": {},
        "account.save_password": {"current": "wrong", "password": "short"},
        "account.add_token": {"label": "", "until": "2026-01-01", "services": "{service_id}"},
        "account.take_token_away": {},
        "account.save_pin": {"pin": "1"},
        "factors.save_code": {"asked": "none", "code": "000000"},
        "factors.save_passkey": {"asked": "none", "answer": "{{}}"},
        "factors.new_recovery": {},
        "factors.take_code_away": {},
        "factors.take_passkey_away": {},
        "confirm.take": {"code": "000000"},
        "confirm.take_passkey": {"asked": "none", "answer": "{{}}"},
        "signin.to_organisation": {"email": "nobody@nowhere.example"},
        "signin.agree": {},
        "sign_on.save": {"label": ""},
        # Refused alike each time: no address, nothing that was given up.
        "webhooks.create": {"url": ""},
        "webhooks.change_secret": {},
        "webhooks.again": {},
        "webhooks.end_one": {},
        "tablets.trust": {"label": ""},
        "tablets.distrust": {},
        "figures.take": {"reason": "No"},
        "services.save_figure": {"period_start": day, "numerator": "91", "denominator": "100", "reason": "Counted again"},
        # It runs already at each place, so that the same request is answered alike however often it is tried.
        "indicators.add": {"definition_key": SHOWN, "review_owner": "A Other"},
        "indicators.set_aims": {"target_operator": ">=", "target_value": "97", "reason": "Agreed again"},
        # Refused alike each time: no lasting change shows, and nobody asked for new limits.
        # Refused alike each time, or answered alike: nothing is recorded by the walk.
        "behind.save_contradiction": {"source": "", "says": "Short", "noticed_on": day},
        "behind.save_answer": {"answer": "No"},
        "behind.save_exemption": {"letter": "R", "exempt_reason": "No"},
        "behind.save_redefinition": {"from_period": day, "what_changed": "", "reason": ""},
        "charts.choose": {"chart": "fitting", "chart_reason": ""},
        "charts.ask": {"starts_on": day, "what_changed": "Two look", "base_reason": "Old", "evidence_reference": "A-001"},
        "charts.leave": {"period": day, "out_reason": ""},
        "charts.decide": {"decision": "refused", "note": ""},
        "recovery.record": {
            "decision": "assured", "what_changed": "It rose.", "why": "A second check.", "what_follows": "Kept.",
            "relied_on": "E-001",
        },
        "escalations.set_rule": {"rule": "M1", "name": "same_medicine_gaps", "value": "3", "reason": "As it is declared"},
        "escalations.open_one": {
            "indicator_id": "{indicator_id}", "asked": "Two night posts, please.", "to_role": "registered_manager",
            "kind": "provider_oversight", "due_on": "2027-01-05",
        },
        "escalations.decide": {"outcome": "no_further_action", "reason": "It was answered in another way."},
        "escalations.reply": {"reply": "Agreed from the first of the month."},
        "registers.add_action": {"title": "Ask two people each week", "owner": "A Other", "due_on": "2027-01-05"},
        "registers.change_action": {"kind": "reopened", "note": "It came back"},
        "registers.add_risk": {
            "title": "People wait too long", "owner": "A Other", "likelihood": "3", "impact": "3", "reason": "Seen twice",
            "look_again_on": "2027-01-05",
        },
        "registers.change_risk_": {"kind": "reviewed", "note": "Looked at again", "next_look_on": "2027-01-05"},
        "sittings.sign": {"summary": ""},
        "sittings.correct": {"correction": "No"},
        "minutes.save": {"attendance": "", "challenge": ""},
        "minutes.correct": {"correction": "No"},
        "story.add_change": {"kind": "staff", "happened_on": day, "what_changed": "", "why": ""},
        "evidence.create": {
            "evidence_id": "{evidence_id}", "supports": "{indicator_id}", "letter": "A", "title": "Audit",
            "dated_on": day, "system": "Folder", "where_to_look": "Shelf 3",
        },
        "evidence.check": {"result": "unchanged"},
        "evidence.share": {"share": "yes", "shown_as": ""},
        "evidence_files.create": {"evidence_id": "{evidence_id}", "letter": "A", "title": "Audit", "dated_on": day},
        # Refused alike each time: no file, no mapping, a file that is still being checked, no reason.
        "imports.send_to_provider": {"import_id": "{import_id}", "mapping": ""},
        "imports.send_to_service": {"import_id": "{import_id}", "mapping": ""},
        "matching.match": {"mapping_id": "{mapping_id}", "target": "observations", "name": "No"},
        "matching.use": {"mapping": ""},
        "imports.leave_out": {"import_id": "{import_id}"},
        "imports.try_again": {"import_id": "{import_id}"},
        "imports.save": {"on_conflict": "stop"},
        "merging.decide": {"act": "ticked-open", "row": "{row_id}"},
        "imports.take_back": {"reason": "No"},
        "imports.put_aside": {"import_id": "{import_id}"},
        "records.create": {"record_id": "{record_id}", **check},
        "records.withdraw": {"seen_revision": "1", "correction_reason": "Entered for the wrong home"},
        "records.correct": {"seen_revision": "1", "correction_reason": "Counted again", **check},
        "capture.send_form": {"record_id": "{record_id}", **check},
        # Refused alike each time: no JSON, no draft of that number, nothing to choose.
        "capture.send": {},
        "capture.end_draft": {},
        "capture.choose_version": {"chosen": "first"},
        "packs.ask": {"as_at": "no day"},  # only so many may be asked for at once
        # Refused each time, so that the same request is answered alike: a reason or a choice is left out.
        "plans.start": {"template": "medicines_recovery", "title": "", "starts_on": day, "weeks": "10"},
        "plans.change": {"what": "move", "reason": ""},
        "templates.save_guided": {"title": ""},
        "plans.change_rhythm_of": {"cadence": "monthly", "at_least": "1", "reason": ""},
        "plans.change_milestones_of": {"seen": "1", "reason": ""},
        "plans.judge_milestone_of": {"verdict": "met", "reason": ""},
        "plans.add": {"goal": "", "weeks": "10"},
        "plans.sign": {"words": ""},
        "plans.reopen": {"words": ""},
        "plans.add_inspection": {"inspected_on": day, "overall": "", "framework_version": "saf-2023"},
        "plans.correct": {"inspected_on": day, "overall": "good", "framework_version": "saf-2023", "reason": ""},
        "plans.add_requirement_here": {"kind": "breach", "regulation": "hsca-12", "summary": ""},
        "plans.meet": {"met_on": day, "words": ""},
        "templates.save": {"written": "key: own_nothing", "reason": ""},
        "templates.withdraw": {"reason": ""},
        "work.finish_item": {"words": ""},
        "work.move_item": {"due_on": day, "reason": ""},
        "work.cancel_item": {"cancel_reason": ""},
        "work.hand_over_item": {"to_person": "", "why": "holiday"},
        "work.hand_over_role": {"role": "", "why": "holiday"},
        "work.end_hand_over_here": {},
        "members.send": {
            "name": "A Other", "email": "a", "place": "{service_id}", "role": "carer", "kind": "substantive",
        },
        "members.change": {"act": "end", "why": ""},
        # Refused alike each time: no such grant, nothing that was shared so.
        "commissioned_packs.ask": {"grant": "none", "weeks": "26"},
        "commissioned_packs.share_it": {"grant": "none", "purpose": ""},
        "commissioned_packs.take_back": {},
        "members.answer": {"answer": "give"},
        "members.withdraw": {},
        "offers.answer": {"answer": "decline"},
        "members.post": {"place": "{service_id}", "post_role": "carer", "needed": "yes"},
        "access.name": {"place": "{service_id}", "about_kind": "record", "about": "{record_id}", "person": "{person_id}"},
        "access.lift": {"reason": ""},
        "opening.begin": {"service": "{service_id}", "classes": "records", "reason": "", "minutes": "30"},
        "opening.end": {},
        "visits.write": {"kind": "request", "words": "Short", "answer_by": ""},
        "visits.answer": {"words": "Short"},
        "grants.create": {
            "service": "{service_id}", "body": "{body_id}", "classes": "summary", "valid_until": "", "purpose": "",
            "lawful_basis": "public_task", "renews": "{grant_id}",
        },
        "grants.end": {"reason": ""},
        "grants.release": {"note": "Agreed"},
        "inspectors.create": {"pack": "{pack_id}", "named": "A Other", "email": "a", "purpose": "Visit", "days": "1"},
        "inspectors.revoke": {},
        "inspection.begin": {},
        "inspection.another": {},
        "inspection.check": {"code": "0000-0000"},
        "inspection.leave": {},
        "support.agree": {"minutes": "1"},
        "support.stop": {},
        "alerts.see": {},
        "register.close": {"service": "{service_id}", "day": "2020-01-01", "reason": ""},
        "register.open_again": {},
        "register.set_area": {"located": "{service_id}", "area_code": ""},
        "register.follow": {"newer": "{service_id}", "before": "none", "from_on": "2026-01-01", "because": ""},
        "operating.see": {},
        "operating.ask": {"provider": "{provider_id}", "reason": ""},
        "operating.second": {},
        "operating.end": {},
        "operating.review": {"found": ""},
        "checks.draw": {"indicator": "{indicator_id}", "period": "1999-01-04"},
        "checks.compare": {"record": "{record_id}", "finding": "agrees"},
        "checks.end": {},
        "checks.start_drill_": {},
        "checks.answer": {"number": "1", "result": ""},
        "effects.decide_one": {"verdict": "", "reason": "No"},
        "effects.move_one": {"periods": "", "move_reason": "No"},
        "handover.pass_all": {"reason": "No"},
        "telling.read_all": {},
        "telling.save_settings": {"digest_hour": "99"},
        "stopping.stop_by_link": {},
        "clocks.start": {"about": "complaint", "summary": "Short", "kinds": "complaint_answered", "owner": "A Other"},
        "clocks.change": {"kind": "sent", "sent_method": ""},
        "clock_numbers.set_number": {"kind": "complaint_answered", "number": "20", "reason": "Short"},
        "custody.ask_export": {"x_person_reference": "P-014", "x_reason": "They asked.", "x_service_id": "{service_id}"},
        "custody.ask_erasure": {"e_person_reference": "P-014", "e_reason": "They asked.", "e_service_id": "{service_id}"},
        "custody.approve": {},
        "custody.refuse": {"reason": "Not who they say"},
        "custody.set_years": {"record_type": RECORD_TYPE, "years": "9", "reason": "Our own schedule"},
        "custody.place_hold": {"service_id": "{service_id}", "person_reference": "P-077", "reason": "An inquest"},
        "custody.release_hold": {"reason": "It ended"},
        "custody.propose": {"service_id": "{service_id}", "classes": "actions", "reason": "The home is sold"},
        "custody.take_up": {"code": "a code of nobody"},
        "custody.approve_transfer": {},
        "custody.refuse_transfer": {"reason": "Not agreed"},
    }  # fmt: skip


@cache
def documents() -> dict[str, Any]:
    """What each operation of the API is sent as JSON, by endpoint; identifiers as in `forms`."""
    day = monday(1).isoformat()
    counted = {"people_on_unit": 14, "charts_checked": 14, "gaps_found": 2}
    moment = {"checked_at": f"{day}T06:41:00Z"}
    evidence = {"letter": "A", "title": "Audit", "dated_on": day, "system": "Folder", "where_to_look": "Shelf 3"}
    review = {"decision": "assured", "what_changed": "It rose.", "why": "A check.", "what_follows": "Kept."}
    return {
        "api.enter_observations": {"period_start": day, "numerator": 92, "denominator": 100, "reason": "Counted again"},
        "api.enter_records": {"record_id": "{record_id}", "answers": {**_check(), **counted, **moment}},
        "api.point_to_evidence": {"evidence_id": "{evidence_id}", "supports": ["{indicator_id}"], **evidence},
        "api.check_evidence": {"result": "unchanged"},
        "api.add_indicator": {"definition_key": SHOWN, "review_owner": "A Other"},
        "api.change_indicator": {"target_operator": ">=", "target_value": 97, "reason": "Agreed again"},
        "api.add_action": {"title": "Ask", "owner": "A Other", "due_on": day, "indicator_id": "{indicator_id}"},
        "api.change": {"kind": "closed", "evidence_reference": "E-001"},
        "api.correct_review": {"correction": "The figure was read from the wrong week."},
        "api.add_webhook": {"url": "", "events": []},
        "api.end_webhook": {},
        "api.send_delivery_again": {},
        "api.add_escalation": {
            "indicator_id": "{indicator_id}",
            "to_role": "registered_manager",
            "kind": "additional_audit",
            "asked": "Two permanent night posts.",
            "due_on": "2027-01-05",
        },
        "api.decide": {"outcome": "no_further_action", "reason": "It was answered in another way."},
        "api.add_risk": {
            "title": "People wait too long",
            "owner": "A Other",
            "likelihood": 3,
            "impact": 4,
            "reason": "Seen twice",
            "look_again_on": "2027-01-05",
        },
        "api.change_risk": {"kind": "reviewed", "note": "Looked at again", "look_again_on": "2027-01-05"},
        "api.add_review": {"indicator_id": "{indicator_id}", "relied_on": ["E-001"], **review},
        "api.ask_for_pack": {"as_at": "no day"},
        # Refused each time: no name, and a goal that says too little.
        "api.begin_plan": {"template": "medicines_recovery", "title": "", "starts_on": day, "review_owner": "A Other"},
        "api.add_plan_objective": {
            "goal": "Short",
            "target": "95% by week 12.",
            "weeks": 12,
            "hold_weeks": 4,
            "sign_off_role": "nominated_individual",
            "aims": [{"indicator_id": "{indicator_id}", "operator": ">=", "value": 95}],
        },
        # Refused alike each time: a cadence without its shifts, milestones of another change, a reason that is too short.
        "api.change_step": {"cadence": "every_shift", "reason": "Less"},
        "api.change_plan_milestones": {"seen": 9, "milestones": [{"week": 5, "title": "Look"}], "reason": "Less"},
        "api.judge_plan_milestone": {"verdict": "met", "reason": "Seen"},
    }


@dataclass(frozen=True)
class Target:
    """Identifiers to put into a route.

    Attributes:
        name: how it reads when something leaks.
        parts: identifiers in the path.
        others: identifiers in query and body.
        is_open: whether every identifier is of a place that the caller may see.
    """

    name: str
    parts: Mapping[str, Any]
    others: Mapping[str, Any]
    is_open: bool
    like: str


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every route with each of its methods."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, sorted(one.methods or ()))):
        for method in sorted(rule.methods or ()):
            yield rule, method


def is_unsafe(method: str) -> bool:
    return method not in SAFE_METHODS


def url_map_text(app: Flask) -> str:
    """The map of URLs as the file that is reviewed: path, methods, access, endpoint."""
    with app.app_context():
        lines = [
            f"{rule.rule:<78} {' '.join(sorted(set(rule.methods or ()) - {'HEAD', 'OPTIONS'})):<9}"
            f" {declared_access(rule.endpoint):<20} {rule.endpoint}"
            for rule in app.url_map.iter_rules()
        ]
    return "\n".join(sorted(lines)) + "\n"


def unplaced(app: Flask) -> list[str]:
    """Routes that the walk does not know how to ask, with what to add."""
    known = {*_SOME_IDS, *CONSTANTS}
    missing = []
    for rule, method in routes(app):
        missing += [
            f"{rule.rule}: say in support/walk.py CONSTANTS what <{part}> may be" for part in rule.arguments - known
        ]
        where = "documents" if is_api(rule) else "forms"
        if is_unsafe(method) and rule.endpoint not in (documents() if is_api(rule) else forms()):
            missing.append(f"{method} {rule.rule}: say in support/walk.py {where}() what {rule.endpoint} is sent")
    return sorted(set(missing))


def is_api(rule: Rule) -> bool:
    return rule.rule.startswith("/api/")


def targets(rule: Rule, caller: Caller, groups: Groups) -> Iterator[Target]:
    """The places that a route is tried with: one's own, foreign ones, foreign ones below one's own, and none that is."""
    never = {name: uuid.uuid4() for name in _SOME_IDS}
    home = identifiers_of(caller.home)
    identified = rule.arguments & _SOME_IDS
    child = identified - {"service_id"}
    below = bool(child) and "service_id" in identified
    # Without an identifier in its path a route is one place for everybody.
    yield Target("of none", never, {}, is_open=not identified, like="")
    yield Target("query of none", home, never, is_open=False, like="")
    if below:
        yield Target("below of none", never | _service(home), {}, is_open=False, like="")
    # One's own last: what it takes may change the pages that the others are compared by.
    for place in sorted(groups.places, key=caller.may_see):
        ids, is_open = identifiers_of(place), caller.may_see(place)
        if not is_open and below:
            parts = ids | _service(home)
            yield Target(f"below of {place.canary}", parts, {}, is_open=False, like="below of none")
        if not is_open and "service_id" in identified and place.service_id in _seen(caller, groups):
            continue  # the service bears the identifier of one that the caller may see
        if not is_open and identified == {"provider_id"} and place.provider_id in _providers_seen(caller, groups):
            continue  # a sister service's provider is one's own
        if identified:
            yield Target(f"of {place.canary}", ids, {}, is_open=is_open, like="of none")
        if not is_open and place.service_id not in _seen(caller, groups):
            yield Target(f"query of {place.canary}", home, ids, is_open=False, like="query of none")


def _seen(caller: Caller, groups: Groups) -> set[uuid.UUID]:
    return {place.service_id for place in groups.places if caller.may_see(place)}


def _providers_seen(caller: Caller, groups: Groups) -> set[uuid.UUID]:
    return {place.provider_id for place in groups.places if caller.may_see(place)}


def path_of(app: Flask, rule: Rule, method: str, target: Target) -> str:
    """The address of a route with a target's identifiers."""
    parts = {name: target.parts.get(name, CONSTANTS.get(name)) for name in rule.arguments}
    path: str = app.url_map.bind("localhost").build(rule.endpoint, parts, method=method)
    if target.others:
        return f"{path}?{QUERY.format(**target.others)}"
    needed = NEEDED.get(rule.endpoint, "").format(**target.parts)
    return f"{path}?{needed}" if needed else path


def sending(rule: Rule, target: Target, token: str) -> dict[str, Any]:
    """The form or the document of a route with a target's identifiers, as the client takes it."""
    ids = target.others or target.parts
    if is_api(rule):
        return {"json": _filled(documents()[rule.endpoint], ids), "headers": {"X-CSRF-Token": token}}
    return {"data": {"csrf_token": token, **_filled(forms()[rule.endpoint], ids)}}


def _filled(written: Any, ids: Mapping[str, Any]) -> Any:
    if isinstance(written, dict):
        return {name: _filled(value, ids) for name, value in written.items()}
    if isinstance(written, list):
        return [_filled(value, ids) for value in written]
    return written.format(**ids) if isinstance(written, str) else written


def _service(home: Mapping[str, Any]) -> dict[str, Any]:
    return {"service_id": home["service_id"]}


_SOME_IDS = frozenset(identifiers_of(Place(uuid.uuid4(), uuid.uuid4(), "NONE")))
