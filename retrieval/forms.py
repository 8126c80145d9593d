"""The table of forms: how statements, choices, lists and comparisons are recognised, and what nouns ask for."""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def forms() -> dict[str, Any]:
    """The table ``data/statements.toml``."""
    return tomllib.loads((resources.files("data") / "statements.toml").read_text(encoding="utf-8"))


def is_category_noun(text: str) -> bool:
    """Whether a text is only a noun that asks for concepts of a category, such as "drugs" or "genes"."""
    return any(re.fullmatch(pattern, text.lower()) for pattern in forms()["nouns"].values())
