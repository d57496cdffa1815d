"""Rules that every template and the stylesheet keep, read from their sources."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "templates"
ASSETS = ROOT / "platform" / "mendline" / "web" / "assets"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if path.parts[len(TEMPLATES.parts)] not in {"pack", "mail"})
SCREEN = [path for path in PAGES if path.name != "chart_pack.html"]
STYLE = "\n".join(path.read_text("utf-8") for path in sorted(ASSETS.glob("css/*.css")))
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
WORKED_OUT = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)

# Text on its ground, as the interface guide pairs them; the last figure is the least contrast (WCAG 2.2, 1.4.3 and 1.4.11).
PAIRS = [
    ("ink", "paper", 4.5), ("ink", "surface", 4.5), ("ink-2", "paper", 4.5), ("ink-2", "surface", 4.5),
    ("ink-2", "sunken", 4.5), ("ink-3", "paper", 4.5), ("ink-3", "surface", 4.5), ("ink-3", "sunken", 4.5),
    ("action", "paper", 4.5), ("action", "surface", 4.5), ("action", "action-soft", 4.5), ("on-action", "action", 4.5),
    ("improve", "surface", 4.5), ("improve", "improve-soft", 4.5), ("ink", "improve-soft", 4.5),
    ("concern", "surface", 4.5), ("concern", "concern-soft", 4.5), ("ink", "concern-soft", 4.5),
    ("steady", "surface", 4.5), ("steady", "steady-soft", 4.5), ("neutral", "surface", 4.5),
    ("alert", "surface", 4.5), ("alert", "alert-soft", 4.5), ("ink", "alert-soft", 4.5), ("on-data", "alert", 4.5),
    ("pending", "pending-soft", 4.5), ("ink", "pending-soft", 4.5), ("bar-ink", "bar", 4.5), ("bar-ink-2", "bar", 4.5),
    ("line-strong", "surface", 3.0), ("line-strong", "paper", 3.0), ("focus-ring", "paper", 3.0),
]  # fmt: skip


def source(path: Path) -> str:
    return COMMENT.sub("", path.read_text("utf-8"))


def tokens(theme: str) -> dict[str, str]:
    block = re.search(r"/\* " + theme + r"[^*]*\*/(.*?)\}", STYLE, re.DOTALL)
    assert block, f"the {theme} tokens are marked by a comment"
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9A-Fa-f]{6})", block[1]))


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("path", SCREEN, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_no_template_has_a_style_attribute_an_inline_script_or_an_event_attribute(path: Path) -> None:
    text = source(path)
    assert not re.search(r"""\sstyle\s*=\s*["']""", text), "The content policy refuses style attributes: add a class."
    assert "<style" not in text
    assert not re.search(r"""\son[a-z]+\s*=\s*["']""", text), "Add behaviour in assets/js, by a data attribute."
    for opening in re.findall(r"<script[^>]*>", text):
        assert " src=" in opening or "application/json" in opening, "The content policy refuses inline scripts."


@pytest.mark.parametrize("path", SCREEN, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_no_template_switches_escaping_off(path: Path) -> None:
    assert "|safe" not in source(path).replace(" ", "")
    assert "autoescape" not in source(path)


@pytest.mark.parametrize("path", SCREEN, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_every_posting_form_carries_its_token(path: Path) -> None:
    text = source(path)
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
        assert "csrf_token" in form or "forms.questions(" in form, f"{path.name}: a form posts without csrf_token"


@pytest.mark.parametrize("path", SCREEN, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_every_class_is_styled(path: Path) -> None:
    hooks = {"tick"}  # found by what surrounds it
    named = {
        word
        for value in re.findall(r'class="([^"{}]*)', source(path))
        for word in value.split()
        if not word.endswith("-") and word not in hooks
    }
    missing = {word for word in named if not re.search(r"\." + re.escape(word) + r"(?![\w-])", STYLE)}
    assert not missing, f"{path.name} uses classes that no rule styles: {sorted(missing)}"


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    sprite = ET.parse(ASSETS / "icons.svg").getroot()
    ids = [symbol.attrib["id"] for symbol in sprite]
    assert len(ids) == len(set(ids))
    sources = [source(path) for path in SCREEN]
    sources += [path.read_text("utf-8") for path in (ROOT / "platform" / "mendline").rglob("*.py")]
    named = {name for text in sources for name in re.findall(r"""["']([via]-(?:[a-z]+)(?:-[a-z]+)?)["']""", text)}
    assert named, "the pattern finds icons"
    assert named <= set(ids), f"not in icons.svg: {sorted(named - set(ids))}"


def test_every_page_extends_a_layout_and_writes_no_second_frame() -> None:
    for path in PAGES:
        area = path.relative_to(TEMPLATES).parts[0]
        if area in {"layout", "components"} or path.name.startswith("_"):
            continue
        text = source(path)
        assert '{% extends "layout/' in text, f"{path.relative_to(TEMPLATES)} extends no layout"
        assert "<h1" in text or "shell.head(" in text, f"{path.relative_to(TEMPLATES)} has no h1"
        assert len(re.findall(r"<h1", text)) <= 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out_from_their_ground(theme: str) -> None:
    colours = tokens(theme)
    weak = [
        f"{ink} on {ground}: {contrast(colours[ink], colours[ground]):.2f}"
        for ink, ground, least in PAIRS
        if contrast(colours[ink], colours[ground]) < least
    ]
    assert not weak


def test_a_chosen_dark_theme_equals_the_dark_theme_of_the_device() -> None:
    assert tokens("the same values") == tokens("dark")


def test_the_style_knows_phone_print_forced_colours_and_reduced_motion() -> None:
    for query in ("max-width: 45rem", "print", "forced-colors: active", "prefers-reduced-motion"):
        assert re.search(r"@media[^{]*" + re.escape(query), STYLE), f"no rule for {query}"


def test_nothing_is_written_smaller_than_twelve_pixels() -> None:
    sizes = [float(size) * 16 for size in re.findall(r"font(?:-size)?:[^;}]*?(\d*\.\d+|\d+)rem", STYLE)]
    assert min(sizes) >= 12


def test_no_template_says_what_the_word_list_forbids() -> None:
    for path in PAGES:
        words = WORKED_OUT.sub(" ", source(path)).lower()
        for word in ("service user", "insight", " rag ", "e.g.", "i.e.", "etc."):
            assert word not in words, f"{path.name} says {word!r}"
