"""A form that comes back shows what was typed and why it was refused."""

from datetime import date

from mendline.web.asking import Asking
from mendline.web.components import Option
from tenants.errors import RefusedError

REFUSED = RefusedError("Nothing was saved.", {"weeks": "Give a whole number.", "next_on": "Give a later day."})


def test_a_field_shows_what_it_begins_with_until_something_is_typed() -> None:
    assert Asking({}).field("weeks", "How many weeks?", "number", value="8").value == "8"
    assert Asking({"weeks": ""}).field("weeks", "How many weeks?", "number", value="8").value == ""
    assert Asking({"weeks": "6"}).field("weeks", "How many weeks?", "number", value="8").value == "6"


def test_a_refused_field_says_why_under_its_own_name_or_that_of_the_rule() -> None:
    ask = Asking({"weeks": "many"}, REFUSED)
    assert ask.field("weeks", "How many weeks?").error == "Give a whole number."
    assert ask.field("look_on", "Next look", "date", rule="next_on").error == "Give a later day."
    assert ask.field("reason", "Why?").error == ""


def test_of_several_choices_what_was_ticked_counts_and_not_the_first_of_them() -> None:
    options = (Option("a", "One"), Option("b", "Another"))
    field = Asking({"kinds": "a"}).field("kinds", "Which?", "choices", options=options, values=("b",))
    assert (field.value, field.values) == ("", ("b",))


def test_edges_are_given_as_days_or_numbers() -> None:
    field = Asking({}).field("on", "When?", "date", low=date(2026, 11, 2), high=date(2026, 11, 23))
    assert (field.low, field.high) == ("2026-11-02", "2026-11-23")
    assert Asking({}).field("sample", "How many?", "number", low=0).low == "0"


def test_a_refusal_that_names_no_field_stands_over_the_form() -> None:
    assert Asking({}, RefusedError("This plan has ended.")).trouble == ("This plan has ended.",)
    assert Asking({}, REFUSED).trouble == ()
    assert Asking({}).trouble == ()


def test_what_no_field_shows_stands_over_the_form_and_nothing_twice() -> None:
    ask = Asking({}, RefusedError("Nothing was saved.", {"weeks": "Give a whole number.", "plan": "It has ended."}))
    fields = [ask.field("weeks", "How many weeks?"), ask.field("reason", "Why?")]
    assert ask.unplaced(fields) == ("It has ended.",)
    assert ask.unplaced([*fields, ask.field("title", "What is it called?", rule="plan")]) == ()
    assert Asking({}, RefusedError("This plan has ended.")).unplaced(fields) == ("This plan has ended.",)
    assert Asking({}).unplaced(fields) == ()
