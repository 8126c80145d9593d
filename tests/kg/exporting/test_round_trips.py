"""What is exported as KGX or SSSOM is read back by the importers to the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import Concept, Evidence, Fact, Match, MatchKind, Rejections
from kg.exporting import ExportFailed, ExportFormat, fused_matches, write_extract, write_kgx, write_sssom
from kg.importing import Format, ImportRequest, read_import
from tests.kg.exporting.made import CURIES, concept, concepts, extract, facts

IN_ONE_FOLDER = settings(suppress_health_check=list(HealthCheck), max_examples=40, deadline=None)


def read_back(folder: Path) -> tuple[list[Concept], list[Fact]]:
    """Concepts and facts of the tables, without a complaint except about circles, which any graph may have."""
    rejections = Rejections()
    request = ImportRequest("back", "1", (folder,), Format.KGX)
    records = list(read_import(request, rejections))
    assert set(rejections.counts) <= {"cyclic is_a", "duplicate id with another label"}
    return [r for r in records if isinstance(r, Concept)], [r for r in records if isinstance(r, Fact)]


def as_read(evidence: Evidence) -> Evidence:
    """The same evidence under the name of the import; the first source becomes a reference."""
    return replace(evidence, source="back", references=(*evidence.references, f"infores:{evidence.source}"))


@IN_ONE_FOLDER
@given(made=facts())
def test_facts_survive_kgx(made: Fact, tmp_path: Path) -> None:
    write_kgx(extract([], [made]), tmp_path)
    _, found = read_back(tmp_path)
    assert found == [replace(made, evidence=(as_read(item),)) for item in made.evidence]


@IN_ONE_FOLDER
@given(made=concepts())
def test_concepts_survive_kgx(made: Concept, tmp_path: Path) -> None:
    write_kgx(extract([made], []), tmp_path)
    found, _ = read_back(tmp_path)
    assert found == [made]


def test_tabs_line_ends_and_bars_do_not_break_the_table(tmp_path: Path) -> None:
    odd = concept("HP:0000001", "one\ttwo\nthree")
    write_kgx(extract([odd], []), tmp_path)
    (found,), _ = read_back(tmp_path)
    assert found.label == "one two three"


@IN_ONE_FOLDER
@given(pairs=st.sets(st.tuples(CURIES, CURIES, st.sampled_from(MatchKind)), max_size=6))
def test_matches_survive_sssom(pairs: set[tuple[str, str, MatchKind]], tmp_path: Path) -> None:
    made = [Match(one, other, "back", "1", kind, "semapv:LexicalMatching") for one, other, kind in pairs]
    path = write_sssom(made, tmp_path / "maps.sssom.tsv", lambda curie: curie, "CC0-1.0")
    rejections = Rejections()
    found = list(read_import(ImportRequest("back", "1", (path,), Format.SSSOM), rejections))
    assert found == sorted(made, key=lambda match: (match.subject, match.object, match.kind))
    assert not rejections


def test_fused_identifiers_are_exact_matches() -> None:
    fused = replace(concept("MONDO:0007947", "Marfan syndrome"), equivalents=("OMIM:154700",))
    (match,) = fused_matches([fused], "graph", "1")
    assert (match.subject, match.object, match.kind) == ("MONDO:0007947", "OMIM:154700", MatchKind.EXACT)


@pytest.mark.parametrize("format", list(ExportFormat))
def test_a_place_that_cannot_be_written_to_is_told(format: ExportFormat, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportFailed, match="Cannot write"):
        write_extract(extract([], []), format, tmp_path / "file" / "deeper")
