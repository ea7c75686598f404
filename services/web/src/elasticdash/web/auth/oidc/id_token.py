"""Checks what a provider vouches with: signature, issuer, audience, times and nonce of an ID token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from elasticdash.web.auth.oidc.failures import SignInRefusedError

# Asymmetric ones only: with our secret as a key, or with none, everybody could sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_CLOCK_SKEW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Expected:
    """Whose token it has to be, and for which attempt; `now` is in Unix seconds."""

    issuer: str
    client_id: str
    nonce: str
    now: int


def verified(token: str, keys: KeySet, expected: Expected) -> Mapping[str, Any]:
    """The token's claims; SignInRefusedError ("token") when anything about it does not hold."""
    try:
        # Providers put headers of their own into tokens.
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS, registry=registry).claims
        _rules(expected).validate(claims)
    except (JoseError, ValueError) as error:
        raise SignInRefusedError("token", f"ID token: {error}") from error
    if not claims["sub"]:
        raise SignInRefusedError("token", "ID token: empty sub")
    # OpenID Connect Core 3.1.3.7: where there are several audiences, the token says whose it is.
    is_ours_alone = claims["aud"] in (expected.client_id, [expected.client_id])
    if claims.get("azp", expected.client_id if is_ours_alone else None) != expected.client_id:
        raise SignInRefusedError("token", "ID token: made for another client")
    return claims


def _rules(expected: Expected) -> JWTClaimsRegistry:
    return JWTClaimsRegistry(
        now=expected.now,
        leeway=_CLOCK_SKEW_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        nonce={"essential": True, "value": expected.nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
