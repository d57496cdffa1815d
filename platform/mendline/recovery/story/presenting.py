"""The pages of the story, from lines to words."""

import base64
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlencode

from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, day_and_date, long_date, month_and_year
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, service_head
from mendline.places.rows import Place
from mendline.recovery.registers.pages import FormPage
from mendline.recovery.story.pages import StoryEntry, StoryFilters, StoryMonth, StoryPage
from mendline.recovery.story.rows import KINDS, Asked, StoryLine
from mendline.recovery.story.telling import CHANGE_WORDS, names_of, tell
from mendline.web.asking import Asking
from mendline.web.components import Button, Empty, Form, Head, Item, ItemList, Link, Option, Pager
from tenants.clock import LONDON
from tenants.errors import RefusedError

_ICONS = {
    "status": ("i-drift", ""),
    "figure": ("i-doc", ""),
    "event": ("i-dot", ""),
    "change": ("i-dot", ""),
    "trigger": ("i-warn", "alert"),
    "decision": ("i-review", ""),
    "escalation": ("i-up", "alert"),
    "action": ("i-tick", ""),
    "effect": ("i-review", ""),
    "clock": ("i-clock", ""),
    "risk": ("i-flag", ""),
    "evidence": ("i-eye", ""),
    "plan": ("i-doc", ""),
}
_WRONG = "This address is not one that was given. Begin the story again."


def story_page(
    place: Place,
    standings: Sequence[Standing],
    lines: Sequence[StoryLine],
    asked: Asked,
    *,
    more: bool,
    offers: Offers,
    may_tell: bool,
    address: Address,
) -> StoryPage:
    """One page of the story."""
    names = {each.indicator_id: indicator_definition(each.definition_key).name for each in standings}
    here = address("story.timeline", service_id=place.service_id)
    about = names.get(asked.indicator_id, "") if asked.indicator_id else ""
    sentence = f"What happened{f' about {about}' if about else ''}, newest first: what changed, who decided what, and what was done."
    head = service_head(place, standings, offers=offers, address=address, current="story.timeline", sentence=sentence)
    tell_href = address("story.new_change", service_id=place.service_id) if may_tell else ""
    if tell_href:
        head = replace(head, buttons=(Button("Tell a change", tell_href, "i-plus", "primary"),))
    entries = [(line.happened_on, story_entry(line, names, place, address)) for line in lines]
    months = tuple(
        StoryMonth(heading, tuple(entry for _, entry in group))
        for heading, group in groupby(entries, key=lambda pair: month_and_year(pair[0]))
    )
    older = f"{here}?{_query(asked, cursor_of(lines[-1]))}" if more else ""
    newest = f"{here}?{_query(asked)}" if asked.after else ""
    return StoryPage(
        head=head,
        filters=_filters(asked, names, here),
        months=months,
        empty=Empty("Nothing of this sort happened", "Ask for another kind, another indicator or other dates."),
        pager=Pager(f"{counted(len(lines), 'entry', 'entries')} on this page", newest, older)
        if older or newest
        else None,
        tell=tell_href,
    )


def change_page(
    place: Place,
    standings: Sequence[Standing],
    *,
    today: date,
    given: Mapping[str, str],
    chosen: tuple[str, ...],
    address: Address,
    refused: RefusedError | None = None,
) -> FormPage:
    """The form that tells a change."""
    ask = Asking(given, refused)
    indicators = tuple(
        Option(str(each.indicator_id), indicator_definition(each.definition_key).name) for each in standings
    )
    back = address("story.timeline", service_id=place.service_id)
    return FormPage(
        head=Head("Tell a change", place.name, "A dated change with its reason explains figures later, on charts and in packs."),
        heading="What changed",
        form=Form(
            action=address("story.add_change", service_id=place.service_id),
            fields=(
                ask.field("kind", "What sort of change?", "choice",
                          options=tuple(Option(key, words) for key, words in CHANGE_WORDS.items())),
                ask.field("happened_on", "When was it so?", "date", high=today),
                ask.field("what_changed", "What changed?", "textarea", "No names of people who live here or work here."),
                ask.field("why", "Why?", "textarea"),
                ask.field("what_followed", "What action followed?", "textarea", required=False),
                ask.field("indicator_ids", "Whose charts should show it?", "choices", required=False, options=indicators,
                          values=chosen),
            ),
            submit="Tell it",
            cancel=Link("Cancel", back),
            trouble=ask.trouble,
            footnote="It cannot be edited afterwards. Tell a further change to correct it.",
        ),
        advice=ItemList(
            "Worth telling",
            (
                Item("Staff", "A manager leaves, a post is filled, an agency begins."),
                Item("Process", "A new round, a second checker, another form."),
                Item("Place", "A unit opens or closes, building work, an outbreak."),
            ),
        ),
    )  # fmt: skip


def told_plainly(
    lines: Sequence[StoryLine], standings: Sequence[Standing]
) -> Iterator[tuple[str, str, date, datetime, str, str, list[uuid.UUID], list[str]]]:
    """Lines in words: entry, kind, day, moment, heading, sentence, indicators, references."""
    names = {each.indicator_id: indicator_definition(each.definition_key).name for each in standings}
    for line in lines:
        about = [each for each in line.indicator_ids if each in names]
        told = tell(line, names_of([names[each] for each in about]))
        yield (
            line.entry, line.kind, line.happened_on, line.recorded_at, told.heading, told.sentence,
            list(line.indicator_ids), list(told.references),
        )  # fmt: skip


def cursor_of(line: StoryLine) -> str:
    """Where the page after a line begins."""
    place = (line.happened_on.isoformat(), line.recorded_at.isoformat(), line.entry)
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str) -> tuple[date, datetime, str]:
    """The place that a cursor names.

    Raises:
        RefusedError: it is not one of ours.
    """
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor[:400] + "=" * (-len(cursor[:400]) % 4)))
        day, moment, entry = found
        told = datetime.fromisoformat(moment)
        if told.tzinfo is None or not isinstance(entry, str) or "\0" in entry:
            raise RefusedError(_WRONG, {"cursor": _WRONG})
        return date.fromisoformat(day), told, entry
    except (ValueError, TypeError, RecursionError) as wrong:
        raise RefusedError(_WRONG, {"cursor": _WRONG}) from wrong


def story_entry(line: StoryLine, names: Mapping[uuid.UUID, str], place: Place, address: Address) -> StoryEntry:
    """A line of the story as a timeline shows it."""
    about = [each for each in line.indicator_ids if each in names]
    told = tell(line, names_of([names[each] for each in about]))
    icon, tone = _ICONS[line.kind]
    recorded = line.recorded_at.astimezone(LONDON).date()
    return StoryEntry(
        heading=told.heading,
        when=day_and_date(line.happened_on),
        recorded=f"recorded on {long_date(recorded)}" if recorded != line.happened_on else "",
        text=told.sentence,
        kind=KINDS[line.kind],
        icon=icon,
        tone=tone,
        about=tuple(
            Link(names[each], address("services.indicator", service_id=place.service_id, indicator_id=each))
            for each in about[:3]
        ),
        references=tuple(_reference(each, line, place, address) for each in told.references),
    )


def _reference(reference: str, line: StoryLine, place: Place, address: Address) -> Link:
    ways = {"A": ("registers.action", "reference"), "R": ("registers.risk", "risk")}
    if line.kind == "evidence":
        evidence_id = uuid.UUID(line.said["evidence_id"])
        return Link(reference, address("evidence.one", service_id=place.service_id, evidence_id=evidence_id))
    endpoint, name = ways.get(reference[:1], ("", ""))
    return Link(reference, address(endpoint, service_id=place.service_id, **{name: reference}) if endpoint else "")


def _filters(asked: Asked, names: Mapping[uuid.UUID, str], here: str) -> StoryFilters:
    asks = bool(asked.kinds or asked.indicator_id or asked.since or asked.until)
    return StoryFilters(
        action=here,
        kinds=(Option("", "Everything"), *(Option(key, words) for key, words in KINDS.items())),
        kind=asked.kinds[0] if len(asked.kinds) == 1 else "",
        indicators=(Option("", "Whole service"), *(Option(str(key), name) for key, name in names.items())),
        indicator=str(asked.indicator_id or ""),
        since=asked.since.isoformat() if asked.since else "",
        until=asked.until.isoformat() if asked.until else "",
        clear=here if asks else "",
    )


def _query(asked: Asked, after: str = "") -> str:
    given = {
        "kind": asked.kinds[0] if asked.kinds else "",
        "indicator": str(asked.indicator_id or ""),
        "from": asked.since.isoformat() if asked.since else "",
        "to": asked.until.isoformat() if asked.until else "",
        "after": after,
    }
    return urlencode({name: value for name, value in given.items() if value})
