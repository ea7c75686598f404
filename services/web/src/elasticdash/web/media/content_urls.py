"""URLs of our own server that let whoever has them send or read one file for a while, without a key."""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode

from elasticdash.shared import errors
from elasticdash.shared.keyrings import SessionKeys

Method = Literal["PUT", "GET"]

PATH = "/api/public/media/{media_id}/content"


@dataclass(frozen=True, slots=True)
class ContentUrl:
    """What a URL allows: one method on one file until a time, in epoch seconds."""

    method: Method
    project_id: str
    media_id: str
    expires_at: int


def signed(keys: SessionKeys, wanted: ContentUrl) -> str:
    """Path and query of the URL."""
    query = {
        "project": wanted.project_id,
        "expires": wanted.expires_at,
        "signature": _signature(keys.secrets[0], wanted),
    }
    return f"{PATH.format(media_id=quote(wanted.media_id, safe=''))}?{urlencode(query)}"


def opened(keys: SessionKeys, method: Method, media_id: str, query: Mapping[str, str]) -> ContentUrl:
    """What a URL allows now. AccessDeniedError when it was not signed here, was changed, or has expired."""
    sent = ContentUrl(method, query.get("project", ""), media_id, _number(query.get("expires", "")))
    signature = query.get("signature", "").encode()
    matches = [hmac.compare_digest(_signature(secret, sent).encode(), signature) for secret in keys.secrets]
    if True not in matches or sent.expires_at < time.time():
        raise errors.AccessDeniedError("The URL is not valid, or not any more: ask for a new one")
    return sent


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _signature(secret: str, wanted: ContentUrl) -> str:
    parts = ("media content", wanted.method, wanted.project_id, wanted.media_id, str(wanted.expires_at))
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hmac.digest(secret.encode(), text, hashlib.sha256).hex()
