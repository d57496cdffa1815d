"""Notices and choices, from rows to words."""

from collections.abc import Mapping

from mendline.catalogue.calendar import LONDON
from mendline.catalogue.wording import counted, prose_time, short_date
from mendline.telling.kinds import KINDS, WAYS
from mendline.telling.pages import NoticesPage, SettingsPage
from mendline.telling.queries import NoticeLine, Notices
from mendline.telling.timing import Wish
from mendline.web.components import Button, Field, Form, Head, Link, Option, WorkItem, WorkList

_ICONS = {
    "escalation": "i-up",
    "clock": "i-clock",
    "action": "i-warn",
    "effect": "i-review",
    "work": "i-review",
    "hand_over": "i-person",
    "offer": "i-person",
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOURS = tuple(Option(str(hour), f"{hour:02}:00") for hour in range(24))


def notices_page(found: Notices, settings: str) -> NoticesPage:
    """The list of a person's notices."""
    unread = f"{counted(found.unread, 'notice')} {'waits' if found.unread == 1 else 'wait'}."
    sentence = unread if found.unread else "You have seen everything."
    head = Head("Notices", "What Mendline told you", sentence, (Button("How you are told", settings),))
    return NoticesPage(
        head,
        WorkList(
            "Not seen yet",
            tuple(_item(line) for line in found.lines if line.read_at is None),
            empty="Nothing new.",
        ),
        WorkList("Seen", tuple(_item(line) for line in found.lines if line.read_at is not None)),
    )


def _item(line: NoticeLine) -> WorkItem:
    label = KINDS[line.kind].label if line.kind in KINDS else line.kind
    local = line.made_at.astimezone(LONDON)
    return WorkItem(
        heading=line.title,
        text=label,
        when=short_date(local.date()),
        when_note=prose_time(local),
        href=f"/notices/{line.notice_id}",
        icon=_ICONS.get(line.kind, "i-dot"),
        tone="alert" if line.presses and line.read_at is None else "",
    )


def settings_page(wish: Wish, problems: Mapping[str, str], home: str) -> SettingsPage:
    """The form of a person's choices."""
    fields = [*_ways(wish, problems), *_quiet_hours(wish, problems), *_summaries(wish, problems)]
    form = Form(
        "/notices/settings",
        tuple(fields),
        "Save",
        Link("Back to your notices", home),
        footnote="Mail holds no personal data: kinds, counts, references and links. Each one has a link that stops it.",
    )
    head = Head("How you are told", "Notices always show here; mail is your choice.", "")
    return SettingsPage(head, form)


def _ways(wish: Wish, problems: Mapping[str, str]) -> list[Field]:
    ways = tuple(Option(key, label) for key, label in WAYS.items())
    return [
        Field(
            f"way_{kind.key}",
            kind.label,
            "select",
            wish.ways.get(kind.key, kind.way),
            hint=kind.hint,
            error=problems.get(f"way_{kind.key}", ""),
            options=ways,
        )
        for kind in KINDS.values()
    ]


def _quiet_hours(wish: Wish, problems: Mapping[str, str]) -> list[Field]:
    return [
        Field(
            "quiet_from",
            "No email from",
            "select",
            "" if wish.quiet_from is None else str(wish.quiet_from),
            hint="In quiet hours mail waits. Leave both empty for no quiet hours.",
            error=problems.get("quiet_from", ""),
            required=False,
            options=_HOURS,
        ),
        Field(
            "quiet_until",
            "Until",
            "select",
            "" if wish.quiet_until is None else str(wish.quiet_until),
            error=problems.get("quiet_until", ""),
            required=False,
            options=_HOURS,
        ),
        Field(
            "presses_through",
            "In quiet hours too, if it is due that day or late, and told at once?",
            "yes_no",
            "yes" if wish.presses_through else "no",
        ),
    ]


def _summaries(wish: Wish, problems: Mapping[str, str]) -> list[Field]:
    return [
        Field(
            "digest_hour",
            "Summaries are sent at",
            "select",
            str(wish.digest_hour),
            options=_HOURS,
            error=problems.get("digest_hour", ""),
        ),
        Field(
            "digest_weekday",
            "Weekly ones on",
            "select",
            str(wish.digest_weekday),
            options=tuple(Option(str(number), day) for number, day in enumerate(_DAYS)),
            error=problems.get("digest_weekday", ""),
        ),
    ]
