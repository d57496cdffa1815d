"""The code of a local authority area, as national statistics have it."""

import re

from tenants.errors import RefusedError

_CODE = re.compile(r"[ENSW][0-9]{8}", re.ASCII)
_ADVICE = "Write the code of the local authority: a letter and eight digits, such as E08000009."


def read_area(typed: str | None) -> str | None:
    """The code of an area; none where nothing was typed.

    Raises:
        RefusedError: it is no such code.
    """
    code = (typed or "").strip().upper()
    if code and not _CODE.fullmatch(code):
        raise RefusedError(_ADVICE, {"area_code": _ADVICE})
    return code or None
