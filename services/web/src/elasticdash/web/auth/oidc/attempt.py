"""One attempt to sign in with a provider, kept in the browser that began it, signed, for ten minutes."""

import base64
import hashlib
import hmac
import re
import secrets

import msgspec

from elasticdash.shared.keyrings import SessionKeys
from elasticdash.web.auth.oidc.failures import SignInRefusedError

LIFE_SECONDS = 600
_RANDOM_BYTES = 32
# Only addresses of ours: a link must not send who signs in elsewhere.
_OWN_ADDRESS = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f]{0,2000}")


class Attempt(msgspec.Struct, frozen=True):
    """`state` ties the answer to this browser, `nonce` the token to this attempt, `verifier` the code to us."""

    state: str
    nonce: str
    verifier: str
    next: str
    begun_at: int

    @property
    def challenge(self) -> str:
        """What the provider gets to see of the verifier: S256 of RFC 7636."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def begin(next_address: str, now: int) -> Attempt:
    """A fresh attempt that leads to an address of ours, or to the first page; `now` is in Unix seconds."""
    wanted = next_address if _OWN_ADDRESS.fullmatch(next_address) else "/"
    state, nonce, verifier = (secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3))
    return Attempt(state, nonce, verifier, wanted, now)


def sealed(attempt: Attempt, keys: SessionKeys) -> str:
    """The attempt as its browser keeps it."""
    body = base64.urlsafe_b64encode(msgspec.json.encode(attempt)).decode()
    return f"{body}.{keys.signed(_signed_part(body))}"


def opened(sealed_attempt: str | None, state: str, keys: SessionKeys, now: int) -> Attempt:
    """The attempt that an answer with this state belongs to; SignInRefusedError ("attempt") otherwise."""
    body, _, signature = (sealed_attempt or "").partition(".")
    known = [hmac.compare_digest(signature.encode(), each.encode()) for each in keys.all_signed(_signed_part(body))]
    if not any(known):
        raise SignInRefusedError("attempt", "no attempt of ours in this browser")
    attempt = msgspec.json.decode(base64.urlsafe_b64decode(body), type=Attempt)
    if not hmac.compare_digest(attempt.state.encode(), state.encode("utf-8", "surrogatepass")):
        raise SignInRefusedError("attempt", "the answer has another state")
    if not 0 <= now - attempt.begun_at <= LIFE_SECONDS:
        raise SignInRefusedError("attempt", "the attempt is too old")
    return attempt


def _signed_part(body: str) -> str:
    # Session tokens are signed with the same keys: neither may pass for the other.
    return f"oidc attempt\0{body}"
