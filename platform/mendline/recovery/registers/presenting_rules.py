"""The pages of one matter before the provider and of the rules, from rows to words."""

from collections.abc import Mapping, Sequence
from datetime import date

from mendline.catalogue.plans import plan_templates
from mendline.catalogue.wording import counted, day_and_date, lateness, long_date
from mendline.places.head import Address
from mendline.places.rows import Place
from mendline.recovery.registers.pages import EntryPage, NamedForm, RulesPage
from mendline.recovery.registers.rows import OversightLine
from mendline.recovery.triggers.condition_words import condition_words
from mendline.recovery.triggers.opening import label_of
from mendline.recovery.triggers.thresholds import RuleInForce
from mendline.web.asking import Asking
from mendline.web.components import (
    Badge,
    Fact,
    Form,
    Head,
    Item,
    ItemList,
    Link,
    Note,
    Option,
    TimelineEntry,
)
from tenants.errors import RefusedError


def matter_page(
    place: Place,
    line: OversightLine,
    *,
    may_reply: bool,
    given: Mapping[str, str],
    refused: RefusedError | None,
    today: date,
    address: Address,
) -> EntryPage:
    """Something before the provider's level, with its reply or the form for it."""
    ask = Asking(given, refused)
    late = line.reply is None and line.due_on < today
    history = [TimelineEntry("Put before the provider", long_date(line.opened_on), line.asked, icon="i-flag")]
    if line.reply and line.replied_on:
        history.insert(
            0,
            TimelineEntry("Answered", f"{long_date(line.replied_on)}, {line.replied_label}", line.reply, icon="i-tick"),
        )
    form = Form(
        address("escalations.reply", service_id=place.service_id, matter=line.reference),
        (ask.field("reply", "The provider's reply", "textarea", "What is decided, by whom, by when."),),
        "Record the reply",
    )
    return EntryPage(
        head=Head(
            f"{line.reference} before the provider", place.name, "Answered." if line.reply else "Waits for a reply."
        ),
        facts_heading="What is asked",
        facts=(
            Fact("Asked", line.asked),
            Fact("Of whom", label_of(line.to_role)),
            Fact("Reply due", day_and_date(line.due_on), lateness(line.due_on, today) if late else ""),
        ),
        history_heading="What happened",
        history=tuple(history),
        forms=(NamedForm("reply", "Reply", form),) if may_reply and line.reply is None else (),
    )


def rules_page(
    found: Sequence[RuleInForce],
    *,
    may_set: bool,
    given: Mapping[str, str],
    refused: RefusedError | None,
    address: Address,
) -> RulesPage:
    """Every rule with its numbers and how often it holds."""
    ask = Asking(given, refused)
    movable = [Option(f"{one.rule.key}", f"{one.rule.key}: {one.rule.title}") for one in found if one.rule.limits]
    names = sorted({name for one in found for name in one.rule.limits})
    form = Form(
        address("escalations.set_rule"),
        (
            ask.field("rule", "Which rule?", "select", options=tuple(movable)),
            ask.field("name", "Which number?", "select", options=tuple(Option(name, _spaced(name)) for name in names)),
            ask.field("value", "The new number", "text", "Within the limits that stand under its rule and numbers."),
            ask.field("reason", "Why?", "textarea", "It stands in the record."),
        ),
        "Change the threshold",
    )
    groups: dict[str | None, list[Item]] = {}
    for one in found:
        groups.setdefault(one.rule.plan, []).append(_rule_item(one))
    lists = tuple(
        ItemList(plan_templates()[plan].title if plan else "Any recovery", tuple(items))
        for plan, items in sorted(groups.items(), key=lambda pair: pair[0] or "")
    )
    held = sum(one.held_back for one in found)
    sentence = f"{counted(len(found), 'rule')}, {counted(sum(one.open for one in found), 'open episode')}."
    notes: tuple[Note, ...] = ()
    if held:
        notes = (
            Note(
                f"{counted(held, 'firing')} {'is' if held == 1 else 'are'} held back",
                "A rule that fires at many services at once opens no more escalations that day. Look at its threshold.",
                "pending",
            ),
        )
    return RulesPage(
        head=Head("Rules and thresholds", "What fires, and from which number on", sentence),
        lists=lists,
        form=form if may_set else None,
        notes=notes,
    )


def _rule_item(one: RuleInForce) -> Item:
    numbers = ", ".join(
        f"{_spaced(name)} {value:g}" + (f" ({one.rule.limits[name][0]:g} to {one.rule.limits[name][1]:g})"
                                        if name in one.rule.limits else "")
        for name, value in one.thresholds.items()
    )  # fmt: skip
    badge = None
    if one.held_back:
        badge = Badge(f"{one.held_back} held back", kind="pending")
    elif one.open:
        badge = Badge(f"{one.open} open", kind="alert" if one.rule.family == "trigger" else "concern")
    fires = f"Fires when {condition_words(one.rule.condition, one.thresholds)}."
    source = f"{one.rule.statement}. Numbers: {numbers}." if numbers else f"{one.rule.statement}."
    meaning = f"{one.rule.meaning.removesuffix('.')}."
    return Item(
        one.rule.title,
        f"{meaning} {fires}" if one.rule.family == "warning" else f"{fires} Then: {meaning}",
        reference=Link(one.rule.key) if one.rule.family == "warning" else None,
        badge=badge,
        source=source,
    )


def _spaced(name: str) -> str:
    return name.replace("_", " ")
