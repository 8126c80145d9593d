"""A tiny Llama with a tokenizer and chat template of its own, and a tiny server that speaks the OpenAI protocol."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|> {{ m['content'] }} <|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
TEXT = "Marfan syndrome has ectopia lentis and arachnodactyly . It is rare . Question answer evidence one two three"


def save_tiny_llama(folder: Path, *, chat_template: bool = True, positions: int = 256) -> Path:
    """An untrained two-layer Llama with word tokens, saved as transformers saves models; the same at every call."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    special = ["<pad>", "<|end|>", "<unk>", "<|user|>", "<|assistant|>", "<|system|>"]
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys([*special, *TEXT.split()]))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast: Any = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<pad>", unk_token="<unk>"
    )
    if chat_template:
        fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=positions, eos_token_id=1, pad_token_id=0, bos_token_id=None,
        tie_word_embeddings=True,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


Reply = Callable[[dict[str, Any]], list[str] | bytes | int]
"""From a request to its answer: pieces to stream, raw bytes to send as they are, or an HTTP error."""


class Requests(list[dict[str, Any]]):
    """What a server was asked, with the address to ask it at."""

    url = ""


@contextmanager
def openai_server(reply: Reply, kind: str = "text/event-stream", *, cut: bool = False) -> Iterator[Requests]:
    """A server on a free local port, for as long as the context lasts.

    Raw bytes are sent as ``kind``; with ``cut`` the connection closes before all that was promised is sent.
    """
    seen = Requests()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, "application/json", json.dumps({"data": [{"id": "served-model"}]}).encode())

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append({"path": self.path, "authorization": self.headers["Authorization"], **request})
            answer = reply(request)
            if isinstance(answer, int):
                self._send(answer, "application/json", b'{"error": {"message": "no such model"}}')
            elif isinstance(answer, bytes):
                self._send(200, kind, answer)
            else:
                self._send(200, "text/event-stream; charset=utf-8", b"".join(map(event, answer)) + b"data: [DONE]\n\n")

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body) + (100 if cut else 0)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    seen.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def event(piece: str) -> bytes:
    """One server-sent event with a piece of an answer."""
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": piece}}]}).encode() + b"\n\n"
