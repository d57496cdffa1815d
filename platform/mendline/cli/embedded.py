"""The files that travel inside a PDF, read without a PDF library.

It reads what our own packs are: objects that stand one after the other, streams plain or deflated (ISO 32000-2, 7.11.4).
A file that was saved again by another program may hide them; it is then not ours any more, which is the answer asked for.
"""

import re
import zlib

_STREAM = re.compile(rb"(\d+) 0 obj\s*(<<.*?>>)\s*stream\r?\n", re.DOTALL)
_LENGTH = re.compile(rb"/Length (\d+)")
_SPECIFICATION = re.compile(rb"/EF\s*<<[^>]*?/F (\d+) 0 R")
_NAME = re.compile(rb"/(?:UF|F)\s*\(((?:[^()\\]|\\.)*)\)")
_HEX_NAME = re.compile(rb"/(?:UF|F)\s*<([0-9A-Fa-f\s]+)>")
LARGEST = 64 * 1024 * 1024  # of one embedded file, unpacked


def embedded_files(content: bytes) -> dict[str, bytes]:
    """Name to content; empty where there are none, or where the file is no PDF."""
    streams = dict(_embedded_streams(content))
    found = {}
    for specification in re.finditer(rb"\d+ 0 obj\s*<<(.*?)endobj", content, re.DOTALL):
        body = specification.group(1)
        place = _SPECIFICATION.search(body) if b"/Filespec" in body else None
        name = _name(body) if place else None
        if place and name and int(place.group(1)) in streams:
            found[name] = streams[int(place.group(1))]
    return found


def _embedded_streams(content: bytes) -> list[tuple[int, bytes]]:
    found = []
    for match in _STREAM.finditer(content):
        head = match.group(2)
        length = _LENGTH.search(head)
        if b"/EmbeddedFile" not in head or length is None:
            continue
        data = content[match.end() : match.end() + int(length.group(1))]
        unpacked = _inflated(data) if b"/FlateDecode" in head else data
        if unpacked is not None:
            found.append((int(match.group(1)), unpacked))
    return found


def _inflated(data: bytes) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(data, LARGEST)
    except zlib.error:
        return None


def _name(body: bytes) -> str | None:
    plain, written = _NAME.search(body), _HEX_NAME.search(body)
    if plain:
        raw = re.sub(rb"\\(.)", rb"\1", plain.group(1))
    elif written:
        raw = bytes.fromhex(written.group(1).decode())
    else:
        return None
    return raw.decode("utf-16") if raw[:2] in (b"\xfe\xff", b"\xff\xfe") else raw.decode("latin-1")
