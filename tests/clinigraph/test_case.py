"""``clinigraph case``: what was read of a letter, each item with its place."""

from pathlib import Path

import pytest

from clinigraph.contract import CaseRecord
from tests.clinigraph.conftest import CommandLine

LETTER = "This 7-year-old boy has scoliosis since age 5. No seizures.\r\nHis mother has chorea. FBN1 was sequenced."


def read(output: str) -> CaseRecord:
    return CaseRecord.model_validate_json(output, strict=True)


def test_a_letter(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_bytes(LETTER.encode())
    case = read(cli.output("case", tmp_path / "letter.txt", "--json"))
    assert (case.case, case.sex, case.age_years, case.pregnant) == ("letter.txt", "MALE", 7.0, None)
    assert [(f.curie, f.status, f.onset_years) for f in case.findings] == [
        ("HP:0002650", "observed", 5.0),
        ("HP:0001250", "excluded", None),
    ]
    assert [(f.curie, f.relative) for f in case.family] == [("HP:0002072", "mother")]
    assert [gene.curie for gene in case.genes] == ["HGNC:3603"]
    places = [*case.origins.values()]
    for items in (case.findings, case.family, case.genes):
        places += [item.origin for item in items if item.origin is not None]
    assert len(places) >= 5
    assert all(LETTER[slice(place.start, place.end)] == place.text for place in places)


def test_standard_input_and_lines_for_people(cli: CommandLine) -> None:
    shown = cli.output("case", "-", stdin=LETTER.encode())
    assert "age 7 years" in shown
    assert "Scoliosis (HP:0002650), observed, since 5 years" in shown
    assert "mother: Chorea (HP:0002072), observed" in shown


def test_a_phenopacket(cli: CommandLine, tmp_path: Path) -> None:
    packet = (
        '{"id": "p1", "phenotypicFeatures": [{"type": {"id": "HP:0002650", "label": "Scoliosis"}}], "metaData": {}}'
    )
    (tmp_path / "p.json").write_text(packet)
    case = read(cli.output("case", tmp_path / "p.json", "--json"))
    assert [f.curie for f in case.findings] == ["HP:0002650"]


@pytest.mark.parametrize(
    ("content", "complaint"), [(b"", "is empty"), (b"\xff\xfe\x00", "is not UTF-8"), (b'{"id": 1', "")]
)
def test_bad_letters(cli: CommandLine, tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "bad.txt").write_bytes(content)
    assert complaint in cli.complaint("case", tmp_path / "bad.txt")
    assert "no such file" in cli.complaint("case", tmp_path / "none.txt")
