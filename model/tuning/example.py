"""Examples of instruction data: a conversation whose last message is what the model is to say."""

from dataclasses import dataclass
from enum import StrEnum

from kg import Curie

from ..generator import Message, Role


class Task(StrEnum):
    """What an example teaches."""

    ANSWER = "answer"
    ABSTAIN = "abstain"
    CONTRADICTION = "contradiction"
    MULTI_TURN = "multi turn"
    DIFFERENTIAL = "differential"
    CORRECTION = "correction"
    RELATION_TAGGING = "relation tagging"
    ENTITY_TAGGING = "entity tagging"


class Split(StrEnum):
    """Where an example is written: what training sees, what stops it, and what it is measured by."""

    TRAIN = "train"
    VALIDATION = "validation"
    HELD_OUT_CONCEPTS = "held_out_concepts"
    HELD_OUT_RELATIONS = "held_out_relations"
    HELD_OUT_FORMS = "held_out_forms"


@dataclass(frozen=True, slots=True)
class Example:
    """One conversation. ``messages`` end with the assistant's turn, on which alone there is a loss.

    ``group`` is shared by examples whose prompts begin alike, which lets them be packed with that beginning once.
    ``form`` is the wording that the question was made from. ``answering`` are the texts of the evidence items that the
    answer cites, so that an evaluation can withhold them; ``expected`` are the concepts that a right answer names.
    """

    id: str
    group: str
    task: Task
    relation: str
    form: str
    concept: Curie
    messages: tuple[Message, ...]
    question: str = ""
    answering: tuple[str, ...] = ()
    expected: tuple[Curie, ...] = ()

    def __post_init__(self) -> None:
        if len(self.messages) < 2 or self.messages[-1].role is not Role.ASSISTANT:
            raise ValueError("an example ends with what the assistant says to a message before it")
        if not self.messages[-1].content.strip():
            raise ValueError("the answer is empty")
