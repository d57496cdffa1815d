"""`ready.json`: how other programs learn that the application is ready, where it is and who may sign in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

SignIn = dict[str, Any]


def sign_ins_of(state: Path) -> list[SignIn]:
    """The demonstration's sign-ins, as its loader wrote them; none where it has not been loaded."""
    file = state / "demo.json"
    if not file.exists():
        return []
    found: list[SignIn] = json.loads(file.read_text(encoding="utf-8"))["sign_ins"]
    return found


def write(state: Path, url: str, sign_ins: list[SignIn]) -> None:
    """Put the file there, whole."""
    half = state / "ready.json.part"
    half.write_text(json.dumps({"url": url, "sign_ins": sign_ins}, indent=1), encoding="utf-8")
    half.replace(state / "ready.json")


def remove(state: Path) -> None:
    """Take the file away; harmless where there is none."""
    (state / "ready.json").unlink(missing_ok=True)


def announce(url: str, sign_ins: list[SignIn], tell: Callable[[str], object]) -> None:
    """Show the address and the sign-ins to the person who started it."""
    tell(f"\nMendline is ready: {url}\n")
    if sign_ins:
        rows = [(_role(one), str(one["email"]), str(one["password"])) for one in sign_ins]
        role, email, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
        tell("Demonstration sign-ins (invented people; no second factor is asked for):")
        for row in rows:
            tell(f"  {row[0]:<{role}}  {row[1]:<{email}}  {row[2]}")
        tell("")
    tell("Ctrl-C stops it.")


def _role(one: SignIn) -> str:
    """A sign-in's role in words, and where it is held."""
    words = str(one.get("role_label") or one["role"])
    return f"{words}, {one['organisation']}" if one.get("organisation") else words
