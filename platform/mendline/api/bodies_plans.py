"""What may be sent to start a recovery plan, to add an objective to one, or to change how it runs."""

from mendline.api.shapes import Member, Shape
from mendline.recovery.plans.changing import CADENCES, SHIFTS
from mendline.recovery.plans.milestones import BY_PEOPLE
from mendline.recovery.plans.objectives import AIM_OPERATORS, PARTS, SIGNERS

PLAN = Shape(
    "NewPlan",
    (
        Member("template", "text", "The key of a template, of the catalogue or of your own.", required=True),
        Member("title", "text", "What the plan is called.", required=True),
        Member("starts_on", "date", "The first day; its week is week 1.", required=True),
        Member("review_owner", "text", "Who reviews indicators that begin: an initial and a surname.", required=True),
        Member("weeks", "integer", "Its length; the template's otherwise."),
        Member("goal", "text", "What will be true for people; the template's otherwise."),
        Member("target", "text", "The measurable target in a sentence; the template's otherwise."),
        Member("requirement_ids", "uuids", "Breaches and notices that it answers."),
        Member("inspection_id", "uuid", "The inspection that it follows."),
    ),
)
AIM = Shape(
    "NewAim",
    (
        Member("indicator_id", "uuid", "An indicator of the service.", required=True),
        Member("operator", "text", "What its figure must be.", required=True, choices=AIM_OPERATORS),
        Member("value", "number", "In its unit; for a fall from the baseline, in percent of it.", required=True),
        Member("part", "text", "Whether it makes the goal, must hold beside it, or shows that it is real.", choices=PARTS),
    ),
)  # fmt: skip
OBJECTIVE = Shape(
    "NewObjective",
    (
        Member("goal", "text", "What will be true for people.", required=True),
        Member("target", "text", "What is measured, how much and by when.", required=True),
        Member("weeks", "integer", "By which week of the plan.", required=True),
        Member("hold_weeks", "integer", "For how many weeks it is held before it is signed.", required=True),
        Member("sign_off_role", "text", "Who signs that it is met.", required=True, choices=SIGNERS),
        Member("aims", "objects", "Its targets, one of them main.", required=True, shape=AIM),
        Member("requirement_ids", "uuids", "Breaches and notices that it answers."),
    ),
)
RHYTHM = Shape(
    "StepChange",
    (
        Member("cadence", "text", "How its work is dated.", required=True, choices=tuple(CADENCES)),
        Member("at_least", "integer", "How many records each time; 1 otherwise."),
        Member("weekday", "integer", "By which day of the week, 0 for Monday; for weekly and as_due."),
        Member("shifts", "texts", f"For every_shift: some of {', '.join(SHIFTS)}."),
        Member("from_on", "date", "The day from which it holds; today otherwise, half a year ahead at most."),
        Member("reason", "text", "Why; shown with the plan, in its story and in packs.", required=True),
    ),
)
MILESTONE = Shape(
    "NewMilestone",
    (
        Member(
            "week", "integer", "The week of the plan; weeks beyond its last are checks that it held.", required=True
        ),
        Member("title", "text", "What is judged then, in a few words.", required=True),
        Member("was_week", "integer", "The week in which it stands now, so that what it expects goes with it."),
    ),
)
MILESTONES = Shape(
    "MilestonesChange",
    (
        Member("seen", "integer", "The plan's milestones_revision as it was read.", required=True),
        Member("milestones", "objects", "All of them, as they should stand.", required=True, shape=MILESTONE),
        Member("reason", "text", "Why; shown with the plan, in its story and in packs.", required=True),
    ),
)
VERDICT = Shape(
    "NewVerdict",
    (
        Member("verdict", "text", "What was found.", required=True, choices=BY_PEOPLE),
        Member("reason", "text", "What shows it, or why it is carried over.", required=True),
        Member("carried_to", "integer", "For carried_over: the later week to which it moves."),
    ),
)
