"""A drill from rows to words: the claims that were asked, and how quickly their evidence was on the table."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from mendline.catalogue.wording import long_date
from mendline.evidence.checks.pages import Clock, TestPage
from mendline.evidence.checks.rows import DrillLine
from mendline.evidence.checks.sampling import median
from mendline.evidence.checks.wording import DRILL_WORDS, claim_name, drill_sentence, minutes
from mendline.places.head import Address, figure_address
from mendline.places.rows import Place
from mendline.web.components import (
    Badge,
    Button,
    Fact,
    Field,
    Form,
    Head,
    Item,
    ItemList,
    Option,
)
from tenants.errors import RefusedError

_RESULT_KIND = {"found": "ok", "not_found": "pending", "contradicts": "alert"}


def drill_page(
    place: Place,
    line: DrillLine,
    *,
    cadences: Mapping[str, str],
    may_check: bool,
    given: Mapping[str, str],
    refused: RefusedError | None,
    now: datetime,
    address: Address,
) -> TestPage:
    """One drill: the next claim against the clock, and the answers so far."""
    number = len(line.answers) + 1
    running = number <= len(line.claims) and may_check
    since = line.answers[-1].recorded_at if line.answers else line.started_at
    waited = max(0, round((now - since).total_seconds()))
    found = [one.seconds for one in line.answers if one.result == "found"]
    middle = median(found)
    problems = refused.problems if refused else {}
    form = None
    if running:
        form = Form(
            address("checks.answer", service_id=place.service_id, drill_id=line.drill_id),
            (
                Field("number", "", "hidden", str(number)),
                Field("result", "Is its evidence on the table?", "choice", given.get("result", ""), error=problems.get("result", ""), options=tuple(Option(key, words) for key, words in DRILL_WORDS.items())),
                Field("evidence_reference", "What was put on the table?", "text", given.get("evidence_reference", ""), "Such as E-046, or where it is kept.", problems.get("evidence_reference", ""), required=False),
                Field("note", "Anything else", "textarea", given.get("note", ""), "No names.", problems.get("note", ""), required=False),
            ),
            "Answer and go on",
        )  # fmt: skip
    shown = line.claims[: len(line.answers) + (1 if running else 0)]
    items = tuple(_claim_item(place, line, place_, claim, cadences, address) for place_, claim in enumerate(shown, 1))
    return TestPage(
        head=Head(f"Inspection drill {line.reference}", place.name, drill_sentence(line), (Button("All checks", address("checks.listing", service_id=place.service_id)),)),
        facts=(
            Fact("Answered", f"{len(line.answers)} of {len(line.claims)}", big=True),
            Fact("Time to evidence", minutes(middle) if middle is not None else "Not known yet", f"The middle of those found; {minutes(line.seconds_allowed)} for each is the aim.", big=True),
            Fact("Started", f"{long_date(line.started_at.date())} by {line.started_label}", f"Seed {line.seed}"),
        ),
        now_heading=f"Claim {number} of {len(line.claims)}" if running else "",
        now=Item(_claim_words(line.claims[number - 1], cadences), "Put its evidence on the table.") if running else None,
        form=form,
        clock=Clock(waited, line.seconds_allowed, minutes(waited)) if running else None,
        done=ItemList("Claims", items, "The first claim is above."),
    )  # fmt: skip


def _claim_item(
    place: Place, line: DrillLine, number: int, claim: Mapping[str, str], cadences: Mapping[str, str], address: Address
) -> Item:
    answer = line.answers[number - 1] if number <= len(line.answers) else None
    href = figure_address(
        address, place.service_id, uuid.UUID(claim["indicator_id"]), date.fromisoformat(claim["period_start"])
    )
    badge = Badge(DRILL_WORDS[answer.result], kind=_RESULT_KIND[answer.result]) if answer else None
    text = ""
    if answer:
        late = " Longer than the aim." if answer.seconds > line.seconds_allowed else ""
        text = " ".join(
            part
            for part in (f"{minutes(answer.seconds)}.{late}", answer.evidence_reference or "", answer.note or "")
            if part
        )
    return Item(_claim_words(claim, cadences), text, href=href, badge=badge)


def _claim_words(claim: Mapping[str, str], cadences: Mapping[str, str]) -> str:
    cadence = cadences.get(claim["indicator_id"], "weekly")
    return claim_name(claim["definition_key"], cadence, date.fromisoformat(claim["period_start"]))
