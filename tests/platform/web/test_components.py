"""Draws components as pages do, and reads what a person or a screen reader gets."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest

from mendline.web.components import (
    Button,
    Field,
    Form,
    Item,
    Link,
    NavItem,
    Note,
    Option,
    RegulatorCell,
    TallyItem,
    TimelineEntry,
    Weeks,
    Who,
)
from mendline.web.readings import (
    HIT_AND_MISS,
    MEETS,
    MISSES,
    NOT_JUDGED,
    NOT_SUPPORTED,
    STABLE,
    TOO_FEW,
    composite_reading,
    kinds_of,
    target_reading,
)

TEMPLATES = Path(__file__).parents[3] / "templates"


@pytest.fixture(scope="module")
def draw() -> Callable[..., str]:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals["asset"] = "/static/{}".format

    def macro(file: str, name: str, *arguments: object, **named: object) -> str:
        module: Any = environment.get_template(f"components/{file}.html").module
        return re.sub(r"\s+", " ", str(getattr(module, name)(*arguments, **named)))

    return macro


def words_of(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup)).strip()


def test_an_improvement_points_down_where_lower_is_better() -> None:
    assert composite_reading("improving").icon == "v-imp-up"
    assert composite_reading("improving", lower_is_better=True).icon == "v-imp-down"


def test_a_decline_points_up_where_lower_is_better() -> None:
    assert composite_reading("deteriorating").icon == "v-det-down"
    assert composite_reading("deteriorating", lower_is_better=True).icon == "v-det-up"


@pytest.mark.parametrize("composite", ["not_supported", "", "insufficient"])
def test_without_support_there_is_no_trend_word(composite: str) -> None:
    assert composite_reading(composite) is NOT_SUPPORTED


def test_too_few_weeks_are_no_trend_and_never_stable() -> None:
    assert composite_reading("too_few") is TOO_FEW
    assert composite_reading("stable") is STABLE


def test_target_words_are_the_four_fixed_ones() -> None:
    assert [target_reading(code) for code in ("pass", "inconsistent", "fail", None)] == [
        MEETS,
        HIT_AND_MISS,
        MISSES,
        NOT_JUDGED,
    ]
    assert target_reading("pass", supported=False) is NOT_JUDGED


def test_evidence_letters_keep_their_order_and_an_absent_one_is_missing() -> None:
    kinds = kinds_of({"P": "current", "A": "old"})
    assert [(kind.letter, kind.state) for kind in kinds.cells] == [("R", "m"), ("A", "o"), ("F", "m"), ("P", "c")]
    assert kinds.label == "Records missing, Audit out of date, Feedback missing, Practice seen current"


def test_a_reading_is_drawn_with_its_word_and_not_by_colour_alone(draw: Callable[..., str]) -> None:
    drawn = draw("data", "vi", composite_reading("deteriorating"), MISSES)
    assert words_of(drawn) == "Deteriorating Misses target"
    assert drawn.count("<svg") == drawn.count('aria-hidden="true"') == 2


def test_a_note_with_an_act_names_it_and_one_without_leaves_no_gap(draw: Callable[..., str]) -> None:
    with_act = draw("blocks", "note", Note("Declining", "61%", "alert", "i-flag", Button("Record a decision", "/d")))
    assert 'href="/d"' in with_act
    assert "note--plain" not in with_act
    assert "note--plain" in draw("blocks", "note", Note("Declining", "61%", "alert", "i-flag"))


def test_the_weeks_of_a_plan_are_said_in_words(draw: Callable[..., str]) -> None:
    drawn = draw("blocks", "weeks", Weeks(7, 12))
    assert 'aria-label="Recovery week 7 of 12"' in drawn
    assert (drawn.count('class="done"'), drawn.count('class="now"'), drawn.count("<i")) == (6, 1, 12)


def test_a_plan_past_its_last_week_is_drawn_as_done(draw: Callable[..., str]) -> None:
    drawn = draw("blocks", "weeks", Weeks(13, 12))
    assert drawn.count('class="done"') == 12


def test_a_rating_is_drawn_beside_its_word(draw: Callable[..., str]) -> None:
    drawn = draw("blocks", "reg", (RegulatorCell("CQC rating", "Requires improvement", rating=2),))
    assert 'class="rate rate--2" aria-hidden="true"' in drawn
    assert words_of(drawn) == "CQC rating Requires improvement"


def test_a_tally_of_nothing_still_says_nought(draw: Callable[..., str]) -> None:
    drawn = draw("blocks", "tally", (TallyItem(0, "Improving", "0 last week", "v-imp-up", "improving"),))
    assert words_of(drawn) == "0 Improving 0 last week"


def test_what_is_due_comes_first_unless_the_item_says_otherwise(draw: Callable[..., str]) -> None:
    first = words_of(draw("blocks", "item_lines", (Item("Rota", "L Osei", "5 days late", late=True),)))
    last = words_of(draw("blocks", "item_lines", (Item("Rota", "Fell twice.", "No decision", due_last=True),)))
    assert first == "Rota 5 days late , L Osei"
    assert last == "Rota Fell twice. No decision"


def test_a_decision_names_what_it_relied_on(draw: Callable[..., str]) -> None:
    entry = TimelineEntry("Assured", "12 November", "It holds.", references=(Link("E-046", "/e"), Link("E-045")))
    assert "It holds. Relied on E-046 , E-045." in words_of(draw("blocks", "time", (entry,)))


def test_the_bar_says_where_one_is_and_how_many_wait(draw: Callable[..., str]) -> None:
    nav = (NavItem("My work", "/w", count=7), NavItem("Services", "/s", current=True))
    drawn = draw("shell", "bar", nav, Who("D Hartley", "Registered manager", "DH"), "/out", "token")
    assert drawn.count('href="/s" aria-current="page"') == 2, "once in the bar, once in the menu of a phone"
    assert "My work , 7 items" in words_of(drawn)
    assert drawn.count('name="csrf_token" value="token"') == 2
    assert drawn.count('action="/out"') == 2, "a way out in the bar and in the menu"


def test_a_bar_for_nobody_offers_no_way_out(draw: Callable[..., str]) -> None:
    drawn = draw("shell", "bar", (), None, "", "token")
    assert "Sign out" not in drawn
    assert "<nav" not in drawn


def test_what_people_type_is_shown_as_text_everywhere(draw: Callable[..., str]) -> None:
    hostile = '"><script>alert(1)</script>'
    drawn = draw("forms", "field", Field("name", hostile, value=hostile, hint=hostile, error=hostile))
    drawn += draw("blocks", "item_lines", (Item(hostile, hostile, hostile, href=hostile),))
    drawn += draw("blocks", "note", Note(hostile, hostile))
    assert "<script" not in drawn


@pytest.mark.parametrize("kind", ["text", "textarea", "count", "number", "date", "datetime", "select", "email", "file"])
def test_each_question_has_a_label_and_says_what_was_wrong_with_the_answer(draw: Callable[..., str], kind: str) -> None:
    drawn = draw("forms", "field", Field("gaps", "How many gaps?", kind, hint="Count each.", error="Enter a number."))
    assert 'for="f-gaps"' in drawn
    assert 'id="f-gaps"' in drawn
    assert 'aria-describedby="f-gaps-h f-gaps-e" aria-invalid="true"' in drawn
    assert "Error: Enter a number." in words_of(drawn).replace("Error: ", "Error: ", 1)


@pytest.mark.parametrize("kind", ["choice", "choices", "yes_no"])
def test_a_choice_is_a_group_with_a_legend(draw: Callable[..., str], kind: str) -> None:
    options = (Option("y", "Yes"), Option("n", "No"), Option("u", "I do not know yet"))
    drawn = draw("forms", "field", Field("safe", "Is the person safe?", kind, options=options))
    assert drawn.startswith('<fieldset class="field"')
    assert '<legend class="label">Is the person safe?</legend>' in drawn
    assert drawn.count('id="f-safe"') == 1, "the error summary leads to the first choice"


def test_the_chosen_answers_come_back_chosen(draw: Callable[..., str]) -> None:
    options = (Option("gp", "GP"), Option("family", "Family"))
    one = draw("forms", "field", Field("told", "Told", "choice", "family", options=options))
    many = draw("forms", "field", Field("told", "Told", "choices", values=("gp", "family"), options=options))
    assert re.findall(r'value="(\w+)"[^>]* checked', one) == ["family"]
    assert re.findall(r'value="(\w+)"[^>]* checked', many) == ["gp", "family"]


def test_the_buttons_of_a_count_are_named_and_stay_away_without_script(draw: Callable[..., str]) -> None:
    drawn = draw("forms", "field", Field("gaps", "How many gaps?", "count", one="gap", low="0", high="60"))
    assert 'aria-label="One more gap"' in drawn
    assert 'aria-label="One fewer gap"' in drawn
    assert drawn.count('type="button" hidden') == 2


def test_a_password_never_comes_back(draw: Callable[..., str]) -> None:
    assert "hunter2" not in draw("forms", "field", Field("password", "Password", "password", "hunter2"))


def test_the_error_summary_leads_to_each_field(draw: Callable[..., str]) -> None:
    form = Form(
        "/save", (Field("a", "A", error="Enter a."), Field("b", "B")), "Save", trouble=("Somebody else saved first.",)
    )
    drawn = draw("forms", "form", form, "token")
    assert "There are 2 things to put right" in drawn
    assert '<a href="#f-a">Enter a.</a>' in drawn
    assert "<li>Somebody else saved first.</li>" in drawn
    assert 'role="alert" tabindex="-1"' in drawn


def test_a_form_without_trouble_has_no_summary(draw: Callable[..., str]) -> None:
    drawn = draw("forms", "form", Form("/save", (Field("a", "A", required=False),), "Save the figure"), "token")
    assert "put right" not in drawn
    assert "A (optional)" in words_of(drawn)
    assert "Save the figure" in drawn
