"""Language models and what they say (floor 3).

Owns prompts, generation, claims and their checks, the weights, and tuning. Does not know screens or users.

What `tuning` has is imported when first used, because answering does without.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .checks import Checker, check_citation
from .claims import Author, CheckResult, Checks, Claim, Verdict, read_claims
from .errors import (
    AdapterMismatch,
    AdapterUnusable,
    MalformedCatalogue,
    MalformedPrompt,
    ModelError,
    ModelOutOfMemory,
    ModelUnusable,
    PromptTooLong,
    ServerFailed,
    UnknownModel,
)
from .fake_generator import FakeGenerator
from .generator import Decoding, Generator, Message, Role
from .http_generator import HttpGenerator
from .opening import open_generator, prepare_generator
from .openvino_generator import OpenVinoGenerator
from .prompt import PromptTemplate, answer_messages, diagnosis_messages, in_words_of_the_evidence, read_prompt
from .risk import RiskModel, Signs, parse_risk_model, shipped_risk_model, signs_of
from .scoring import TextScorer
from .shape import answer_pattern, diagnosis_pattern
from .transformers_generator import TransformersGenerator
from .verify import GraphSentence, Verification, VerifiedAnswer, verify
from .weights import ModelCatalogue, ModelEntry, read_models

if TYPE_CHECKING:
    from .tuning import (
        Amount as TuningAmount,
    )
    from .tuning import (
        Contract,
        PatientCase,
        classify_from_file,
        make_data,
        read_contract,
        states_relation,
        token_counter,
        train_from_file,
    )
    from .tuning import (
        Ingredients as TuningIngredients,
    )
    from .tuning import (
        Training as TuningRun,
    )
    from .tuning import (
        search as search_from_file,
    )

_OF_TUNING = {
    "Contract": "Contract",
    "PatientCase": "PatientCase",
    "TuningAmount": "Amount",
    "TuningIngredients": "Ingredients",
    "TuningRun": "Training",
    "classify_from_file": "classify_from_file",
    "make_data": "make_data",
    "read_contract": "read_contract",
    "search_from_file": "search",
    "states_relation": "states_relation",
    "token_counter": "token_counter",
    "train_from_file": "train_from_file",
}

__all__ = [
    "AdapterMismatch",
    "AdapterUnusable",
    "Author",
    "CheckResult",
    "Checker",
    "Checks",
    "Claim",
    "Contract",
    "Decoding",
    "FakeGenerator",
    "Generator",
    "GraphSentence",
    "HttpGenerator",
    "MalformedCatalogue",
    "MalformedPrompt",
    "Message",
    "ModelCatalogue",
    "ModelEntry",
    "ModelError",
    "ModelOutOfMemory",
    "ModelUnusable",
    "OpenVinoGenerator",
    "PatientCase",
    "PromptTemplate",
    "PromptTooLong",
    "RiskModel",
    "Role",
    "ServerFailed",
    "Signs",
    "TextScorer",
    "TransformersGenerator",
    "TuningAmount",
    "TuningIngredients",
    "TuningRun",
    "UnknownModel",
    "Verdict",
    "Verification",
    "VerifiedAnswer",
    "answer_messages",
    "answer_pattern",
    "check_citation",
    "classify_from_file",
    "diagnosis_messages",
    "diagnosis_pattern",
    "in_words_of_the_evidence",
    "make_data",
    "open_generator",
    "parse_risk_model",
    "prepare_generator",
    "read_claims",
    "read_contract",
    "read_models",
    "read_prompt",
    "search_from_file",
    "shipped_risk_model",
    "signs_of",
    "states_relation",
    "token_counter",
    "train_from_file",
    "verify",
]


def __getattr__(name: str) -> object:
    if name not in _OF_TUNING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".tuning", __name__), _OF_TUNING[name])
