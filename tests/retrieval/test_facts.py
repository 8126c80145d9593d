"""Typed queries by relation: what is asked, of whom, with which words, and what is said where nothing is recorded."""

from pathlib import Path

import pytest

from kg import Predicate, Snapshot, Tier
from retrieval import Judgement
from retrieval.facts.relation import Side, relations
from tests.retrieval.asked import asked_graph, find, question_of, texts


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder: Path = tmp_path_factory.mktemp("asked")
    return asked_graph(folder)


# --- the tables ------------------------------------------------------------------------------------------------------


def test_every_topic_names_relations_that_exist() -> None:
    from retrieval.topics import topics

    for topic in topics():
        for name, side in topic.relations:
            assert name in relations()
            assert Side(side)


def test_every_sentence_of_the_table_can_be_said(graph: Snapshot) -> None:
    from retrieval.wording import Wording

    word = Wording("Label {odd}", "label {odd}")
    for relation in relations().values():
        assert relation.say_pair(word, word).endswith(".")
        assert relation.say_pair(word, word, negated=True).endswith(".")
        for side in Side:
            said = relation.say_list(side, word, ["one", "two"])
            assert "one and two" in said
            assert "{odd}" in said


# --- one relation each -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How is Marfan syndrome inherited?", "Marfan syndrome shows autosomal dominant inheritance."),
        ("Which gene causes Marfan syndrome?", "Marfan syndrome is associated with the gene FBN1."),
        ("How is Marfan syndrome treated?", "Marfan syndrome is treated with losartan."),
        ("What does losartan treat?", "losartan is used to treat Marfan syndrome."),
        ("What are the risk factors for heart failure?", "Risk factors for heart failure are smoking."),
        ("What are red flags in heart failure?", "Red flags in heart failure are chest pain."),
        ("Which test diagnoses heart failure?", "heart failure is diagnosed with natriuretic peptide."),
        ("When is verapamil contraindicated?", "verapamil is contraindicated in heart failure."),
        ("Which ICD-10 code has Marfan syndrome?", "The ICD-10-CM identifier of Marfan syndrome is ICD10CM:Q87.4."),
        ("What is the DOID of Marfan syndrome?", "The Disease Ontology identifier of Marfan syndrome is DOID:14323."),
        (
            "Is Marfan syndrome a connective tissue disorder?",
            "Marfan syndrome is a kind of connective tissue disorder.",
        ),
    ],
)
def test_a_question_is_answered_by_its_relation(graph: Snapshot, question: str, said: str) -> None:
    assert said in texts(graph, question)


def test_a_group_answers_by_its_kinds_and_says_so(graph: Snapshot) -> None:
    (first, *_) = texts(graph, "Which gene causes Loeys-Dietz syndrome?")
    assert first == "Loeys-Dietz syndrome of the kind Loeys-Dietz syndrome 1 is associated with the gene TGFBR1."


def test_every_fact_item_can_be_walked_to_its_facts(graph: Snapshot) -> None:
    for question in ("How is Marfan syndrome treated?", "Does warfarin interact with fluconazole?"):
        for item in find(graph, question).items:
            assert item.facts
            assert item.source
            assert item.reference
            assert item.tier is not None


# --- tiers -----------------------------------------------------------------------------------------------------------


def test_better_trusted_facts_come_first_and_weak_ones_are_named(graph: Snapshot) -> None:
    items = find(graph, "How is hypertension treated?").items
    assert [item.tier for item in items] == [Tier.CURATED_DATABASE, Tier.LITERATURE_MINED]
    assert items[0].text == "hypertension is treated with losartan."
    assert items[1].text == "According to literature-mined sources: hypertension is treated with verapamil."


def test_an_item_is_as_trusted_as_its_least_trusted_fact(graph: Snapshot) -> None:
    (item,) = find(graph, "Does warfarin interact with fluconazole?").items
    assert item.tier is Tier.CURATED_DATABASE


# --- drugs -----------------------------------------------------------------------------------------------------------


def test_an_interaction_of_classes_holds_for_their_members(graph: Snapshot) -> None:
    (item,) = find(graph, "Does warfarin interact with fluconazole?").items
    assert item.text == (
        "azole antifungals interacts with vitamin K antagonists; severity: avoid; mechanism: less metabolism; "
        "advice: check INR; fluconazole is a kind of azole antifungals; warfarin is a kind of vitamin K antagonists."
    )
    assert {fact.predicate for fact in item.facts} == {Predicate.INTERACTS_WITH, Predicate.SUBCLASS_OF}


def test_no_interaction_found_is_never_no_interaction(graph: Snapshot) -> None:
    (item,) = find(graph, "Does warfarin interact with paracetamol?").items
    assert item.text == (
        "No interaction is recorded between warfarin and paracetamol in Curated; that does not mean there is none."
    )
    assert item.facts == ()
    assert item.source == "Curated"


def test_a_drug_without_interactions_is_not_called_safe(graph: Snapshot) -> None:
    (item,) = find(graph, "What interacts with paracetamol?").items
    assert "that does not mean there is none" in item.text


def test_all_interactions_of_a_drug_are_those_of_its_classes_too(graph: Snapshot) -> None:
    (item,) = find(graph, "What interacts with warfarin?").items
    assert item.text == "warfarin interacts with azole antifungals (avoid)."


def test_a_contraindication_of_a_disease_holds_for_its_kinds(graph: Snapshot) -> None:
    (item,) = find(graph, "Is verapamil contraindicated in acute heart failure?").items
    assert item.text == (
        "verapamil is contraindicated in heart failure; acute heart failure is a kind of heart failure."
    )


# --- lists, counts and two steps -------------------------------------------------------------------------------------


def test_two_steps_show_their_path(graph: Snapshot) -> None:
    found = find(graph, "Which drugs treat diseases caused by mutations in FBN1?")
    assert found.complete
    assert found.items[0].text == "One drug is linked to FBN1 by way of diseases: losartan."
    path = found.items[1]
    assert path.text == (
        "losartan is used to treat Marfan syndrome, and Marfan syndrome is associated with the gene FBN1."
    )
    assert [fact.predicate for fact in path.facts] == [Predicate.GENE_OF_DISEASE, Predicate.TREATS]


def test_genes_by_way_of_a_finding(graph: Snapshot) -> None:
    first = find(graph, "Which genes cause diseases with arachnodactyly?").items[0]
    assert first.text == "2 genes are linked to arachnodactyly by way of diseases: FBN1 and TGFBR1."


def test_a_count_names_what_it_counts(graph: Snapshot) -> None:
    (item,) = find(graph, "How many symptoms does Marfan syndrome have?").items
    listed = "aortic dissection, arachnodactyly and ectopia lentis"
    assert item.text == f"3 symptoms are recorded for Marfan syndrome: {listed}."


def test_a_list_of_kinds(graph: Snapshot) -> None:
    (item,) = find(graph, "List the kinds of connective tissue disorder").items
    assert item.text == ("connective tissue disorder has 2 direct kinds: Marfan syndrome and Loeys-Dietz syndrome.")


def test_people_are_not_counted(graph: Snapshot) -> None:
    assert not find(graph, "How many people are affected by Marfan syndrome?").complete


def test_two_steps_that_lead_nowhere_say_so(graph: Snapshot) -> None:
    (item,) = find(graph, "Which drugs treat diseases caused by mutations in TGFBR2?").items
    assert item.text.startswith("Nothing was found for TGFBR2 by way of")


# --- side by side ----------------------------------------------------------------------------------------------------


def test_a_comparison_tells_what_is_shared_and_what_is_not(graph: Snapshot) -> None:
    said = texts(graph, "Compare Marfan syndrome and Loeys-Dietz syndrome 1")
    assert said[0].startswith("Both Marfan syndrome and Loeys-Dietz syndrome 1 have ")
    assert "arachnodactyly" in said[0]
    assert "aortic dissection" in said[0]
    assert "Recorded for Marfan syndrome but not for Loeys-Dietz syndrome 1 are ectopia lentis." in said
    assert "Recorded for Loeys-Dietz syndrome 1 but not for Marfan syndrome are bifid uvula." in said
    assert "Recorded genes side by side: Marfan syndrome: FBN1; Loeys-Dietz syndrome 1: TGFBR1." in said


def test_what_looks_alike_shares_findings(graph: Snapshot) -> None:
    (first, *_) = texts(graph, "What else looks like Marfan syndrome?")
    assert first.startswith("Loeys-Dietz syndrome 1 looks like Marfan syndrome: they share 2 recorded findings")


# --- multiple choice -------------------------------------------------------------------------------------------------


def test_a_choice_is_the_option_linked_to_all(graph: Snapshot) -> None:
    text = "Out of the given list, which finding is seen in Marfan syndrome and Loeys-Dietz syndrome 1. Given list is: "
    found = find(graph, f"{text}Ectopia lentis, Bifid uvula, Arachnodactyly")
    assert [item.text.partition(":")[0] for item in found.items] == ["Arachnodactyly"]
    assert found.judgement is None


def test_a_choice_without_an_option_for_all_cannot_be_known(graph: Snapshot) -> None:
    text = "Which gene is associated with Marfan syndrome and Loeys-Dietz syndrome 1? Given list is: FBN1, TGFBR2"
    found = find(graph, text)
    assert found.judgement is Judgement.UNKNOWN
    assert found.items[0].text.startswith("no option is recorded with both")
    assert found.items[1].text == "FBN1: Marfan syndrome is associated with the gene FBN1."


def test_questions_keep_their_offsets(graph: Snapshot) -> None:
    question = question_of(graph, "Is Marfan syndrome inherited?")
    assert len(question.masked) == len(question.text)
