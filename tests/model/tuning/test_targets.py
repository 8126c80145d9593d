"""What a faithful answer is, and where an example goes."""

from dataclasses import replace

import pytest

from kg import Category, Curie, Frequency, Predicate
from model import Checker
from model.errors import MalformedTuningData
from model.tuning import Example, Relation, Split, Splitting, Task, forms
from model.tuning.forms import parse_forms
from model.tuning.gates import score_answers
from model.tuning.splits import share_of
from model.tuning.targets import Target, TargetWriter, Wanted, answers_by_fact, may_answer
from retrieval import Context, EvidenceItem, EvidenceKind
from tests.model.tuning.examples import chat
from tests.model.world import LOEYS, MARFAN, fact, is_a, link

NAMES = {"HP:0001083": "ectopia lentis", "HP:0001250": "seizure"}


def label(curie: Curie) -> str:
    return NAMES[curie]


def item(n: int, text: str, curies: tuple[Curie, ...], *facts: object) -> EvidenceItem:
    kind = EvidenceKind.FACT if facts else EvidenceKind.PASSAGE
    return EvidenceItem(n, kind, text, curies, "s", "1", "r", facts, ("Marfan syndrome",))  # type: ignore[arg-type]


FINDINGS = item(
    1,
    "Many patients with Marfan syndrome have ectopia lentis and arachnodactyly.",
    (MARFAN, "HP:0001083", "HP:0001166"),
    fact(MARFAN, "HP:0001083", Frequency(0.3, 0.79)),
    fact(MARFAN, "HP:0001166", Frequency(0.3, 0.79)),
)
MODE = item(
    2,
    "Marfan syndrome shows autosomal dominant inheritance.",
    (MARFAN, "HP:0000006"),
    fact(MARFAN, "HP:0000006", predicate=Predicate.HAS_INHERITANCE),
)
PASSAGE = item(
    3,
    "Marfan syndrome: A disorder of connective tissue that is inherited. Seizures are rare in Marfan syndrome.",
    (MARFAN,),
)
OTHER = item(4, "Loeys-Dietz syndrome: A disorder with bifid uvula.", (LOEYS,))
WRITER = TargetWriter(Checker(link, is_a), label)


def context(question: str, *items: EvidenceItem) -> Context:
    numbered = tuple(replace(each, n=n) for n, each in enumerate(items, start=1))
    return Context(question, tuple(link(question)), numbered)


def wanted(relation: str, second: Curie | None = None, name: str = "") -> Wanted:
    return Wanted(forms().relations[relation], MARFAN, second, second_name=name)


def test_facts_answer_before_prose_and_each_sentence_is_cited() -> None:
    target = WRITER.write(wanted("inheritance"), context("How is Marfan syndrome inherited?", PASSAGE, OTHER, MODE))
    assert target is not None
    assert target.text == "Marfan syndrome shows autosomal dominant inheritance [3]."


def test_prose_answers_where_no_fact_does() -> None:
    target = WRITER.write(wanted("definition"), context("What is Marfan syndrome?", OTHER, PASSAGE))
    assert target is not None
    assert target.text == "Marfan syndrome is a disorder of connective tissue that is inherited [2]."


def test_of_a_list_only_what_is_asked_for_is_said() -> None:
    asked = context("Does Marfan syndrome cause ectopia lentis?", OTHER, FINDINGS)
    target = WRITER.write(wanted("finding", "HP:0001083", "Ectopia lentis"), asked)
    assert target is not None
    assert target.text == "Many patients with Marfan syndrome have ectopia lentis [2]."


def test_nothing_is_said_that_no_item_says() -> None:
    asked = context("Which genes are associated with Marfan syndrome?", FINDINGS, MODE, OTHER)
    assert WRITER.write(wanted("genes"), asked) is None
    assert not any(may_answer(wanted("genes"), each) for each in asked.items)


def test_an_item_on_another_disease_is_no_answer() -> None:
    assert not answers_by_fact(wanted("inheritance"), replace(MODE, curies=(LOEYS, "HP:0000006")))
    assert WRITER.write(wanted("definition"), context("What is Marfan syndrome?", OTHER)) is None


def test_a_passage_that_names_the_finding_keeps_a_question_from_being_called_unanswerable() -> None:
    assert may_answer(wanted("finding", "HP:0001250", "Seizure"), PASSAGE)


def test_the_mark_stands_before_the_full_stop() -> None:
    assert Target((("It is rare.", 2), ("It is mild.", 2))).text == "It is rare [2]. It is mild [2]."
    assert Target((("It is rare.", 2), ("It is mild.", 2))).cited == (2,)


def test_shares_are_evenly_spread_and_depend_on_the_text_alone() -> None:
    drawn = [share_of("x", n) for n in range(2000)]
    assert drawn == [share_of("x", n) for n in range(2000)]
    assert sum(share < 0.2 for share in drawn) == pytest.approx(400, abs=60)


def test_a_held_out_concept_stays_held_out_whatever_is_asked() -> None:
    splitting = Splitting(5)
    held_out = next(f"HP:{n}" for n in range(1000) if splitting.of_concept(f"HP:{n}") is Split.HELD_OUT_CONCEPTS)
    seen = next(f"HP:{n}" for n in range(1000) if splitting.of_concept(f"HP:{n}") is Split.TRAIN)
    relation = next(iter(splitting.held_out_relations(forms())))
    form = next(w for r in forms().relations.values() for w in r.wordings if not splitting.is_held_out_form(w))
    hidden = next(w for r in forms().relations.values() for w in r.wordings if splitting.is_held_out_form(w))
    assert splitting.of([held_out], "inheritance", form, forms()) is Split.HELD_OUT_CONCEPTS
    assert splitting.of([seen, held_out], "inheritance", form, forms()) is Split.HELD_OUT_CONCEPTS
    assert splitting.of([seen], relation, form, forms()) is Split.HELD_OUT_RELATIONS
    assert splitting.of([seen], "inheritance", hidden, forms()) is Split.HELD_OUT_FORMS
    assert splitting.of([seen], "inheritance", form, forms()) is Split.TRAIN


def test_the_table_of_forms_is_sound() -> None:
    for relation in forms().relations.values():
        assert all("{x}" in wording for wording in relation.wordings), relation.id
        assert all(("{y}" in wording) == (relation.second is not None) for wording in relation.wordings), relation.id
        assert len(set(relation.wordings)) == len(relation.wordings)
    assert set(forms().follow_up) <= set(forms().relations)
    with pytest.raises(MalformedTuningData, match=r"forms\.toml"):
        parse_forms("[relations.x]\nabout = 'NOTHING'")


def test_scores_tell_abstention_from_answers() -> None:
    silence = "The evidence does not say."
    right, wrong = chat("a", "q", "It is rare [1]."), chat("b", "q", silence)
    scores = score_answers(["It is rare [1].", silence], [right, wrong], silence)
    assert scores["exact"] == scores["cited_right"] == scores["abstained_right"] == 1.0
    assert scores["unparsed"] == scores["abstained_wrongly"] == scores["repetition"] == 0.0
    turned = score_answers([silence, "It is rare"], [right, wrong], silence)
    assert turned["abstained_wrongly"] == 1.0
    assert turned["abstained_right"] == 0.0
    assert turned["unparsed"] == 0.5
    assert score_answers(["It is rare. " * 5], [right], silence)["repetition"] == 1.0


def test_an_example_ends_with_an_answer() -> None:
    sound = chat("a", "q", "It is rare [1].")
    with pytest.raises(ValueError, match="assistant"):
        replace(sound, messages=sound.messages[:-1])
    assert isinstance(sound, Example)
    assert sound.task is Task.ANSWER


def test_relations_without_a_category_are_about_anything() -> None:
    assert forms().relations["definition"].about is None
    assert isinstance(forms().relations["genes"], Relation)
    assert forms().relations["genes"].about is Category.DISEASE
