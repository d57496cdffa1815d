"""Who is asked: the one who holds the role, whoever stands in, any of several, or the role above a vacancy."""

import uuid
from datetime import date, timedelta
from typing import Any

from mendline.duties.holding import Delegation, Holder, asked_of, short_name

TODAY = date(2026, 11, 23)
LEAD = Holder("medicines_lead", uuid.UUID(int=1), "P Nowak")
SENIOR = Holder("senior_carer", uuid.UUID(int=2), "A Okafor")
OTHER_SENIOR = Holder("senior_carer", uuid.UUID(int=3), "G Asante")
MANAGER = Holder("registered_manager", uuid.UUID(int=4), "D Hartley")
NOMINATED = Holder("nominated_individual", uuid.UUID(int=5), "H Marsh")
EVERYBODY = (LEAD, SENIOR, OTHER_SENIOR, MANAGER, NOMINATED)


def handed(role: str, **changes: Any) -> Delegation:
    given: dict[str, Any] = {
        "delegation_id": uuid.uuid4(),
        "role": role,
        "work_item_id": None,
        "from_person": LEAD.person_id,
        "to_person": SENIOR.person_id,
        "to_label": SENIOR.label,
        "why": "holiday",
        "from_on": TODAY - timedelta(days=1),
        "until_on": TODAY + timedelta(days=6),
    }
    return Delegation(**{**given, **changes})


def test_the_one_who_holds_a_role_is_asked() -> None:
    asked = asked_of("medicines_lead", EVERYBODY, (), TODAY)
    assert (asked.label, asked.stands_in, asked.is_vacant) == ("P Nowak", None, False)


def test_where_several_hold_a_role_any_of_them_is_asked() -> None:
    asked = asked_of("senior_carer", EVERYBODY, (), TODAY)
    assert (asked.role, asked.person_id) == ("senior_carer", None)


def test_whoever_stands_in_is_asked_from_day_to_day_and_no_longer() -> None:
    holiday = handed("medicines_lead")
    assert asked_of("medicines_lead", EVERYBODY, (holiday,), TODAY).label == "A Okafor"
    assert asked_of("medicines_lead", EVERYBODY, (holiday,), TODAY).stands_in == "holiday"
    assert asked_of("medicines_lead", EVERYBODY, (holiday,), TODAY + timedelta(days=7)).label == "P Nowak"


def test_where_one_of_two_is_away_the_other_is_asked() -> None:
    away = handed("senior_carer", from_person=SENIOR.person_id, to_person=LEAD.person_id, to_label="P Nowak")
    assert asked_of("senior_carer", EVERYBODY, (away,), TODAY).label == "G Asante"


def test_one_item_alone_can_be_handed_over() -> None:
    item = uuid.uuid4()
    single = handed("medicines_lead", work_item_id=item)
    assert asked_of("medicines_lead", EVERYBODY, (single,), TODAY, item).label == "A Okafor"
    assert asked_of("medicines_lead", EVERYBODY, (single,), TODAY).label == "P Nowak"


def test_a_role_that_nobody_holds_goes_up_to_the_manager_and_says_so() -> None:
    asked = asked_of("rota_coordinator", EVERYBODY, (), TODAY)
    assert (asked.role, asked.label, asked.stands_in, asked.is_vacant) == (
        "registered_manager", "D Hartley", "vacancy", True,
    )  # fmt: skip


def test_without_a_manager_it_goes_on_to_the_nominated_individual() -> None:
    asked = asked_of("rota_coordinator", (SENIOR, NOMINATED), (), TODAY)
    assert (asked.role, asked.label) == ("nominated_individual", "H Marsh")
    assert asked_of("registered_manager", (SENIOR, NOMINATED), (), TODAY).label == "H Marsh"


def test_where_nobody_is_left_it_waits_for_a_nominated_individual() -> None:
    asked = asked_of("registered_manager", (), (), TODAY)
    assert (asked.role, asked.person_id, asked.is_vacant) == ("nominated_individual", None, True)


def test_the_work_of_a_nominated_individual_does_not_go_down_to_the_manager() -> None:
    asked = asked_of("nominated_individual", (MANAGER,), (), TODAY)
    assert asked.person_id is None
    assert asked.is_vacant


def test_a_vacancy_can_be_handed_to_somebody() -> None:
    acting = handed("deputy_manager", from_person=None, why="vacancy", until_on=None)
    asked = asked_of("deputy_manager", EVERYBODY, (acting,), TODAY)
    assert (asked.label, asked.stands_in, asked.is_vacant) == ("A Okafor", "vacancy", True)


def test_a_name_is_shown_as_initial_and_surname() -> None:
    assert short_name("Denise Hartley") == "D Hartley"
    assert short_name("Mendline") == "Mendline"
