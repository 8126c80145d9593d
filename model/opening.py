"""From what a user writes after ``--model`` to a generator that is ready to answer."""

import re
from pathlib import Path

from kg import Report

from .dense import dense_folder
from .errors import UnknownModel
from .generator import Generator
from .http_generator import HttpGenerator
from .transformers_generator import TransformersGenerator
from .weights import read_models

_HUB_ID = re.compile(r"[\w.\-]+/[\w.\-]+")


def prepare_generator(spec: str, cache: Path, report: Report) -> None:
    """Fetch and convert the weights that `open_generator` will need, without loading them; nothing for other specs."""
    catalogue = read_models()
    name = catalogue.default if spec == "default" else spec
    if name in catalogue.generators:
        dense_folder(catalogue.generators[name], cache, report)


def open_generator(spec: str, cache: Path, report: Report, api_key: str | None = None) -> Generator:
    """The generator that ``spec`` names.

    ``spec`` is ``default`` or a catalogue name (weights fetched by hash into ``cache``), a local folder, an address
    ``http://host:port/v1`` or ``http://host:port/v1#model``, or a hub identifier ``owner/model``. A folder comes before
    a hub identifier of the same name. ``api_key`` goes to servers only.

    Raises:
        UnknownModel: ``spec`` is none of these.
        ModelError: the model cannot be opened.
        GraphError: the weights cannot be fetched, or are not the pinned ones.
    """
    catalogue = read_models()
    name = catalogue.default if spec == "default" else spec
    if name in catalogue.generators:
        entry = catalogue.generators[name]
        folder = dense_folder(entry, cache, report)
        report(f"load {name}", 0, 1)
        generator = TransformersGenerator(folder, name=entry.hub.rpartition("/")[2])
        report(f"load {name}", 1, 1)
        return generator
    if spec.startswith(("http://", "https://")):
        url, _, model = spec.partition("#")
        return HttpGenerator(url, model or None, api_key)
    if Path(spec).is_dir():
        return TransformersGenerator(Path(spec), name=Path(spec).resolve().name)
    if _HUB_ID.fullmatch(spec):
        return TransformersGenerator(spec, name=spec)
    raise UnknownModel(spec, catalogue.generators)
