"""What a commissioner looked at is told to the provider in words, never by an identifier."""

from datetime import UTC, datetime

import pytest

from mendline.catalogue.indicators import indicator_definition
from mendline.people.grants.presenting import looks_table
from mendline.people.grants.queries import LookLine

AT = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
KEY = "call_bell_within_standard_pct"
SOME = "7bfcc635-b9c6-5bd6-b4ed-2ba05270b21d"


@pytest.mark.parametrize(
    ("subject", "key", "words"),
    [
        ("portfolio", None, "Among the services they commission"),
        ("service", None, "The page of the service"),
        ("requests and findings", None, "Their requests and findings"),
        (f"figure {SOME} 2026-11-16", KEY, f"{indicator_definition(KEY).name}, figure from 16 November 2026"),
        (f"file {SOME}", None, "A shared file, a copy"),
        ("pack RH-2026-11-23-01, a copy", None, "Pack RH-2026-11-23-01, a copy"),
    ],
)
def test_a_look_is_told_in_words(subject: str, key: str | None, words: str) -> None:
    table = looks_table([LookLine(AT, "Rosewood House", subject, key, "Northmoor Council", None)])
    assert (table.rows[0].cells[2].text, table.rows[0].cells[2].sub) == ("Rosewood House", words)
