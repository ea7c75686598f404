"""Signs what is posted, in the format of Langfuse's webhooks."""

import hashlib
import hmac

HEADER = "x-elasticdash-signature"


def sign(secret: str, body: bytes, now_seconds: int) -> str:
    """`t=<seconds since the epoch>,v1=<hex HMAC-SHA256 of "t.body">`."""
    digest = hmac.new(secret.encode(), f"{now_seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now_seconds},v1={digest}"
