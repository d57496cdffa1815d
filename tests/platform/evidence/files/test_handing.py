"""What a file is called when it is handed out: its own name, which can neither end the header nor begin another."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from mendline.evidence.files.handing import disposition


@given(st.text(min_size=1))
@example('report"; filename="other.html')
@example("report.pdf\r\nSet-Cookie: a=b")
@example("../../etc/passwd")
@example("Übergabe 3 märz.pdf")
def test_any_name_stays_inside_its_header_and_comes_back_as_it_was(name: str) -> None:
    said = disposition(name)
    assert re.fullmatch(r"attachment; filename=\"[\w .-]+\"; filename\*=UTF-8''[\w.%~-]+", said, re.ASCII), said
    kind, told = parse_options_header(said)
    assert (kind, told["filename"]) == ("attachment", name)


@pytest.mark.parametrize("name", ["", "猫.pdf"])
def test_old_programs_get_a_name_too(name: str) -> None:
    found = re.match(r'attachment; filename="([^"]+)"', disposition(name))
    assert found
    assert found[1].isascii()
