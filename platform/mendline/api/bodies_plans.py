"""What may be sent to start a recovery plan or to add an objective to one."""

from mendline.api.shapes import Member, Shape
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
