"""Hands the functions of schema `reach` to the role that resolves tickets, and brings back what a later step replaced."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

SQL = Path(__file__).parent / "sql"


def owned_by_reach(callers: Mapping[str, str], inner: Sequence[str] = ()) -> list[str]:
    """The statements that give new functions to `mendline_reach`, and to each running role only those it may call.

    Args:
        callers: a function with the types of its arguments, and the roles that call it, comma-separated: "web, worker".
        inner: functions that only other functions of `reach` call.
    """
    made = [*callers, *inner]
    said = [f"revoke all on function reach.{function} from public" for function in made]
    said.append("grant create on schema reach to mendline_reach")
    said += [f"alter function reach.{function} owner to mendline_reach" for function in made]
    said += ["revoke create on schema reach from mendline_reach", "set role mendline_reach"]
    for function, roles in callers.items():
        names = ", ".join(f"mendline_{role.strip()}" for role in roles.split(","))
        said.append(f"grant execute on function reach.{function} to {names}")
    return [*said, "set role mendline_owner"]


def as_it_was(function: str, step: str) -> str:
    """The statement that replaces a function of `reach` by how an earlier step made it.

    Args:
        function: its name alone.
        step: the file under `sql/` that created it, or replaced it last before.

    Raises:
        LookupError: that step has no such function.
    """
    found = re.search(
        rf"^create (?:or replace )?function reach\.{function}\(.*?^\$\$;",
        (SQL / step).read_text(),
        re.MULTILINE | re.DOTALL,
    )
    if found is None:
        raise LookupError(f"{step} has no function {function}")
    return re.sub("^create function", "create or replace function", found[0])
