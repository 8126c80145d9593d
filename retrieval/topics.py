"""The table of topics: what a question can ask about."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of ``data/topics.toml``. ``relations`` are ids of relations and the side of the concept asked about."""

    id: str
    cues: tuple[re.Pattern[str], ...]
    passages: tuple[str, ...]
    words: tuple[str, ...]
    missing: str
    relations: tuple[tuple[str, str], ...] = ()

    def asked_in(self, text: str) -> bool:
        """Whether a lower-cased question contains one of the cues."""
        return any(cue.search(text) for cue in self.cues)

    def answered_by(self, text: str) -> bool:
        """Whether a passage speaks of the topic at all."""
        lowered = text.lower()
        return not self.words or any(word in lowered for word in self.words)


@cache
def topics() -> tuple[Topic, ...]:
    """The topic table, in file order."""
    table = tomllib.loads((resources.files("data") / "topics.toml").read_text(encoding="utf-8"))
    return tuple(
        Topic(
            name,
            tuple(re.compile(cue) for cue in row["cues"]),
            tuple(row["passages"]),
            tuple(row["words"]),
            row["missing"],
            tuple((entry.partition(":")[0], entry.partition(":")[2]) for entry in row.get("relations", [])),
        )
        for name, row in table.items()
    )
