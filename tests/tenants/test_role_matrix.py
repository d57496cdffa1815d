"""The permission matrix equals the one that was reviewed; a changed cell is seen in the review of the file."""

import dataclasses
from pathlib import Path

import pytest

from tenants.roles import CLASSES, GRANTABLE, PERMISSIONS, ROLES, Role

REVIEWED = Path(__file__).parents[1] / "data" / "role_matrix.txt"


def as_text(roles: dict[str, Role]) -> str:
    """The matrix as a table of words: a role each line, a class each column; r reads, w writes."""
    widths = {class_: len(class_) for class_ in CLASSES}
    head = " ".join(["role".ljust(24), "level".ljust(9), *CLASSES])
    lines = [
        " ".join(
            [
                role.key.ljust(24),
                role.level.ljust(9),
                *((role.classes.get(class_, "") or "-").ljust(widths[class_]) for class_ in CLASSES),
            ]
        ).rstrip()
        for role in roles.values()
    ]
    permissions = [f"{name.ljust(24)} {class_} {mode}" for name, (class_, mode) in PERMISSIONS.items()]
    return "\n".join([head, *lines, "", *permissions, "", f"grantable: {' '.join(GRANTABLE)}", ""])


def test_the_matrix_is_the_reviewed_one() -> None:
    assert as_text(ROLES) == REVIEWED.read_text(encoding="utf-8"), (
        "The permission matrix changed. If it should have, have the change reviewed and write as_text(ROLES) to "
        "tests/data/role_matrix.txt in the same commit."
    )


@pytest.mark.parametrize("mode", ["r", "w"])
def test_every_flipped_cell_differs_from_the_reviewed_matrix(mode: str) -> None:
    reviewed = REVIEWED.read_text(encoding="utf-8")
    for key, role in ROLES.items():
        for class_ in CLASSES:
            had = role.classes.get(class_, "")
            now = had.replace(mode, "") if mode in had else "".join(sorted(had + mode))
            flipped = dataclasses.replace(role, classes=role.classes | {class_: now})
            assert as_text(ROLES | {key: flipped}) != reviewed, (key, class_)


def test_every_permission_asks_for_a_class_that_exists() -> None:
    assert {class_ for class_, _ in PERMISSIONS.values()} <= set(CLASSES)


def test_evidence_files_and_records_are_not_among_what_outsiders_hold_by_role() -> None:
    assert all(not role.classes for role in ROLES.values() if role.level in {"external", "platform"})
