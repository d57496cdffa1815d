"""Rules of the house that no tool knows."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_platform_is_never_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists(), (
        "platform/__init__.py would shadow Python's own module 'platform' for every library. Delete the file: "
        "platform/ is a plain source root that holds the package 'mendline'."
    )
