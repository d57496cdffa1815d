"""One-time codes, held to the examples of the standards that define them."""

import base64

import pytest

from tenants.signin.factors import code_at, enrolment_address, matching_step, new_seed

# RFC 6238, appendix B, SHA-1, cut to six digits.
SEED = base64.b32encode(b"12345678901234567890").decode()
EXAMPLES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]
NOW = 1234567890
STEP = NOW // 30


@pytest.mark.parametrize(("second", "code"), EXAMPLES)
def test_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    assert code_at(SEED, second // 30) == code
    assert matching_step(SEED, code, second, None) == second // 30


@pytest.mark.parametrize(("difference", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_differ_by_one_step(difference: int, good: bool) -> None:
    assert (matching_step(SEED, code_at(SEED, STEP + difference), NOW, None) is not None) is good


def test_a_code_works_once_and_older_ones_never_again() -> None:
    assert matching_step(SEED, code_at(SEED, STEP), NOW, STEP) is None
    assert matching_step(SEED, code_at(SEED, STEP - 1), NOW, STEP) is None
    assert matching_step(SEED, code_at(SEED, STEP + 1), NOW, STEP) == STEP + 1


def test_spaces_in_a_code_do_not_matter() -> None:
    assert matching_step(SEED, " 005 924 ", NOW, None) == STEP


@pytest.mark.parametrize(
    "typed", ["", "5924", "0059240", "abcdef", "٠٠٥٩٢٤", "00592\N{DIGIT FOUR FULL STOP}", "🙂" * 6]
)
def test_anything_else_is_refused_without_an_error(typed: str) -> None:
    assert matching_step(SEED, typed, NOW, None) is None


def test_without_a_seed_no_code_is_good() -> None:
    assert matching_step("", code_at("", STEP), NOW, None) is None


def test_each_seed_is_new_and_goes_into_an_authenticator() -> None:
    first, second = new_seed(), new_seed()
    assert first != second
    assert len(base64.b32decode(first)) == 20
    address = enrolment_address(first, "a.b+c@example.org")
    assert address == f"otpauth://totp/Mendline:a.b%2Bc%40example.org?secret={first}&issuer=Mendline"
