from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from support.packs import a_medicines_part, a_pack, a_section, an_empty_pack, front_end_packages

from mendline.config import resources
from mendline.packs.document import Claim, PackDocument
from mendline.packs.render import pack_html, pack_resources, short_hash

NASTY = "</style><script>alert(1)</script><img src=file:///etc/passwd onerror='x'>\"'{{ 7 * 7 }}"


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.names: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.targets += [(value or "")[1:] for name, value in attrs if name == "href" and tag == "a"]

    def handle_data(self, data: str) -> None:
        self.text += data


def html_of(document: PackDocument) -> str:
    return pack_html(document, resources().templates, manifest_sha256="f" * 64)


def with_every_text(value: Any, text: str) -> Any:
    """The same value with every string replaced, words that templates compare with left alone."""
    if isinstance(value, str):
        return value if value in {"improvement", "concern", "usual", "missing", "xmr", "unchanged", "changed"} else text
    if isinstance(value, tuple):
        return tuple(with_every_text(item, text) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: with_every_text(getattr(value, field.name), text) for field in fields(value)}
        )
    return value


def test_each_link_inside_the_pack_leads_to_one_place() -> None:
    page = Page(html_of(a_pack()))
    assert set(page.targets) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_the_sections_stand_in_the_fixed_order() -> None:
    text = Page(html_of(a_pack())).text
    headings = (
        "Contents", "How to read this pack", "Section 1", "Decline without a decision", "What CQC found", "Figure",
        "The story behind the data", "What is not yet good enough", "Decisions by leaders", "What people and staff say",
        "How to check this section", "Known gaps in this pack", "Evidence index", "Control sheet",
    )  # fmt: skip
    start = text.index("Section 2.")
    assert all(heading in text for heading in headings if heading != "Figure")
    inside = [text.index(heading, start) for heading in headings[4:5] + headings[6:11]]
    assert inside == sorted(inside)


def test_a_claim_ends_in_its_references() -> None:
    text = Page(html_of(a_pack())).text
    assert "practice. (E-001)" in text
    assert "no induction checklist. (E-033, A-022)" in text


def test_a_reference_that_leads_nowhere_says_so_where_it_stands_and_on_the_control_sheet() -> None:
    lost = a_section(found=(Claim("Found.", ("E-999",)),))
    text = Page(html_of(a_pack(sections=(lost,)))).text
    assert "E-999 (not in this pack)" in text
    assert "References that lead nowhereE-999" in text


def test_a_statement_without_a_reference_says_so() -> None:
    text = Page(html_of(a_pack(sections=(a_section(found=(Claim("We say so."),)),)))).text
    assert "We say so. (no reference recorded)" in text


@pytest.mark.parametrize(
    "words",
    [
        "No indicator is being measured yet.",
        "No finding of the inspection is recorded for this section.",
        "No indicator of this section is being measured yet.",
        "That is not the same as nothing being wrong.",
        "No decision recorded yet.",
        "No account of people, families or staff is recorded for this section yet.",
        "No action is recorded.",
        "No risk is recorded.",
        "No gap is recorded. That is not the same as there being none.",
        "No evidence is linked. Nothing in this pack should be relied on until it is.",
    ],
)
def test_what_is_empty_says_so_honestly(words: str) -> None:
    assert words in Page(html_of(an_empty_pack())).text


def test_an_indicator_without_figures_and_without_story_says_so() -> None:
    parts = (replace(a_medicines_part(), chart=None, story=()), replace(a_medicines_part(anchor="two"), story=()))
    text = Page(html_of(a_pack(sections=(a_section(indicators=parts),)))).text
    assert "No figure has been recorded yet." in text
    assert text.count("No event is recorded on this chart.") == 1


def test_words_of_people_stay_words_in_every_field() -> None:
    honest = a_pack()
    nasty = with_every_text(honest, NASTY)
    plain, changed = Page(html_of(with_every_text(honest, "words"))), Page(html_of(nasty))
    assert set(changed.tags) == set(plain.tags)
    assert changed.names == plain.names
    assert not {"script", "img", "iframe", "object"} & set(changed.tags)
    assert "alert(1)" in changed.text
    assert changed.text.count("{{ 7 * 7 }}") == changed.text.count("alert(1)")


def test_the_pack_names_its_stylesheet_and_nothing_else() -> None:
    html = html_of(a_pack())
    assert html.count("<link") == 1
    assert 'href="pack.css"' in html
    assert "style=" not in html
    assert "url(" not in html


def test_the_stylesheet_asks_only_for_fonts_that_are_given() -> None:
    given = pack_resources(resources().templates, front_end_packages())
    style = given["pack.css"].decode()
    asked = {part.split('"')[0] for part in style.split('url("')[1:]}
    assert asked == set(given) - {"pack.css"}


def test_missing_fonts_name_the_command_that_brings_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="deploy/up --prepare"):
        pack_resources(resources().templates, tmp_path)


def test_a_fingerprint_is_shortened_for_the_eye() -> None:
    assert short_hash("f870400a" + "0" * 52 + "60e7") == "f870400a…60e7"
    assert short_hash("") == "No file"
