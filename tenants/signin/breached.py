"""Whether a password is among those that became public with breaches, or is one of them with a little added.

The list is in the repository (`data/`), so nothing is asked of anybody. Most of it is shorter than a password may be; it is
its words with years, marks and look-alike characters around them that are refused here.
"""

import gzip
import re
from functools import cache
from pathlib import Path

_LIST = Path(__file__).parent / "data" / "common_passwords.txt.gz"
# Characters that stand for letters in passwords of people who were told to use some.
_LOOK_ALIKES = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i"}
)


def is_breached(password: str) -> bool:
    """Whether the password, its core without digits and marks around it, or its repeated part is on the list."""
    folded = password.casefold()
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    tried = {folded, bare, _once(folded), _once(bare), _plain(folded), _plain(bare), _once(_plain(bare))}
    return any(len(one) >= 4 and one in _common() for one in tried)


def _plain(word: str) -> str:
    """Look-alikes as the letters they stand for, everything else that is no letter left out."""
    return re.sub(r"[\W\d_]+", "", word.translate(_LOOK_ALIKES))


def _once(word: str) -> str:
    """The part that a word repeats, such as `secret` of `secretsecret`."""
    found = re.fullmatch(r"(.{3,}?)\1+", word[:200])
    return found[1] if found else word


@cache
def _common() -> frozenset[str]:
    with gzip.open(_LIST, "rt", encoding="utf-8") as file:
        return frozenset(line.rstrip("\n") for line in file)
