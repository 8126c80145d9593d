"""Adapters: the one that ships for a catalogue model, and whether an adapter fits its base."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from .errors import ModelUnusable
from .weights import ModelCatalogue, ModelEntry

CONTRACT = "contract.json"
"""Beside an adapter's weights: what it was trained on, and what it must be served with."""


def shipped_adapter(entry: ModelEntry) -> Path | None:
    """The folder of the adapter that ships for a catalogue model, or ``None``.

    Raises:
        ModelUnusable: it was trained on other weights than those of ``entry``.
    """
    if entry.adapter is None:
        return None
    folder = Path(str(resources.files("data") / "adapters" / entry.adapter))
    refuse_other_base(folder, entry)
    return folder


def is_adapter(folder: Path) -> bool:
    """Whether a path is a folder with an adapter as peft writes it."""
    return (folder / "adapter_config.json").is_file()


def base_of(adapter: Path, catalogue: ModelCatalogue) -> ModelEntry:
    """The catalogue model that an adapter was trained on.

    Raises:
        ModelUnusable: it says so nowhere, or the model is not in the catalogue.
    """
    wanted = _base_hash(adapter)
    for entry in catalogue.generators.values():
        if entry.weights_sha256 == wanted:
            return entry
    known = ", ".join(sorted(catalogue.generators))
    raise ModelUnusable(adapter.name, f"it was trained on another base model than {known}")


def refuse_other_base(adapter: Path, entry: ModelEntry) -> None:
    """Raise if an adapter was trained on other weights than those of ``entry``.

    Raises:
        ModelUnusable: it was.
    """
    if _base_hash(adapter) != entry.weights_sha256:
        raise ModelUnusable(adapter.name, f"it was trained on another base model than {entry.id}")


def _base_hash(adapter: Path) -> str:
    try:
        contract: Any = json.loads((adapter / CONTRACT).read_text(encoding="utf-8"))
        return str(contract["weights_sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnusable(adapter.name, f"the adapter has no readable {CONTRACT} that names its base") from error
