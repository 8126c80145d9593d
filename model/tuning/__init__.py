"""Teaching a model to answer from evidence: instruction data from the graph, training, and adapters with a contract.

Owns how examples are made and split, how a base is adapted and trained, what a tuned model must keep, and what an
adapter folder holds. Does not know users or the command line. torch, transformers and peft are imported when used.
"""

from .classifying import Classified, classify_from_file
from .config import (
    BaseKind,
    BaseModel,
    Data,
    Gates,
    Method,
    MethodName,
    Optimisation,
    TuneConfig,
    parse_config,
    read_config,
)
from .contract import CONTRACT, Contract, read_contract, write_contract
from .dataset import MANIFEST, Amount, Ingredients, make_data, manifest_hash
from .entry import Training, token_counter, train_from_file
from .example import Example, Split, Task
from .extras import PatientCase
from .files import read_examples, write_examples
from .forms import Forms, Relation, forms
from .gates import Scores
from .search import Trial, search
from .splits import Splitting
from .targets import states_relation

__all__ = [
    "CONTRACT",
    "MANIFEST",
    "Amount",
    "BaseKind",
    "BaseModel",
    "Classified",
    "Contract",
    "Data",
    "Example",
    "Forms",
    "Gates",
    "Ingredients",
    "Method",
    "MethodName",
    "Optimisation",
    "PatientCase",
    "Relation",
    "Scores",
    "Split",
    "Splitting",
    "Task",
    "Training",
    "Trial",
    "TuneConfig",
    "classify_from_file",
    "forms",
    "make_data",
    "manifest_hash",
    "parse_config",
    "read_config",
    "read_contract",
    "read_examples",
    "search",
    "states_relation",
    "token_counter",
    "train_from_file",
    "write_contract",
    "write_examples",
]
