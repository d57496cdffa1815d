import csv
import hashlib
import io
import json
from dataclasses import replace

from support.packs import a_fingerprint, a_pack

from mendline.packs.attachments import attachments, evidence_csv, facts_csv, manifest


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_the_figures_are_embedded_with_their_counts_and_references() -> None:
    rows = rows_of(facts_csv(a_pack()).content)
    assert len(rows) == 18
    assert rows[-1]["numerator"] == "1204"
    assert rows[-1]["value"] == "97.1"
    assert rows[-1]["references"] == "E-046"


def test_a_missing_figure_is_an_empty_cell_and_not_a_nought() -> None:
    pack = a_pack()
    missing = replace(pack.facts[0], value=None, numerator=None, state="missing")
    row = rows_of(facts_csv(replace(pack, facts=(missing,))).content)[0]
    assert (row["value"], row["numerator"], row["state"]) == ("", "", "missing")


def test_no_cell_is_a_formula_and_negative_numbers_stay_numbers() -> None:
    pack = a_pack()
    fact = replace(pack.facts[0], indicator='=HYPERLINK("http://x")', value=-2.5)
    evidence = replace(pack.evidence[0], what="@SUM(A1)", where="+44 report")
    changed = replace(pack, facts=(fact,), evidence=(evidence,))
    row = rows_of(facts_csv(changed).content)[0]
    assert (row["indicator"], row["value"]) == ('\'=HYPERLINK("http://x")', "-2.5")
    assert [rows_of(evidence_csv(changed).content)[0][name] for name in ("what", "where")] == [
        "'@SUM(A1)",
        "'+44 report",
    ]


def test_the_evidence_file_has_fingerprints_in_full() -> None:
    assert rows_of(evidence_csv(a_pack()).content)[0]["sha256"] == a_fingerprint("E-046")


def test_the_manifest_holds_the_hash_of_each_embedded_file() -> None:
    facts, evidence, last = attachments(a_pack())
    named = json.loads(last.content)["files"]
    for file in (facts, evidence):
        assert named[file.name]["sha256"] == hashlib.sha256(file.content).hexdigest()


def test_the_manifest_says_how_many_figures_have_their_records_here() -> None:
    pack = a_pack()
    counted = replace(pack.facts[0], records=9)
    told = json.loads(manifest(replace(pack, facts=(counted, *pack.facts[1:]))).content)
    assert told["figures"] == {"rows": 18, "with_records": 1, "records": 9}


def test_the_same_document_has_the_same_manifest() -> None:
    assert manifest(a_pack()).content == manifest(a_pack()).content


def test_any_changed_word_changes_the_manifest() -> None:
    pack = a_pack()
    position = replace(pack.position, sentence="All is well.")
    assert manifest(replace(pack, position=position)).sha256 != manifest(pack).sha256
