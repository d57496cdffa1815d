"""Sends one delivery over the network, to a public address that was resolved once and is then held.

No redirect is followed, little is read of the answer, and nothing of it but its status is kept: whoever names an address
learns nothing about the network that Mendline stands in.
"""

import socket
from collections.abc import Collection, Mapping
from urllib.parse import SplitResult, urlsplit

import urllib3

from tenants.addresses import is_public
from tenants.errors import RefusedError, UnavailableError

TIMEOUT = urllib3.Timeout(connect=3, read=10)
LONGEST_URL = 500
_ADDRESS = "Give an address that begins with https:// and is reached over the internet."


def address_of(url: str, private: Collection[str]) -> SplitResult:
    """The parts of an address that may be told.

    Args:
        url: as somebody gave it.
        private: hosts that may be in a private network and without HTTPS, as the installation's settings name them.

    Raises:
        RefusedError: it is no address, or none that is taken.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as wrong:
        raise RefusedError("The webhook was not made.", {"url": _ADDRESS}) from wrong
    host = parts.hostname or ""
    plain = parts.scheme == "http" and host in private
    if (
        not host
        or not (parts.scheme == "https" or plain)
        or parts.username is not None
        or port == 0
        or len(url) > LONGEST_URL
        or not url.isascii()
        or not url.isprintable()
        or " " in url
    ):
        raise RefusedError("The webhook was not made.", {"url": _ADDRESS})
    return parts


def send(url: str, body: bytes, headers: Mapping[str, str], private: Collection[str]) -> int:
    """The status of the answer.

    Raises:
        RefusedError: the address is not one that is told.
        UnavailableError: it does not answer.
    """
    parts = address_of(url, private)
    host = str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _resolved(host, port, is_private=host in private)
    pool = (
        urllib3.HTTPConnectionPool(address, port)
        if parts.scheme == "http"
        else urllib3.HTTPSConnectionPool(address, port, server_hostname=host, assert_hostname=host)
    )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        answer = pool.request(
            "POST",
            path,
            body=body,
            headers={"Host": parts.netloc, "Content-Type": "application/json", **headers},
            redirect=False,
            retries=False,
            timeout=TIMEOUT,
            preload_content=False,
        )
    except urllib3.exceptions.HTTPError as problem:
        raise UnavailableError("The address does not answer.") from problem
    finally:
        pool.close()
    return answer.status


def _resolved(host: str, port: int, *, is_private: bool) -> str:
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as problem:
        raise UnavailableError("The name of the address is not known.") from problem
    if not is_private and not all(is_public(one) for one in found):
        raise RefusedError("The address is not a public one.", {"url": _ADDRESS})
    return min(found)
