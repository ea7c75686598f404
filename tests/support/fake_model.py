"""A model server that speaks OpenAI's HTTP API and answers from a script, so agent frameworks run offline."""

import json
import re
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

EMBEDDING_DIMENSIONS = 8


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool the model asks for."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One scripted answer. Token counts are what the model claims; `error_status` refuses instead."""

    text: str = ""
    tool_calls: Sequence[ToolCall] = ()
    prompt_tokens: int = 50
    completion_tokens: int = 20
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    seconds: float = 0.0
    error_status: int = 0


@dataclass(slots=True)
class FakeModel:
    """A running server at `url`; `requests` holds the bodies it was sent, in order."""

    url: str
    answers: list[Answer]
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_answer(self, body: dict[str, Any]) -> tuple[int, Answer]:
        """The next answer of the script with its number; a script that is too short is refused with 400."""
        with self.lock:
            self.requests.append(body)
            answer = self.answers.pop(0) if self.answers else Answer(error_status=400)
            return len(self.requests), answer


@contextmanager
def serving(answers: Sequence[Answer]) -> Generator[FakeModel]:
    """A fake model on a free port of this machine; chat and responses requests take `answers` in order."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    model = FakeModel(f"http://127.0.0.1:{httpd.server_address[1]}/v1", list(answers))
    httpd.model = model  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join(timeout=5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        model: FakeModel = self.server.model  # type: ignore[attr-defined]
        if self.path.endswith("/embeddings"):
            return self._reply(200, _embeddings(body))
        number, answer = model.next_answer(body)
        time.sleep(answer.seconds)
        if answer.error_status:
            refusal = {"message": "The model is overloaded, try again later.", "type": "server_error", "code": None}
            return self._reply(answer.error_status, {"error": refusal})
        if self.path.endswith("/responses"):
            return self._reply(200, _response(number, body, answer))
        if body.get("stream"):
            return self._stream(_chunks(number, body, answer))
        return self._reply(200, _completion(number, body, answer))

    def _reply(self, status: int, content: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(content).encode())

    def _stream(self, chunks: list[dict[str, Any]]) -> None:
        lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
        self._send(200, "text/event-stream", ("".join(lines) + "data: [DONE]\n\n").encode())

    def _send(self, status: int, content_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Keep the tests' output clean."""


def _completion(number: int, body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None, "refusal": None}
    if answer.tool_calls:
        message["tool_calls"] = [
            {
                "id": f"call_{number}_{index}",
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
            }
            for index, call in enumerate(answer.tool_calls)
        ]
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls" if answer.tool_calls else "stop",
                "logprobs": None,
                "message": message,
            }
        ],
        "usage": _chat_usage(answer),
    }


def _chat_usage(answer: Answer) -> dict[str, Any]:
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": answer.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": answer.reasoning_tokens, "audio_tokens": 0},
    }


def _chunks(number: int, body: dict[str, Any], answer: Answer) -> list[dict[str, Any]]:
    common = {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": int(time.time())}
    deltas = [
        {"role": "assistant", "content": ""},
        *({"content": piece} for piece in re.findall(r"\s*\S+", answer.text)),
        {},
    ]
    chunks = [
        {
            **common,
            "model": body["model"],
            "choices": [{"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}],
        }
        for delta in deltas
    ]
    return [*chunks, {**common, "model": body["model"], "choices": [], "usage": _chat_usage(answer)}]


def _response(number: int, body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    calls = [
        {
            "type": "function_call",
            "id": f"fc_{number}_{index}",
            "call_id": f"call_{number}_{index}",
            "name": call.name,
            "arguments": json.dumps(call.arguments),
            "status": "completed",
        }
        for index, call in enumerate(answer.tool_calls)
    ]
    message = {
        "type": "message",
        "id": f"msg_{number}",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": answer.text, "annotations": []}],
    }
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "completed",
        "model": body["model"],
        "output": calls or [message],
        "parallel_tool_calls": True,
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": body.get("tools") or [],
        "usage": {
            "input_tokens": answer.prompt_tokens,
            "input_tokens_details": {"cached_tokens": answer.cached_tokens},
            "output_tokens": answer.completion_tokens,
            "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
            "total_tokens": answer.prompt_tokens + answer.completion_tokens,
        },
    }


def _embeddings(body: dict[str, Any]) -> dict[str, Any]:
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    return {
        "object": "list",
        "model": body["model"],
        "data": [{"object": "embedding", "index": i, "embedding": _vector(str(text))} for i, text in enumerate(texts)],
        "usage": {"prompt_tokens": 12 * len(texts), "total_tokens": 12 * len(texts)},
    }


def _vector(text: str) -> list[float]:
    """Texts that share words point the same way: enough for a retriever to rank by."""
    vector = [0.0] * EMBEDDING_DIMENSIONS
    for word in text.lower().split():
        vector[sum(map(ord, word)) % EMBEDDING_DIMENSIONS] += 1.0
    return vector
