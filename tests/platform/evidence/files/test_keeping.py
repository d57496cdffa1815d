"""Files at rest: sealed for one provider and one name, opened whole or not at all, in a folder or in a bucket."""

import io
import tracemalloc
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.running import free_port

from mendline.config import Settings, SettingsError
from mendline.evidence.files.buckets import BucketStore
from mendline.evidence.files.keeping import Keeper, is_evidence_key, keeper_of
from mendline.evidence.files.sealing import CHUNK, Keys, SpoiltFileError, opened, rewrapped, sealed
from mendline.evidence.files.stores import FolderStore, ObjectStore
from mendline.evidence.files.verdict import RefusedFileError
from tenants.errors import UnavailableError
from tenants.reach import Reach

KEYS = Keys(("the key of these tests, which nobody else has",))
MINE, THEIRS = uuid.UUID(int=1), uuid.UUID(int=2)
NAME = f"{MINE}/evidence/one"


def a_reach() -> Reach:
    return Reach("ticket", "job", None, "Mendline", (), (), (MINE,))


def seal(content: bytes, keys: Keys = KEYS) -> bytes:
    return b"".join(sealed([content], keys, MINE, NAME))


def unseal(content: bytes, keys: Keys = KEYS, provider_id: uuid.UUID = MINE, name: str = NAME) -> bytes:
    return b"".join(opened(io.BytesIO(content), keys, provider_id, name))


@given(st.lists(st.binary(max_size=3000), max_size=6), st.integers(0, 3))
def test_whatever_is_sealed_opens_again_at_any_size(blocks: list[bytes], chunks: int) -> None:
    content = [*blocks, bytes(CHUNK) * chunks]
    kept = b"".join(sealed(content, KEYS, MINE, NAME))
    assert unseal(kept) == b"".join(content)


def test_nothing_of_the_content_is_readable_at_rest_and_no_two_are_alike() -> None:
    kept = [seal(b"canary of the home" * 100) for _ in range(2)]
    assert all(b"canary" not in each for each in kept)
    assert kept[0] != kept[1]


LARGE = bytes(range(256)) * 1024 * 3  # three chunks


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda kept: kept[:-1], id="cut by a byte"),
        pytest.param(lambda kept: kept[: -(CHUNK + 16)], id="cut by a whole chunk"),
        pytest.param(lambda kept: kept[:75], id="header alone"),
        pytest.param(lambda kept: kept[:40], id="half a header"),
        pytest.param(lambda kept: kept[:0], id="nothing"),
        pytest.param(lambda kept: kept + b"x", id="a byte more"),
        pytest.param(lambda kept: kept[:200] + bytes([kept[200] ^ 1]) + kept[201:], id="a bit of content"),
        pytest.param(lambda kept: kept[:9] + bytes([kept[9] ^ 1]) + kept[10:], id="a bit of the header"),
        pytest.param(
            lambda kept: (
                kept[:75] + kept[75 + CHUNK + 16 : 75 + 2 * (CHUNK + 16)] + kept[75 : 75 + CHUNK + 16]
                + kept[75 + 2 * (CHUNK + 16) :]
            ),
            id="two chunks changed places",
        ),
    ],
)  # fmt: skip
def test_what_was_changed_where_it_is_kept_does_not_open(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(SpoiltFileError, match="changed where it is kept"):
        unseal(spoil(seal(LARGE)))


def test_a_file_opens_for_its_own_provider_and_name_alone() -> None:
    kept = seal(b"ours")
    for provider_id, name in ((THEIRS, NAME), (MINE, f"{MINE}/evidence/two")):
        with pytest.raises(SpoiltFileError):
            unseal(kept, provider_id=provider_id, name=name)
    with pytest.raises(SpoiltFileError):
        unseal(kept, keys=Keys(("another installation's key, as long as ours",)))


def test_a_newer_key_seals_and_the_older_one_still_opens() -> None:
    newer = Keys(("a newer key of the installation, long enough", *KEYS.masters))
    assert unseal(seal(b"old"), keys=newer) == b"old"
    with pytest.raises(SpoiltFileError):
        unseal(seal(b"new", keys=newer), keys=KEYS)


def test_a_file_is_bound_to_who_takes_the_service_over_without_being_opened() -> None:
    after = (THEIRS, f"{THEIRS}/evidence/one")
    carried = b"".join(rewrapped(io.BytesIO(seal(LARGE)), KEYS, before=(MINE, NAME), after=after))
    assert unseal(carried, provider_id=THEIRS, name=after[1]) == LARGE
    with pytest.raises(SpoiltFileError):
        unseal(carried)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    found: ObjectStore = FolderStore(tmp_path) if request.param == "folder" else request.getfixturevalue("bucket")
    return found


def test_a_store_keeps_gives_back_and_removes(store: ObjectStore) -> None:
    keeper = Keeper(store, KEYS)
    kept = keeper.keep(a_reach(), MINE, "notes.txt", io.BytesIO(b"notes of the meeting"))
    assert is_evidence_key(kept.object_key)
    assert b"".join(keeper.read(kept.object_key)) == b"notes of the meeting"
    raw = store.open(kept.object_key)
    assert b"notes" not in raw.read()
    raw.close()
    store.remove(kept.object_key)
    store.remove(kept.object_key)
    with pytest.raises(UnavailableError, match="not where it should be"):
        next(keeper.read(kept.object_key))


def test_a_store_forgets_everything_of_a_provider_and_nothing_of_another(store: ObjectStore) -> None:
    for name in ("a", "b"):
        store.put(f"{MINE}/evidence/{name}", [b"x"])
    store.put(f"{THEIRS}/evidence/c", [b"theirs"])
    assert store.remove_under(f"{MINE}/") == 2
    with store.open(f"{THEIRS}/evidence/c") as left:
        assert left.read() == b"theirs"


@pytest.mark.usefixtures("credentials")
def test_a_store_that_is_away_says_so() -> None:
    away = Keeper(BucketStore("evidence", "", f"http://127.0.0.1:{free_port()}"), KEYS)
    with pytest.raises(UnavailableError, match="does not answer"):
        away.keep(a_reach(), MINE, "notes.txt", io.BytesIO(b"notes"))
    with pytest.raises(UnavailableError, match="does not answer"):
        next(away.read(NAME))


def test_fifty_megabytes_pass_without_being_held(tmp_path: Path) -> None:
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    keeper = Keeper(FolderStore(tmp_path / "objects"), KEYS)
    tracemalloc.start()
    with large.open("rb") as source:
        kept = keeper.keep(a_reach(), MINE, "large.pdf", source)
    assert sum(len(block) for block in keeper.read(kept.object_key)) == kept.size == 50 * 1024 * 1024
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * 1024 * 1024, f"{most / 1024 / 1024:.1f} MB"


def test_a_file_that_is_too_large_is_stopped_on_the_way_and_leaves_nothing(tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            Endless.given += size
            return bytes(size)

    keeper = Keeper(FolderStore(tmp_path), KEYS)
    with pytest.raises(RefusedFileError, match="larger than 25 MB"):
        keeper.keep(a_reach(), MINE, "notes.txt", Endless())  # type: ignore[arg-type]
    assert Endless.given < 26 * 1024 * 1024
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["virus.exe", "evidence", "page.html", ""])
def test_a_name_that_promises_nothing_taken_is_refused_before_a_byte_is_read(name: str, tmp_path: Path) -> None:
    source = io.BytesIO(b"content")
    with pytest.raises(RefusedFileError, match="Mendline takes PDF"):
        Keeper(FolderStore(tmp_path), KEYS).keep(a_reach(), MINE, name, source)
    assert source.tell() == 0


def test_no_name_is_made_for_a_provider_out_of_reach(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="within reach"):
        Keeper(FolderStore(tmp_path), KEYS).keep(a_reach(), THEIRS, "notes.txt", io.BytesIO(b"x"))


def test_settings_say_where_files_are_kept_and_refuse_what_cannot_be(tmp_path: Path) -> None:
    given = {"MENDLINE_STATE": str(tmp_path)}
    settings = Settings.from_environment(given)
    assert isinstance(keeper_of(settings).store, FolderStore)
    assert Settings.from_environment(given).files_keys == settings.files_keys
    assert "files_key" not in repr(settings).replace("files_keys", "")
    assert Settings.from_environment(given | {"MENDLINE_FILES": "s3://bucket/part"}).files_bucket == "bucket/part"
    for wrong in ({"MENDLINE_FILES": "bucket"}, {"MENDLINE_FILES_KEY": "short"}, {"MENDLINE_SCANNER": "clamav"}):
        with pytest.raises(SettingsError):
            Settings.from_environment(given | wrong)
