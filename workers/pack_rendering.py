"""Draws a pack as PDF with WeasyPrint; run as a process of its own by `workers.pack_process`, never inside a worker.

Two walls: the fetcher knows only the resources that it was given, by name, and the process gives itself limits of memory
and time and refuses to open connections or start programs. WeasyPrint is imported nowhere else, because importing it
takes a second and loads a dozen native libraries.
"""

import base64
import json
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from weasyprint import HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

# A name that cannot exist (RFC 2606), so that relative addresses have something to be relative to.
BASE = "https://pack.invalid/"
NO_MEMORY = 3  # exit status
_TYPES = {".css": "text/css", ".woff2": "font/woff2"}
_FORBIDDEN = ("socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.Popen", "os.exec", "os.posix_spawn",
              "os.system", "os.fork", "urllib.Request")  # fmt: skip


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file that travels inside the PDF."""

    name: str
    description: str
    content: bytes


@dataclass(frozen=True, slots=True)
class RenderedPack:
    """A finished PDF; `refused` are the resources that something asked for and did not get."""

    content: bytes
    pages: int
    refused: tuple[str, ...] = ()


class NamedResourcesOnly(URLFetcher):  # type: ignore[misc]
    """Knows the given resources by name and refuses everything else: files, addresses, data, other hosts."""

    def __init__(self, resources: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._resources = dict(resources)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """The resource of that name.

        Raises:
            ValueError: it is none of ours; WeasyPrint leaves it out and draws on.
        """
        del headers
        name = url.removeprefix(BASE) if url.startswith(BASE) else None
        if name is None or name not in self._resources:
            self.refused.append(url[:200])
            raise ValueError(f"not a resource of this pack: {urlsplit(url[:200]).scheme or 'no'} address")
        suffix = name[name.rfind(".") :]
        return URLFetcherResponse(url, self._resources[name], {"Content-Type": _TYPES.get(suffix, "image/svg+xml")})


def render_pdf(
    html: str, resources: Mapping[str, bytes], files: Sequence[EmbeddedFile], *, dated: datetime
) -> RenderedPack:
    """Draws a pack as PDF/UA-1; the same input gives the same bytes.

    Args:
        html: the pack; it may name the given resources, its stylesheet among them, and nothing else.
        resources: name to content.
        files: what is embedded, from bytes only, because a path would be opened without asking the fetcher.
        dated: the date of the embedded files, which would otherwise be now.
    """
    fetcher, fonts = NamedResourcesOnly(resources), FontConfiguration()
    pages = HTML(string=html, base_url=BASE, url_fetcher=fetcher)
    document = pages.render(font_config=fonts)
    document.metadata.attachments = [
        Attachment(
            string=file.content, name=file.name, description=file.description, created=dated, modified=dated,
            relationship="Data", url_fetcher=fetcher, base_url=BASE,
        )
        for file in files
    ]  # fmt: skip
    content = document.write_pdf(pdf_variant="pdf/ua-1")
    return RenderedPack(content, len(document.pages), tuple(fetcher.refused))


@dataclass(frozen=True, slots=True)
class Order:
    """What the parent asks for, as it crosses the pipe."""

    html: str
    dated: str
    memory_bytes: int
    seconds: int
    resources: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[Mapping[str, str]] = ()


def main() -> int:
    """Reads an order from standard input; writes one line of JSON and then the PDF to standard output."""
    order = Order(**json.load(sys.stdin))
    _wall_in(order.memory_bytes, order.seconds)
    try:
        made = render_pdf(
            order.html,
            {name: base64.b64decode(content) for name, content in order.resources.items()},
            [
                EmbeddedFile(file["name"], file["description"], base64.b64decode(file["content"]))
                for file in order.files
            ],
            dated=datetime.fromisoformat(order.dated),
        )
    except MemoryError:
        return NO_MEMORY
    head = json.dumps({"pages": made.pages, "bytes": len(made.content), "refused": made.refused})
    sys.stdout.buffer.write(head.encode() + b"\n" + made.content)
    sys.stdout.buffer.flush()
    return 0


def _wall_in(memory_bytes: int, seconds: int) -> None:
    """Limits of memory, processor time and files, and no way out to the network or to other programs."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def refuse(event: str, _: tuple[Any, ...]) -> None:
        if event in _FORBIDDEN:
            raise PermissionError(f"a pack is drawn without {event}")

    sys.addaudithook(refuse)


if __name__ == "__main__":
    raise SystemExit(main())
