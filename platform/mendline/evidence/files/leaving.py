"""What leaves the house: a copy of a file for one outsider, which says on itself for whom it is and since when.

Each page of a PDF bears it, and so does a picture, which is given as a PDF. Word, Excel and text files are given as they
are, since drawing them anew could change what they say: their name says it, and the page that offers them says so.
"""

import io
from dataclasses import replace
from datetime import datetime
from itertools import chain

from flask import Response
from PIL import Image

from mendline.evidence.files.handing import POLICY, Handed, answer_with, disposition
from mendline.evidence.files.keeping import Keeper
from mendline.evidence.files.kinds import KINDS
from mendline.evidence.files.watermark import marked
from tenants.clock import LONDON

MARKED = "Saved files say for whom they are and when they were taken: on each page, or for Word, Excel and text files in their name."
_A4_WIDTH = 8.27  # inches
_LEAST_DOTS = 72  # an inch; a smaller picture is not blown up to the page
_LONGEST_NAME = 120


def mark_words(named: str, at: datetime, under: str = "") -> str:
    """What stands across each page that leaves: for whom, when, and under which grant where there is one."""
    return f"For {named}{f', {under}' if under else ''}, {at.astimezone(LONDON):%d %B %Y %H:%M}"


def leaving(given: Handed, keeper: Keeper, named: str, at: datetime, under: str = "") -> Response:
    """A copy for one outsider, as a download.

    Args:
        given: the file.
        keeper: where its bytes are.
        named: for whom.
        at: the moment.
        under: the body that was granted it.

    Raises:
        UnavailableError: it is not where it should be, or can no longer be read.
    """
    kind = next((each for each in KINDS.values() if each.media_type == given.media_type), None)
    if kind is None or kind.family not in ("pdf", "picture"):
        return answer_with(replace(given, name=named_copy(given.name, named, at)), keeper)
    content = b"".join(chain(keeper.read(given.object_key)))
    bare = given.name
    if kind.family == "picture":
        content, bare = as_page(content), f"{given.name.rpartition('.')[0] or given.name}.pdf"
    response = Response(marked(content, mark_words(named, at, under)), mimetype=KINDS["pdf"].media_type)
    response.headers["Content-Disposition"] = disposition(bare)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def named_copy(name: str, named: str, at: datetime) -> str:
    """`Rota for Iris Holt 2026-11-23.csv`: what a file is saved as that no mark can be drawn on."""
    stem, dot, ending = name.rpartition(".")
    for_whom = " ".join("".join(letter if letter.isalnum() or letter in "-'" else " " for letter in named).split())
    return (
        f"{(stem or name)[:_LONGEST_NAME]} for {for_whom} {at.astimezone(LONDON):%Y-%m-%d}{dot}{ending if dot else ''}"
    )


def as_page(content: bytes) -> bytes:
    """A picture, which was drawn anew when it came in, as the one page of a PDF; what is clear in it becomes white."""
    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
        picture.load()
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    out = io.BytesIO()
    ground.save(out, "PDF", resolution=max(_LEAST_DOTS, ground.width / _A4_WIDTH), quality=90)
    return out.getvalue()
