"""Settings of the application: flag over file over environment over default, resolved once, at the edge."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from platformdirs import user_cache_path, user_config_path

from .errors import UnusableSetting


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are kept and which model answers.

    ``model`` is what ``--model`` takes. ``generator`` is ``model`` or ``graph`` (answers in graph sentences alone).
    ``prompts`` is a folder of prompt templates that replace the shipped ones. ``rules`` is a file or folder of rules
    of one's own, beside the shipped ones (``docs/rules.md``).
    """

    cache: Path
    model: str = "default"
    generator: str = "model"
    token_budget: int = 700
    max_new_tokens: int = 160
    prompts: Path | None = None
    rules: Path | None = None
    api_key: str | None = None

    def __post_init__(self) -> None:
        if self.generator not in ("model", "graph"):
            raise UnusableSetting("generator", f"{self.generator!r} is neither model nor graph.")
        for name in ("token_budget", "max_new_tokens"):
            if getattr(self, name) < 1:
                raise UnusableSetting(name, "it must be at least 1.")

    def __repr__(self) -> str:
        shown = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "api_key"}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


_VARIABLES = {
    "cache": "CLINIGRAPH_CACHE",
    "model": "CLINIGRAPH_MODEL",
    "generator": "CLINIGRAPH_GENERATOR",
    "prompts": "CLINIGRAPH_PROMPTS",
    "rules": "CLINIGRAPH_RULES",
    "api_key": "CLINIGRAPH_API_KEY",
}
_PATHS = ("cache", "prompts", "rules")
_NUMBERS = ("token_budget", "max_new_tokens")


def resolve_settings(
    flags: Mapping[str, object | None],
    environment: Mapping[str, str] = os.environ,
    file: Path | None = None,
) -> Settings:
    """The settings in force. A flag of ``None`` was not given; ``file`` defaults to the user's ``config.toml``.

    Raises:
        UnusableSetting: the file is not TOML, names an unknown setting, or a value makes no sense.
    """
    found: dict[str, object] = {"cache": user_cache_path("clinigraph")}
    found |= {name: environment[variable] for name, variable in _VARIABLES.items() if environment.get(variable)}
    found |= _read_file(file if file is not None else user_config_path("clinigraph") / "config.toml")
    found |= {name: value for name, value in flags.items() if value is not None}
    return replace(Settings(Path(".")), **{name: _typed(name, value) for name, value in found.items()})  # type: ignore[arg-type]  # names are checked in _read_file


def _read_file(path: Path) -> dict[str, object]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UnusableSetting(str(path), f"{error}; mend or delete the file.") from None
    known = {field.name for field in fields(Settings)}
    if unknown := sorted(set(table) - known):
        raise UnusableSetting(unknown[0], f"{path} may set {', '.join(sorted(known))}.")
    return table


def _typed(name: str, value: object) -> object:
    if name in _PATHS:
        return Path(str(value)).expanduser()
    if name in _NUMBERS:
        try:
            return int(str(value))
        except ValueError:
            raise UnusableSetting(name, f"{value!r} is not a whole number.") from None
    return str(value)
