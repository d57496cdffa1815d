"""The forms of objectives: a further one with its targets, and the acts that end or open one."""

from collections.abc import Mapping, Sequence

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import long_date
from mendline.indicators.standing import Standing
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.recovery.plans.objectives import SIGNERS, GivenAim, GivenObjective
from mendline.recovery.plans.pages import PlanFormPage
from mendline.recovery.plans.rows import ObjectiveLine, PlanLine, RequirementLine
from mendline.recovery.plans.typed import requirement_title
from mendline.web.asking import Asking
from mendline.web.components import Fact, Field, Form, Head, Link, Option
from mendline.web.typed import read_identifier, read_number
from tenants.errors import RefusedError
from tenants.roles import ROLES

ROWS = 4  # targets that the form asks for; the API takes more
OPERATORS = (
    Option(">=", "At least"),
    Option("<=", "At most"),
    Option("==", "Exactly"),
    Option("reduce_from_baseline_pct", "Down from its baseline by, in percent"),
)
PARTS = (
    Option("main", "Main: it makes the goal"),
    Option("floor", "Floor: it must hold beside it"),
    Option("support", "Support: it shows that the goal is real"),
)
ORDINALS = ("First", "Second", "Third", "Fourth")


def new_objective_form(
    place: Place,
    plan: PlanLine,
    running: Sequence[Standing],
    requirements: Sequence[RequirementLine],
    *,
    address: Address,
    given: Mapping[str, str],
    chosen: Sequence[str] | None,
    refused: RefusedError | None = None,
) -> PlanFormPage:
    """A further objective of a plan: its goal, up to four targets, and who signs."""
    ask = Asking(given, refused)
    open_ones = [each for each in requirements if each.met_on is None]
    indicators = (
        Option("", "None"),
        *(Option(str(each.indicator_id), indicator_definition(each.definition_key).name) for each in running),
    )
    fields = [
        ask.field("goal", "What will be true for people", "textarea"),
        ask.field("target", "Measurable target", "textarea", "What is measured, how much, and by when, in one sentence."),
        ask.field("weeks", "By which week of the plan", "number", value=str(plan.weeks)),
        ask.field("hold_weeks", "For how many weeks it is held", "number", "Before it can be signed as met.", value="4"),
        ask.field("sign_off_role", "Who signs that it is met", "select",
                  options=tuple(Option(role, ROLES[role].label) for role in SIGNERS)),
        *(field for row in range(ROWS) for field in _aim(ask, row, indicators)),
    ]  # fmt: skip
    if open_ones:
        fields.append(
            ask.field("requirements", "Breaches and notices that it answers", "choices", required=False,
                      heading="What it answers", values=tuple(chosen or ()),
                      options=tuple(
                          Option(str(each.requirement_id), requirement_title(each), each.summary) for each in open_ones
                      )),
        )  # fmt: skip
    return PlanFormPage(
        head=Head("Add an objective", place.name, f"To the plan “{plan.title}”."),
        form=Form(
            address("plans.add", service_id=place.service_id, plan_id=plan.plan_id),
            tuple(fields),
            "Add the objective",
            Link("Cancel", address("plans.of_service", service_id=place.service_id)),
            trouble=ask.unplaced(fields),
            footnote="The plan goes on until each of its objectives is met. Targets are set from today, on the record.",
        ),
        definition=(
            Fact("The plan runs from", long_date(plan.starts_on), note=f"{plan.weeks} weeks"),
            Fact("Its own goal", plan.goal),
        ),
    )


def _aim(ask: Asking, row: int, indicators: tuple[Option, ...]) -> tuple[Field, ...]:
    """The questions about one target; only the first has to be answered."""
    first = row == 0
    return (
        ask.field(f"indicator_{row}", "Which indicator?", "select", required=first, options=indicators,
                  heading=f"{ORDINALS[row]} target", rule="aims" if first else ""),
        ask.field(f"operator_{row}", "What must it be?", "select", value=">=", required=first, options=OPERATORS),
        ask.field(f"value_{row}", "Which value?", "text", "In the indicator's own unit.", required=first),
        ask.field(f"part_{row}", "What is it for?", "select", value="main" if first else "support", required=first,
                  options=PARTS),
    )  # fmt: skip


def read_objective(given: Mapping[str, str], requirements: Sequence[str]) -> GivenObjective:
    """The objective as typed.

    Raises:
        RefusedError: a number or identifier that cannot be read.
    """
    problems: dict[str, str] = {}
    weeks = read_number(given.get("weeks", ""), "weeks", problems)
    hold_weeks = read_number(given.get("hold_weeks", ""), "hold_weeks", problems)
    answered = [read_identifier(each, "requirements", problems) for each in requirements]
    aims = []
    for row in range(ROWS):
        indicator_id = read_identifier(given.get(f"indicator_{row}", ""), "aims", problems)
        if indicator_id is None:
            continue
        try:
            value = float(given.get(f"value_{row}", "").strip().removesuffix("%"))
        except ValueError:
            problems[f"value_{row}"] = "Give a number."
            continue
        operator, part = given.get(f"operator_{row}", ""), given.get(f"part_{row}", "")
        aims.append(GivenAim(indicator_id, operator, value, part))
    if problems:
        raise RefusedError("The objective was not added.", problems)
    return GivenObjective(
        goal=given.get("goal", ""),
        target=given.get("target", ""),
        weeks=weeks,
        hold_weeks=hold_weeks,
        sign_off_role=given.get("sign_off_role", ""),
        aims=tuple(aims),
        requirement_ids=tuple(each for each in answered if each),
    )


def objective_form(
    place: Place,
    objective: ObjectiveLine,
    *,
    act: str,
    confirmations: Sequence[str],
    facts: Sequence[Fact],
    address: Address,
    given: Mapping[str, str],
    refused: RefusedError | None = None,
) -> PlanFormPage:
    """Signs, closes or opens again an objective: `act` is sign, close or reopen."""
    ask = Asking(given, refused)
    words = {
        "sign": ("Sign that the objective is met", "Why it will hold", "Say what would change your view, too."),
        "close": ("Close the objective", "Why it is closed", "Its reviews by this plan end."),
        "reopen": ("Open the objective again", "What slipped", "Its sustain clock starts anew; the signature stays."),
    }
    heading, label, hint = words[act]
    fields = [ask.field("words", label, "textarea", hint)]
    if act == "sign":
        said = [*confirmations, "I looked at practice and records, and not at the figures alone."]
        fields.insert(
            0,
            ask.field("confirmed", "You confirm what the figures cannot say", "choices",
                      values=("yes",) if given.get("confirmed") else (),
                      options=(Option("yes", "I confirm", " ".join(said)),)),
        )  # fmt: skip
    endpoint = "plans.reopen" if act == "reopen" else "plans.sign"
    return PlanFormPage(
        head=Head(heading, place.name, objective.goal),
        form=Form(
            address(endpoint, service_id=place.service_id, objective_id=objective.objective_id),
            tuple(fields),
            heading.replace(" that the objective is met", ""),
            Link("Cancel", address("plans.of_service", service_id=place.service_id)),
            trouble=ask.unplaced(fields),
            footnote="Your name and role stand beside it. It cannot be edited.",
        ),
        definition=tuple(facts),
    )
