"""What is taken as evidence, and that no file made to lie or to do harm is."""

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from support.evidence_files import SentFile, a_picture, bad_files, honest_files
from support.scanner import a_scanner

from mendline.evidence.files.apart import examine_apart
from mendline.evidence.files.kinds import KINDS
from mendline.evidence.files.scanning import Scan, ScannerAwayError, scan
from mendline.evidence.files.verdict import Examined, HeldBackError, RefusedFileError

HONEST = honest_files()
BAD = bad_files()


def examined(sent: SentFile, folder: Path) -> tuple[Examined, Path]:
    path, kept = folder / "sent", folder / "kept"
    path.write_bytes(sent.content)
    return examine_apart(sent.name, path, kept), kept


@pytest.mark.parametrize("name", sorted(HONEST))
def test_an_honest_file_is_taken_for_what_it_is(name: str, tmp_path: Path) -> None:
    sent = HONEST[name]
    found, _ = examined(sent, tmp_path)
    assert found.kind == name.split("-", maxsplit=1)[0]
    assert (found.sha256, found.size) == (hashlib.sha256(sent.content).hexdigest(), len(sent.content))


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_file_is_refused_or_held_back_in_words(name: str, tmp_path: Path) -> None:
    with pytest.raises((RefusedFileError, HeldBackError), match=r"[A-Z].* .*\.$") as told:
        examined(BAD[name], tmp_path)
    assert "Traceback" not in str(told.value)


def test_sixty_and_more_bad_files_are_tried() -> None:
    assert len(BAD) >= 60


WEIGHED = """
import resource, sys
from pathlib import Path
from mendline.evidence.files.apart import examine_apart
from tenants.errors import RefusedError
for sent in sorted(Path(sys.argv[1]).iterdir()):
    try:
        examine_apart(sent.name, sent, Path(sys.argv[2]))
    except RefusedError:
        pass
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_no_examination_of_a_bad_file_takes_much_memory(tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    sent.mkdir()
    heavy = [
        name for name in sorted(BAD) if any(word in name for word in ("bomb", "large", "many", "nested", "packed"))
    ]
    for name in heavy:
        (sent / f"{name}-{BAD[name].name}").write_bytes(BAD[name].content)
    # A process of its own, because a process remembers the largest of all the children that it ever had.
    done = subprocess.run(
        [sys.executable, "-c", WEIGHED, str(sent), str(tmp_path / "kept")], capture_output=True, text=True, check=True
    )
    assert len(heavy) >= 5
    assert int(done.stdout) < 256 * 1024, f"{int(done.stdout) / 1024:.0f} MB"


def test_a_pdf_with_a_script_is_held_back_and_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(HeldBackError, match="scripts"):
        examined(BAD["pdf-script-on-opening"], tmp_path)


def test_a_photograph_loses_its_place_and_its_trailing_bytes(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "canary-camera"
    sent = SentFile("photo.jpg", a_picture("JPEG", exif=exif) + b"canary-trailer")
    found, kept = examined(sent, tmp_path)
    content = kept.read_bytes()
    assert found.cleaned
    assert b"canary" not in content
    assert Image.open(io.BytesIO(content)).size == (40, 30)
    assert found.kept_sha256 == hashlib.sha256(content).hexdigest() != found.sha256


def test_every_kind_has_an_honest_example() -> None:
    assert {name.split("-")[0] for name in HONEST} | {"txt"} == set(KINDS)


def test_a_scanner_tells_clean_from_infected(tmp_path: Path) -> None:
    clean, bad = tmp_path / "clean", tmp_path / "bad"
    clean.write_bytes(bytes(600_000))
    bad.write_bytes(b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*")
    with a_scanner() as address:
        assert scan(clean, address).verdict == "clean"
        assert scan(bad, address) == Scan("infected", "Eicar-Signature")


def test_without_a_scanner_nothing_is_said_to_be_clean(tmp_path: Path) -> None:
    assert scan(tmp_path / "unread", None).verdict == "none"


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere", "127.0.0.1:port"])
def test_a_scanner_that_is_away_makes_files_wait(address: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    with pytest.raises(ScannerAwayError, match="waits"):
        scan(file, address)
