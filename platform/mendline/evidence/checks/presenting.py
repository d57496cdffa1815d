"""The pages of spot checks and drills, from rows to words."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from mendline.catalogue.record_types import record_types
from mendline.catalogue.wording import counted, long_date
from mendline.evidence.checks.pages import ChecksPage, TestPage
from mendline.evidence.checks.rows import CheckLine, DrawnRecord, DrillLine
from mendline.evidence.checks.sampling import Agreement, agreement, sample_size, words_of
from mendline.evidence.checks.wording import VERDICT_WORDS, claim_name, drill_sentence
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, figure_address, service_head
from mendline.places.rows import Place
from mendline.web.components import (
    Badge,
    Button,
    Empty,
    Fact,
    Field,
    Form,
    Head,
    Item,
    ItemList,
    Note,
    Option,
    WorkItem,
    WorkList,
)
from tenants.errors import RefusedError

_VERDICT_KIND = {"holds": "ok", "unsure": "pending", "contradicted": "alert"}
_FINDING_WORDS = {"agrees": "Agrees", "disagrees": "Says something else", "not_found": "Original not found"}
_FINDING_KIND = {"agrees": "ok", "disagrees": "alert", "not_found": "pending"}


def checks_page(
    place: Place,
    checks: Sequence[CheckLine],
    drills: Sequence[DrillLine],
    found: Sequence[Standing],
    *,
    offers: Offers,
    may_check: bool,
    address: Address,
) -> ChecksPage:
    """Checks and drills of a service, those that wait for somebody first."""
    running = [line for line in checks if line.verdict is None]
    ended = [line for line in checks if line.verdict is not None]
    lists = [
        *((WorkList("To compare", tuple(_check_item(place, line, address) for line in running)),) if running else ()),
        *((WorkList("Ended", tuple(_check_item(place, line, address) for line in ended)),) if ended else ()),
        *(
            (WorkList("Inspection drills", tuple(_drill_item(place, line, address) for line in drills)),)
            if drills
            else ()
        ),
    ]
    start = Form(address("checks.start_drill_", service_id=place.service_id), (), "Start an inspection drill")
    about = ItemList(
        "How it works",
        (
            Item("Spot check", "Open a figure and choose “Test this claim”. Records are drawn at random; you compare each "
                               "with its original on the floor."),
            Item("Inspection drill", "Mendline draws figures at random and times how long the evidence takes to be on the "
                                     "table, as an inspector would ask."),
            Item("Who may", "Somebody who did not make the record. The result counts as an independent check, or as a "
                            "contradiction that must be answered."),
        ),
    )  # fmt: skip
    return ChecksPage(
        head=service_head(
            place, found, offers=offers, address=address, current="checks.listing", sentence=_sentence(ended, running)
        ),
        lists=tuple(lists),
        start=start if may_check else None,
        rail=(about,),
        empty=Empty("No claim was tested yet", "Open a figure from the dashboard and choose “Test this claim”."),
    )


def _sentence(ended: Sequence[CheckLine], running: Sequence[CheckLine]) -> str:
    if not ended and not running:
        return "No claim was tested against its originals yet."
    held = sum(line.verdict == "holds" for line in ended)
    told = f"{held} of {counted(len(ended), 'tested claim')} held. " if ended else ""
    waiting = f"{counted(len(running), 'check')} {'waits' if len(running) == 1 else 'wait'} to be finished."
    return f"{told}{waiting if running else ''}".strip()


def _check_item(place: Place, line: CheckLine, address: Address) -> WorkItem:
    done = line.verdict is not None
    when = words_of(_agreement_of(line)) if done else f"{line.compared} of {line.size} compared"
    return WorkItem(
        heading=claim_name(line.definition_key, line.cadence, line.period_start),
        text=f"{line.reference}, drawn by {line.drawn_label} on {long_date(line.drawn_on)}. "
        f"{VERDICT_WORDS[line.verdict] + '.' if line.verdict else ''}",
        when=when,
        href=address("checks.one", service_id=place.service_id, check_id=line.check_id),
        icon="i-tick" if line.verdict == "holds" else "i-review",
        tone=("alert" if line.verdict == "contradicted" else "") if done else "pending",
    )


def _drill_item(place: Place, line: DrillLine, address: Address) -> WorkItem:
    done = len(line.answers) == len(line.claims)
    return WorkItem(
        heading=f"Inspection drill {line.reference}",
        text=f"Started by {line.started_label} on {long_date(line.started_at.date())}. {drill_sentence(line)}",
        when=f"{len(line.answers)} of {len(line.claims)} answered",
        href=address("checks.drill", service_id=place.service_id, drill_id=line.drill_id),
        icon="i-clock",
        tone="" if done else "pending",
    )


def draw_page(
    place: Place, indicator_id: uuid.UUID, claim: str, period_start: date, *, population: int, address: Address
) -> TestPage:
    """Says what would be drawn, and asks for it."""
    size = sample_size(population)
    fields = (
        Field("indicator", "", "hidden", str(indicator_id)),
        Field("period", "", "hidden", period_start.isoformat()),
        Field("purpose", "Why this figure?", "text", hint="Such as: before the monthly review.", required=False),
    )
    form = Form(address("checks.draw", service_id=place.service_id), fields, f"Draw {counted(size, 'record')}")
    back = figure_address(address, place.service_id, indicator_id, period_start)
    if not population:
        note = Note(
            "There is nothing to draw",
            "This figure was not worked out from records kept here. Check it where its records are kept, and add what you "
            "find as evidence.",
            "pending",
        )
        return TestPage(Head("Test this claim", place.name, claim), (), "", None, None, ItemList("Drawn"), (note,))
    sentence = (
        f"{counted(population, 'record')} {'stands' if population == 1 else 'stand'} behind it. "
        + ("All are compared." if size == population else f"{size} are drawn at random, so that the agreement is known "
           "to within 15 points, nine times in ten.")
    )  # fmt: skip
    return TestPage(
        head=Head("Test this claim", place.name, claim, (Button("The figure and its records", back),)),
        facts=(),
        now_heading="What happens",
        now=Item("Records are drawn at random", sentence),
        form=form,
        done=ItemList("Drawn", (), "Nothing yet."),
    )


def check_page(
    place: Place,
    line: CheckLine,
    drawn: Sequence[DrawnRecord],
    *,
    chosen: uuid.UUID | None,
    may_check: bool,
    given: Mapping[str, str],
    refused: RefusedError | None,
    record_href: Mapping[uuid.UUID, str],
    address: Address,
) -> TestPage:
    """One check: the next record to compare, one at a time, and what was found so far."""
    left = [one for one in drawn if one.finding is None]
    wanted = next((one for one in drawn if one.record_id == chosen), None) or next(iter(left), None)
    running = line.verdict is None and may_check
    form = _finding_form(place, line, wanted, given, refused, address) if running and wanted else None
    found = _agreement_of(line) if line.verdict else _so_far(drawn, line.population)
    notes = () if line.verdict is None else (_verdict_note(line),)
    if refused and not refused.problems:
        notes = (*notes, Note("Not recorded", str(refused), "alert"))
    end = None
    if running and not left:
        end = Form(address("checks.end", service_id=place.service_id, check_id=line.check_id), (), "End the check")
    claim = claim_name(line.definition_key, line.cadence, line.period_start)
    return TestPage(
        head=Head(f"Spot check {line.reference}", place.name, claim, (Button("All checks", address("checks.listing", service_id=place.service_id)),)),
        facts=(
            Fact("Compared", f"{line.compared} of {line.size}", words_of(found), big=True),
            Fact("Records behind the figure", f"{line.population:,}", href=figure_address(address, place.service_id, line.indicator_id, line.period_start)),
            Fact("Drawn", f"{long_date(line.drawn_on)} by {line.drawn_label}", f"Seed {line.seed}: the same seed draws the same records."),
            *((Fact("Because", line.purpose),) if line.purpose else ()),
            *((Fact("Evidence", line.evidence_reference, href=f"{address('evidence.listing', service_id=place.service_id)}#{line.evidence_reference}"),) if line.evidence_reference else ()),
        ),
        now_heading=f"Record {drawn.index(wanted) + 1} of {len(drawn)}" if form and wanted else "",
        now=_record_item(wanted, record_href) if form and wanted else None,
        form=form,
        done=ItemList(
            "The sample",
            tuple(_done_item(place, line, number, one, address, open_=running) for number, one in enumerate(drawn, 1)),
        ),
        notes=notes,
        end=end,
    )  # fmt: skip


def _record_item(one: DrawnRecord, record_href: Mapping[uuid.UUID, str]) -> Item:
    kind = record_types().get(one.record_type)
    how = (
        "It was counted in the figure." if one.verdict == "counted" else "It was looked at and left out of the figure."
    )
    return Item(
        f"{kind.title if kind else one.record_type}, {long_date(one.happened_on)}",
        f"{how} Go to the original on the floor and compare what it says.",
        href=record_href.get(one.record_id, ""),
    )


def _finding_form(
    place: Place,
    line: CheckLine,
    one: DrawnRecord,
    given: Mapping[str, str],
    refused: RefusedError | None,
    address: Address,
) -> Form:
    problems = refused.problems if refused else {}
    options = tuple(Option(key, words) for key, words in _FINDING_WORDS.items())
    return Form(
        address("checks.compare", service_id=place.service_id, check_id=line.check_id),
        (
            Field("record", "", "hidden", str(one.record_id)),
            Field("finding", "What does the original say?", "choice", given.get("finding", ""), error=problems.get("finding", ""), options=options),
            Field("note", "What differs, or where did you look?", "textarea", given.get("note", ""), "No names.", problems.get("note", ""), required=False),
        ),
        "Save and go to the next",
    )  # fmt: skip


def _done_item(place: Place, line: CheckLine, number: int, one: DrawnRecord, address: Address, *, open_: bool) -> Item:
    kind = record_types().get(one.record_type)
    here = f"{address('checks.one', service_id=place.service_id, check_id=line.check_id)}?record={one.record_id}"
    badge = (
        Badge(_FINDING_WORDS[one.finding], kind=_FINDING_KIND[one.finding])
        if one.finding
        else Badge("Not compared yet", kind="hollow")
    )
    return Item(
        f"{number}. {kind.title if kind else one.record_type}, {long_date(one.happened_on)}",
        " ".join(part for part in (one.note or "", one.compared_label or "") if part),
        href=here if open_ else "",
        badge=badge,
    )


def _agreement_of(line: CheckLine) -> Agreement:
    agree = line.agree or 0
    return Agreement(agree, line.size, agree / line.size if line.size else None, line.low, line.high, None)


def _so_far(drawn: Sequence[DrawnRecord], population: int) -> Agreement:
    return agreement([one.finding for one in drawn if one.finding is not None], population)


def _verdict_note(line: CheckLine) -> Note:
    verdict = line.verdict or "unsure"
    text = words_of(_agreement_of(line))
    if verdict == "contradicted":
        text += " The figure is marked as contradicted until somebody answers this."
    elif line.evidence_reference:
        text += f" It stands in the evidence index as {line.evidence_reference}."
    if verdict == "holds":
        return Note(VERDICT_WORDS[verdict], text, icon="i-tick")
    return Note(VERDICT_WORDS[verdict], text, _VERDICT_KIND[verdict])
