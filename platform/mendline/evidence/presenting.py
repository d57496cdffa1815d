"""The pages of evidence, from rows to words."""

import uuid
from collections.abc import Mapping
from dataclasses import replace

from mendline.catalogue.frameworks import frameworks
from mendline.catalogue.indicators import indicator_definition
from mendline.catalogue.wording import counted, log_time, long_date
from mendline.evidence.behind import CHECKS, NOT_CHECKED, evidence_row
from mendline.evidence.files.pages import FileCard, SharingCard
from mendline.evidence.pages import EvidenceListPage, EvidencePage
from mendline.evidence.rows import EvidenceBehind, EvidenceTotals, EvidenceWhole, Look
from mendline.indicators.standing import Standing
from mendline.places.head import Address, Offers, service_head
from mendline.places.rows import Place
from mendline.web.components import (
    Button,
    Empty,
    Fact,
    Filter,
    Filters,
    Form,
    Head,
    Item,
    Note,
    Option,
    Pager,
    TimelineEntry,
)
from mendline.web.readings import LETTERS
from tenants.clock import LONDON

_NO_LONGER = {
    "changed": Note(
        "The original has changed",
        "It no longer supports a figure. Take a new fingerprint and add it as new evidence if it still holds.",
        "alert",
    ),
    "not_found": Note(
        "The original was not found",
        "It no longer supports a figure. Find it, record another check, or withdraw it.",
        "alert",
    ),
    "withdrawn": Note("Withdrawn", "It stays in the index and supports no figure.", "pending", "i-cross"),
}


def evidence_list_page(
    place: Place,
    standings: tuple[Standing, ...],
    rows: tuple[EvidenceBehind, ...],
    totals: EvidenceTotals,
    *,
    chosen: Mapping[str, str],
    number: int,
    more: bool,
    offers: Offers,
    buttons: tuple[Button, ...],
    address: Address,
) -> EvidenceListPage:
    """The evidence index of a service.

    Args:
        place: the service.
        standings: its indicators, to filter by.
        rows: the page's evidence.
        totals: how all of it stands.
        chosen: the filters: indicator and letter, empty where not chosen.
        number: the page, from 1.
        more: whether another page follows.
        offers: what the person may do here.
        buttons: acts of this page.
        address: writes links.
    """
    head = service_head(
        place, standings, offers=offers, address=address, current="evidence.listing", sentence=_sentence(totals)
    )
    here = address("evidence.listing", service_id=place.service_id)
    filtered = any(chosen.values())
    return EvidenceListPage(
        head=replace(head, buttons=buttons),
        rows=tuple(evidence_row(row, address, place.service_id) for row in rows),
        filters=_filters(here, standings, chosen, len(rows) if filtered else 0) if totals.total else None,
        pager=_pager(place, chosen, number, more=more, shown=len(rows), address=address),
        empty=Empty("Nothing matches", "No evidence here is of this kind and for this indicator.")
        if filtered
        else Empty(
            "No evidence yet",
            "Evidence is a pointer to an original: what it is, where it is kept, and which figures it supports.",
            button=buttons[-1] if buttons else None,
        ),
    )


def evidence_page(
    place: Place,
    whole: EvidenceWhole,
    *,
    form: Form | None,
    file: FileCard | None,
    sharing: SharingCard | None = None,
    address: Address,
) -> EvidencePage:
    """One piece of evidence: where its original is, its fingerprint, the looks at it, what leans on it."""
    row = whole.evidence
    facts = [
        Fact("Kind", LETTERS[row.letter]),
        Fact("Dated", long_date(row.dated_on)),
        Fact("Original kept in", row.system),
        Fact("Where to look", row.where_to_look),
    ]
    if row.sample_size:
        facts.append(Fact("Rests on", counted(row.sample_size, "record or answer", "records or answers")))
    added = whole.recorded_at.astimezone(LONDON)
    facts.append(Fact("Added", f"{long_date(added.date())}, {log_time(added)}", row.recorded_initials or ""))
    facts += _placing(whole)
    warning = _NO_LONGER.get(row.result or "")
    return EvidencePage(
        head=Head(f"{row.reference}: {row.title}", place.name, _one_sentence(whole)),
        facts=tuple(facts),
        fingerprint=row.sha256 or "",
        check=CHECKS.get(row.result or "", NOT_CHECKED),
        checks=tuple(_look(look) for look in whole.looks),
        supports=tuple(_leaning(each.indicator_id, each.definition_key, place, address) for each in whole.leaning),
        notes=(warning,) if warning else (),
        form=form,
        file=file,
        sharing=sharing,
    )


def _placing(whole: EvidenceWhole) -> list[Fact]:
    """Where it belongs in the regulator's framework, and how long it is kept."""
    facts = []
    framework_of = frameworks().get(whole.framework_version or "")
    if framework_of and whole.quality_statement and whole.quality_statement in framework_of.nodes:
        facts.append(Fact("Quality statement", framework_of.label(whole.quality_statement)))
    titles = {one.code: one.title for each in frameworks().values() for one in each.evidence_categories}
    if whole.category in titles:
        facts.append(Fact("Kind for the regulator", titles[whole.category]))
    if whole.keep_until:
        facts.append(Fact("Kept until", long_date(whole.keep_until)))
    return facts


def _sentence(totals: EvidenceTotals) -> str:
    if not totals.total:
        return "No evidence has been added yet, so no figure here is supported."
    said = [f"{counted(totals.total, 'piece')} of evidence {'is' if totals.total == 1 else 'are'} in the index."]
    if totals.gone:
        originals = counted(totals.gone, "original")
        said.append(f"{originals} {'has' if totals.gone == 1 else 'have'} changed or could not be found.")
    if totals.unchecked:
        said.append(f"{totals.unchecked} {'has' if totals.unchecked == 1 else 'have'} not been checked yet.")
    elif not totals.gone:
        said.append("Every original has been looked at.")
    return " ".join(said)


def _one_sentence(whole: EvidenceWhole) -> str:
    leaning = len(whole.leaning)
    if whole.evidence.result in _NO_LONGER:
        return f"{counted(leaning, 'figure')} leaned on it." if leaning else "No figure leaned on it."
    if not leaning:
        return "It is in the index and supports no figure yet."
    return f"{counted(leaning, 'figure')} {'leans' if leaning == 1 else 'lean'} on it."


def _look(look: Look) -> TimelineEntry:
    badge = CHECKS.get(look.result, NOT_CHECKED)
    at = look.checked_at.astimezone(LONDON)
    by = f", {look.checked_initials}" if look.checked_initials else ""
    tone = {"ok": "improving", "alert": "alert"}.get(badge.kind, "")
    return TimelineEntry(
        badge.word, f"{long_date(at.date())}, {log_time(at)}{by}", look.reason or "", icon=badge.icon, tone=tone
    )


def _leaning(indicator_id: uuid.UUID, definition_key: str, place: Place, address: Address) -> Item:
    return Item(
        indicator_definition(definition_key).name,
        href=address("services.indicator", service_id=place.service_id, indicator_id=indicator_id),
    )


def _filters(here: str, standings: tuple[Standing, ...], chosen: Mapping[str, str], shown: int) -> Filters:
    names = sorted((indicator_definition(each.definition_key).name, str(each.indicator_id)) for each in standings)
    return Filters(
        here,
        (
            Filter(
                "indicator",
                "Figure it supports",
                chosen["indicator"],
                (Option("", "Any"), *(Option(value, name) for name, value in names)),
            ),
            Filter(
                "letter",
                "Kind",
                chosen["letter"],
                (Option("", "Any"), *(Option(letter, name) for letter, name in LETTERS.items())),
            ),
        ),
        shown=f"{counted(shown, 'piece')} shown" if any(chosen.values()) else "",
    )


def _pager(
    place: Place, chosen: Mapping[str, str], number: int, *, more: bool, shown: int, address: Address
) -> Pager | None:
    if number == 1 and not more:
        return None

    def turned(to: int) -> str:
        asked = {name: value for name, value in chosen.items() if value}
        return address("evidence.listing", service_id=place.service_id, page=to, **asked)

    return Pager(
        f"{counted(shown, 'piece')} on page {number}",
        newer=turned(number - 1) if number > 1 else "",
        older=turned(number + 1) if more else "",
    )
