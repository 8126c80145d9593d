"""Text to graph, and graph to evidence (floor 2).

Owns mentions and their assertion, passages and their indices, the facts near a question, the diseases for findings, and
the context within a token budget. Does not know language models, users or screens.

Names are imported when first used, because reading text needs spaCy and searching needs FAISS.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .case_text import read_case_text
    from .context import ContextBuilder, ContextSettings, CountTokens
    from .cost import Cost
    from .embedder import Embedder, HashingEmbedder, SentenceTransformerEmbedder
    from .encoders import default_encoder, default_reranker, encoder_folder
    from .errors import NothingToRank, RankingIndexDamaged, RetrievalError
    from .evidence import Context, EvidenceItem, EvidenceKind, Found, Judgement
    from .facts import FactFinder
    from .identifiers import with_identifiers
    from .lexicon_building import compile_lexicon
    from .mention import Assertion, Mention
    from .next_question import NextQuestion, Outlook, QuestionPlanner, QuestionSettings, Separation
    from .passages import Passage, make_passages
    from .picture import draw_mentions
    from .pipeline import Reader
    from .question import Question, understand
    from .ranked import Contribution, RankedDisease, Ranking
    from .ranked import Relation as FindingRelation
    from .ranking import DiseaseRanker
    from .ranking_settings import Exclusion, RankingSettings
    from .rerank import OverlapReranker, Reranker
    from .search import PassageSearch, ScoredPassage, SearchConfig
    from .simulated_patients import simulate_patients
    from .splade import SpladeReranker
    from .sufficiency import Sufficiency, SufficiencyLevel
    from .topics import Topic
    from .vectors import build_vectors
    from .whole_name import find_named
    from .wording import frequency_in_words, in_sentence, join_words, names_of, record_of

_HOMES = {
    "case_text": ["read_case_text"],
    "context": ["ContextBuilder", "ContextSettings", "CountTokens"],
    "cost": ["Cost"],
    "embedder": ["Embedder", "HashingEmbedder", "SentenceTransformerEmbedder"],
    "encoders": ["default_encoder", "default_reranker", "encoder_folder"],
    "errors": ["NothingToRank", "RankingIndexDamaged", "RetrievalError"],
    "evidence": ["Context", "EvidenceItem", "EvidenceKind", "Found", "Judgement"],
    "facts": ["FactFinder"],
    "identifiers": ["with_identifiers"],
    "lexicon_building": ["compile_lexicon"],
    "mention": ["Assertion", "Mention"],
    "next_question": ["NextQuestion", "Outlook", "QuestionPlanner", "QuestionSettings", "Separation"],
    "passages": ["Passage", "make_passages"],
    "picture": ["draw_mentions"],
    "pipeline": ["Reader"],
    "question": ["Question", "understand"],
    "ranked": ["Contribution", "RankedDisease", "Ranking"],
    "ranking": ["DiseaseRanker"],
    "ranking_settings": ["Exclusion", "RankingSettings"],
    "rerank": ["OverlapReranker", "Reranker"],
    "search": ["PassageSearch", "ScoredPassage", "SearchConfig"],
    "simulated_patients": ["simulate_patients"],
    "splade": ["SpladeReranker"],
    "sufficiency": ["Sufficiency", "SufficiencyLevel"],
    "topics": ["Topic"],
    "vectors": ["build_vectors"],
    "whole_name": ["find_named"],
    "wording": ["frequency_in_words", "in_sentence", "join_words", "names_of", "record_of"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names} | {"FindingRelation": "ranked"}

__all__ = [
    "Assertion",
    "Context",
    "ContextBuilder",
    "ContextSettings",
    "Contribution",
    "Cost",
    "CountTokens",
    "DiseaseRanker",
    "Embedder",
    "EvidenceItem",
    "EvidenceKind",
    "Exclusion",
    "FactFinder",
    "FindingRelation",
    "Found",
    "HashingEmbedder",
    "Judgement",
    "Mention",
    "NextQuestion",
    "NothingToRank",
    "Outlook",
    "OverlapReranker",
    "Passage",
    "PassageSearch",
    "Question",
    "QuestionPlanner",
    "QuestionSettings",
    "RankedDisease",
    "Ranking",
    "RankingIndexDamaged",
    "RankingSettings",
    "Reader",
    "Reranker",
    "RetrievalError",
    "ScoredPassage",
    "SearchConfig",
    "SentenceTransformerEmbedder",
    "Separation",
    "SpladeReranker",
    "Sufficiency",
    "SufficiencyLevel",
    "Topic",
    "build_vectors",
    "compile_lexicon",
    "default_encoder",
    "default_reranker",
    "draw_mentions",
    "encoder_folder",
    "find_named",
    "frequency_in_words",
    "in_sentence",
    "join_words",
    "make_passages",
    "names_of",
    "read_case_text",
    "record_of",
    "simulate_patients",
    "understand",
    "with_identifiers",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f".{_HOME_OF[name]}", __name__)
    return getattr(module, "Relation" if name == "FindingRelation" else name)
