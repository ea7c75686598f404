"""A real OpenID Connect provider on this machine: keys, codes with PKCE, signed tokens; it lies when it is told to."""

import base64
import functools
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from typing_extensions import override

CLIENT_ID = "logger & sons"
CLIENT_SECRET = "secret: of the client"


@dataclass(slots=True)
class Provider:
    """The provider, and what it is to say: `person` is whom it vouches for, `lies` go over the true claims."""

    url: str
    person: dict[str, Any]
    lies: dict[str, Any] = field(default_factory=dict[str, Any])
    lies_in_discovery: dict[str, Any] = field(default_factory=dict[str, Any])
    # What is told at /userinfo alone, and not in the token.
    userinfo: dict[str, Any] | None = None
    key: RSAKey = field(default_factory=lambda: _first_key())
    # None: signs with `key`, which is the one it publishes.
    signing_key: RSAKey | OctKey | None = None
    algorithm: str = "RS256"
    requests: list[str] = field(default_factory=list[str])
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])

    def discovery(self) -> dict[str, Any]:
        """What it says about itself."""
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
        places = {name: f"{self.url}/{name}" for name in names}
        return {"issuer": self.url, **places, "unknown_field": {"of": "others"}, **self.lies_in_discovery}

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self.key = _new_key(secrets.token_hex(4))

    def authorized(self, asked: Mapping[str, str]) -> str:
        """Where the person is sent back to, with a code; nobody is asked anything."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.url})}"

    def tokens(self, sent: Mapping[str, str], authorization: str) -> dict[str, Any] | None:
        """What a code is worth, once, to who has its verifier and our secret; None otherwise."""
        asked = self.codes.pop(sent["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=")
        known = (sent.get("client_id", ""), sent.get("client_secret", ""))
        if authorization:
            given = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":", 1)
            known = (unquote_plus(given[0]), unquote_plus(given[1]))
        if asked is None or known != (CLIENT_ID, CLIENT_SECRET) or asked["code_challenge"] != challenge.decode():
            return None
        if sent["redirect_uri"] != asked["redirect_uri"]:
            return None
        return {"access_token": "an access token", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        true = {"iss": self.url, "aud": CLIENT_ID, "nonce": nonce, "iat": now, "exp": now + 300, **self.person}
        claims = {name: value for name, value in {**true, **self.lies}.items() if value is not None}
        key = self.signing_key or self.key
        return jwt.encode({"alg": self.algorithm, "kid": self.key.kid}, claims, key, algorithms=[self.algorithm])


@contextmanager
def running_provider() -> Generator[Provider]:
    """A provider on a free port until the block ends; it vouches for Ann."""

    class Handler(_Handler):
        @property
        @override
        def provider(self) -> Provider:
            return provider

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ann = {"sub": "ann-at-the-provider", "email": "Ann@Example.test", "email_verified": True, "name": "Ann"}
    provider = Provider(f"http://127.0.0.1:{server.server_port}", ann)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    @property
    def provider(self) -> Provider:
        raise NotImplementedError

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.provider.requests.append(parts.path)
        if parts.path == "/.well-known/openid-configuration":
            self._answer(self.provider.discovery())
        elif parts.path == "/jwks_uri":
            unknown = {"kty": "of-the-future", "kid": "?"}
            self._answer({"keys": [unknown, self.provider.key.as_dict(private=False, use="sig", alg="RS256")]})
        elif parts.path == "/authorization_endpoint":
            self.send_response(HTTPStatus.FOUND)
            self.send_header("location", self.provider.authorized(_single(parts.query)))
            self.send_header("content-length", "0")
            self.end_headers()
        elif parts.path == "/userinfo_endpoint" and self.headers["authorization"] == "Bearer an access token":
            self._answer(self.provider.userinfo or {})
        else:
            self._answer({}, HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        self.provider.requests.append(self.path)
        sent = _single(self.rfile.read(int(self.headers["content-length"])).decode())
        tokens = self.provider.tokens(sent, self.headers.get("authorization", ""))
        if tokens is None:
            self._answer({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST)
        else:
            self._answer(tokens)

    def _answer(self, body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@functools.cache
def _first_key() -> RSAKey:
    return _new_key("first")


def _new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid})


def _single(form: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(form).items()}
