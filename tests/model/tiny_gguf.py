"""A tiny Llama as a GGUF file, as transformers saves it, and a LoRA adapter for it, all with the same weights."""

from pathlib import Path
from typing import Any

from tests.model.tiny import TEXT

CHATML = (
    "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
HIDDEN, HEADS, KV_HEADS, LAYERS, POSITIONS = 64, 4, 2, 2, 512


def save_tiny_gguf(folder: Path, *, chat_template: bool = True) -> tuple[Path, Path]:
    """The GGUF file and the transformers folder of one model that says `TEXT` by heart; the same at every call."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = _tokenizer(chat_template)
    torch.manual_seed(5)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=HIDDEN, intermediate_size=128, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=KV_HEADS, max_position_embeddings=POSITIONS, eos_token_id=2,
        bos_token_id=1, pad_token_id=2, tie_word_embeddings=True, initializer_range=0.1,
    )  # fmt: skip
    model: Any = LlamaForCausalLM(config)
    if chat_template:
        model = _taught(model, tokenizer)
    model = model.half().float()  # numbers that the GGUF file can hold
    dense = folder / "dense"
    model.save_pretrained(dense)
    tokenizer.save_pretrained(dense)
    return write_gguf(folder / "tiny.gguf", model, dense), dense


def _taught(model: Any, tokenizer: Any) -> Any:
    """The model after a few steps on one text, so that it is sure of what it says and rounding changes no word."""
    import torch

    ids = tokenizer(" ".join([TEXT] * 4), return_tensors="pt")["input_ids"][:, :128]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # more only wait for each other in so small a model
    for _ in range(40):
        model.zero_grad()
        model(input_ids=ids, labels=ids).loss.backward()
        with torch.no_grad():  # by the sign of the gradient: torch's own optimizers take long to import
            for parameter in model.parameters():
                parameter -= 2e-3 * parameter.grad.sign()
    torch.set_num_threads(threads)
    return model.eval()


def _tokenizer(chat_template: bool) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        [TEXT] * 3, trainers.BpeTrainer(vocab_size=320, special_tokens=special, initial_alphabet=alphabet)
    )
    fast: Any = PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|im_end|>",
        unk_token="<|endoftext|>",
    )  # fmt: skip
    if chat_template:
        fast.chat_template = CHATML
    return fast


def write_gguf(path: Path, model: Any, dense: Path) -> Path:
    """A model in float16, with the tokenizer in ``dense``, as llama.cpp would convert it."""
    import gguf
    import numpy as np
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(dense)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(LAYERS)
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(128)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    writer.add_layer_norm_rms_eps(model.config.rms_norm_eps)
    writer.add_file_type(1)
    writer.add_vocab_size(len(tokenizer))
    _write_vocabulary(writer, tokenizer)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, LAYERS)
    for key, tensor in model.state_dict().items():
        if key == "lm_head.weight":
            continue
        values = tensor.float().numpy()
        if key.endswith(("q_proj.weight", "k_proj.weight")):
            heads = HEADS if "q_proj" in key else KV_HEADS
            values = values.reshape(heads, 2, -1, HIDDEN).swapaxes(1, 2).reshape(values.shape)
        stored = values.astype(np.float16 if values.ndim > 1 else np.float32)
        writer.add_tensor(str(names.get_name(key, (".weight",))), stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_vocabulary(writer: Any, tokenizer: Any) -> None:
    import json

    inside = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    by_id = sorted(inside["vocab"].items(), key=lambda item: item[1])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([token for token, _ in by_id])
    writer.add_token_types([3 if number < 3 else 1 for _, number in by_id])
    writer.add_token_merges([" ".join(pair) for pair in inside["merges"]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def save_tiny_adapter(folder: Path, dense: Path, **options: Any) -> Path:
    """A LoRA adapter with random weights for the model in ``dense``, as peft saves it; ``options`` go to its config."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(7)
    base: Any = AutoModelForCausalLM.from_pretrained(dense)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    config = LoraConfig(r=4, lora_alpha=8, target_modules=targets, init_lora_weights=False, **options)
    get_peft_model(base, config).save_pretrained(str(folder))
    return folder
