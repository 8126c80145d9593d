"""A generator behind an OpenAI-compatible server (vLLM, llama.cpp, Ollama, a hospital's own)."""

import json
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from .errors import ServerFailed
from .generator import Decoding, Message, cut_at_stop

if TYPE_CHECKING:
    import httpx

_CHARACTERS_PER_TOKEN = 3
_SHOWN_CHARACTERS = 200
_AT_ONCE = 8
_PATTERN = "structured_outputs"  # vLLM 0.12 and later
_NOT_UNDERSTOOD = (400, 422)


class HttpGenerator:
    """Speaks ``/chat/completions`` below ``url`` (``http://host:port/v1``), streamed as server-sent events.

    Without ``model`` the server is asked for its first one. ``api_key`` is sent as a bearer token and shown nowhere. A
    pattern is sent as vLLM takes it; a server that refuses it is asked again without, and from then on.
    A connection may take ``connect_timeout_s``, a silence in the answer ``read_timeout_s``.

    Raises:
        ServerFailed: no model was named and the server does not list any.
    """

    def __init__(
        self,
        url: str,
        model: str | None = None,
        api_key: str | None = None,
        connect_timeout_s: float = 5.0,
        read_timeout_s: float = 120.0,
    ) -> None:
        import httpx

        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        timeout = httpx.Timeout(read_timeout_s, connect=connect_timeout_s)
        self._client = httpx.Client(headers=headers, timeout=timeout)
        self._takes_patterns = True
        self.name = model or self._first_model()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def count_tokens(self, text: str) -> int:
        """An upper estimate, one token per three characters: the protocol has no way to ask."""
        return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)

    def stream(self, messages: Sequence[Message], settings: Decoding) -> Iterator[str]:
        """Pieces of the answer as the server sends them; closing the iterator closes the connection."""
        yield from cut_at_stop(self._pieces(messages, settings), settings.stop)

    def generate_batch(self, conversations: Sequence[Sequence[Message]], settings: Decoding) -> list[str]:
        """One whole answer per conversation, several asked for at once, which such servers compute together."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda messages: "".join(self.stream(messages, settings)), conversations))

    def _first_model(self) -> str:
        import httpx

        try:
            response = self._client.get(f"{self.url}/models")
            self._refuse_errors(response)
            return str(response.json()["data"][0]["id"])
        except httpx.HTTPError as error:
            raise ServerFailed(self.url, _reason(error)) from error
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ServerFailed(self.url, "it lists no models; name one as address#model") from error

    def _pieces(self, messages: Sequence[Message], settings: Decoding) -> Iterator[str]:
        import httpx

        request = self._request(messages, settings)
        try:
            with self._client.stream("POST", f"{self.url}/chat/completions", json=request) as response:
                if not (response.status_code in _NOT_UNDERSTOOD and _PATTERN in request):
                    self._refuse_errors(response)
                    yield from self._read(response)
                    return
            self._takes_patterns = False
        except httpx.HTTPError as error:
            raise ServerFailed(self.url, _reason(error)) from error
        yield from self._pieces(messages, settings)

    def _request(self, messages: Sequence[Message], settings: Decoding) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": m.role.value, "content": m.content} for m in messages],
            "max_tokens": settings.max_new_tokens,
            "temperature": settings.temperature,
            "seed": settings.seed,
            "stream": True,
        }
        if settings.stop:
            request["stop"] = list(settings.stop)
        if settings.repetition_penalty != 1.0:
            request["repetition_penalty"] = settings.repetition_penalty  # an extension that vLLM and others take
        if settings.pattern is not None and self._takes_patterns:
            request[_PATTERN] = {"regex": settings.pattern}
        return request

    def _refuse_errors(self, response: "httpx.Response") -> None:
        if response.is_success:
            return
        response.read()
        shown = " ".join(response.text.split())[:_SHOWN_CHARACTERS]
        raise ServerFailed(self.url, f"HTTP {response.status_code} {shown}".strip())

    def _read(self, response: "httpx.Response") -> Iterator[str]:
        """Text of each server-sent event; a server that answers in one piece is read as well."""
        if "text/event-stream" not in response.headers.get("content-type", ""):
            response.read()
            yield self._text_of(response.text, "message")
            return
        for line in response.iter_lines():
            field, _, data = line.partition(":")
            if field != "data":
                continue
            if data.strip() == "[DONE]":
                return
            if text := self._text_of(data, "delta"):
                yield text
        raise ServerFailed(self.url, "the answer broke off")

    def _text_of(self, data: str, part: str) -> str:
        try:
            event = json.loads(data)
            if "error" in event:
                raise ServerFailed(self.url, str(event["error"])[:_SHOWN_CHARACTERS])
            choices = event["choices"]
            return str(choices[0][part].get("content") or "") if choices else ""
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise ServerFailed(self.url, "it does not speak the OpenAI protocol") from error


def _reason(error: "httpx.HTTPError") -> str:
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return str(error) or type(error).__name__
