"""What the command line asks for: a run from a configuration file, and where its parts lie."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from kg import Report, writing_to

from ..errors import TrainingPackagesMissing
from .base import open_base, open_tokenizer
from .config import TuneConfig, read_config
from .gates import Scores
from .running import Job, tune_and_publish

CHECKPOINTS = "tuning-runs"


@dataclass(frozen=True, slots=True)
class Training:
    """A configuration file with the folders it means; ``data`` takes the place of the file's own where given."""

    path: Path
    target: Path
    data: Path | None = None
    work: Path | None = None

    def config(self) -> TuneConfig:
        """The run, with folders made absolute from where the file lies."""
        config = read_config(self.path)
        here = self.path.resolve().parent
        adapter = str(here / config.base.adapter) if config.base.adapter else ""
        replay = str(here / config.data.replay) if config.data.replay else ""
        folder = str(self.data.resolve() if self.data is not None else here / config.data.folder)
        return replace(
            config,
            base=replace(config.base, adapter=adapter),
            data=replace(config.data, folder=folder, replay=replay),
        )

    def folder(self) -> Path:
        """Where checkpoints and the log of the run are kept."""
        return self.work or self.target.resolve().parent / CHECKPOINTS / self.target.name


def train_from_file(training: Training, cache: Path, report: Report) -> Scores:
    """Train and publish what a file describes; a run that was cut off goes on.

    Raises:
        ModelError: the file, the data or the base cannot be used, training failed, or a gate stayed closed.
        CacheNotWritable: a folder is read-only or the disk is full.
    """
    config = training.config()
    require(["peft", *config.train.report])
    folder = training.folder()
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
    base = open_base(config.base, cache, report)
    replay = Path(config.data.replay) if config.data.replay else None
    job = Job(base, Path(config.data.folder), replay, config, folder)
    return tune_and_publish(job, training.target, report)


def require(packages: Iterable[str]) -> None:
    """Pass if some packages are installed.

    Raises:
        TrainingPackagesMissing: one is not.
    """
    for name in packages:
        if find_spec(name) is None:
            raise TrainingPackagesMissing(name)


def token_counter(name: str, cache: Path, report: Report) -> Callable[[str], int]:
    """How many tokens a text has for a base model, whose weights are not loaded."""
    tokenizer = open_tokenizer(name, cache, report)

    def count(text: str) -> int:
        return len(tokenizer(text, add_special_tokens=False)["input_ids"])

    return count
