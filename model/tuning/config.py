"""What one training run is: base, method, data, optimisation and gates, read from one TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from ..errors import MalformedTuningConfig


class BaseKind(StrEnum):
    """How a base model reads and writes."""

    CAUSAL = "causal"
    SEQ2SEQ = "seq2seq"


class MethodName(StrEnum):
    """What of a model is trained."""

    FULL = "full"
    TOP_LAYERS = "top layers"
    LORA = "lora"
    ADALORA = "adalora"
    PREFIX = "prefix"
    PROMPT = "prompt"
    IA3 = "ia3"


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A catalogue name, a local folder or a hub identifier, and the type its frozen weights are held in.

    ``adapter`` is the folder of an earlier adapter to go on with.
    """

    name: str = "default"
    adapter: str = ""
    kind: BaseKind = BaseKind.CAUSAL
    dtype: str = "float32"


@dataclass(frozen=True, slots=True)
class Method:
    """How to adapt.

    ``rank``, ``alpha`` and ``dropout`` are for LoRA and AdaLoRA; ``targets`` names the matrices to adapt, all linear
    ones by default. ``layers`` is how many of the last layers are trained or adapted (0: all), ``virtual_tokens`` is
    for prefix and prompt tuning.
    """

    name: MethodName = MethodName.LORA
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    targets: tuple[str, ...] = ()
    layers: int = 0
    virtual_tokens: int = 16


@dataclass(frozen=True, slots=True)
class Data:
    """Which examples.

    ``shares`` keeps a share of the examples of a task. Of the older data folder ``replay`` so many are added that they
    are ``replay_share`` of all. ``row_tokens`` bounds a packed row, ``most_tokens`` one example; longer ones are left
    out.
    """

    folder: str = "tuning-data"
    shares: Mapping[str, float] = field(default_factory=dict)
    replay: str = ""
    replay_share: float = 0.0
    packing: bool = True
    row_tokens: int = 768
    most_tokens: int = 1024
    most_examples: int = 0


@dataclass(frozen=True, slots=True)
class Optimisation:
    """How long and how fast. ``patience`` is after how many evaluations without gain it stops (0: never)."""

    epochs: float = 1.0
    most_steps: int = 0
    rows: int = 1
    accumulation: int = 4
    learning_rate: float = 5e-4
    schedule: str = "cosine"
    warmup: float = 0.03
    optimizer: str = "adamw"
    weight_decay: float = 0.0
    momentum: float = 0.0
    gradient_clip: float = 1.0
    bf16: bool = False
    gradient_checkpointing: bool = False
    evaluate_every: int = 100
    validation_examples: int = 64
    patience: int = 0
    seed: int = 13
    threads: int = 0
    report: tuple[str, ...] = ("tensorboard",)


@dataclass(frozen=True, slots=True)
class Gates:
    """What a tuned model must keep before it is published; a gate of a negative number is off.

    Shares of generated answers: at most ``repetition`` loop, at most ``unparsed`` hold no cited sentence and no
    abstention. ``forgetting`` is by what factor the perplexity on general text may rise, ``old_data`` by what factor
    the loss on the data that is replayed may. A low-rank adapter that forgets more is tried at the falling
    ``strengths`` (see `model.tuning.strength`).
    """

    answers: int = 40
    repetition: float = 0.02
    unparsed: float = 0.05
    forgetting: float = 1.25
    old_data: float = 1.1
    strengths: tuple[float, ...] = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)


@dataclass(frozen=True, slots=True)
class TuneConfig:
    """One run."""

    base: BaseModel = BaseModel()
    method: Method = Method()
    data: Data = Data()
    train: Optimisation = Optimisation()
    gates: Gates = Gates()

    def __post_init__(self) -> None:
        virtual = self.method.name in (MethodName.PREFIX, MethodName.PROMPT)
        if self.data.packing and (virtual or self.base.kind is BaseKind.SEQ2SEQ):
            raise ValueError(
                f"packing does not go with {self.method.name if virtual else self.base.kind}; set packing = false"
            )
        if self.train.optimizer not in ("adamw", "sgd"):
            raise ValueError(f"optimizer is adamw or sgd, not {self.train.optimizer}")
        if self.base.dtype not in ("float32", "bfloat16"):
            raise ValueError(f"dtype is float32 or bfloat16, not {self.base.dtype}")
        for name in ("rows", "accumulation", "evaluate_every"):
            if getattr(self.train, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.train.learning_rate <= 0:
            raise ValueError("learning_rate must be above 0")
        strengths = self.gates.strengths
        if not strengths or list(strengths) != sorted(strengths, reverse=True) or not 0 < strengths[-1] <= 1:
            raise ValueError("strengths are numbers in 0..1 that fall, such as [1.0, 0.8]")


def read_config(path: Path) -> TuneConfig:
    """The run that a file describes; relative folders are taken from the file's own.

    Raises:
        MalformedTuningConfig: it is no TOML, names an unknown setting, or a value makes no sense.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MalformedTuningConfig(path, str(error)) from error
    return parse_config(table, path)


def parse_config(table: Mapping[str, Any], path: Path) -> TuneConfig:
    """The run that a table describes; see `read_config`."""
    parts: dict[str, Any] = {}
    known = {part.name: part.default for part in fields(TuneConfig)}
    if unknown := sorted(set(table) - set(known) - {"search"}):
        raise MalformedTuningConfig(path, f"[{unknown[0]}] is none of {', '.join(known)}")
    for name, default in known.items():
        parts[name] = _part(type(default), dict(table.get(name, {})), name, path)
    try:
        return TuneConfig(**parts)
    except ValueError as error:
        raise MalformedTuningConfig(path, str(error)) from error


Part = TypeVar("Part")


def _part(kind: type[Part], values: dict[str, Any], name: str, path: Path) -> Part:
    types = {each.name: each.type for each in fields(kind)}  # type: ignore[arg-type]  # each part is a dataclass
    if unknown := sorted(set(values) - set(types)):
        raise MalformedTuningConfig(path, f"[{name}] has no setting {unknown[0]}; it has {', '.join(types)}")
    try:
        return kind(**{key: _typed(types[key], value) for key, value in values.items()})
    except (TypeError, ValueError) as error:
        raise MalformedTuningConfig(path, f"[{name}] {error}") from error


def _typed(wanted: Any, value: Any) -> Any:
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if wanted == tuple[str, ...] and isinstance(value, list):
        return tuple(map(str, value))
    if wanted == tuple[float, ...] and isinstance(value, list):
        return tuple(map(float, value))
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        return wanted(value)
    if wanted in (int, float, bool, str) and type(value) is not wanted:
        raise TypeError(f"{value!r} is no {wanted.__name__}")
    return value


def as_table(config: TuneConfig) -> dict[str, dict[str, Any]]:
    """The run as plain tables, as it is stored beside an adapter."""
    return {
        part.name: {
            each.name: _plain(getattr(getattr(config, part.name), each.name))
            for each in fields(getattr(config, part.name))
        }
        for part in fields(config)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
