"""From what a user writes after ``--model`` to a generator that is ready to answer."""

import re
from collections.abc import Mapping
from pathlib import Path

from kg import Report

from .adapters import base_of, contract_of, is_adapter, shipped_adapter
from .dense import dense_folder
from .errors import ModelUnusable, UnknownModel
from .generator import Generator
from .http_generator import HttpGenerator
from .openvino_folder import context_length_of, openvino_folder
from .openvino_generator import OpenVinoGenerator, openvino_is_installed
from .transformers_generator import TransformersGenerator, find_gpu
from .weights import ModelCatalogue, ModelEntry, read_models

UNTUNED = "-untuned"
"""Behind a catalogue name: the model without the adapter that ships for it."""

_HUB_ID = re.compile(r"[\w.\-]+/[\w.\-]+")


def prepare_generator(spec: str, cache: Path, report: Report) -> None:
    """Fetch and convert the weights that `open_generator` will need, without loading them; nothing for other specs."""
    if (chosen := find_catalogued(spec, read_models())) is not None:
        _prepare(*chosen, cache, report)


def open_generator(
    spec: str,
    cache: Path,
    report: Report,
    api_key: str | None = None,
    prompts: Mapping[str, str] | None = None,
) -> Generator:
    """The generator that ``spec`` names.

    ``spec`` is ``default`` or a catalogue name (weights fetched by hash into ``cache``; with ``-untuned`` behind it,
    without the shipped adapter), a folder with an adapter for one of them, a folder with a model, a GGUF file, an
    address ``http://host:port/v1`` or ``http://host:port/v1#model``, or a hub identifier ``owner/model``, which is
    looked up in the hub's own cache first. A folder comes before a hub identifier of the same name. ``api_key`` goes to
    servers only. ``prompts`` are the versions of the prompts that it will be spoken to with, by name.

    A catalogue model runs in OpenVINO on a CPU, where that is installed, and in transformers otherwise.

    Raises:
        UnknownModel: ``spec`` is none of these.
        AdapterMismatch: an adapter was made for another base, chat template or prompt.
        ModelError: the model cannot be opened.
        GraphError: the weights cannot be fetched, or are not the pinned ones.
    """
    catalogue = read_models()
    if (chosen := find_catalogued(spec, catalogue)) is not None:
        entry, adapter = chosen
        generator = _open_catalogued(entry, adapter, cache, report)
        if adapter is not None:
            contract_of(adapter).check(template_sha256=generator.template_sha256, prompts=prompts)
        return generator
    if spec.startswith(("http://", "https://")):
        url, _, model = spec.partition("#")
        return HttpGenerator(url, model or None, api_key)
    path = Path(spec)
    if path.is_dir():
        return _open_folder(path, path.resolve().name)
    if path.suffix.lower() == ".gguf":
        return _open_gguf(path)
    if _HUB_ID.fullmatch(spec):
        return TransformersGenerator(spec, name=spec)
    raise UnknownModel(spec, catalogue.generators)


def find_catalogued(spec: str, catalogue: ModelCatalogue) -> tuple[ModelEntry, Path | None] | None:
    """The catalogue model that a specification asks for, and the adapter to put on it."""
    name = catalogue.default if spec == "default" else spec
    if name in catalogue.generators:
        entry = catalogue.generators[name]
        return entry, shipped_adapter(entry)
    if name.removesuffix(UNTUNED) in catalogue.generators and name.endswith(UNTUNED):
        return catalogue.generators[name.removesuffix(UNTUNED)], None
    if is_adapter(Path(spec)):
        return base_of(Path(spec), catalogue), Path(spec)
    return None


def _runs_in_openvino() -> bool:
    return openvino_is_installed() and find_gpu() is None


def _prepare(entry: ModelEntry, adapter: Path | None, cache: Path, report: Report) -> Path:
    if _runs_in_openvino():
        return openvino_folder(entry, adapter, cache, report)
    return dense_folder(entry, cache, report)


def _open_catalogued(
    entry: ModelEntry, adapter: Path | None, cache: Path, report: Report
) -> OpenVinoGenerator | TransformersGenerator:
    folder = _prepare(entry, adapter, cache, report)
    tuned = f"+{adapter.resolve().name}" if adapter is not None else ""
    name = f"{entry.hub.rpartition('/')[2]}{tuned}"
    step = f"load {entry.id}"
    report(step, 0, 1)
    generator: OpenVinoGenerator | TransformersGenerator
    if _runs_in_openvino():
        generator = OpenVinoGenerator(folder, name, context_length_of(folder))
    else:
        generator = TransformersGenerator(folder, name, adapter=adapter)
    report(step, 1, 1)
    return generator


def _open_folder(folder: Path, name: str) -> Generator:
    if (folder / "openvino_model.xml").is_file():
        return OpenVinoGenerator(folder, name)
    return TransformersGenerator(folder, name)


def _open_gguf(path: Path) -> Generator:
    """A GGUF file of the user's own, read by OpenVINO anew each time."""
    if not path.is_file():
        raise ModelUnusable(path.name, "there is no such file")
    if not openvino_is_installed():
        raise ModelUnusable(path.name, "GGUF files are read by OpenVINO, which is not installed here")

    return OpenVinoGenerator(path, path.stem)
