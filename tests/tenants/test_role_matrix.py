"""The permission matrix equals the one that was reviewed; a changed cell is seen in the review of the file."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from mendline.catalogue.record_types import record_types
from tenants.classes import CLASSES, PERMISSIONS, RECORD_CLASSES, weight
from tenants.roles import GRANTABLE, ROLES, Role, gives

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
    weights = [f"{class_.ljust(24)} {weight(class_)}" for class_ in CLASSES]
    kinds = [f"{kind.ljust(24)} {class_}" for kind, class_ in RECORD_CLASSES.items()]
    giving = [
        f"{key.ljust(24)} gives {' '.join(each for each in roles if gives(key, each)) or 'nothing'}" for key in roles
    ]
    parts = [[head, *lines], permissions, weights, kinds, giving, [f"grantable: {' '.join(GRANTABLE)}"]]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def test_the_matrix_is_the_reviewed_one() -> None:
    assert as_text(ROLES) == REVIEWED.read_text(encoding="utf-8"), (
        "The permission matrix changed. If it should have, have the change reviewed and write as_text(ROLES) to "
        "tests/data/role_matrix.txt in the same commit."
    )


@pytest.mark.parametrize("mode", ["r", "w"])
def test_every_flipped_cell_differs_from_the_reviewed_matrix(mode: str, figure: Callable[[str], None]) -> None:
    reviewed = REVIEWED.read_text(encoding="utf-8")
    for key, role in ROLES.items():
        for class_ in CLASSES:
            had = role.classes.get(class_, "")
            now = had.replace(mode, "") if mode in had else "".join(sorted(had + mode))
            flipped = dataclasses.replace(role, classes=role.classes | {class_: now})
            assert as_text(ROLES | {key: flipped}) != reviewed, (key, class_)
    figure(f"role matrix, {mode}: {len(ROLES) * len(CLASSES)} cells flipped, each noticed")


def test_every_permission_asks_for_a_class_that_exists() -> None:
    assert {class_ for class_, _ in PERMISSIONS.values()} <= set(CLASSES)


def test_outsiders_write_nothing_of_a_provider() -> None:
    own = {"visits", "operations"}
    outside = [role for role in ROLES.values() if role.level in {"external", "platform"}]
    assert [(role.key, class_) for role in outside for class_ in role.classes if role.holds(class_, "w")] == [
        ("commissioner_officer", "visits"),
        ("platform_operator", "operations"),
    ]
    assert all(
        set(role.classes) <= set(CLASSES) - {"people", "ledger"} | own for role in outside if role.level == "external"
    )


def test_a_commissioner_never_holds_a_record_or_a_concern() -> None:
    forbidden = {*RECORD_CLASSES.values(), "records", "people", "ledger", "story"}
    assert not forbidden & set(ROLES["commissioner_officer"].classes)
    assert set(GRANTABLE) <= set(ROLES["commissioner_officer"].classes)


def test_support_never_holds_a_record_or_a_file() -> None:
    assert not {*RECORD_CLASSES.values(), "records", "evidence_files"} & set(ROLES["platform_operator"].classes)


def test_an_administrator_holds_no_care_content() -> None:
    care = {"summary", "story", "actions", "evidence_index", "evidence_files", "records", *RECORD_CLASSES.values()}
    assert not care & set(ROLES["provider_administrator"].classes)


def test_every_kind_of_record_that_is_told_apart_exists() -> None:
    assert set(RECORD_CLASSES) <= set(record_types())


def test_nobody_gives_a_role_that_sees_or_decides_more_than_their_own() -> None:
    for giver, mine in ROLES.items():
        for given, theirs in ROLES.items():
            if gives(giver, given):
                more = {
                    class_
                    for class_, modes in theirs.classes.items()
                    for mode in modes
                    if (weight(class_) == "power" and not mine.holds(class_, mode))
                    or (weight(class_) == "work" and mode == "r" and not mine.holds(class_, "r"))
                }
                assert not more, (giver, given, more)


def test_a_manager_gives_roles_of_a_service_and_nobody_gives_roles_of_outsiders() -> None:
    assert gives("registered_manager", "deputy_manager")
    assert not gives("registered_manager", "provider_quality_lead")
    assert not gives("provider_administrator", "registered_manager")
    assert not any(gives(each, "inspector") or gives(each, "platform_operator") for each in ROLES)
