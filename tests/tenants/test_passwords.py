"""Passwords: what is taken, how it is kept, and what is refused."""

import pytest

from tenants.errors import RefusedError
from tenants.signin.passwords import LONGEST, SHORTEST, hash_password, password_matches, require_good

WORDS = "umbrella quartz lantern"


@pytest.mark.parametrize(
    "password",
    [
        WORDS[:SHORTEST],
        f"  {WORDS}  ",
        "Zażółć gęślą jaźń 猫 🐑",
        "' or 1=1 -- <b>&amp;</b> {{ 7*7 }} %s",
        f"{WORDS} {'orchid ' * 6}"[:64],
        (f"{WORDS} " * 20)[:LONGEST],
    ],
    ids=("the shortest", "blanks around it", "any letters", "any signs", "sixty-four characters", "the longest"),
)
def test_any_signs_are_taken_as_they_are_typed(password: str) -> None:
    require_good(password)
    kept = hash_password(password)
    assert password_matches(kept, password)
    for other in {password.strip(), password.upper(), password[:-1]} - {password}:
        assert not password_matches(kept, other)


def test_what_is_kept_is_an_argon2id_hash_with_its_settings_and_a_salt_of_its_own() -> None:
    one, other = hash_password(WORDS), hash_password(WORDS)
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other
    assert WORDS not in one


@pytest.mark.parametrize("password", ["RosewoodHouse1", "alderway-2026-alderway", "hartley.alderway"])
def test_the_names_of_a_person_and_their_provider_make_no_password(password: str) -> None:
    with pytest.raises(RefusedError, match="your provider's name"):
        require_good(
            password, about=("Denise Hartley", "denise.hartley@alderway.example", "Alderway", "Rosewood House")
        )
