"""Identifiers that are made from names."""

import uuid

import pytest

from tenants.ids import named_id


@pytest.mark.parametrize("name", ["", "A-1", "naïve 'name'", "x" * 5_000])
def test_a_named_identifier_is_the_one_that_everybody_makes(name: str) -> None:
    space = uuid.UUID("0192f0c1-2d3e-7abc-8def-0123456789ab")
    assert named_id(space, name) == uuid.uuid5(space, name)
