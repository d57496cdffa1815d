"""The inventory of keys and ciphers says what the sources do."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
INVENTORY = ROOT / "deploy" / "CRYPTOGRAPHY.md"
LIBRARIES = {"hmac", "argon2", "cryptography", "joserfc", "webauthn", "authlib", "nacl", "jwt", "Crypto"}

# Where the secrets of sessions, second steps, known devices, tokens of programs and inspectors are made.
STANDING_FOR_SOMEBODY = (
    "tenants/signin/sessions.py",
    "tenants/signin/pending.py",
    "tenants/signin/tokens.py",
    "platform/mendline/people/inspection/views.py",
    "platform/mendline/people/signing/browser.py",
    "platform/mendline/people/tablets/views.py",
)


@cache
def sources() -> dict[str, ast.Module]:
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
        for folder in ("platform", "tenants", "workers")
        for path in (ROOT / folder).rglob("*.py")
    }


def taken_by(tree: ast.Module) -> set[str]:
    """The first words of everything that a file imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {name.name.split(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def inventory() -> set[str]:
    return set(re.findall(r"(?m)^\| `([\w/]+\.py)` \|", INVENTORY.read_text(encoding="utf-8")))


def test_every_use_of_cryptography_stands_in_the_inventory_and_nothing_else_does() -> None:
    using = {path for path, tree in sources().items() if taken_by(tree) & LIBRARIES}
    assert len(using) > 10
    assert inventory() == using


def test_no_weak_hash_is_used_beyond_what_the_inventory_names() -> None:
    weak = {
        path
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("hashlib.sha1", "hashlib.md5")
    }
    assert weak == {"tenants/signin/factors.py"}  # codes of authenticators, by their standard


def test_random_numbers_that_guard_something_come_from_the_operating_system() -> None:
    others = {path for path, tree in sources().items() if "random" in taken_by(tree)}
    invented = {"platform/mendline/demonstration/records.py", "platform/mendline/demonstration/recording.py"}
    assert others - invented == {"workers/mail.py", "workers/claiming.py"}  # when a failed try is made again


def test_whatever_stands_for_somebody_is_made_of_256_random_bits() -> None:
    made = {
        path: [
            node.args[0].value
            for node in ast.walk(sources()[path])
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "secrets.token_urlsafe"
        ]
        for path in STANDING_FOR_SOMEBODY
    }
    assert all(made.values())
    assert {path: lengths for path, lengths in made.items() if min(lengths) < 256 // 8} == {}


def test_every_key_that_a_setting_holds_stands_in_the_inventory() -> None:
    said = INVENTORY.read_text(encoding="utf-8")
    settings = (ROOT / "platform/mendline/config.py").read_text(encoding="utf-8")
    keys = set(re.findall(r"MENDLINE_\w*(?:KEY|PASSWORDS)\b", settings))
    assert len(keys) >= 3
    assert [key for key in keys if f"`{key}`" not in said] == []
