"""The signed link that stops a kind of mail."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from mendline.telling.stopping import Stop, read, signed

KEY = b"a key of this test"
WANTED = Stop(uuid.UUID(int=1), uuid.UUID(int=2), "hand_over")


def test_a_link_says_whom_it_is_for_and_what_it_stops() -> None:
    assert read(KEY, signed(KEY, WANTED.words)) == WANTED


def test_another_key_opens_nothing() -> None:
    assert read(b"another", signed(KEY, WANTED.words)) is None


def test_a_link_for_somebody_else_cannot_be_made_of_ones_own() -> None:
    mine = signed(KEY, WANTED.words)
    theirs = mine.replace(uuid.UUID(int=2).hex, uuid.UUID(int=3).hex)
    assert read(KEY, theirs) is None


def test_a_signed_kind_that_there_is_not_is_none() -> None:
    assert read(KEY, signed(KEY, Stop(uuid.UUID(int=1), uuid.UUID(int=2), "password").words)) is None


@given(st.text())
def test_whatever_is_typed_is_answered(typed: str) -> None:
    assert read(KEY, typed) is None
