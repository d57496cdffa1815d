"""Turns a pack into one HTML text with its resources; no file is opened by name while a pack is drawn from them.

Text of people is escaped by the templates, which have no way to switch that off. The drawing itself happens elsewhere,
in a process of its own that can reach nothing but the resources named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mendline.indicators.chart import layout
from mendline.indicators.chart_spec import ChartSpec
from mendline.packs.attachments import PackAttachment, attachments
from mendline.packs.commissioned.document import CommissionerDocument, commissioner_attachments
from mendline.packs.document import PackDocument

STYLE = "pack.css"
FONT_FILES = (
    "inter-latin-400-normal.woff2",
    "inter-latin-600-normal.woff2",
    "inter-latin-700-normal.woff2",
    "inter-latin-ext-400-normal.woff2",
    "inter-latin-ext-600-normal.woff2",
)
_FONT_FOLDER = Path("@fontsource", "inter", "files")
CHART_WIDTH, CHART_HEIGHT = 690, 235  # CSS pixels; 690 are shown on 174 mm


@dataclass(frozen=True, slots=True)
class PackPages:
    """All that is needed to draw a pack: the text, what it may load by name, what is embedded in it."""

    html: str
    resources: Mapping[str, bytes]
    attachments: tuple[PackAttachment, ...]
    manifest_sha256: str


def pack_pages(document: PackDocument, templates: Path, packages: Path) -> PackPages:
    """A pack ready to be drawn.

    Args:
        document: what it says.
        templates: the folder of all templates.
        packages: the `node_modules` folder with the fonts.

    Raises:
        FileNotFoundError: the fonts are not installed.
    """
    files = attachments(document)
    html = pack_html(document, templates, manifest_sha256=files[-1].sha256)
    return PackPages(html, pack_resources(templates, packages), files, files[-1].sha256)


def commissioner_pages(document: CommissionerDocument, templates: Path, packages: Path) -> PackPages:
    """A pack for a commissioner, ready to be drawn; arguments and errors as for `pack_pages`."""
    files = commissioner_attachments(document)
    page = _environment(templates).get_template("pack/commissioner.html")
    html = page.render(pack=document, manifest_sha256=files[-1].sha256)
    return PackPages(html, pack_resources(templates, packages), files, files[-1].sha256)


def pack_html(document: PackDocument, templates: Path, *, manifest_sha256: str) -> str:
    """The pack as HTML; it names the stylesheet `pack.css` and no other resource."""
    page = _environment(templates).get_template("pack/pack.html")
    return page.render(pack=document, manifest_sha256=manifest_sha256, known=document.known_references)


def pack_resources(templates: Path, packages: Path) -> dict[str, bytes]:
    """The stylesheet and the fonts by the names under which the pack asks for them.

    Raises:
        FileNotFoundError: the fonts are not installed; the message says what installs them.
    """
    folder = packages / _FONT_FOLDER
    missing = [name for name in FONT_FILES if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{folder / missing[0]} is missing. Install the front-end packages: deploy/up --prepare"
        )
    fonts = {f"fonts/{name}": (folder / name).read_bytes() for name in FONT_FILES}
    return {STYLE: (templates / "pack" / STYLE).read_bytes(), **fonts}


@lru_cache(maxsize=4)
def _environment(templates: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["short_hash"] = short_hash
    environment.globals["placed"] = _placed
    return environment


def _placed(spec: ChartSpec) -> object:
    return layout(spec, CHART_WIDTH, CHART_HEIGHT, range_height=0)


def short_hash(fingerprint: str) -> str:
    """`f870400a…60e7`, enough to compare by eye; the whole is in `evidence.csv`."""
    return f"{fingerprint[:8]}…{fingerprint[-4:]}" if len(fingerprint) > 16 else fingerprint or "No file"
