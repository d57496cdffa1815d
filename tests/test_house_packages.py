"""What runs needs nothing that only the tests bring."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
OURS = {"mendline", "tenants", "workers"}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imported() -> dict[str, Path]:
    """Packages that the three floors import, each with a file that does."""
    found: dict[str, Path] = {}
    for floor in ("platform", "tenants", "workers"):
        for file in (ROOT / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {each.name.split(".")[0]: file for each in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found[node.module.split(".")[0]] = file
    return {name: file for name, file in found.items() if name not in OURS | set(sys.stdlib_module_names)}


def test_whatever_runs_imports_is_installed_without_the_tests() -> None:
    lines = (ROOT / "deploy" / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked = {_plain(line.split("==")[0]) for line in lines if re.match(r"[A-Za-z0-9]", line)}
    brought = packages_distributions()
    imported = _imported()
    assert {"flask", "sqlalchemy", "numpy"} <= set(imported)
    missing = {
        name: str(file.relative_to(ROOT))
        for name, file in imported.items()
        if not {_plain(each) for each in brought.get(name, [name])} & locked
    }
    assert missing == {}
