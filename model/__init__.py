"""Language models and what they say (floor 3).

Owns prompts, generation, claims and their checks, and the weights. Does not know screens or users.
"""

from .checks import Checker, check_citation
from .claims import Author, CheckResult, Checks, Claim, Verdict, read_claims
from .errors import (
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
from .prompt import PromptTemplate, answer_messages, diagnosis_messages, read_prompt
from .transformers_generator import TransformersGenerator
from .verify import GraphSentence, Verification, VerifiedAnswer, verify
from .weights import ModelCatalogue, ModelEntry, read_models

__all__ = [
    "Author",
    "CheckResult",
    "Checker",
    "Checks",
    "Claim",
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
    "PromptTemplate",
    "PromptTooLong",
    "Role",
    "ServerFailed",
    "TransformersGenerator",
    "UnknownModel",
    "Verdict",
    "Verification",
    "VerifiedAnswer",
    "answer_messages",
    "check_citation",
    "diagnosis_messages",
    "open_generator",
    "prepare_generator",
    "read_claims",
    "read_models",
    "read_prompt",
    "verify",
]
