import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from support.packs import a_pack, pages_of
from support.pdf import words_of
from weasyprint import HTML

from mendline.packs.render import PackPages
from workers.pack_process import DrawnPack, Limits, PackTooLargeError, render_in_subprocess
from workers.pack_rendering import EmbeddedFile, RenderedPack, render_pdf

DATED = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
CANARY = b"canary-7f3e91-do-not-sing"
PLAIN = (
    "<html lang='en-GB'><head><title>t</title><link rel=stylesheet href=pack.css></head><body><p>{}</p></body></html>"
)


@pytest.fixture(scope="module")
def pages() -> PackPages:
    return pages_of(a_pack())


@pytest.fixture(scope="module")
def drawn(pages: PackPages) -> DrawnPack:
    return render_in_subprocess(pages.html, pages.resources, pages.attachments, dated=DATED)


@pytest.fixture(scope="module")
def pdf(drawn: DrawnPack) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(BytesIO(drawn.content)) as opened:
        yield opened


def structure(node: Any) -> Iterator[Any]:
    if isinstance(node, pikepdf.Dictionary):
        yield node
        kids = node.get("/K", pikepdf.Array())
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            yield from structure(kid)


def streams_of(content: bytes) -> bytes:
    """Every stream of the file, unpacked, and the file itself."""
    with pikepdf.open(BytesIO(content)) as opened:
        unpacked = [item.read_bytes() for item in opened.objects if isinstance(item, pikepdf.Stream)]
    return content + b"".join(unpacked)


# ---------------------------------------------------------------------- the file
def test_the_pack_says_that_it_is_accessible(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "en-GB"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle


def test_every_figure_has_words_and_headings_start_at_the_first_level(pdf: pikepdf.Pdf) -> None:
    nodes = list(structure(pdf.Root.StructTreeRoot))
    kinds = [str(node.get("/S", "")) for node in nodes]
    figures = [node for node, kind in zip(nodes, kinds, strict=True) if kind == "/Figure"]
    headings = [int(kind[2]) for kind in kinds if kind in {"/H1", "/H2", "/H3", "/H4"}]
    assert any("XmR chart of medicines" in str(node.get("/Alt", "")) for node in figures)
    assert headings[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(headings))
    assert "/TH" in kinds


def test_every_page_but_the_cover_carries_pack_date_and_number(pdf: pikepdf.Pdf) -> None:
    for number, page in enumerate(pdf.pages, start=1):
        words = words_of(page)
        assert ("Pack RH-2026-11-17-01. Figures to 15 November 2026" in words) == (number > 1)
        assert (f"Page {number} of {len(pdf.pages)}" in words) == (number > 1)


def test_the_bookmarks_lead_to_the_sections(pdf: pikepdf.Pdf) -> None:
    with pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert titles == [
        "Contents", "Where we are", "Medicines optimisation", "Recovery plan, checks and the regulator\u2019s dates",
        "Actions, risks and known gaps", "Evidence index", "Control sheet",
    ]  # fmt: skip


def test_the_embedded_files_are_those_of_the_manifest_that_is_printed(pdf: pikepdf.Pdf, pages: PackPages) -> None:
    held = {name: pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments}
    named = json.loads(held["manifest.json"])["files"]
    assert hashlib.sha256(held["manifest.json"]).hexdigest() == pages.manifest_sha256
    assert pages.manifest_sha256 in pages.html
    assert {name: hashlib.sha256(held[name]).hexdigest() for name in named} == {
        name: file["sha256"] for name, file in named.items()
    }


def test_only_our_own_fonts_are_used_and_they_are_inside(pdf: pikepdf.Pdf) -> None:
    names = {str(item.BaseFont) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/BaseFont" in item}
    assert names
    assert all("Inter" in name for name in names)


def test_the_same_pack_has_the_same_bytes_in_another_process(drawn: DrawnPack, pages: PackPages) -> None:
    files = [EmbeddedFile(file.name, file.description, file.content) for file in pages.attachments]
    again = render_pdf(pages.html, pages.resources, files, dated=DATED)
    assert again.refused == ()
    assert again.pages == drawn.pages
    assert again.content == drawn.content


# ---------------------------------------------------------------------- what it may not reach
def ways_to_name(file: Path, address: str) -> list[str]:
    """Ways in which a text inside a pack could name a file of the server or an address of its network."""
    url = file.as_uri()
    folder, name = file.parent, file.name
    return [
        f'<img src="{url}">',
        f'<img src="{file}">',
        f'<img src="../../../../../../../..{file}">',
        f'<img src="FILE://{file}">',
        f'<img src="file://localhost{file}">',
        f'<img src="https://pack.invalid/..{file}">',
        f'<img src="{address}/img">',
        f'<img srcset="{address}/srcset 2x" src="{address}/src">',
        f'<object data="{url}"></object>',
        f'<embed src="{url}">',
        f'<style>@import url("{url}");</style>',
        f'<style>@import "{address}/import.css";</style>',
        f'<style>@font-face {{ font-family: X; src: url("{url}") }} b {{ font-family: X }}</style><b>x</b>',
        f'<link rel="stylesheet" href="{url}">',
        f'<link rel="attachment" href="{url}">',
        f'<a rel="attachment" href="{url}">x</a>',
        f'<p style="background: url({url})">x</p>',
        f'<p style="content: url({url}); list-style-image: url({address}/list)">x</p>',
        f'<svg width="9" height="9"><image href="{url}" width="9" height="9"/></svg>',
        f'<svg width="9" height="9" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{address}/svg"/></svg>',
        f'<svg width="9" height="9"><use href="{url}#x"/></svg>',
        f'<svg width="9" height="9"><style>@import "{url}";</style><text>x</text></svg>',
        f'<base href="{folder.as_uri()}/"><img src="{name}">',
        f'<meta http-equiv="refresh" content="0; url={address}/refresh">',
        f'<iframe src="{url}"></iframe>',
        f'<img src="ftp://127.0.0.1{file}">',
        f'<img src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E%3Cimage href=%22{url}%22/%3E%3C/svg%3E">',
        f'<input type="image" src="{url}">',
    ]


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    file = tmp_path / "canary.svg"
    file.write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg"><text id="x">' + CANARY + b"</text></svg>")
    return file


def test_no_way_of_naming_a_resource_fetches_anything(
    canary: Path, listener: tuple[str, list[str]], figure: Callable[[str], None]
) -> None:
    address, asked = listener
    ways = ways_to_name(canary, address)
    refused = 0
    for way in ways:
        made = render_pdf(PLAIN.format(way), {"pack.css": b""}, [], dated=DATED)
        assert asked == [], way
        assert CANARY not in streams_of(made.content), way
        refused += bool(made.refused)
    figure(f"{len(ways)} ways to name a resource in a pack: {len(asked)} requests, 0 bytes of the canary file")
    assert len(ways) >= 20
    assert refused >= 15


def test_the_same_ways_do_fetch_where_nothing_stands_in_their_way(
    canary: Path, listener: tuple[str, list[str]]
) -> None:
    address, asked = listener
    ways = ways_to_name(canary, address)
    open_ways = [HTML(string=PLAIN.format(way), base_url=canary.as_uri()).write_pdf() for way in ways]
    assert {"/img", "/import.css"} <= set(asked)
    assert any(CANARY in streams_of(content) for content in open_ways)


def test_a_resource_of_ours_is_found_by_its_name_alone() -> None:
    made: RenderedPack = render_pdf(
        PLAIN.format('<img src="mark.svg"><img src="other.svg">'),
        {"pack.css": b"", "mark.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'},
        [],
        dated=DATED,
    )
    assert made.refused == ("https://pack.invalid/other.svg",)


def test_words_of_people_never_become_a_resource(canary: Path) -> None:
    service = f'<img src="{canary.as_uri()}"> & "Rose"'
    pages = pages_of(replace(a_pack(sections=(), facts=(), evidence=()), service=service))
    made = render_pdf(pages.html, pages.resources, [], dated=DATED)
    assert made.refused == ()
    assert CANARY not in streams_of(made.content)


# ---------------------------------------------------------------------- a process of its own
def test_a_pack_that_takes_too_long_is_stopped_and_says_what_to_do() -> None:
    html = PLAIN.format("<table>" + "<tr><td>x<td>y<td>z" * 60_000 + "</table>")
    with pytest.raises(PackTooLargeError, match=r"longer than 2 seconds\. Choose fewer sections"):
        render_in_subprocess(html, {"pack.css": b""}, [], dated=DATED, limits=Limits(seconds=2))


def test_a_pack_that_needs_too_much_memory_is_stopped_and_says_what_to_do() -> None:
    limits = Limits(memory_bytes=100 * 1024 * 1024)
    with pytest.raises(PackTooLargeError, match=r"more than 100 MB of memory\. Choose fewer sections"):
        render_in_subprocess(PLAIN.format("x" * 5_000_000), {"pack.css": b""}, [], dated=DATED, limits=limits)


def test_the_worker_itself_does_not_load_the_drawing_library() -> None:
    code = "import sys, workers.pack_process; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


ESCAPES = """
import os, socket, subprocess, urllib.request
import workers.pack_rendering as rendering
rendering._wall_in(2**31, 60)
for act in (
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: subprocess.run(["true"]),
    lambda: os.system("true"),
    lambda: urllib.request.urlopen("file:///etc/hostname"),
):
    try:
        act()
    except PermissionError as error:
        print(error)
"""


def test_the_drawing_process_opens_no_connection_and_starts_no_program() -> None:
    done = subprocess.run([sys.executable, "-c", ESCAPES], check=True, capture_output=True, text=True)
    assert done.stdout.count("a pack is drawn without") == 4
