"""Given mentions: their readings, the names that fit, and the identifiers that a model puts first."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.linking import Document, Marked, learn, main, score
from kg import Category, Concept, Evidence, Fact, Name, NameKind, Predicate, Record, Snapshot
from retrieval.coded import CodedLinker, shares
from retrieval.coding import Coder, NoVocabulary
from retrieval.given import GivenLinker
from retrieval.lexicon_building import compile_lexicon
from retrieval.linking_model import read_linking_model, write_linking_model
from retrieval.pipeline import Reader
from retrieval.readings import long_forms_in, readings_of
from tests.made_graph import snapshot_of

DISEASES = frozenset({Category.DISEASE, Category.PHENOTYPE})


def disease(curie: str, *names: str, xrefs: tuple[str, ...] = ()) -> Concept:
    kinds = (NameKind.LABEL, *[NameKind.EXACT] * (len(names) - 1))
    return Concept(curie, Category.DISEASE, tuple(map(Name, names, kinds)), xrefs=xrefs)


RECORDS: list[Record] = [
    disease("MONDO:0000001", "breast neoplasm", "breast cancer", xrefs=("MESH:D000001",)),
    disease("MONDO:0000002", "ovarian neoplasm", "ovarian cancer", xrefs=("MESH:D000002",)),
    disease("MONDO:0000003", "hereditary breast ovarian cancer", xrefs=("MESH:D000003",)),
    disease("MONDO:0000004", "familial breast cancer"),
    disease("MONDO:0000005", "kidney disorder", "nephropathy", xrefs=("MESH:D000005", "OMIM:100005")),
    disease("MONDO:0000006", "cataract", xrefs=("OMIM:100006",)),
    Fact("MONDO:0000004", Predicate.SUBCLASS_OF, "MONDO:0000001", evidence=(Evidence("test", "1", "MONDO:0000004"),)),
]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot_of(RECORDS, tmp_path_factory.mktemp("graph"))


@pytest.fixture(scope="module")
def linker(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> CodedLinker:
    lexicon = compile_lexicon(snapshot, tmp_path_factory.mktemp("lexicon") / "lexicon")
    reader = Reader(snapshot, lexicon, learned=False)
    given = GivenLinker(lexicon, reader.linker.table, DISEASES)
    return CodedLinker(given, Coder(snapshot, ["MESH", "OMIM"]))


@pytest.mark.parametrize(
    ("mention", "expected"),
    [
        ("breast cancer", "MESH:D000001"),
        ("Cancer of the breast", "MESH:D000001"),
        ("familial breast cancer", "MESH:D000001"),  # coded by its parent
        ("nephropathy", "MESH:D000005"),
        ("severe nephropathy", "MESH:D000005"),
        ("cataract", "OMIM:100006"),
    ],
)
def test_names_decide_without_a_model(linker: CodedLinker, mention: str, expected: str) -> None:
    assert linker.rank(mention)[0] == expected


def test_nothing_fits_nonsense(linker: CodedLinker) -> None:
    assert linker.rank("qwertz") == []
    assert linker.rank("") == []


def test_abbreviations_are_written_out_and_lists_taken_apart(linker: CodedLinker) -> None:
    assert linker.rank("BC", {"BC": "breast cancer"})[0] == "MESH:D000001"
    assert {"MESH:D000001", "MESH:D000002"} <= set(linker.rank("breast and ovarian cancers")[:3])
    assert [r.text for r in readings_of("acute renal failure", {})] == ["acute renal failure"]


def test_long_forms_come_from_definitions_and_from_other_mentions() -> None:
    text = "von Hippel-Lindau (VHL) disease"
    found = long_forms_in(text, ["VHL", "Schwartz-Jampel syndrome", "SJS", "JSS", "heart attack"])
    assert found == {"VHL": "von Hippel-Lindau", "SJS": "Schwartz-Jampel syndrome"}


def test_codes_are_near_first_and_of_the_preferred_vocabulary(snapshot: Snapshot) -> None:
    coder = Coder(snapshot, ["OMIM", "MESH"])
    assert [code for code, _ in coder.codes("MONDO:0000005")] == ["OMIM:100005", "MESH:D000005"]
    own = dict(Coder(snapshot, ["MESH"]).codes("MONDO:0000001"))["MESH:D000001"]
    of_parent = dict(Coder(snapshot, ["MESH"]).codes("MONDO:0000004"))["MESH:D000001"]
    assert of_parent > own
    assert Coder(snapshot, ["MESH"]).codes("MONDO:0000006") == ()
    with pytest.raises(NoVocabulary, match="at least one vocabulary"):
        Coder(snapshot, [])


def made_documents() -> list[Document]:
    """Annotators who take "nephropathy" for something else than its name says, and know a word no name has."""
    odd = Marked("nephropathy", ("OMIM:100005",))
    new = Marked("lens clouding", ("OMIM:100006",))
    return [Document("", (odd, new, Marked("breast cancer", ("MESH:D000001",)))) for _ in range(40)]


def test_a_learned_model_follows_the_habits_of_annotators(
    linker: CodedLinker, snapshot: Snapshot, tmp_path: Path
) -> None:
    model = learn(made_documents(), linker, snapshot)
    write_linking_model(model, tmp_path / "model.npz")
    taught = CodedLinker(linker.linker, linker.coder, read_linking_model(tmp_path / "model.npz"))
    first = [ranked[0] for ranked in taught.rank_all(["nephropathy", "lens clouding", "breast cancer"])]
    assert first == ["OMIM:100005", "OMIM:100006", "MESH:D000001"]
    report = score(made_documents(), taught, snapshot)
    assert (report["mentions"], report["accuracy"], report["kinds"]) == (120, 1.0, {"right": 120})
    assert taught.rank("qwertz") == []
    assert taught.rank_all([]) == []


def test_shares_sum_to_one() -> None:
    assert shares(np.array([0.0, 0.0, 1000.0])).tolist() == [0.0, 0.0, 1.0]
    assert len(shares(np.zeros(0))) == 0


def test_a_missing_corpus_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere.txt"]) == 2
    assert "give the path of a corpus" in capsys.readouterr().err
