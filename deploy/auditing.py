"""What is locked, as a bill of materials, and whether a known flaw of it is open for longer than it may be.

Usage: deploy/audit [FILE]    FILE is where the bill of materials goes; bom.json in the state folder otherwise.

Flaws are asked for by the clients of the two registries themselves, `pip-audit` and `npm audit`. What they could not ask
about counts as not audited, never as clean. When a flaw was seen first is written to flaws.csv beside this file, which
belongs in the repository: its time runs from there.
"""

import base64
import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

DEPLOY = Path(__file__).resolve().parent
WRITTEN = DEPLOY / "flaws.csv"
CLIENT = "pip-audit==2.10.1"

# Days from a flaw being seen to its being mended; README.md tells people the same. What nobody rated counts as critical.
DAYS = {"critical": 2, "high": 7, "moderate": 30, "medium": 30, "low": 90}


class NotAuditedError(Exception):
    """A registry did not answer, or not about everything that is locked."""


@dataclass(frozen=True, slots=True)
class Component:
    """A package that is locked.

    Attributes:
        kind: `pypi` or `npm`, as in package URLs.
        hashes: SHA-256 in hexadecimal for Python packages, SHA-512 for the others.
        runs: whether it is part of what runs, and not of tests or of building alone.
    """

    kind: str
    name: str
    version: str
    hashes: tuple[str, ...]
    runs: bool


@dataclass(frozen=True, slots=True)
class Flaw:
    """A known flaw of a locked package; the severity is empty where the client does not say."""

    package: str
    identifier: str
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A flaw that is written down: since when it is known here, and until when it is shut in, and how."""

    flaw: Flaw
    seen_on: date
    shut_in_until: date | None = None
    how: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be done about a flaw: `new` (write it down), `in time`, `shut in` or `late`."""

    line: Line
    state: str
    due: date


def python_components(lock: str, runs: Iterable[str] | None = None) -> Iterator[Component]:
    """The packages of a requirements file with hashes; those that run are named, or all of them."""
    named = None if runs is None else set(runs)
    for entry in re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", lock)):
        found = re.match(r"([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", entry)
        if found:
            hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
            yield Component("pypi", found[1], found[2], hashes, named is None or found[1] in named)


def npm_components(lock: Mapping[str, Any]) -> Iterator[Component]:
    """The packages of a package-lock.json."""
    for path, entry in lock["packages"].items():
        if path:
            _, _, digest = entry.get("integrity", "").partition("-")
            hashes = (base64.b64decode(digest).hex(),) if digest else ()
            yield Component("npm", path.rpartition("node_modules/")[2], entry["version"], hashes, not entry.get("dev"))


def bill_of_materials(components: Iterable[Component], at: datetime) -> dict[str, Any]:
    """The components as CycloneDX 1.6 takes them."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "bom-ref": "mendline", "name": "mendline"},
        },
        "components": [_as_cyclonedx(each) for each in sorted(components, key=lambda each: (each.kind, each.name))],
    }


def _as_cyclonedx(each: Component) -> dict[str, Any]:
    purl = f"pkg:{each.kind}/{each.name.replace('@', '%40')}@{each.version}"
    algorithm = "SHA-256" if each.kind == "pypi" else "SHA-512"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": each.name,
        "version": each.version,
        "purl": purl,
        "scope": "required" if each.runs else "excluded",
        "hashes": [{"alg": algorithm, "content": digest} for digest in each.hashes],
    }


def judge(flaws: Sequence[Flaw], written: Sequence[Line], today: date) -> list[Judged]:
    """What of the flaws is open for longer than it may be, by the lines that are written down."""
    lines = {(line.flaw.package, line.flaw.identifier): line for line in written}
    return [_judged(flaw, lines.get((flaw.package, flaw.identifier)), today) for flaw in flaws]


def _judged(flaw: Flaw, line: Line | None, today: date) -> Judged:
    severity = flaw.severity or (line.flaw.severity if line else "")
    seen = line.seen_on if line else today
    due = seen + timedelta(days=DAYS.get(severity, DAYS["critical"]))
    if line is None:
        return Judged(Line(flaw, today), "new", due)
    if line.shut_in_until and line.how and today <= line.shut_in_until:
        return Judged(line, "shut in", line.shut_in_until)
    return Judged(line, "late" if today > due else "in time", due)


def python_flaws(said: Mapping[str, Any], components: Iterable[Component]) -> list[Flaw]:
    """The flaws in what `pip-audit` says.

    Raises:
        NotAuditedError: it skipped a package, or left one out.
    """
    asked = {each["name"].lower().replace("_", "-"): each for each in said["dependencies"]}
    missing = [name for each in components if "vulns" not in asked.get(name := each.name.lower(), {})]
    if missing:
        raise NotAuditedError(f"No answer about {len(missing)} Python packages, such as {missing[0]}.")
    return [
        Flaw(each["name"], flaw["id"], (flaw.get("severity") or "").lower())
        for each in said["dependencies"]
        for flaw in each["vulns"]
    ]


def npm_flaws(said: Mapping[str, Any]) -> list[Flaw]:
    """The flaws in what `npm audit` says.

    Raises:
        NotAuditedError: it says why it could not ask.
    """
    if "vulnerabilities" not in said:
        raise NotAuditedError(f"No answer about the front-end packages: {said.get('message', 'nothing was said')}.")
    return [
        Flaw(name, str(via.get("url") or via.get("source")).rpartition("/")[2], via.get("severity", ""))
        for name, entry in said["vulnerabilities"].items()
        for via in entry["via"]
        if isinstance(via, dict)
    ]


def read_lines(text: str) -> list[Line]:
    """The flaws that are written down."""
    return [
        Line(
            Flaw(row["package"], row["identifier"], row["severity"]),
            date.fromisoformat(row["seen_on"]),
            date.fromisoformat(row["shut_in_until"]) if row["shut_in_until"] else None,
            row["how"],
        )
        for row in csv.DictReader(text.splitlines())
    ]


def main(arguments: Sequence[str]) -> int:
    """Writes the bill of materials, asks, and says what is late."""
    at = datetime.now(UTC)
    components = locked_components()
    state = Path(os.environ.get("MENDLINE_STATE") or DEPLOY.parent / "var")
    bill = Path(arguments[0]) if arguments else state / "bom.json"
    bill.write_text(json.dumps(bill_of_materials(components, at), indent=1) + "\n", encoding="utf-8")
    say(f"{len(components)} locked packages are written to {bill}.")
    try:
        flaws = [*_ask_for_python(components), *_ask_for_npm()]
    except NotAuditedError as problem:
        say(f"NOT AUDITED. {problem}")
        return 2
    judged = judge(flaws, read_lines(WRITTEN.read_text(encoding="utf-8")), at.date())
    _write_down([each.line for each in judged if each.state == "new"])
    for each in judged:
        said = each.line.flaw
        say(f"{each.state}: {said.package} {said.identifier} {said.severity or 'not rated'}, by {each.due}")
    if any(each.state == "new" for each in judged):
        say(f"{WRITTEN} names what is new: rate it there, and keep the file.")
    say(f"{len(judged)} known flaws; {sum(each.state == 'late' for each in judged)} are late.")
    return int(any(each.state in ("late", "new") for each in judged))


def locked_components() -> list[Component]:
    """Everything that the lock files name, once each."""
    runs = [each.name for each in python_components((DEPLOY / "requirements.lock").read_text(encoding="utf-8"))]
    found = {
        (each.kind, each.name, each.version): each
        for name in ("requirements-test.lock", "requirements-node.lock", "requirements-uv.lock", "requirements.lock")
        for each in python_components((DEPLOY / name).read_text(encoding="utf-8"), runs)
    }
    front_end = json.loads((DEPLOY / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    return [*found.values(), *npm_components(front_end)]


def _ask_for_python(components: Iterable[Component]) -> list[Flaw]:
    files = [part for lock in sorted(DEPLOY.glob("requirements*.lock")) for part in ("-r", str(lock))]
    command = [sys.executable, "-m", "uv", "tool", "run", "--from", CLIENT, "pip-audit", *files]
    said = _said([*command, "--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json"], DEPLOY)
    return python_flaws(said, [each for each in components if each.kind == "pypi"])


def _ask_for_npm() -> list[Flaw]:
    return npm_flaws(_said(["npm", "audit", "--json", "--package-lock-only"], DEPLOY / "frontend"))


def _said(command: Sequence[str], folder: Path) -> Any:
    """What a client prints; its exit status tells of flaws, not of trouble."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=900)
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as problem:
        raise NotAuditedError(f"{' '.join(command[:2])} gave no answer.") from problem


def _write_down(lines: Sequence[Line]) -> None:
    with WRITTEN.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [line.flaw.package, line.flaw.identifier, line.flaw.severity, line.seen_on, "", ""] for line in lines
        )


def say(words: str) -> None:
    """One line to whoever asked."""
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
