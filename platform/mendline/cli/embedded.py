"""The files that travel inside a PDF and where its pages lead, read without a PDF library.

It reads what our own packs are: streams and object streams, plain or deflated (ISO 32000-2, 7.5.7 and 7.11.4).
A file that was saved again by another program may hide them; it is then not ours any more, which is the answer asked for.
"""

import re
import zlib
from collections.abc import Iterator

_STREAM = re.compile(rb"(\d+) 0 obj\s*(<<(?:(?!endobj).)*?>>)\s*stream\r?\n", re.DOTALL)
_LENGTH = re.compile(rb"/Length (\d+)")
# A dictionary that holds one other, whatever the order of its entries.
_FLAT = rb"(?:[^<>]|<(?!<)|>(?!>))*"
_SPECIFICATION = re.compile(rb"<<(" + _FLAT + rb"<<" + _FLAT + rb">>" + _FLAT + rb")>>", re.DOTALL)
_PLACE = re.compile(rb"/EF\s*<<[^>]*?/F (\d+) 0 R")
_NAME = re.compile(rb"/(?:UF|F)\s*\(((?:[^()\\]|\\.)*)\)")
_HEX_NAME = re.compile(rb"/(?:UF|F)\s*<([0-9A-Fa-f\s]+)>")
_LINK = re.compile(rb"/URI\s*\(((?:[^()\\]|\\.)*)\)")
LARGEST = 64 * 1024 * 1024  # of one embedded file, unpacked


def embedded_files(content: bytes) -> dict[str, bytes]:
    """Name to content; empty where there are none, or where the file is no PDF."""
    streams: dict[int, bytes] = {}
    told = [content]  # where file specifications may stand: plainly, or within object streams
    for number, head, unpacked in _streams(content):
        if b"/EmbeddedFile" in head:
            streams[number] = unpacked
        else:
            told.append(unpacked)
    found = {}
    for specification in (one.group(1) for text in told for one in _SPECIFICATION.finditer(text)):
        if b"/Filespec" not in specification:
            continue
        place, name = _PLACE.search(specification), _name(specification)
        if place and name and int(place.group(1)) in streams:
            found[name] = streams[int(place.group(1))]
    return found


def links(content: bytes) -> frozenset[str]:
    """The addresses that the pages of a PDF lead to."""
    told = [content, *(unpacked for _, head, unpacked in _streams(content) if b"/EmbeddedFile" not in head)]
    return frozenset(_plain(found.group(1)).decode("latin-1") for one in told for found in _LINK.finditer(one))


def _plain(written: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", written)


def _streams(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Embedded files and object streams: number, dictionary and unpacked content of each."""
    for match in _STREAM.finditer(content):
        head, length = match.group(2), _LENGTH.search(match.group(2))
        if length is None or not (b"/EmbeddedFile" in head or b"/ObjStm" in head):
            continue
        data = content[match.end() : match.end() + int(length.group(1))]
        unpacked = _inflated(data) if b"/FlateDecode" in head else data
        if unpacked is not None:
            yield int(match.group(1)), head, unpacked


def _inflated(data: bytes) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(data, LARGEST)
    except zlib.error:
        return None


def _name(body: bytes) -> str | None:
    plain, written = _NAME.search(body), _HEX_NAME.search(body)
    if plain:
        raw = _plain(plain.group(1))
    elif written:
        raw = bytes.fromhex(written.group(1).decode())
    else:
        return None
    return raw.decode("utf-16") if raw[:2] in (b"\xfe\xff", b"\xff\xfe") else raw.decode("latin-1")
