"""Adapters: the one that ships for a catalogue model, and whether an adapter fits what it is put on."""

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import AdapterMismatch
from .weights import ModelCatalogue, ModelEntry

if TYPE_CHECKING:
    from .tuning import Contract


def contract_of(adapter: Path) -> "Contract":
    """What an adapter was made for.

    Raises:
        AdapterUnusable: the folder does not say.
    """
    from .tuning.contract import read_contract  # the room of tuning loads much

    return read_contract(adapter)


def shipped_adapter(entry: ModelEntry) -> Path | None:
    """The folder of the adapter that ships for a catalogue model, or ``None``.

    Raises:
        AdapterMismatch: it was trained on other weights than those of ``entry``.
    """
    if entry.adapter is None:
        return None
    folder = Path(str(resources.files("data") / "adapters" / entry.adapter))
    contract_of(folder).check(weights_sha256=entry.weights_sha256)
    return folder


def is_adapter(folder: Path) -> bool:
    """Whether a path is a folder with an adapter as peft writes it."""
    return (folder / "adapter_config.json").is_file()


def base_of(adapter: Path, catalogue: ModelCatalogue) -> ModelEntry:
    """The catalogue model that an adapter was trained on.

    Raises:
        AdapterUnusable: it says so nowhere.
        AdapterMismatch: the model is not in the catalogue.
    """
    contract = contract_of(adapter)
    for entry in catalogue.generators.values():
        if entry.weights_sha256 == contract.weights_sha256:
            return entry
    known = ", ".join(sorted(catalogue.generators))
    raise AdapterMismatch("base model", contract.weights_sha256[:12], known, contract.base)
