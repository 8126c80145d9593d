"""What an adapter was made for: stored beside it, and checked before it is used."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import AdapterMismatch, AdapterUnusable

CONTRACT = "contract.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything that must be the same, or be known, when an adapter is used.

    ``prompts`` are template versions by name; ``config`` is the training configuration as tables; ``scores`` are what
    the gates measured. ``base`` is a catalogue name or what stood in the configuration.
    """

    base: str
    weights_sha256: str
    template_sha256: str
    prompts: Mapping[str, str]
    graph_version: str
    data_sha256: str
    method: str
    seed: int
    config: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)

    def check(
        self,
        *,
        weights_sha256: str | None = None,
        template_sha256: str | None = None,
        prompts: Mapping[str, str] | None = None,
    ) -> None:
        """Pass if what is at hand is what the adapter was made for; what is ``None`` is not compared.

        Another graph is no mismatch: a tuned model repeats evidence, and the graph is where the evidence comes from.

        Raises:
            AdapterMismatch: it is not; the text says what differs and what to do.
        """
        if weights_sha256 is not None and weights_sha256 != self.weights_sha256:
            raise AdapterMismatch("base weights", self.weights_sha256[:12], weights_sha256[:12], self.base)
        if template_sha256 is not None and template_sha256 != self.template_sha256:
            raise AdapterMismatch("chat template", self.template_sha256[:12], template_sha256[:12], self.base)
        for name, version in (prompts or {}).items():
            if name in self.prompts and self.prompts[name] != version:
                raise AdapterMismatch(f"{name} prompt", self.prompts[name], version, self.base)

    def is_from_graph(self, version: str) -> bool:
        """Whether the instruction data came from this very graph."""
        return self.graph_version == version


def write_contract(folder: Path, contract: Contract) -> None:
    """Store a contract in an adapter's folder."""
    text = json.dumps({"format": FORMAT, **asdict(contract)}, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / CONTRACT).write_text(text + "\n", encoding="utf-8")


def read_contract(folder: Path) -> Contract:
    """The contract of an adapter.

    Raises:
        AdapterUnusable: the folder has none, or one that cannot be read.
    """
    path = folder / CONTRACT
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        if (number := fields.pop("format")) != FORMAT:
            raise AdapterUnusable(folder, f"its contract has format {number}, and this program reads {FORMAT}")
        return Contract(**fields)
    except FileNotFoundError as error:
        raise AdapterUnusable(folder, f"it has no {CONTRACT}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AdapterUnusable(folder, f"its {CONTRACT} cannot be read ({error})") from error
