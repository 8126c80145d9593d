"""GGUF files of a catalogue model: their weights under the names that transformers uses, and the file written anew."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .errors import ModelUnusable

if TYPE_CHECKING:
    from gguf import GGUFReader, GGUFWriter

Weights = dict[str, NDArray[np.float32]]
"""float32 arrays by the names that transformers gives them, without ``.weight``."""

_ROTARY = {"attn_q": "head_count", "attn_k": "head_count_kv"}
_PERMUTED = frozenset({"llama"})


class GgufModel:
    """A GGUF file opened for reading.

    Raises:
        ModelUnusable: it is no GGUF file, is cut off, or is of an architecture that is not known.
    """

    def __init__(self, path: Path, name: str) -> None:
        import gguf

        self.path, self.name = path, name
        try:
            self.reader: GGUFReader = gguf.GGUFReader(path)
            self.architecture = str(self._field("general.architecture"))
            self._names = _transformers_names(self.architecture, int(self._field_of("block_count")))
        except (ValueError, KeyError, IndexError, OSError, UnicodeDecodeError) as error:
            raise ModelUnusable(name, f"{path.name} is damaged or no GGUF file ({error})") from error

    @property
    def context_length(self) -> int:
        """How many tokens the model can attend to."""
        return int(self._field_of("context_length"))

    def _field(self, key: str) -> Any:
        return self.reader.fields[key].contents()

    def _field_of(self, key: str) -> Any:
        return self._field(f"{self.architecture}.{key}")

    def weights(self) -> Weights:
        """Every tensor as float32, as transformers lays it out."""
        from gguf import quants

        found = {}
        for tensor in self.reader.tensors:
            values = quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
            found[self._name_of(tensor.name)] = self._reordered(tensor.name, values, back=True)
        return found

    def _name_of(self, tensor: str) -> str:
        stem, _, kind = tensor.rpartition(".")
        name = self._names.get(stem, stem)
        return name if kind == "weight" else f"{name}.{kind}"

    def _reordered(self, tensor: str, values: NDArray[np.float32], *, back: bool) -> NDArray[np.float32]:
        """Rows of queries and keys: GGUF has the two halves of each rotary pair side by side, transformers apart."""
        part = tensor.split(".")[-2] if "." in tensor else ""
        if self.architecture not in _PERMUTED or part not in _ROTARY:
            return values
        heads = int(self._field_of(f"attention.{_ROTARY[part]}"))
        shape = (heads, -1, 2) if back else (heads, 2, values.shape[0] // heads // 2)
        return values.reshape(*shape, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)

    def write(self, target: Path, changed: Mapping[str, NDArray[np.float32]], quantisation: str) -> Path:
        """The same model at ``target`` with some weights changed and stored as ``quantisation`` (say ``Q8_0``).

        Weights that have not changed keep their bytes.
        """
        import gguf
        from gguf import quants

        kind = gguf.GGMLQuantizationType[quantisation]
        writer = gguf.GGUFWriter(target, self.architecture)
        self._copy_fields(writer)
        for tensor in self.reader.tensors:
            values = changed.get(self._name_of(tensor.name))
            if values is None:
                writer.add_tensor(tensor.name, np.array(tensor.data), raw_dtype=tensor.tensor_type)
                continue
            ordered = self._reordered(tensor.name, values.astype(np.float32), back=False)
            wanted = tensor.tensor_type if tensor.tensor_type is gguf.GGMLQuantizationType.F32 else kind
            writer.add_tensor(tensor.name, quants.quantize(ordered, wanted), raw_dtype=wanted)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return target

    def _copy_fields(self, writer: "GGUFWriter") -> None:
        from gguf import GGUFValueType

        for field in self.reader.fields.values():
            if not field.name.startswith("GGUF.") and field.name != "general.architecture":
                inner = field.types[-1] if field.types[0] is GGUFValueType.ARRAY else None
                writer.add_key_value(field.name, field.contents(), field.types[0], sub_type=inner)


def _transformers_names(architecture: str, blocks: int) -> dict[str, str]:
    """From GGUF's name of a weight to that of transformers, both without their suffix."""
    import gguf

    known = {name: arch for arch, name in gguf.MODEL_ARCH_NAMES.items()}
    names = gguf.get_tensor_name_map(known[architecture], blocks)
    layer = (
        *("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"),
        *("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj", "input_layernorm", "post_attention_layernorm"),
    )
    listed = ["model.embed_tokens", "model.norm", "lm_head"]
    listed += [f"model.layers.{n}.{part}" for n in range(blocks) for part in layer]
    return {found: name for name in listed if (found := names.get_name(name)) is not None}
