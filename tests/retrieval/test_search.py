"""Hybrid search over a small graph."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from kg import (
    ArchiveUnavailable,
    Category,
    Concept,
    Description,
    GraphDamaged,
    Name,
    NameKind,
    Record,
    Snapshot,
    silent,
)
from retrieval.embedder import HashingEmbedder
from retrieval.fusion import Vectors
from retrieval.rerank import OverlapReranker
from retrieval.search import PassageSearch, ScoredPassage, SearchConfig
from tests.made_graph import snapshot_of

TEXTS = {
    "HP:0001166": ("Arachnodactyly", "Abnormally long and slender fingers."),
    "HP:0001250": ("Seizure", "An intermittent abnormality of nervous system physiology."),
    "HP:0000175": ("Cleft palate", "A developmental defect of the palate."),
    "HP:0001083": ("Ectopia lentis", "Dislocation or malposition of the lens."),
    "MONDO:0007947": ("Marfan syndrome", "A connective tissue disorder with long fingers and lens dislocation."),
    "MONDO:0008426": ("Shprintzen-Goldberg syndrome", "A disorder with craniosynostosis and long fingers."),
}


class MissingEmbedder(HashingEmbedder):
    """Has no weights and no network."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        raise ArchiveUnavailable("encoder==1", "no network")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    records: list[Record] = []
    for curie, (label, text) in TEXTS.items():
        category = Category.DISEASE if curie.startswith("MONDO") else Category.PHENOTYPE
        concept = Concept(curie, category, (Name(label, NameKind.LABEL),))
        description = Description(curie, label, text, "definition", "test", "1", curie)
        records += [concept, description]
    return snapshot_of(records, tmp_path_factory.mktemp("snapshot"))


@pytest.fixture
def folder(snapshot: Snapshot, tmp_path: Path) -> Path:
    PassageSearch.build(snapshot, tmp_path / "index", HashingEmbedder(), tmp_path / "vectors", silent)
    return tmp_path / "index"


@pytest.fixture
def search(folder: Path) -> PassageSearch:
    return PassageSearch.open(folder, HashingEmbedder())


def concepts(found: Sequence[ScoredPassage]) -> list[str | None]:
    return [item.passage.concept for item in found]


def test_it_stamps_the_version_and_counts(snapshot: Snapshot, search: PassageSearch) -> None:
    assert search.version == snapshot.version
    assert len(search) == len(TEXTS)


def test_the_passage_that_words_and_vectors_agree_on_comes_first(search: PassageSearch) -> None:
    found = search.search("dislocation of the lens", 3)
    assert found[0].passage.concept == "HP:0001083"
    assert (found[0].dense_rank, found[0].lexical_rank) == (1, 1)
    assert search.degraded is None


def test_results_are_cut_sorted_and_the_same_each_time(search: PassageSearch) -> None:
    found = search.search("long fingers", 2)
    assert len(found) == 2
    assert found[0].score >= found[1].score
    assert found == search.search("long fingers", 2)


def test_equal_scores_go_by_passage_id(search: PassageSearch) -> None:
    found = search.search("qqq", 6, about=list(TEXTS))
    ties = [(item.score, item.passage.id) for item in found]
    assert ties == sorted(ties, key=lambda tie: (-tie[0], tie[1]))


def test_passages_about_the_concepts_of_the_question_move_up(search: PassageSearch) -> None:
    question = "Which disorder has long fingers and lens dislocation?"
    assert concepts(search.search(question, 1)) == ["MONDO:0007947"]
    assert concepts(search.search(question, 1, about=["MONDO:0008426"])) == ["MONDO:0008426"]
    assert concepts(search.search("?", 6, about=["HP:0001250"]))[0] == "HP:0001250"


def test_unknown_concepts_change_nothing(search: PassageSearch) -> None:
    assert search.search("palate", 3, about=["HP:9999999"]) == search.search("palate", 3)


class Backwards:
    """Prefers what mentions the least of the question."""

    name = "backwards"

    def __init__(self, available: bool = True) -> None:
        self.asked: list[int] = []
        self._available = available

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        self.asked.append(len(texts))
        if not self._available:
            raise ArchiveUnavailable("reranker==1", "no network")
        return -OverlapReranker().scores(question, texts)


def test_a_reranker_reorders_the_first_and_only_those(folder: Path) -> None:
    question = "Which disorder has long fingers and lens dislocation?"
    plain = PassageSearch.open(folder, HashingEmbedder()).search(question, 6)
    config, backwards = SearchConfig(reranked=3, reranker_share=0.99), Backwards()
    found = PassageSearch.open(folder, HashingEmbedder(), config, backwards).search(question, 6)
    assert concepts(found[:3]) == concepts(plain[:3])[::-1]
    assert [item.passage for item in found[3:]] == [item.passage for item in plain[3:]]
    assert [item.score for item in found] == [item.score for item in plain]
    assert backwards.asked == [3]


def test_without_its_weights_the_reranker_is_left_out_and_nothing_else_changes(folder: Path) -> None:
    missing = Backwards(available=False)
    search = PassageSearch.open(folder, HashingEmbedder(), reranker=missing)
    plain = PassageSearch.open(folder, HashingEmbedder())
    assert search.search("long fingers", 6) == plain.search("long fingers", 6)
    assert search.search("cleft palate", 6) == plain.search("cleft palate", 6)
    assert len(missing.asked) == 1
    assert search.degraded is None


def test_texts_of_any_origin_can_be_indexed(tmp_path: Path) -> None:
    texts = [Description("X:1", "Cleft lip", "An opening of the lip.", "answer", "own", "1", "own:1")]
    PassageSearch.write(texts, "own-1", tmp_path / "index", HashingEmbedder(), tmp_path / "vectors", silent)
    search = PassageSearch.open(tmp_path / "index", HashingEmbedder())
    assert search.version == "own-1"
    assert search.search("opening of the lip", 3)[0].passage.reference == "own:1"


@pytest.mark.parametrize("question", ["", "  \n", "\udcff\x00", "palate " * 20_000, "'; DROP TABLE --", "🫀" * 100])
def test_odd_questions_do_no_harm(search: PassageSearch, question: str) -> None:
    assert len(search.search(question, 3)) <= 3


def test_an_empty_question_finds_nothing(search: PassageSearch) -> None:
    assert search.search("", 5) == ()


def test_without_weights_at_question_time_words_alone_are_searched_and_it_says_so(folder: Path) -> None:
    search = PassageSearch.open(folder, MissingEmbedder())
    found = search.search("cleft palate", 3, about=["HP:0001250"])
    assert "HP:0000175" in concepts(found)
    assert all(item.dense_rank is None for item in found)
    assert search.degraded is not None
    assert "words alone" in search.degraded


def test_without_weights_at_build_time_words_alone_are_searched(snapshot: Snapshot, tmp_path: Path) -> None:
    PassageSearch.build(snapshot, tmp_path / "index", MissingEmbedder(), tmp_path / "vectors", silent)
    search = PassageSearch.open(tmp_path / "index", HashingEmbedder())
    assert concepts(search.search("slender fingers", 1)) == ["HP:0001166"]
    assert search.degraded is not None


def test_vectors_of_an_earlier_build_serve_where_the_weights_are_gone(snapshot: Snapshot, tmp_path: Path) -> None:
    for embedder in (HashingEmbedder(), MissingEmbedder()):
        PassageSearch.build(snapshot, tmp_path / "index", embedder, tmp_path / "vectors", silent)
    search = PassageSearch.open(tmp_path / "index", HashingEmbedder())
    assert search.search("cleft palate", 1)[0].dense_rank == 1


def test_vectors_of_another_encoder_are_not_compared(folder: Path) -> None:
    search = PassageSearch.open(folder, HashingEmbedder(64))
    assert search.degraded is not None
    assert concepts(search.search("cleft palate", 1)) == ["HP:0000175"]


def test_a_graph_without_texts_has_an_empty_index(tmp_path: Path) -> None:
    snapshot = snapshot_of(
        [Concept("HP:0000001", Category.PHENOTYPE, (Name("All", NameKind.LABEL),))], tmp_path / "graph"
    )
    PassageSearch.build(snapshot, tmp_path / "index", HashingEmbedder(), tmp_path / "vectors", silent)
    search = PassageSearch.open(tmp_path / "index", HashingEmbedder())
    assert search.search("anything", 3, about=["HP:0000001"]) == ()


def test_a_second_build_replaces_the_first_and_leaves_nothing_beside(snapshot: Snapshot, folder: Path) -> None:
    PassageSearch.build(snapshot, folder, HashingEmbedder(), folder.parent / "vectors", silent)
    assert len(PassageSearch.open(folder, HashingEmbedder())) == len(TEXTS)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["index", "vectors"]


@pytest.mark.parametrize("name", ["manifest.json", "passages.arrow", "dense.faiss", "lexical/params.index.json"])
@pytest.mark.parametrize("damage", ["gone", "empty", "half"])
def test_a_damaged_index_says_what_to_do(folder: Path, name: str, damage: str) -> None:
    path = folder / name
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: 0 if damage == "empty" else path.stat().st_size // 2])
    with pytest.raises(GraphDamaged, match="kg build"):
        PassageSearch.open(folder, HashingEmbedder())


def test_an_index_of_another_layout_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"schema": 0}))
    with pytest.raises(GraphDamaged, match="layout"):
        PassageSearch.open(folder, HashingEmbedder())
