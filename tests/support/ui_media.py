"""Files in traces of the UI's tests: a picture, a sound, a page that would run scripts, and references to them."""

import base64
import hashlib
import io
import struct
import wave
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from support.server import get_json, read_until

TRACE_ID = "media-trace"
MISSING = "@@@langfuseMedia:type=image/png|id=neverArrived|source=bytes@@@"
_SCRIPT = "<script>alert('media')</script>"
PAGE = f"<html>{_SCRIPT}</html>".encode()
DRAWING = f"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>{_SCRIPT}</svg>".encode()


def picture(width: int = 48, height: int = 32) -> bytes:
    """A PNG of one colour."""
    rows = b"".join(b"\0" + bytes((43, 99, 217)) * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def sound(seconds: float = 0.5) -> bytes:
    """A WAV of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(1)
        written.setframerate(8000)
        written.writeframes(b"\x80" * int(8000 * seconds))
    return file.getvalue()


def announce(client: httpx.Client, trace_id: str, content_type: str, data: bytes) -> dict[str, Any]:
    """Say that a file of a trace will come: its id, and where to send it."""
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    about = {"contentType": content_type, "contentLength": len(data), "sha256Hash": digest, "field": "input"}
    answer = client.post("/api/public/media", json={"traceId": trace_id, **about})
    assert answer.is_success, answer.text
    return answer.json()


def upload(client: httpx.Client, trace_id: str, content_type: str, data: bytes) -> str:
    """Announce a file of a trace and send it, as SDKs do; returns the reference that stands in its place."""
    announced = announce(client, trace_id, content_type, data)
    if announced["uploadUrl"] is not None:
        sent = httpx.put(announced["uploadUrl"], content=data, headers={"Content-Type": content_type}, timeout=60)
        assert sent.is_success, sent.text
    return f"@@@langfuseMedia:type={content_type}|id={announced['mediaId']}|source=bytes@@@"


def add_media(client: httpx.Client) -> None:
    """A trace of long ago that refers to a picture, a sound, a page, and a file that never came; readable."""
    shown = upload(client, TRACE_ID, "image/png", picture())
    heard = upload(client, TRACE_ID, "audio/wav", sound())
    page = upload(client, TRACE_ID, "text/html", PAGE)
    time = (datetime.now(UTC) - timedelta(days=400)).isoformat(timespec="milliseconds")
    asked = [{"type": "text", "text": f"What is this? {shown} And this? {heard}"}]
    body = {"id": TRACE_ID, "name": "see and hear", "timestamp": time, "input": [{"role": "user", "content": asked}]}
    event = {"id": "media-1", "timestamp": time, "type": "trace-create"}
    body |= {"output": {"page": page, "lost": MISSING}}
    assert client.post("/api/public/ingestion", json={"batch": [event | {"body": body}]}).json()["errors"] == []
    read_until(lambda: get_json(client, f"/traces/{TRACE_ID}").get("output"), bool)
