"""Where a page of a list begins, opaque to whoever carries it; it names a place, never what may be seen there."""

import base64
import binascii
import json
from collections.abc import Sequence

from tenants.errors import RefusedError

_LONGEST = 400
WRONG = "This cursor is not one that was given. Begin again without it."


def written(*place: str) -> str:
    """A cursor for a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read(cursor: str, parts: int) -> Sequence[str]:
    """The place that a cursor names.

    Raises:
        RefusedError: it is not one of ours.
    """
    try:
        shortened = cursor[:_LONGEST]
        found = json.loads(base64.urlsafe_b64decode(shortened + "=" * (-len(shortened) % 4)))
    except (ValueError, binascii.Error, RecursionError) as wrong:
        raise RefusedError(WRONG, {"cursor": WRONG}) from wrong
    if not isinstance(found, list) or len(found) != parts or not all(isinstance(one, str) for one in found):
        raise RefusedError(WRONG, {"cursor": WRONG})
    return found
